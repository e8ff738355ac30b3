"""What reading a file gave is kept whole, beside what is known of it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores.files.shelves import place

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.files import PageStart, SourceFile
from elysia_desktop.stores.conversations import Conversations
from elysia_desktop.stores.files.base import FileRefused, HeadingAt, ReadFile
from elysia_desktop.stores.files.registry import FileRegistry, Registered

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.integers(0, 10**9)
reads = st.builds(
    ReadFile,
    kind=st.sampled_from(["pdf", "markdown"]),
    title=texts,
    text=texts,
    pages=st.lists(st.builds(PageStart, numbers, numbers), max_size=4).map(tuple),
    headings=st.lists(st.builds(HeadingAt, numbers, numbers, texts), max_size=4).map(tuple),
    note=texts,
)
READ = ReadFile("markdown", "Harbour", "The pilot boards.")


def registered(file_id="f", **more):
    file = SourceFile(
        file_id, "harbour.md", "markdown", 17, 5, datetime(2026, 1, 2, tzinfo=UTC), 3, "Harbour"
    )
    return Registered(replace(file, **more), passages=2, original=f"{file_id}.md")


@pytest.fixture
async def profile(tmp_path):
    async with place(tmp_path) as opened:
        yield opened


@pytest.fixture
async def conversation(profile):
    return (await profile.conversations.create("T")).id


async def added(profile, conversation, new, read=READ, sha256="s", replaced=""):
    await profile.registry.announce(new.file.id, new.original, conversation)
    return await profile.registry.add(conversation, new, read, sha256, replaced)


async def test_files_come_back_as_they_were_registered(profile, conversation):
    one = registered("a", note="Two pages could not be read.")
    two = registered("b", in_use=False, pages=None)
    assert await added(profile, conversation, one, sha256="1") == one
    assert await added(profile, conversation, two, sha256="2") == two
    assert await profile.registry.of(conversation) == [one, two]
    other = await profile.conversations.create("other")
    assert await profile.registry.of(other.id) == []


@given(read=reads)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_read_comes_back_whole(tmp_path_factory, read):
    async def through():
        conversations = Conversations(tmp_path_factory.mktemp("read") / "c.db")
        registry = FileRegistry(conversations.file)
        conversation = await conversations.create("T")
        await registry.announce("f", "f.md", conversation.id)
        new = registered(kind=read.kind, title=read.title, note=read.note)
        await registry.add(conversation.id, new, read, "s")
        kept = await registry.read("f")
        await conversations.close()
        return kept

    assert asyncio.run(through()) == read


async def test_two_programs_do_not_register_the_same_content_twice(profile, conversation, tmp_path):
    await added(profile, conversation, registered("a"))
    other = Conversations(tmp_path / "conversations.db")
    registry = FileRegistry(other.file)
    await registry.announce("b", "b.md", conversation)
    with pytest.raises(FileRefused, match="already"):
        await registry.add(conversation, registered("b"), READ, "s")
    await other.close()
    assert [kept.file.id for kept in await profile.registry.of(conversation)] == ["a"]
    assert await profile.registry.announced(conversation) == {"b"}


async def test_what_is_removed_or_replaced_is_left_over_until_it_is_forgotten(profile, conversation):
    await added(profile, conversation, registered("a"), sha256="1")
    await added(profile, conversation, registered("b"), sha256="2", replaced="a")
    await profile.registry.remove("b")
    left = await profile.registry.leftovers("2999")
    assert {(one.file_id, one.original, one.conversation_id) for one in left} == {
        ("a", "a.md", conversation),
        ("b", "b.md", conversation),
    }
    assert not await profile.registry.has_files(conversation)
    await profile.registry.forget("a")
    await profile.registry.forget("b")
    assert await profile.registry.leftovers("2999") == []


async def test_a_conversation_that_is_not_there_takes_no_file(profile):
    for call in (
        profile.registry.of("no"),
        profile.registry.announce("a", "a.md", "no"),
        profile.registry.add("no", registered(), READ, "s"),
    ):
        with pytest.raises(StoreError, match="does not exist"):
            await call


async def test_a_file_that_is_not_there_has_no_text(profile):
    assert await profile.registry.read("no") is None
