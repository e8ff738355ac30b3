"""Passages are kept, counted and found among those of many files."""

import pytest
from stores.files.shelves import place
from stores.library.embedders import WordEmbedder

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.files import Passage
from elysia_desktop.stores.base import is_internal
from elysia_desktop.stores.files.index import collection_of

CONVERSATION = "8c0f7f2e-0d0b-4a77-9a35-0f9f4f3f9b11"


@pytest.fixture
async def profile(tmp_path):
    async with place(tmp_path / "profile") as opened:
        yield opened


def passages_about(words, document_id="d", first=0):
    return [
        Passage(document_id, number, number * 10, number * 10 + 5, text, page=number + 1, heading="Rigging")
        for number, text in enumerate(words, first)
    ]


def texts(found):
    return [passage.text for passage, _ in found]


async def test_a_passage_comes_back_as_it_was_put(profile):
    index = profile.index(CONVERSATION)
    assert await index.counts() == {}
    assert await index.search("sail", 5, ["d"]) == []
    given = passages_about(["a sail", "a mast"])
    await index.put(given, "Boats")
    await index.put(given, "Boats")
    assert await index.counts() == {"d": 2}
    ((passage, score),) = await index.search("mast", 5, ["d"])
    assert passage == given[1]
    assert score > 0


async def test_what_is_said_in_headings_and_titles_is_found_too(profile):
    index = profile.index(CONVERSATION)
    await index.put(passages_about(["a sail"]), "Boats of the north")
    assert texts(await index.search("rigging", 5, ["d"])) == ["a sail"]
    assert texts(await index.search("north", 5, ["d"])) == ["a sail"]


async def test_more_files_than_a_filter_can_name_are_searched_and_removed(profile):
    index = profile.index(CONVERSATION)
    ids = [f"d{number}" for number in range(1500)]
    many = [passage for each in ids for passage in passages_about([f"lantern of {each}"], each)]
    await index.put(many, "Lanterns")
    assert len(await index.counts()) == 1500
    asked = [each for each in ids if each != "d7"]
    assert texts(await index.search("lantern d8", 1, asked)) == ["lantern of d8"]
    assert "lantern of d7" not in texts(await index.search("lantern d7", 100, asked))
    await index.remove(asked)
    assert await index.counts() == {"d7": 1}


async def test_words_are_found_at_once_while_everything_is_embedded_anew(tmp_path):
    embedder = WordEmbedder()
    async with place(tmp_path, embedder) as profile:
        index = profile.index(CONVERSATION)
        await index.put(passages_about([f"lantern {number}" for number in range(300)]), "Lanterns")
        await profile.library.embed_pending()
        assert len(await index.search("nothing of this", 5, ["d"])) == 5
        profile.embedder = WordEmbedder(model="others")
        profile.embedder.gate.clear()
        assert texts(await index.search("lantern 17", 1, ["d"])) == ["lantern 17"]
        assert await index.search("nothing of this", 5, ["d"]) == []
        profile.embedder.gate.set()
        await profile.library.embed_pending()
        assert len(await index.search("nothing of this", 5, ["d"])) == 5


async def test_a_collection_made_without_an_embedder_is_outdated_once_there_is_one(profile):
    index = profile.index(CONVERSATION)
    assert not await index.is_outdated()
    await index.put(passages_about(["a sail"]), "Boats")
    assert not await index.is_outdated()
    profile.embedder = WordEmbedder()
    assert await index.is_outdated()
    await index.drop()
    await index.put(passages_about(["a sail"]), "Boats")
    assert not await index.is_outdated()


async def test_a_passage_that_the_library_turns_away_is_told(profile):
    index = profile.index(CONVERSATION)
    with pytest.raises(StoreError, match="could not be kept") as raised:
        await index.put([Passage("d", 2**80, 0, 1, "x")], "Boats")
    assert raised.value.hint


@pytest.mark.parametrize("conversation_id", [CONVERSATION, "", "imported/from elsewhere ✓", "\ud800"])
async def test_every_conversation_has_a_collection_of_its_own_that_is_internal(profile, conversation_id):
    name = collection_of(conversation_id)
    assert is_internal(name)
    assert len(name) == len("ELYSIA_FILES_") + 32 + len("__")
    assert name != collection_of(f"{conversation_id}2")
    await profile.index(conversation_id).put(passages_about(["a sail"]), "Boats")
    assert await profile.collections() == [name]
