import pytest
from engine.feedback.runs import record

from elysia_desktop.engine.feedback.nearest import nearest
from elysia_desktop.stores.embedders.base import Unembeddable
from elysia_desktop.stores.feedback import RatedRuns

TOOLS = {"query", "aggregate", "cited_summarize"}


class Axes:
    """An embedder that knows what a few words are about."""

    name = "axes"
    batch_size = 4
    at_once = 1

    def __init__(self, model="one"):
        self.model = model
        self.embedded = []

    async def embed_documents(self, texts):
        self.embedded += texts
        return [self._vector(text) for text in texts]

    async def embed_query(self, text):
        return self._vector(text)

    async def close(self):
        pass

    def _vector(self, text):
        if "unembeddable" in text:
            return Unembeddable("too odd")
        about_rain = any(word in text.casefold() for word in ("waterproof", "rain", "dry"))
        return [1.0, 0.0] if about_rain else [0.0, 1.0]


@pytest.fixture
async def runs(tmp_path):
    runs = RatedRuns(tmp_path / "feedback.db")
    yield runs
    await runs.close()


async def rated(runs, *questions, rating=1, **more):
    for question in questions:
        await runs.rate(record(question, **more), rating)


async def near(runs, question, embedder=None, tools=TOOLS):
    return [one.question for one in await nearest(question, runs, tools, embedder)]


async def test_runs_whose_questions_share_words_are_near_the_nearest_first(runs):
    await rated(runs, "Which jackets are cheap?", "Which jackets are light?", "Who wrote the reviews?")
    assert await near(runs, "Which light jackets are there?") == [
        "Which jackets are light?",
        "Which jackets are cheap?",
    ]


async def test_nothing_is_near_to_another_matter(runs):
    await rated(runs, "Which jackets are cheap?")
    assert await near(runs, "How many tickets are open?") == []
    assert await near(runs, "???") == []


async def test_badly_rated_runs_are_no_examples(runs):
    await rated(runs, "Which jackets are cheap?", rating=-1)
    assert await near(runs, "Which jackets are cheap?") == []


async def test_a_very_good_run_comes_before_a_good_one(runs):
    await rated(runs, "Which cheap jackets?", rating=2)
    await rated(runs, "Which light jackets?", rating=1)
    assert (await near(runs, "Which jackets?"))[0] == "Which cheap jackets?"
    await rated(runs, "Which cheap jackets?", rating=1)
    await rated(runs, "Which light jackets?", rating=2)
    assert (await near(runs, "Which jackets?"))[0] == "Which light jackets?"


async def test_a_run_with_a_tool_that_is_not_here_is_left_out(runs):
    await rated(runs, "Which jackets are cheap?", tools=("my_own_tool",))
    assert await near(runs, "Which jackets are cheap?") == []
    assert await near(runs, "Which jackets are cheap?", tools={*TOOLS, "my_own_tool"}) != []


async def test_a_run_that_was_stopped_or_did_nothing_is_left_out(runs):
    await rated(runs, "Which jackets are cheap?", stopped=True)
    await rated(runs, "Which jackets are light?", tools=())
    assert await near(runs, "Which jackets are cheap and light?") == []


async def test_the_same_question_asked_twice_is_one_example(runs):
    for query_id, question in (("1", "Which jackets are cheap?"), ("2", "which  jackets are cheap?")):
        await runs.rate(record(question, query_id=query_id), 1)
    assert len(await near(runs, "Which jackets are cheap?")) == 1


async def test_an_embedder_finds_what_shares_no_words(runs):
    await rated(runs, "Which coats are waterproof?", "Which tents are large?")
    question = "What keeps me dry?"
    assert await near(runs, question) == []
    assert await near(runs, question, Axes()) == ["Which coats are waterproof?"]


async def test_each_question_is_embedded_once_per_model(runs):
    await rated(runs, "Which coats are waterproof?")
    one, other = Axes(), Axes("another")
    for _ in range(3):
        await near(runs, "What keeps me dry?", one)
    assert one.embedded.count("Which coats are waterproof?") == 1
    await near(runs, "What keeps me dry?", other)
    assert other.embedded.count("Which coats are waterproof?") == 1


async def test_a_batch_is_never_larger_than_the_embedder_takes(runs):
    await rated(
        runs, *(f"Which {word} are waterproof?" for word in ("coats", "hats", "bags", "tents", "shoes"))
    )
    embedder = Axes()
    await near(runs, "What keeps me dry?", embedder)
    assert len(embedder.embedded) == 4
    assert len(await near(runs, "What keeps me dry?", embedder)) == 5


async def test_a_question_that_cannot_be_embedded_is_compared_by_its_words(runs):
    await rated(runs, "Which unembeddable coats?", "Which coats are waterproof?")
    assert len(await near(runs, "Which coats?", Axes())) == 2
    assert len(await near(runs, "Which unembeddable coats?", Axes())) == 2
