import pytest
from stores.library.embedders import WordEmbedder
from support.embedding_server import by_words

from elysia_desktop.core.errors import InvalidAnswer, NotSupported, StoreError
from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.core.schema import CollectionSchema, Property, VectorConfig
from elysia_desktop.stores.library import Library

NAMES = ("Notes", "Papers")
TEXTS = ("apple", "boat", "cat")


class Served(WordEmbedder):
    """An embedder whose server may be another than the name of its model says: `make` gives a text's vector."""

    def __init__(self, make=by_words, dimensions=16):
        super().__init__(dimensions=dimensions)
        self.make = make

    async def embed_query(self, text):
        if self.failure is not None:
            raise self.failure
        return list(self.make(text, self.dimensions))

    def _embedded(self, text):
        return list(self.make(text, self.dimensions))


def opposite(text, dimensions):
    return [-part for part in by_words(text, dimensions)]


def nearly(text, dimensions):
    """As another quantisation of the same model has it."""
    return [part + 0.02 * (-1) ** number for number, part in enumerate(by_words(text, dimensions))]


@pytest.fixture
async def library(tmp_path):
    """A library of two embedded collections; `library.served` is its embedder, which may be exchanged."""

    class Exchanged(Library):
        served = Served()

    library = Exchanged(tmp_path, lambda: library.served)
    for name in NAMES:
        await library.create(CollectionSchema(name=name, properties=(Property(name="text", type="text"),)))
        await library.insert(name, [{"text": text} for text in TEXTS])
    await library.embed_pending()
    yield library
    await library.close()


async def nearest(library, text="cat", search="vector"):
    request = QueryRequest(collection="Notes", search=search, text=text, limit=1)
    return [found["text"] for found in (await library.query(request)).objects]


@pytest.mark.parametrize("make", [by_words, nearly])
async def test_a_server_that_moved_with_its_model_makes_nothing_anew(library, make):
    library.served = Served(make)
    assert await nearest(library) == ["cat"]
    await library.insert("Papers", [{"text": "dog"}])
    await library.embed_pending()
    assert library.served.texts == ["dog"]


@pytest.mark.parametrize("other", [Served(opposite), Served(dimensions=24)])
async def test_another_model_by_the_same_name_makes_all_vectors_anew(library, other):
    library.served = other
    assert await nearest(library) == ["cat"]
    await library.embed_pending()
    assert sorted(other.texts) == sorted(2 * TEXTS)
    assert (await library.schema("Papers")).vectors == (
        VectorConfig(vectorizer="test", model="words", dimensions=other.dimensions),
    )


async def test_another_model_by_the_same_name_is_noticed_when_something_new_is_embedded(library):
    library.served = Served(opposite)
    await library.insert("Papers", [{"text": "dog"}])
    await library.embed_pending()
    assert sorted(library.served.texts) == sorted([*TEXTS, *TEXTS, "dog"])
    assert await nearest(library, "boat") == ["boat"]


async def test_the_known_text_is_kept_over_the_end_of_the_program(library, tmp_path):
    await library.close()
    for make, anew in ((by_words, 0), (opposite, 6), (opposite, 0)):
        served = Served(make)
        again = Library(tmp_path, lambda served=served: served)
        assert await nearest(again) == ["cat"]
        await again.embed_pending()
        assert len(served.texts) == anew
        await again.close()


async def test_of_a_model_that_is_exchanged_while_it_is_in_use_the_next_question_makes_all_anew(library):
    assert await nearest(library) == ["cat"]
    library.served.dimensions = 24
    with pytest.raises(
        NotSupported, match=r"has 24 dimensions, those of “Notes” 16.*another model"
    ) as caught:
        await nearest(library)
    assert caught.value.hint.startswith("Ask again")
    assert await nearest(library) == ["cat"]


async def test_new_texts_of_a_model_that_is_exchanged_while_it_is_in_use_are_told_and_then_made(library):
    library.served.dimensions = 24
    await library.insert("Notes", [{"text": "dog"}])
    with pytest.raises(StoreError, match="different sizes: 16, 24") as caught:
        await library.embed_pending()
    assert "all vectors are made anew" in caught.value.hint
    await library.embed_pending()
    assert await nearest(library, "dog") == ["dog"]


@pytest.mark.parametrize("number", [0.0, float("nan")])
async def test_nonsense_makes_nothing_anew(library, number):
    library.served = Served(lambda text, dimensions: [number] * dimensions)
    with pytest.raises(StoreError, match="does not answer with vectors of finite numbers"):
        await nearest(library)
    await library.insert("Papers", [{"text": "dog"}])
    with pytest.raises(InvalidAnswer):
        await library.embed_pending()
    library.served = Served()
    assert await nearest(library) == ["cat"]
    await library.embed_pending()
    assert library.served.texts == ["dog"]
