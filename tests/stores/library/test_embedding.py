import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from stores.library.embedders import WordEmbedder

from elysia_desktop.core.errors import ModelError, ModelUnreachable, NotSupported, StoreError
from elysia_desktop.core.requests import AggregateRequest, QueryRequest
from elysia_desktop.core.schema import CollectionSchema, Property, VectorConfig
from elysia_desktop.stores.library import Library
from elysia_desktop.stores.library.embedding import EmbeddingProgress

NOTES = CollectionSchema(
    name="Notes",
    properties=(
        Property(name="title", type="text"),
        Property(name="body", type="text"),
        Property(name="tags", type="text[]"),
        Property(name="secret", type="text", searchable=False),
        Property(name="year", type="int"),
    ),
)
UUIDS = [f"00000000-0000-0000-0000-{n:012d}" for n in range(100)]


def notes(count, word="note"):
    return [{"uuid": UUIDS[n], "title": f"{word} {n}", "body": f"about {n}"} for n in range(count)]


@pytest.fixture
def embedder():
    return WordEmbedder()


@pytest.fixture
async def opened(tmp_path, embedder):
    """Opens the library, again and again if need be; `opened(embedder)`."""
    open_ones = []

    def open_it(chosen=embedder):
        open_ones.append(Library(tmp_path / "library", lambda: chosen))
        return open_ones[-1]

    yield open_it
    for one in open_ones:
        await one.close()


async def nearest(library, text, limit=3, **more):
    request = QueryRequest(collection="Notes", search="vector", text=text, limit=limit, **more)
    return (await library.query(request)).objects


async def test_objects_are_stored_at_once_and_embedded_in_the_background(opened, embedder):
    embedder.gate.clear()
    library = opened()
    await library.create(NOTES)
    report = await library.insert("Notes", notes(20))
    assert report.inserted == 20
    assert await library.embedding_progress("Notes") == EmbeddingProgress(0, 20)
    embedder.gate.set()
    await library.embed_pending("Notes")
    assert await library.embedding_progress("Notes") == EmbeddingProgress(20, 20)
    assert (await nearest(library, "note 7 about 7", 1))[0]["uuid"] == UUIDS[7]
    config = (await library.schema("Notes")).vectors[0]
    assert (config.vectorizer, config.model, config.dimensions) == ("test", "words", 16)


async def test_all_searchable_texts_are_embedded_in_the_order_of_the_schema(opened, embedder):
    library = opened()
    await library.create(NOTES)
    given = {"title": "Title", "body": "Body", "tags": ["a", "b"], "secret": "hidden", "year": 1}
    await library.insert("Notes", [given, {"title": " ", "body": "alone"}])
    await library.embed_pending()
    assert sorted(embedder.texts) == ["Title\nBody\na, b", "alone"]


async def test_named_vectors_cover_their_own_properties(opened, embedder):
    library = opened()
    vectors = (
        VectorConfig(name="title", vectorizer="text2vec-openai", source_properties=("title",)),
        VectorConfig(name="body", vectorizer="text2vec-openai", source_properties=("body", "year")),
    )
    await library.create(NOTES.model_copy(update={"vectors": vectors}))
    texts = [("red fox", "blue whale"), ("blue whale", "green frog"), ("red fox", "red fox")]
    await library.insert("Notes", [{"title": t, "body": b, "year": n} for n, (t, b) in enumerate(texts)])
    await library.embed_pending()
    assert {config.vectorizer for config in (await library.schema("Notes")).vectors} == {"test"}

    async def years(*names):
        found = await nearest(library, "blue whale", target_vectors=names or None)
        return [o["year"] for o in found if o["_score"] > 0.99]

    assert await years("title") == [1]
    assert await years("body") == [0]
    assert await years("title", "body") == await years() == [0, 1]


async def test_an_object_without_text_waits_for_nothing(opened, embedder):
    library = opened()
    await library.create(NOTES)
    await library.insert("Notes", [{"year": 1}, {"title": "one"}])
    await library.embed_pending("Notes")
    assert embedder.texts == ["one"]
    assert (await library.embedding_progress("Notes")).share == 1
    assert len(await nearest(library, "one")) == 1


async def test_a_changed_text_is_embedded_again_and_an_unchanged_one_is_not(opened, embedder):
    library = opened()
    await library.create(NOTES)
    await library.insert("Notes", notes(3))
    await library.embed_pending()
    embedder.texts.clear()
    await library.insert("Notes", [*notes(2), {"uuid": UUIDS[2], "title": "other"}])
    await library.update("Notes", UUIDS[0], {"year": 2000, "secret": "changed"})
    await library.update("Notes", UUIDS[1], {"title": "renamed"})
    await library.embed_pending()
    assert sorted(embedder.texts) == ["other", "renamed\nabout 1"]
    assert len(await nearest(library, "note", 10)) == 3


async def test_a_text_that_changes_while_it_is_embedded_is_embedded_again(opened, embedder):
    library = opened()
    await library.create(NOTES)
    embedder.gate.clear()
    await library.insert("Notes", notes(2))
    pending = asyncio.create_task(library.embed_pending())
    await asyncio.sleep(0.05)
    await library.update("Notes", UUIDS[0], {"title": "renamed"})
    embedder.gate.set()
    await pending
    assert "renamed\nabout 0" in embedder.texts
    assert (await nearest(library, "renamed about 0", 1))[0]["_score"] == pytest.approx(1, abs=1e-5)


async def test_a_deleted_object_leaves_nothing_behind(opened, embedder):
    embedder.gate.clear()
    library = opened()
    await library.create(NOTES)
    await library.insert("Notes", notes(4))
    await library.delete("Notes", UUIDS[:2])
    embedder.gate.set()
    await library.embed_pending()
    assert await library.embedding_progress("Notes") == EmbeddingProgress(2, 2)
    await library.delete("Notes", UUIDS[2:3])
    assert [o["uuid"] for o in await nearest(library, "note")] == [UUIDS[3]]


async def test_what_was_not_embedded_is_embedded_after_the_next_start(opened, embedder):
    embedder.gate.clear()
    library = opened()
    await library.create(NOTES)
    await library.insert("Notes", notes(10))
    await library.close()
    embedder.gate.set()
    again = opened()
    await again.collections()
    await again.embed_pending()
    assert await again.embedding_progress("Notes") == EmbeddingProgress(10, 10)


async def test_a_collection_from_before_is_embedded_when_an_embedder_is_chosen(opened, embedder):
    without = opened(None)
    await without.create(NOTES)
    await without.insert("Notes", notes(5))
    with pytest.raises(NotSupported, match="no embedder was chosen for it"):
        await nearest(without, "note 3")
    await without.close()
    assert (await nearest(opened(), "note 3 about 3", 1))[0]["uuid"] == UUIDS[3]


async def test_another_embedder_makes_all_vectors_anew(opened, embedder):
    library = opened()
    await library.create(NOTES)
    await library.insert("Notes", notes(9))
    await library.embed_pending()
    await library.close()
    larger = WordEmbedder("larger", 24)
    again = opened(larger)
    await again.embed_pending()
    assert len(larger.texts) == 9
    assert (await again.schema("Notes")).vectors == (
        VectorConfig(vectorizer="test", model="larger", dimensions=24),
    )
    assert (await nearest(again, "note 3 about 3", 1))[0]["uuid"] == UUIDS[3]
    await again.close()
    same_size = opened(WordEmbedder("another", 24))
    assert (await nearest(same_size, "note 4 about 4", 1))[0]["uuid"] == UUIDS[4]


async def test_an_embedder_that_is_exchanged_while_it_works_is_followed(tmp_path, embedder):
    chosen = [embedder]
    library = Library(tmp_path / "library", lambda: chosen[0])
    await library.create(NOTES)
    await library.insert("Notes", notes(3))
    await library.embed_pending()
    chosen[0] = WordEmbedder("second")
    assert len(await nearest(library, "note")) == 3
    assert len(chosen[0].texts) == 3
    await library.embed_pending()
    assert embedder.closed == 1
    chosen[0] = None
    with pytest.raises(NotSupported, match=r"those of test \(second\), which is not the embedder in use"):
        await nearest(library, "note")
    await library.close()


async def test_vectors_that_objects_bring_along_are_left_as_they_are(opened, embedder):
    library = opened()
    await library.create(NOTES)
    await library.insert("Notes", [{"title": "own", "_vector": [1.0, 0.0]}, {"title": "none"}])
    await library.embed_pending()
    assert embedder.texts == []
    assert (await library.schema("Notes")).vectors == (VectorConfig(dimensions=2),)
    assert [o["title"] for o in await library.nearest("Notes", [1, 0], 5)] == ["own"]
    with pytest.raises(NotSupported, match="no embedder that turns the question into one"):
        await nearest(library, "own")


async def test_a_vector_may_come_along_where_an_embedder_makes_the_others(opened, embedder):
    library = opened()
    await library.create(NOTES)
    await library.insert("Notes", notes(2))
    await library.embed_pending()
    mine = [0.0] * 15 + [1.0]
    await library.insert("Notes", [{"uuid": UUIDS[9], "title": "mine", "_vector": mine}])
    report = await library.insert("Notes", [{"title": "wrong", "_vector": [1.0]}])
    assert "1 dimensions, those of the collection 16" in report.rejected[0].reason
    await library.embed_pending()
    assert "mine" not in embedder.texts
    assert (await library.nearest("Notes", mine, 1))[0]["_score"] == pytest.approx(1)


async def test_a_text_that_is_refused_is_counted_and_the_others_are_embedded(opened):
    library = opened(WordEmbedder(refused="bad"))
    await library.create(NOTES)
    await library.insert("Notes", [*notes(19), {"title": "bad"}])
    await library.embed_pending()
    assert await library.embedding_progress("Notes") == EmbeddingProgress(19, 20, 1, "The text is refused.")
    assert len(await nearest(library, "note", 50)) == 19


async def test_texts_that_were_refused_are_tried_again_once_after_each_start(opened):
    first, second = WordEmbedder(refused="bad"), WordEmbedder(refused="very bad")
    library = opened(first)
    await library.create(NOTES)
    await library.insert("Notes", [*notes(9), {"title": "bad"}, {"title": "very bad"}])
    await library.embed_pending()
    await library.update("Notes", UUIDS[0], {"title": "other"})
    await library.embed_pending()
    assert first.texts.count("bad") == 1
    await library.close()
    again = opened(second)
    for _ in range(2):
        await again.embed_pending()
    assert sorted(second.texts) == ["bad", "very bad"]
    assert await again.embedding_progress("Notes") == EmbeddingProgress(10, 11, 1, "The text is refused.")


async def test_a_search_by_meaning_says_why_nothing_is_embedded(opened):
    library = opened(WordEmbedder(refused="note"))
    await library.create(NOTES)
    await library.insert("Notes", notes(5))
    await library.embed_pending()
    with pytest.raises(NotSupported, match=r"of 5 vectors 0% are made\. The text is refused\.") as caught:
        await nearest(library, "note")
    assert "keyword" in caught.value.hint
    await library.delete("Notes", UUIDS[:5])
    assert await nearest(library, "note") == []
    await library.insert("Notes", [{"year": 1}])
    with pytest.raises(NotSupported, match="hold no text"):
        await nearest(library, "note")


async def test_a_vector_of_which_nothing_is_embedded_is_told_beside_another_that_is(opened):
    library = opened(WordEmbedder(refused="note"))
    vectors = tuple(
        VectorConfig(name=name, vectorizer="test", source_properties=(name,)) for name in ("title", "body")
    )
    await library.create(NOTES.model_copy(update={"vectors": vectors}))
    await library.insert("Notes", notes(5))
    await library.embed_pending()
    assert (
        len(await nearest(library, "about", 9))
        == len(await nearest(library, "about", 9, target_vectors=("body",)))
        == 5
    )
    with pytest.raises(NotSupported, match=r"of 10 vectors 50% are made\. The text is refused\."):
        await nearest(library, "about", target_vectors=("title",))


@pytest.mark.parametrize(
    "failure",
    [
        FileNotFoundError("no model.onnx."),
        ExceptionGroup("several", [ExceptionGroup("nested", [OverflowError("no model.onnx")])]),
    ],
)
async def test_a_failure_that_was_not_foreseen_is_told_and_logged_and_the_next_try_goes_on(
    opened, embedder, failure, caplog
):
    library = opened()
    await library.create(NOTES)
    embedder.failure = failure
    await library.insert("Notes", notes(6))
    with pytest.raises(ModelError, match=r"The embedder failed: no model\.onnx\.$"):
        await library.embed_pending()
    assert "no model.onnx" in (await library.embedding_progress("Notes")).problem
    assert "Traceback" in caplog.text
    embedder.failure = None
    await library.embed_pending()
    assert len(await nearest(library, "note", 10)) == 6
    embedder.failure = failure
    with pytest.raises(
        StoreError, match=r"could not become a vector: The embedder failed: no model\.onnx\.$"
    ):
        await nearest(library, "note")


async def test_a_failure_is_told_and_the_next_try_goes_on(opened, embedder):
    library = opened()
    await library.create(NOTES)
    embedder.failure = ModelUnreachable("Nothing answers.", "Start it.")
    await library.insert("Notes", notes(6))
    with pytest.raises(ModelUnreachable):
        await library.embed_pending()
    assert (await library.embedding_progress("Notes")).problem == "Nothing answers. Start it."
    with pytest.raises(NotSupported, match=r"of 6 vectors 0% are made\. Nothing answers") as caught:
        await nearest(library, "note")
    assert "hybrid" in caught.value.hint
    embedder.failure = None
    await library.embed_pending()
    assert len(await nearest(library, "note", 10)) == 6
    embedder.failure = ModelUnreachable("Nothing answers.", "Start it.")
    with pytest.raises(StoreError, match=r"could not become a vector: Nothing answers\."):
        await nearest(library, "note")


async def test_after_a_failure_it_goes_on_by_itself_when_it_has_rested(tmp_path, embedder):
    now = [0.0]
    library = Library(tmp_path / "library", lambda: embedder)
    library._vectors._task._clock = lambda: now[0]
    await library.create(NOTES)
    embedder.failure = ModelUnreachable("Nothing answers.", "Start it.")
    await library.insert("Notes", notes(6))
    with pytest.raises(ModelUnreachable):
        await library.embed_pending()
    embedder.failure = None
    await library.collections()
    assert not library._vectors._task.is_running
    now[0] = 31.0
    await library.collections()
    assert library._vectors._task.is_running
    await library.embed_pending()
    assert (await library.embedding_progress("Notes")).done == 6
    await library.close()


async def test_internal_collections_are_not_embedded(opened, embedder):
    library = opened()
    internal = NOTES.model_copy(update={"name": "ELYSIA_NOTES__"})
    await library.create(internal)
    await library.insert("ELYSIA_NOTES__", [{"title": "a"}])
    await library.embed_pending()
    assert embedder.texts == []


async def test_vectors_of_another_size_under_the_same_name_are_told(opened, embedder):
    library = opened()
    await library.create(NOTES)
    await library.insert("Notes", notes(1))
    await library.embed_pending()
    embedder.dimensions = 8
    await library.insert("Notes", notes(2))
    with pytest.raises(StoreError, match="different sizes: 8, 16 dimensions"):
        await library.embed_pending()


def test_being_killed_while_embedding_loses_nothing(tmp_path):
    program = Path(__file__).with_name("embed_and_die.py")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, program, tmp_path],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=environment,
        )
        assert done.returncode == -9, done.stderr

    async def finish():
        embedder = WordEmbedder()
        library = Library(tmp_path, lambda: embedder)
        before = await library.embedding_progress("Notes")
        await library.embed_pending()
        after = await library.embedding_progress("Notes")
        found = await nearest(library, "note 63 about 63", 1)
        await library.close()
        return before, after, len(embedder.texts), found

    before, after, embedded, found = asyncio.run(finish())
    assert 0 < before.done < before.total == 100
    assert after.done == 100
    assert embedded == 100 - before.done
    assert found[0]["uuid"] == UUIDS[63]


def test_what_an_event_loop_left_undone_is_embedded_in_the_next(tmp_path):
    embedder = WordEmbedder()
    embedder.gate.clear()
    library = Library(tmp_path, lambda: embedder)

    async def stored():
        await library.create(NOTES)
        await library.insert("Notes", notes(3))

    async def embedded():
        embedder.gate = asyncio.Event()
        embedder.gate.set()
        async with asyncio.timeout(5):
            await library.embed_pending("Notes")
        return await library.embedding_progress("Notes")

    with asyncio.Runner() as resting, asyncio.Runner() as other:
        resting.run(stored())
        assert other.run(embedded()) == EmbeddingProgress(3, 3)
        resting.run(library.close())


async def test_a_hybrid_search_says_what_is_missing_where_words_find_nothing(opened, embedder):
    library = opened()
    await library.create(NOTES)
    embedder.refused = "note"
    await library.insert("Notes", notes(6))
    await library.embed_pending()
    asked = QueryRequest(collection="Notes", search="hybrid", text="note")
    assert (await library.query(asked)).objects
    for changes in ({"text": "elephant"}, {"alpha": 1.0}):
        with pytest.raises(NotSupported, match=r"not ready to be searched by meaning.*The text is refused"):
            await library.query(asked.model_copy(update=changes))
    with pytest.raises(NotSupported, match="not ready to be searched by meaning"):
        await library.aggregate(
            AggregateRequest(collection="Notes", search="hybrid", text="elephant", limit=3)
        )
