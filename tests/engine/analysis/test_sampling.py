import pytest

from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.engine.analysis.sampling import sample_within, size_of
from elysia_desktop.stores.library import Library


@pytest.fixture
async def notes(tmp_path):
    """A library with 60 notes, some longer than others."""
    library = Library(tmp_path / "library")
    await library.create(CollectionSchema(name="Notes", properties=(Property(name="text", type="text"),)))
    await library.insert("Notes", [{"text": "word " * (1 + number % 20)} for number in range(60)])
    yield library
    await library.close()


async def test_a_sample_stays_within_its_tokens(notes):
    sample = await sample_within(notes, "Notes", tokens=700, least=3)
    assert 3 < len(sample) < 60
    assert sum(map(size_of, sample)) <= 700
    assert len({item["uuid"] for item in sample}) == len(sample)


async def test_the_smallest_size_wins_over_the_tokens(notes):
    assert len(await sample_within(notes, "Notes", tokens=1, least=10)) == 10


async def test_the_largest_size_wins_over_the_tokens(notes):
    assert len(await sample_within(notes, "Notes", tokens=1_000_000, least=10, most=25)) == 25


async def test_a_small_collection_is_its_own_sample(notes):
    assert len(await sample_within(notes, "Notes", tokens=1_000_000, least=10)) == 60
    assert len(await sample_within(notes, "Notes", tokens=1_000_000, least=100)) == 60


async def test_the_same_sample_is_drawn_again(notes):
    first = await sample_within(notes, "Notes", tokens=700, least=3)
    assert await sample_within(notes, "Notes", tokens=700, least=3) == first
