import json

import pytest
from services.scripts import (
    SCHEMA,
    collect,
    decision,
    find_then_cite,
    opened,
    query,
    stage,
    use_model,
)
from support.scripted_model import Fail, ScriptedModel

from elysia_desktop.core.errors import ConfigurationError, StoreError
from elysia_desktop.engine.feedback.comparison import Comparison

QUESTION = "Which boats have more than one mast?"


async def kept_case(profile, script=find_then_cite, **settings):
    """A profile with one regression case; the path of its file."""
    with ScriptedModel(script) as model:
        use_model(profile, model.address, **settings)
        workspace = await opened(profile)
        conversation = await workspace.begin(QUESTION)
        await collect(workspace, conversation, "Hello there", query_id="q0", collections=["Boats"])
        await collect(workspace, conversation, QUESTION, query_id="q1", collections=["Boats"])
        path = await workspace.feedback.keep_as_case(conversation.id, "q1")
        await workspace.close()
    return path


async def replayed(profile, script, files=None, model_name="", **settings):
    """What a replay yields, and the requests that the model got."""
    with ScriptedModel(script) as model:
        use_model(profile, model.address, **settings)
        workspace = await opened(profile)
        try:
            run = workspace.replaying.replay(workspace.configuration.settings, files, model_name)
            return [item async for item in run], model.requests
        finally:
            await workspace.close()


def rows(comparison):
    return {row.name: row for row in comparison.rows}


def steps_done(body):
    return "# Steps done" in body["messages"][-1]["content"]


def searching(body):
    """Finds, then answers; also where something was found earlier in the conversation."""
    if stage(body) == "decide":
        return (
            decision("cited_summarize", end=True)
            if steps_done(body)
            else decision("query", collection_names=[])
        )
    return find_then_cite(body)


async def test_a_run_that_went_the_same_way_is_the_same(tmp_path):
    path = await kept_case(tmp_path, searching)
    ((file, found),), requests = await replayed(tmp_path, searching)
    assert file == path
    assert found.is_same
    assert rows(found)["tools"].after == "query → cited_summarize"
    assert len(requests) == 4


async def test_what_was_said_before_the_question_is_said_again(tmp_path):
    await kept_case(tmp_path, searching)
    _, requests = await replayed(tmp_path, searching)
    first = requests[0].body["messages"][-1]["content"]
    assert "user: Hello there" in first
    assert "assistant: HELLO THERE" in first


async def test_another_request_is_reported_as_a_change(tmp_path):
    def script(body):
        return query(sort_by="masts", order="highest first") if stage(body) == "queries" else searching(body)

    await kept_case(tmp_path, searching)
    ((_, found),), _ = await replayed(tmp_path, script)
    assert not found.is_same
    assert rows(found)["requests"].is_same is False
    assert '"sort"' in rows(found)["requests"].after
    assert '"sort"' not in rows(found)["requests"].before
    assert rows(found)["tools"].is_same


async def test_another_tool_and_another_answer_are_reported(tmp_path):
    await kept_case(tmp_path, searching)
    ((_, found),), _ = await replayed(
        tmp_path, lambda _: decision("text_response", end=True, text="I cannot say.")
    )
    assert (rows(found)["tools"].after, rows(found)["tools"].is_same) == ("text_response", False)
    assert (rows(found)["answer"].after, rows(found)["answer"].is_same) == ("I cannot say.", False)


async def test_another_model_is_asked_where_one_is_named(tmp_path):
    await kept_case(tmp_path, searching)
    ((_, found),), requests = await replayed(tmp_path, searching, model_name="larger")
    assert {r.body["model"] for r in requests} == {"larger"}
    assert rows(found)["models"].after == "larger"


async def test_a_replay_leaves_no_conversation(tmp_path):
    await kept_case(tmp_path, searching)
    await replayed(tmp_path, searching)
    workspace = await opened(tmp_path)
    assert len(await workspace.conversations.list()) == 1
    await workspace.close()


async def test_a_model_that_does_not_answer_is_no_change_but_a_failure(tmp_path):
    await kept_case(tmp_path, searching)
    ((_, found),), _ = await replayed(tmp_path, lambda _: Fail(401, "No."), model_retries=0)
    assert not isinstance(found, Comparison)
    assert "could not be asked again" in str(found)


async def test_a_damaged_case_does_not_keep_the_others_from_being_replayed(tmp_path):
    path = await kept_case(tmp_path, searching)
    damaged = tmp_path / "cases" / "a-damaged.json"
    damaged.write_text("{}")
    found, _ = await replayed(tmp_path, searching)
    assert [file for file, _ in found] == [damaged, path]
    assert isinstance(found[0][1], StoreError)
    assert isinstance(found[1][1], Comparison)


async def test_without_a_model_or_a_case_it_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match="no regression cases"):
        await replayed(tmp_path, searching)
    await kept_case(tmp_path, searching)
    (tmp_path / "settings.json").write_text("{}")
    workspace = await opened(tmp_path)
    with pytest.raises(ConfigurationError, match="needs a language model"):
        async for _ in workspace.replaying.replay(workspace.configuration.settings):
            pass
    await workspace.close()


async def test_a_collection_that_is_gone_is_told(tmp_path):
    await kept_case(tmp_path, searching)
    workspace = await opened(tmp_path)
    await workspace.clients.store().drop("Boats")
    await workspace.clients.store().create(SCHEMA.model_copy(update={"name": "Ships"}))
    await workspace.close()
    ((_, found),), requests = await replayed(tmp_path, searching)
    assert "“Boats” is not there any more" in str(found)
    assert requests == []


async def test_a_case_is_not_asked_of_only_some_of_its_collections(tmp_path):
    path = await kept_case(tmp_path, searching)
    case = json.loads(path.read_text("utf-8"))
    case["run"]["collections"] = ["Boats", "Ships"]
    path.write_text(json.dumps(case))
    ((_, found),), requests = await replayed(tmp_path, searching)
    assert "“Ships” is not there any more" in str(found)
    assert requests == []
