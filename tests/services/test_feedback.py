import asyncio
import json
from contextlib import aclosing, asynccontextmanager

import pytest
from engine.feedback.runs import record
from services.scripts import (
    BOATS,
    KEY,
    SCHEMA,
    collect,
    decision,
    find_then_cite,
    opened,
    query,
    stage,
    use_model,
)
from support.embedding_server import EmbeddingServer
from support.scripted_model import Fail, ScriptedModel

from elysia_desktop.core.errors import ConfigurationError, StoreError, StoreUnreachable
from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.core.settings import Settings
from elysia_desktop.services.feedback import Feedback, target_of
from elysia_desktop.stores.clients import ClientManager
from elysia_desktop.stores.feedback import RatedRuns
from elysia_desktop.stores.library.library import Library
from elysia_desktop.stores.regression_cases import RegressionCases, read_case

QUESTION = "Which boats have more than one mast?"


def searching(body):
    if stage(body) == "queries":
        return query(filters=[{"property": "masts", "operator": ">", "value": 1}])
    return find_then_cite(body)


@asynccontextmanager
async def asked(profile, question=QUESTION, script=searching, **settings):
    """A workspace with one answered question: the workspace, its conversation, the query id, the model."""
    with ScriptedModel(script) as model:
        use_model(profile, model.address, **settings)
        workspace = await opened(profile)
        try:
            conversation = await workspace.begin(question)
            await collect(workspace, conversation, question, query_id="q1")
            yield workspace, conversation, model
        finally:
            await workspace.close()


def prompts(model, kind):
    return [r.body["messages"] for r in model.requests if stage(r.body) == kind]


async def ask_next(workspace, conversation, model, question):
    """The system and user messages of the prompts of a further question, by stage."""
    model.requests.clear()
    await collect(workspace, conversation, question)
    return {kind: [m[-1]["content"] for m in prompts(model, kind)] for kind in ("decide", "queries")}


async def test_a_rating_stores_what_was_asked_decided_done_and_answered(tmp_path):
    async with asked(tmp_path) as (workspace, conversation, _):
        await workspace.feedback.rate(conversation.id, "q1", 2)
        runs = RatedRuns(tmp_path / "feedback.db")
        (record,) = await runs.records(["q1"])
        await runs.close()
    assert record.question == QUESTION
    assert record.tools == ("query", "cited_summarize")
    assert record.decisions[0].options == ("query", "aggregate", "text_response")
    assert record.decisions[0].reasoning == "Because."
    assert record.steps[0].requests[0]["filters"] == {"property": "masts", "operator": ">", "value": 1}
    assert "Boats" in record.steps[0].found
    assert record.answer == QUESTION.upper()
    assert {calls.model for calls in record.models} == {"scripted"}


async def test_ratings_come_back_when_the_conversation_is_opened_again(tmp_path):
    async with asked(tmp_path) as (workspace, conversation, _):
        await workspace.feedback.rate(conversation.id, "q1", -1)
        await workspace.feedback.keep_as_case(conversation.id, "q1")
    again = await opened(tmp_path)
    turns = await again.conversations.turns(conversation.id)
    await again.feedback.mark(conversation.id, turns)
    assert [(turn.rating, turn.kept_as_case) for turn in turns] == [(-1, True)]
    await again.feedback.rate(conversation.id, "q1", 0)
    await again.feedback.drop_case("q1")
    await again.feedback.mark(conversation.id, turns)
    assert [(turn.rating, turn.kept_as_case) for turn in turns] == [(0, False)]
    await again.close()


async def test_an_answer_that_is_not_kept_cannot_be_rated(tmp_path):
    async with asked(tmp_path) as (workspace, conversation, _):
        with pytest.raises(StoreError, match="cannot be rated"):
            await workspace.feedback.rate(conversation.id, "unknown", 1)


@pytest.mark.parametrize("rating", [1, 2])
async def test_a_well_rated_run_is_an_example_for_a_similar_question_and_for_no_other(tmp_path, rating):
    async with asked(tmp_path, use_feedback=True) as (workspace, conversation, model):
        await workspace.feedback.rate(conversation.id, "q1", rating)
        other = await workspace.begin("other")
        similar = await ask_next(workspace, other, model, "Which boats have more than two masts?")
        dissimilar = await ask_next(workspace, await workspace.begin("third"), model, "Who is the captain?")
    told = "# Examples\nOther questions that were answered well, and the options chosen for them:\n"
    told += f"- “{QUESTION}” → query (collection_names=[]), then cited_summarize"
    assert [told in prompt for prompt in similar["decide"]] == [True, True]
    assert f'“{QUESTION}” → [{{"collection": "Boats"' in similar["queries"][0]
    assert not any("# Examples" in prompt for part in dissimilar.values() for prompt in part)


async def test_a_badly_rated_run_and_one_that_is_rated_no_longer_are_no_examples(tmp_path):
    async with asked(tmp_path, use_feedback=True) as (workspace, conversation, model):
        for rating in (-1, 0):
            await workspace.feedback.rate(conversation.id, "q1", rating)
            told = await ask_next(workspace, await workspace.begin("other"), model, QUESTION)
            assert not any("# Examples" in prompt for part in told.values() for prompt in part)


async def test_without_the_setting_no_byte_of_a_prompt_changes(tmp_path):
    async with asked(tmp_path) as (workspace, conversation, model):
        before = [r.body["messages"] for r in model.requests]
        model.requests.clear()
        await workspace.feedback.rate(conversation.id, "q1", 2)
        await collect(workspace, await workspace.begin("other"), QUESTION)
        after = [r.body["messages"] for r in model.requests]
    assert [without_time(messages) for messages in after] == [without_time(messages) for messages in before]


def without_time(messages):
    """A minute may pass between two questions."""
    return [m["content"].split("(asked on")[0].split("(today is")[0] for m in messages]


async def test_examples_stand_behind_what_stays_the_same_from_question_to_question(tmp_path):
    def script(body):
        has_searched = "# Steps done" in body["messages"][-1]["content"]
        if stage(body) == "decide" and not has_searched:
            return decision("query", collection_names=[])
        return searching(body)

    async with asked(tmp_path, script=script, use_feedback=True) as (workspace, conversation, model):
        await workspace.feedback.rate(conversation.id, "q1", 1)
        first, second = (await ask_next(workspace, conversation, model, QUESTION))["decide"]
    order = ["# Collections", "# Conversation", "# Examples", "# Found so far", "# Question"]
    assert [first.index(part) for part in order] == sorted(first.index(part) for part in order)
    start = first.index("# Found so far")
    assert second[:start] == first[:start]


async def test_a_run_whose_collection_is_not_asked_is_no_example(tmp_path):
    async with asked(tmp_path, use_feedback=True) as (workspace, conversation, model):
        await workspace.feedback.rate(conversation.id, "q1", 1)
        store = workspace.clients.store()
        await store.create(SCHEMA.model_copy(update={"name": "Ships"}))
        await store.insert("Ships", BOATS)
        model.requests.clear()
        await collect(workspace, await workspace.begin("x"), QUESTION, collections=["Ships"])
        assert not any("# Examples" in m[-1]["content"] for m in prompts(model, "decide"))


async def test_an_embedder_that_fails_leaves_examples_by_words(tmp_path, caplog):
    def broken():
        raise ConfigurationError("No key.")

    runs = RatedRuns(tmp_path / "feedback.db")
    await runs.rate(record(QUESTION), 1)
    feedback = service(runs, tmp_path, Settings(use_feedback=True), embedder=broken)
    found = await feedback.examples(QUESTION, {"query", "cited_summarize"})
    await feedback.close()
    assert [one.question for one in found] == [QUESTION]
    assert "by words alone" in caplog.text


class Slow:
    """An embedder that is never done."""

    name, model, batch_size, at_once = "slow", "one", 8, 1

    async def embed_documents(self, texts):
        await asyncio.Event().wait()


async def test_a_question_does_not_wait_for_an_embedder_that_takes_too_long(tmp_path, caplog):
    runs = RatedRuns(tmp_path / "feedback.db")
    await runs.rate(record(QUESTION), 1)
    feedback = service(runs, tmp_path, Settings(use_feedback=True), embedder=Slow, patience=0.01)
    found = await feedback.examples(QUESTION, {"query", "cited_summarize"})
    await feedback.close()
    assert [one.question for one in found] == [QUESTION]
    assert "takes too long" in caplog.text


async def test_the_embedder_of_the_settings_finds_examples_that_share_no_words(tmp_path):
    def by_sails(text, dimensions):
        return [1.0, 0.0] if "mast" in text or "Sailing" in text else [0.0, 1.0]

    with EmbeddingServer(embed=by_sails, dimensions=2) as server:
        embedder = {"embedder": "openai", "embedder_api_base": server.openai_address, "embedder_model": "m"}
        async with asked(tmp_path, use_feedback=True, **embedder) as (workspace, conversation, _):
            await workspace.feedback.rate(conversation.id, "q1", 1)
            tools = {"query", "cited_summarize"}
            assert len(await workspace.feedback.examples("Sailing?", tools)) == 1
            assert await workspace.feedback.examples("Rowing?", tools) == ()
        assert server.texts.count(QUESTION) == 1


async def test_ratings_that_cannot_be_read_do_not_keep_a_question_from_being_answered(tmp_path, caplog):
    runs = RatedRuns(tmp_path / "folder-in-the-way")
    runs.path.mkdir()
    feedback = service(runs, tmp_path, Settings(use_feedback=True))
    assert await feedback.examples(QUESTION, {"query"}) == ()
    await feedback.close()
    assert "No examples" in caplog.text


async def test_no_key_is_in_what_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_COMPATIBLE_API_KEY", KEY)
    async with asked(tmp_path, f"Is {KEY} a boat?") as (workspace, conversation, _):
        settings = workspace.configuration.settings.model_copy(deep=True)
        settings.set_api_key(KEY, "OPENAI_API_KEY")
        workspace.feedback.use(settings)
        await workspace.feedback.rate(conversation.id, "q1", 2)
        path = await workspace.feedback.keep_as_case(conversation.id, "q1")
        assert KEY not in path.read_text()
    kept = list(tmp_path.glob("feedback.db*"))
    assert kept
    assert not any(KEY.encode() in path.read_bytes() for path in kept)


async def test_a_case_holds_what_was_said_before_its_question(tmp_path):
    async with asked(tmp_path) as (workspace, conversation, _):
        await collect(workspace, conversation, "And which have one?", query_id="q2")
        case = read_case(await workspace.feedback.keep_as_case(conversation.id, "q2"))
    assert case.question == "And which have one?"
    assert [(m.role, m.content) for m in case.earlier] == [
        ("user", QUESTION),
        ("assistant", QUESTION.upper()),
    ]


async def test_a_long_question_is_asked_again_whole(tmp_path):
    question = "Which boat is meant here? " + "So it says. " * 400 + "And which mast?"
    async with asked(tmp_path, question) as (workspace, conversation, model):
        path = await workspace.feedback.keep_as_case(conversation.id, "q1")
        model.requests.clear()
        async for _ in workspace.replaying.replay(workspace.configuration.settings, [path]):
            pass
        assert question in prompts(model, "decide")[0][-1]["content"]


async def test_a_run_that_was_stopped_or_failed_can_be_rated_and_kept_as_a_case(tmp_path):
    async with asked(tmp_path, script=lambda _: Fail(400, "No such model.")) as (workspace, conversation, _):
        async with aclosing(workspace.asking.ask(conversation.id, "q2", QUESTION)) as run:
            async for _ in run:
                break
        for query_id in ("q1", "q2"):
            await workspace.feedback.rate(conversation.id, query_id, -1)
            case = read_case(await workspace.feedback.keep_as_case(conversation.id, query_id))
            assert case.question == QUESTION
        turns = await workspace.conversations.turns(conversation.id)
        await workspace.feedback.mark(conversation.id, turns)
        assert [(turn.stopped, turn.rating, turn.kept_as_case) for turn in turns] == [
            (False, -1, True),
            (True, -1, True),
        ]


class Conversations:
    """Conversations without any."""

    async def turns(self, conversation_id):
        return []


class Elsewhere:
    """A client manager whose store is the library, as Weaviate would be, and may be out of reach."""

    def __init__(self, store):
        self._store = store
        self.is_reachable = True

    def store(self):
        if not self.is_reachable:
            raise StoreUnreachable("Nothing answers.", "Start it.")
        return self._store


async def no_tree(conversation_id):
    raise AssertionError("No tree is needed.")


def service(runs, folder, settings, clients=None, embedder=None, **more):
    cases = RegressionCases(folder / "cases")
    return Feedback(runs, cases, Conversations(), clients, no_tree, settings, embedder, **more)


@pytest.fixture
async def elsewhere(tmp_path):
    store = Library(tmp_path / "elsewhere")
    yield Elsewhere(store)
    await store.close()


async def copies(clients):
    try:
        page = await clients._store.query(QueryRequest(collection="ELYSIA_FEEDBACK__", limit=100))
    except StoreError:
        return {}
    return {item["query_id"]: item for item in page.objects}


async def test_ratings_are_copied_to_the_data_store_and_follow_every_change(tmp_path, elsewhere):
    settings = Settings(data_source="local")
    runs = RatedRuns(tmp_path / "feedback.db")
    feedback = service(runs, tmp_path, settings, elsewhere)
    target = target_of(settings)
    await runs.rate(record("Which boats?", query_id="q1", answer="Two."), 2, target)
    await runs.rate(record("Which cars?", query_id="q2"), -1, target)
    assert await feedback.copy() == ""
    there = await copies(elsewhere)
    assert {name: item["feedback"] for name, item in there.items()} == {"q1": 2, "q2": -1}
    assert there["q1"]["user_prompt"] == "Which boats?"
    assert there["q1"]["collection_names"] == ["Boats"]
    assert json.loads(there["q1"]["record"])["answer"] == "Two."
    await runs.rate(record("Which boats?", query_id="q1"), 1)
    await feedback.rate("c", "q2", 0)
    assert await feedback.copy() == ""
    assert {name: item["feedback"] for name, item in (await copies(elsewhere)).items()} == {"q1": 1}
    await feedback.close()


async def test_a_copy_that_fails_is_told_and_made_later(tmp_path, elsewhere):
    settings = Settings(data_source="local")
    runs = RatedRuns(tmp_path / "feedback.db")
    feedback = service(runs, tmp_path, settings, elsewhere)
    elsewhere.is_reachable = False
    await runs.rate(record("Which boats?", query_id="q1"), 2, target_of(settings))
    problem = await feedback.copy()
    assert "kept on this computer" in problem
    assert "Nothing answers. Start it." in problem
    assert await runs.ratings("c") == {"q1": 2}
    await feedback.close()
    elsewhere.is_reachable = True
    again = service(RatedRuns(runs.path), tmp_path, settings, elsewhere)
    assert await again.copy() == ""
    assert list(await copies(elsewhere)) == ["q1"]
    await again.close()


async def test_only_what_is_turned_away_is_sent_again(tmp_path, elsewhere):
    settings = Settings(data_source="local")
    kept = (Property(name="query_id", type="text"), Property(name="answer", type="date"))
    await elsewhere.store().create(CollectionSchema(name="ELYSIA_FEEDBACK__", properties=kept))
    runs = RatedRuns(tmp_path / "feedback.db")
    feedback = service(runs, tmp_path, settings, elsewhere)
    target = target_of(settings)
    for query_id, answer in (("q1", "2024-03-01"), ("q2", "Two."), ("q3", "2024-03-02")):
        await runs.rate(record("Which boats?", query_id=query_id, answer=answer), 1, target)
    problem = await feedback.copy()
    assert problem.startswith("One rating is kept on this computer only")
    assert "answer" in problem
    assert sorted(await copies(elsewhere)) == ["q1", "q3"]
    assert [copy.query_id for copy in await runs.stale_copies(target)] == ["q2"]
    assert await feedback.copy() == problem, "the same words, which are shown once"
    await runs.rate(record("Which boats?", query_id="q2", answer="2024-03-03"), 1)
    assert await feedback.copy() == ""
    assert sorted(await copies(elsewhere)) == ["q1", "q2", "q3"]
    await feedback.close()


async def test_a_weaviate_that_does_not_run_costs_no_rating(tmp_path):
    clients = ClientManager(settings=Settings(data_source="local", local_weaviate_port=9))
    runs = RatedRuns(tmp_path / "feedback.db")
    feedback = service(runs, tmp_path, clients.settings, clients)
    await runs.rate(record("Which boats?", query_id="q1"), 2, target_of(clients.settings))
    assert "No Weaviate answers" in await feedback.copy()
    assert await runs.ratings("c") == {"q1": 2}
    await feedback.close()
    await clients.close_clients()


async def test_the_built_in_library_holds_no_copies(tmp_path):
    async with asked(tmp_path) as (workspace, conversation, _):
        await workspace.feedback.rate(conversation.id, "q1", 1)
        assert await workspace.feedback.copy() == ""
        assert [info.name for info in await workspace.clients.store().collections()] == ["Boats"]


def test_data_stores_are_told_apart_without_telling_their_address():
    targets = {
        target_of(Settings(data_source="cloud", wcd_url="https://secret.example.org")),
        target_of(Settings(data_source="local")),
        target_of(Settings(data_source="local", local_weaviate_port=8090)),
        target_of(Settings(data_source="custom", custom_http_host="secret.example.org")),
    }
    assert len(targets) == 4
    assert not any("secret" in target for target in targets)
    assert target_of(Settings()) == ""


async def test_decisions_of_a_route_without_a_model_can_be_rated(tmp_path):
    async with asked(tmp_path, script=lambda _: decision("text_response", end=True, text="Hello")) as (
        workspace,
        conversation,
        _,
    ):
        await workspace.feedback.rate(conversation.id, "q1", 1)
        turns = await workspace.conversations.turns(conversation.id)
        await workspace.feedback.mark(conversation.id, turns)
        assert turns[0].rating == 1
