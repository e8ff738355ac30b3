"""The files of a conversation are kept whole, found by words and by meaning, and go without a trace."""

import asyncio
import stat
import threading

import pytest
from stores.files.shelves import GALLEY, HARBOUR, collection_name, names_found, passages, place, written
from stores.library.embedders import WordEmbedder

from elysia_desktop.core.errors import ConfigurationError, ModelError, QueryRejected, StoreError
from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.stores.base import is_internal
from elysia_desktop.stores.files.base import FileRefused


@pytest.fixture
def root(tmp_path):
    return tmp_path / "profile"


@pytest.fixture
async def profile(root):
    async with place(root) as opened:
        yield opened


@pytest.fixture
def harbour(tmp_path):
    return written(tmp_path, "harbour.md", HARBOUR)


@pytest.fixture
def galley(tmp_path):
    return written(tmp_path, "galley.md", GALLEY)


# Adding


async def test_a_file_that_was_added_is_listed_read_and_found_after_a_restart(root, harbour):
    async with place(root) as profile:
        conversation, files = await profile.begin()
        added = await files.add(harbour)
        assert files.listed() == [added]
    async with place(root) as profile:
        files = await profile.files(conversation)
        assert files.listed() == [added]
        assert (added.name, added.kind, added.size) == ("harbour.md", "markdown", len(HARBOUR))
        assert added.tokens > 10
        assert "outer buoy" in await files.text(added.id)
        (found,) = await files.search("pilot")
        passage = found.passage
        assert (found.name, passage.document_id) == ("harbour.md", added.id)
        assert passage.heading == "Harbour"
        assert passage.text == (await files.text(added.id))[passage.start : passage.end]
        assert found.score > 0


async def test_the_original_stays_as_it_was_and_only_its_owner_reads_it(profile, harbour):
    _, files = await profile.begin()
    added = await files.add(harbour)
    harbour.unlink()
    original = files.original(added.id)
    assert original.read_text("utf-8") == HARBOUR
    assert original.suffix == ".md"
    assert stat.S_IMODE(original.stat().st_mode) == 0o600
    assert stat.S_IMODE(original.parent.stat().st_mode) == 0o700
    assert profile.kept_originals() == [original.name]


async def test_an_original_is_named_by_its_kind_so_that_nothing_runs_when_it_is_opened(profile, tmp_path):
    _, files = await profile.begin()
    added = await files.add(written(tmp_path, "setup.bat", "echo The pilot boards at noon."))
    assert files.original(added.id).suffix == ".txt"
    assert added.name == "setup.bat"


@pytest.mark.parametrize("name", ["Ünïcödé 東京 🎉.md", "a" * 240 + ".md", "of\nlines.md", "-rf *.md"])
async def test_any_name_is_kept(profile, tmp_path, name):
    conversation, files = await profile.begin()
    added = await files.add(written(tmp_path, name, HARBOUR))
    assert added.name == name
    assert await names_found(files, "pilot") == [name]
    assert (await profile.files(conversation)).file(added.id).name == name


async def test_the_same_content_is_not_added_twice(profile, harbour, tmp_path):
    _, files = await profile.begin()
    await files.add(harbour)
    with pytest.raises(FileRefused, match=r"already\.$"):
        await files.add(harbour)
    with pytest.raises(FileRefused, match=r"already as “harbour\.md”") as raised:
        await files.add(written(tmp_path, "copy.md", HARBOUR))
    assert raised.value.hint
    assert len(files.all()) == len(profile.kept_originals()) == 1
    _, others = await profile.begin()
    await others.add(harbour)


async def test_the_same_file_added_at_once_is_there_once(profile, harbour):
    conversation, files = await profile.begin()
    outcomes = await asyncio.gather(*(files.add(harbour) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, FileRefused) for one in outcomes) == 3
    assert len(files.all()) == len(await passages(profile, conversation)) == 1


@pytest.mark.parametrize("name", ["gone.md", "no\0name.md", ""])
async def test_a_file_that_cannot_be_read_leaves_nothing(profile, tmp_path, name):
    _, files = await profile.begin()
    with pytest.raises(FileRefused):
        await files.add(tmp_path / name)
    assert files.all() == []
    assert profile.kept_originals() == []
    assert await profile.collections() == []


async def test_a_file_that_goes_on_growing_is_refused_and_leaves_nothing(profile, tmp_path):
    _, files = await profile.begin()
    growing, ended = written(tmp_path, "growing.txt", "The pilot boards.\n" * 20_000), threading.Event()

    def grow():
        with growing.open("a") as file:
            while not ended.wait(0.001):
                print("It goes on.", file=file, flush=True)

    grower = asyncio.create_task(asyncio.to_thread(grow))
    with pytest.raises(FileRefused, match="changed while it was read"):
        await files.add(growing)
    ended.set()
    await grower
    assert files.all() == []
    assert profile.kept_originals() == []
    added = await files.add(growing)
    assert files.original(added.id).read_text().strip() == await files.text(added.id)


async def test_a_library_that_fails_leaves_nothing_and_the_next_try_works(profile, harbour):
    conversation, files = await profile.begin()
    insert = profile.library.insert

    async def fails(name, objects, progress=None):
        await insert(name, list(objects)[:1], progress)
        raise StoreError("The disk is full.", "Make room.")

    profile.library.insert = fails
    with pytest.raises(StoreError, match="full"):
        await files.add(harbour)
    del profile.library.insert
    assert files.all() == []
    assert profile.kept_originals() == []
    assert await passages(profile, conversation) == {}
    await files.add(harbour)
    assert await names_found(files, "pilot") == ["harbour.md"]


async def test_adding_that_is_cancelled_keeps_all_of_the_file_or_nothing(profile, harbour, galley):
    conversation, files = await profile.begin()
    await files.add(galley)
    for turns in (0, 1, 2, 4, 8, 16, 32, 64):
        adding = asyncio.create_task(files.add(harbour))
        for _ in range(turns):
            await asyncio.sleep(0.0005)
        adding.cancel()
        await asyncio.gather(adding, return_exceptions=True)
        names = [file.name for file in files.all()]
        assert set(await passages(profile, conversation)) == {file.id for file in files.all()}
        assert len(profile.kept_originals()) == len(names)
        if "harbour.md" in names:
            await files.delete("harbour.md")


async def test_a_conversation_that_does_not_exist_is_refused(profile):
    with pytest.raises(StoreError, match="does not exist"):
        await profile.files("no")


# Texts


async def test_a_pasted_text_is_a_file(profile):
    _, files = await profile.begin()
    added = await files.add_text("  my\n notes ", GALLEY)
    assert added.name == "my notes"
    assert files.original(added.id).read_text("utf-8") == GALLEY
    assert await names_found(files, "bread") == ["my notes"]
    assert (await files.add_text("", HARBOUR)).name


async def test_what_a_tool_writes_replaces_what_it_wrote_and_nothing_else(profile, harbour):
    conversation, files = await profile.begin()
    added = await files.add(harbour)
    first = await files.write("harbour.md", "The first draft about lanterns.")
    second = await files.write("harbour.md", "The second draft about sails.")
    assert [file.id for file in files.all()] == [added.id, second.id]
    assert await files.text(second.id) == "The second draft about sails."
    assert await files.search("lanterns") == []
    assert await names_found(files, "sails") == ["harbour.md"]
    assert set(await passages(profile, conversation)) == {added.id, second.id}
    assert not [name for name in profile.kept_originals() if first.id in name]


# Reading


async def test_a_file_is_known_by_its_id_and_by_its_name(profile, harbour, galley):
    _, files = await profile.begin()
    added, _ = await files.add(harbour), await files.add(galley)
    assert files.file("Harbour.MD") == files.file(added.id) == added
    assert await files.pages(added.id) == ()
    assert [heading.text for heading in (await files.read(added.id)).headings] == ["Harbour"]
    with pytest.raises(QueryRejected, match="“nope”") as raised:
        await files.text("nope")
    assert f"{added.id} (harbour.md)" in raised.value.hint


async def test_files_of_one_name_are_told_apart_by_their_ids(profile, tmp_path):
    _, files = await profile.begin()
    (tmp_path / "other").mkdir()
    one = await files.add(written(tmp_path, "a.md", HARBOUR))
    two = await files.add(written(tmp_path / "other", "a.md", GALLEY))
    assert files.file(two.id) == two
    with pytest.raises(QueryRejected) as raised:
        files.file("a.md")
    assert one.id in raised.value.hint
    assert two.id in raised.value.hint


# Searching


async def test_the_passages_of_a_file_are_those_that_searches_find(profile, tmp_path):
    conversation, files = await profile.begin()
    paragraphs = "\n\n".join(f"## Part {n}\n\n{'The pilot boards. ' * 12}" for n in range(9))
    added = await files.add(written(tmp_path, "guide.md", f"# Guide\n\n{paragraphs}"))
    every = await files.passages("guide.md")
    assert len(every) > 2
    assert every[-1].heading.startswith("Guide › Part")
    found = await files.search("pilot", limit=100)
    assert sorted((hit.passage for hit in found), key=lambda passage: passage.number) == every
    kept = (await passages(profile, conversation))[added.id]
    assert len(kept) == len(every)


async def test_only_files_in_use_are_searched(profile, harbour, galley):
    conversation, files = await profile.begin()
    one, two = await files.add(harbour), await files.add(galley)
    await files.use(one.id, in_use=False)
    assert [file.id for file in files.listed()] == [two.id]
    assert await names_found(files, "pilot bread") == ["galley.md"]
    assert "pilot" in await files.text(one.id)
    with pytest.raises(QueryRejected):
        await files.search("pilot", document_ids=[one.id])
    await files.use(two.id, in_use=False)
    assert await files.search("bread") == []
    again = await profile.files(conversation)
    assert again.listed() == []
    await again.use(one.id, in_use=True)
    assert await names_found(again, "pilot") == ["harbour.md"]


async def test_a_search_can_be_limited_to_some_files(profile, harbour, galley):
    _, files = await profile.begin()
    one, _ = await files.add(harbour), await files.add(galley)
    assert sorted(await names_found(files, "the")) == ["galley.md", "harbour.md"]
    assert await names_found(files, "the", document_ids=[one.id]) == ["harbour.md"]
    assert await names_found(files, "the", document_ids=["GALLEY.md"]) == ["galley.md"]
    assert len(await files.search("the", limit=1)) == 1


@pytest.mark.parametrize("text", ["", "   ", "!?", '"', "AND", "a" * 5000, "\ud800"])
async def test_there_is_no_syntax_to_get_wrong(profile, harbour, text):
    _, files = await profile.begin()
    await files.add(harbour)
    assert await files.search(text) == []


async def test_with_an_embedder_words_that_do_not_stand_there_find_what_is_near(root, harbour, galley):
    async with place(root, WordEmbedder()) as profile:
        conversation, files = await profile.begin()
        for path in (harbour, galley):
            await files.add(path)
        await profile.library.embed_pending()
        found = await files.search("nothing of this")
        assert {one.name for one in found} == {"harbour.md", "galley.md"}
        assert (await names_found(files, "bread at dawn"))[0] == "galley.md"
        (vector,) = (await profile.library.schema(collection_name(conversation))).vectors
        assert vector.source_properties == ("heading", "content")


async def test_an_embedder_that_comes_later_is_used_and_one_that_fails_is_done_without(root, harbour):
    async with place(root) as profile:
        _, files = await profile.begin()
        await files.add(harbour)
        profile.embedder = WordEmbedder()
        assert await names_found(files, "pilot") == ["harbour.md"]
        await profile.library.embed_pending()
        assert await names_found(files, "nothing of this") == ["harbour.md"]
        profile.embedder = WordEmbedder(model="others")
        assert await names_found(files, "pilot") == ["harbour.md"]
        profile.embedder.failure = ModelError("No answer.")
        assert await names_found(files, "pilot") == ["harbour.md"]
        profile.embedder = None
        assert await names_found(files, "pilot") == ["harbour.md"]
        assert await names_found(files, "nothing of this") == []


async def test_an_embedder_that_cannot_be_chosen_is_done_without(root, harbour):
    async with place(root) as profile:
        _, files = await profile.begin()

        def wrong():
            raise ConfigurationError("There is no such embedder.")

        files._shelf.index._choose = wrong
        await files.add(harbour)
        assert await names_found(files, "pilot") == ["harbour.md"]


async def test_the_passages_are_a_collection_like_any_other(profile, harbour, galley):
    conversation, files = await profile.begin()
    assert await profile.collections() == []
    one, _ = await files.add(harbour), await files.add(galley)
    name = files.collection
    assert name == collection_name(conversation)
    assert is_internal(name)
    request = QueryRequest(collection=name, search="keyword", text="pilot", limit=1)
    (found,) = (await profile.library.query(request)).objects
    assert found["document_id"] == one.id
    assert found["title"] == (one.title or one.name)
    assert found["heading"] == "Harbour"
    assert found["page"] is None
    text = await files.text(one.id)
    assert text[found["start"] : found["end"]] == found["content"]


# Removing


async def test_a_removed_file_leaves_nothing(profile, harbour, galley):
    conversation, files = await profile.begin()
    one, two = await files.add(harbour), await files.add(galley)
    await files.delete(one.id)
    assert files.all() == [two]
    assert set(await passages(profile, conversation)) == {two.id}
    assert profile.kept_originals() == [files.original(two.id).name]
    assert await names_found(files, "pilot") == []
    await files.delete(two.id)
    assert await profile.collections() == []
    assert profile.kept_originals() == []
    with pytest.raises(QueryRejected):
        await files.delete(two.id)
    await files.add(harbour)
    assert await names_found(files, "pilot") == ["harbour.md"]


# What is amiss when the files are opened


async def test_passages_that_are_missing_are_made_anew_and_those_of_no_file_removed(root, harbour, galley):
    async with place(root) as profile:
        conversation, files = await profile.begin()
        one, two = await files.add(harbour), await files.add(galley)
        name, before = files.collection, await passages(profile, conversation)
        await profile.library.delete(name, [found["uuid"] for found in before[one.id]])
        stray = {**before[two.id][0], "uuid": None, "document_id": "stray"}
        await profile.library.insert(name, [stray])
    async with place(root) as profile:
        files = await profile.files(conversation)
        assert await passages(profile, conversation) == before
        assert await names_found(files, "pilot") == ["harbour.md"]
        await profile.library.drop(name)
    async with place(root) as profile:
        await profile.files(conversation)
        assert await passages(profile, conversation) == before


async def test_passages_cut_otherwise_by_a_later_version_are_made_anew_once(root, harbour):
    async with place(root) as profile:
        conversation, files = await profile.begin()
        added = await files.add(harbour)
        await profile.registry.set_passages(added.id, 99)
    async with place(root) as profile:
        await profile.files(conversation)
        (kept,) = await profile.registry.of(conversation)
        assert kept.passages == len((await passages(profile, conversation))[added.id])


async def test_files_open_and_are_read_though_the_library_is_broken(root, harbour):
    async with place(root) as profile:
        conversation, files = await profile.begin()
        added = await files.add(harbour)
    for file in (root / "library").iterdir():
        file.unlink()
    (root / "library" / "library.db").write_bytes(b"no database at all" * 100)
    async with place(root) as profile:
        files = await profile.files(conversation)
        assert "pilot" in await files.text(added.id)
        with pytest.raises(StoreError, match="damaged"):
            await files.search("pilot")
    (root / "library" / "library.db").unlink()
    async with place(root) as profile:
        assert await names_found(await profile.files(conversation), "pilot") == ["harbour.md"]
