"""What files leave behind when a process ends in between is removed at the next start."""

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from stores.files.shelves import GALLEY, HARBOUR, collection_name, names_found, passages, place

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.files import Passage
from elysia_desktop.stores.conversations import Conversations
from elysia_desktop.stores.files.base import FileRefused
from elysia_desktop.stores.files.shelf import remove_leftovers

LATER = "2999"
"""A moment after everything."""


@pytest.fixture
def root(tmp_path):
    return tmp_path / "profile"


async def tidied(profile, before=LATER):
    await remove_leftovers(profile.registry, profile.index, profile.originals, before)


async def test_a_file_whose_adding_was_cut_is_removed_and_others_stay(root):
    async with place(root) as profile:
        conversation, files = await profile.begin()
        kept = await files.add_text("harbour", HARBOUR)
        await profile.registry.announce("cut", "cut.md", conversation)
        profile.originals.keep("cut.md", GALLEY)
        await profile.index(conversation).put([Passage("cut", 0, 0, 5, "bread")], "galley")
        assert await names_found(files, "bread") == [], "it is not there"
    async with place(root) as profile:
        files = await profile.files(conversation)
        assert "cut" in await passages(profile, conversation), "another program may be adding it"
        await tidied(profile)
        assert set(await passages(profile, conversation)) == {kept.id}
        assert profile.kept_originals() == [files.original(kept.id).name]
        assert await profile.registry.leftovers(LATER) == []


async def test_what_is_being_added_now_is_left_alone(root):
    async with place(root) as profile:
        conversation, _ = await profile.begin()
        before = profile.registry.time()
        await profile.registry.announce("now", "now.md", conversation)
        profile.originals.keep("now.md", GALLEY)
        await tidied(profile, before)
        assert profile.kept_originals() == ["now.md"]


async def test_a_file_that_was_tidied_away_while_it_was_added_is_refused(root):
    async with place(root) as profile:
        conversation, files = await profile.begin()
        keep = profile.originals.keep

        def slowly(name, source):
            kept = keep(name, source)
            with contextlib.closing(sqlite3.connect(root / "conversations.db")) as other, other:
                other.execute("DELETE FROM leftovers")
            return kept

        profile.originals.keep = slowly
        with pytest.raises(FileRefused, match="not kept"):
            await files.add_text("harbour", HARBOUR)
        assert profile.kept_originals() == []
        assert await passages(profile, conversation) == {}
        assert files.all() == []


async def test_a_conversation_that_is_deleted_for_good_takes_its_files_along(root):
    async with place(root) as profile:
        conversation, files = await profile.begin()
        other, others = await profile.begin()
        await files.add_text("harbour", HARBOUR)
        kept = await others.add_text("galley", GALLEY)
        await profile.conversations.delete(conversation)
    later = datetime.now(UTC) + timedelta(days=31)
    conversations = Conversations(root / "conversations.db", now=lambda: later)
    assert [summary.id for summary in await conversations.list()] == [other]
    await conversations.close()
    async with place(root) as profile:
        await tidied(profile)
        assert await profile.collections() == [collection_name(other)]
        assert profile.kept_originals() == [others.original(kept.id).name]
        with pytest.raises(StoreError):
            await profile.files(conversation)


async def test_a_deletion_that_cannot_be_finished_is_at_the_next_start(root):
    async with place(root) as profile:
        conversation, files = await profile.begin()
        one, two = [await files.add_text(name, text) for name, text in (("a", HARBOUR), ("b", GALLEY))]

        async def fails(name, uuids):
            raise StoreError("It is locked.")

        profile.library.delete = fails
        await files.delete(one.id)
        assert files.all() == [two]
        assert await names_found(files, "pilot") == []
    async with place(root) as profile:
        await tidied(profile)
        assert set(await passages(profile, conversation)) == {two.id}
        assert await profile.registry.leftovers(LATER) == []
