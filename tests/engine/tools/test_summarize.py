import pytest
from engine.asking import decision, prompts, texts, told, tree_for
from engine.test_runner import films_query, finish, look, written
from engine.tools.stopping import stopped_at
from support.scripted_model import Json, ScriptedModel, Stall

from elysia_desktop.engine.tools import Query, Summarizer

pytestmark = pytest.mark.usefixtures("nothing_left")

SCRIPT = [
    decision("query", collection_names=["Films"]),
    written(films_query(search_words="space")),
    decision("summarize"),
]


async def test_it_answers_in_one_text_under_a_title_streamed_before(clients):
    reply = Json({"title": "Films in space", "text": "Two films are set in space."})
    with ScriptedModel([*SCRIPT, reply]) as model:
        tree = tree_for(model, Query(), Summarizer(), finish)
        payloads = await told(tree, "Sum up the films in space", clients)
        system, user = prompts(model)[3]
    text = next(p for p in payloads if p["type"] == "text")
    assert text["payload"] == {
        "type": "text_with_title",
        "metadata": {"title": "Films in space"},
        "objects": [{"text": "Two films are set in space."}],
    }
    deltas = [p["payload"] for p in payloads if p["type"] == "text_delta"]
    assert "".join(d["delta"] for d in deltas) == "Two films are set in space."
    assert {d["message_id"] for d in deltas} == {text["id"]}
    assert "Solaris" in user
    assert "refs" not in system
    assert tree.conversation_history[-1]["content"] == "Two films are set in space."


async def test_its_answer_ends_the_run(clients):
    with ScriptedModel([*SCRIPT, Json({"title": "T", "text": "Done."})]) as model:
        payloads = await told(tree_for(model, Query(), Summarizer(), finish), "Sum up", clients)
        assert len(model.requests) == 4
    assert texts(payloads) == ["Done."]


async def test_it_is_not_offered_before_objects_were_found(empty_clients):
    with ScriptedModel([decision("summarize"), decision("finish", end=True)]) as model:
        await told(tree_for(model, look, Summarizer(), finish), "Sum up", empty_clients)
        said = prompts(model)
    assert "(not yet: summarize. Available once objects were found.)" in said[0][0]
    assert "cannot be chosen" in said[1][1]


async def test_stopping_while_it_writes_leaves_what_was_found(clients):
    with ScriptedModel([*SCRIPT, Stall('{"title": "T", "text": "Two')]) as model:
        tree = tree_for(model, Query(), Summarizer(), finish)
        await stopped_at(model, 4, told(tree, "Sum up", clients))
        await tree.aclose()
    assert tree.environment.find("query", "Films")
    assert all(message["role"] == "user" for message in tree.conversation_history)
