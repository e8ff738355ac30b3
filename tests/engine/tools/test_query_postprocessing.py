import pytest
from engine.asking import Clients, answer, decision, errors, prompts, texts, told, tree_for
from engine.kept import MESSAGES, library_with, message
from engine.test_runner import cited, films_query, finish, written
from engine.tools.stopping import stopped_at
from support.scripted_model import Fail, Json, ScriptedModel, Stall

from elysia_desktop.engine.tools import Query
from elysia_desktop.engine.tree import Tree

pytestmark = pytest.mark.usefixtures("nothing_left")


def asks_for_summaries(**changes):
    return written(films_query(search_words="space", sort_by="year", summarise_each=True, **changes))


def summaries(*texts):
    return Json({"summaries": list(texts)})


QUERY = decision("query", collection_names=["Films"])
SCRIPT = [QUERY, asks_for_summaries(), summaries("A man meets his wife.", "A crew meets a creature.")]


def results(payloads):
    return [p["payload"] for p in payloads if p["type"] == "result"]


def decided(payloads):
    return [p["payload"]["decision"] for p in payloads if p["type"] == "tree_update"]


@pytest.mark.parametrize("preset", ["default", "multi_branch"])
async def test_each_object_of_a_query_is_summarised_where_it_was_asked_for(clients, preset):
    way = [decision("search")] if preset == "multi_branch" else []
    script = [*way, *SCRIPT, decision("cited_summarize"), cited(("Both.", [1, 2]))]
    with ScriptedModel(script) as model:
        tree = tree_for(model, preset=preset)
        payloads = await told(tree, "Summarise each film about space", clients)
        last = prompts(model)[-1][1]
    first, second = results(payloads)
    assert [item["_REF_ID"] for item in first["objects"]] == ["query_Films_1_0", "query_Films_1_1"]
    assert [item["_REF_ID"] for item in second["objects"]] == ["query_Films_1_0", "query_Films_1_1"]
    assert (first["metadata"]["output_type"], first["metadata"]["needs_summaries"]) == ("summary", True)
    assert second["metadata"]["output_type"] == "summary"
    assert "needs_summaries" not in second["metadata"]
    assert first["type"] == second["type"]
    assert [(item["title"], item["ELYSIA_SUMMARY"]) for item in second["objects"]] == [
        ("Solaris", "A man meets his wife."),
        ("Alien", "A crew meets a creature."),
    ]
    assert decided(payloads)[len(way) :] == ["query", "query_postprocessing", "cited_summarize"]
    assert "[1] A man meets his wife." in last
    (text,) = [p["payload"] for p in payloads if p["type"] == "text"]
    assert text["objects"][0]["ref_ids"] == ["query_Films_1_0", "query_Films_1_1"]
    assert list(tree.environment.environment) == ["SelfInfo", "query"]
    kept = tree.environment.object("query_Films_1_0")
    assert kept["plot"] == "A psychologist in space meets his wife."
    assert kept["ELYSIA_SUMMARY"] == "A man meets his wife."


async def test_later_decisions_are_told_that_the_summaries_were_shown(clients):
    with ScriptedModel([*SCRIPT, decision("text_response", text="Done.")]) as model:
        await told(tree_for(model, preset="default"), "Summarise each", clients)
        user = prompts(model)[-1][1]
    assert "Showed the user a summary of each of 2 objects from “Films”." in user


@pytest.mark.parametrize("changes", [{"summarise_each": False}, {"search_words": "nothing like it"}, {}])
async def test_without_objects_or_the_wish_for_summaries_it_costs_nothing(clients, changes):
    request = films_query(**{"summarise_each": bool(changes.get("search_words")), **changes})
    if not changes:
        del request["summarise_each"]
    script = [QUERY, written(request), decision("text_response", text="Done.")]
    with ScriptedModel(script) as model:
        payloads = await told(tree_for(model, preset="default"), "Which films?", clients)
        assert len(model.requests) == 3
        assert "query_postprocessing" not in str(prompts(model))
    assert decided(payloads) == ["query", "text_response"]
    found = [r["metadata"] for r in results(payloads)]
    assert all(m["output_type"] == "original" and "needs_summaries" not in m for m in found)


async def test_a_failure_is_told_and_the_objects_stay_as_they_were(clients):
    script = [QUERY, asks_for_summaries(), *[Fail(400, "No.")] * 3, decision("text_response", text="Done.")]
    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default")
        payloads = await told(tree, "Summarise each", clients)
    assert "2 objects from Films got no summary" in errors(payloads)[0]
    assert len(results(payloads)) == 1
    (entry,) = tree.environment.find("query", "Films")
    assert entry["metadata"]["output_type"] == "original"
    assert not any("ELYSIA_SUMMARY" in item for item in entry["objects"])


async def test_an_object_that_fails_leaves_the_others_their_summaries(clients):
    script = [QUERY, asks_for_summaries(), Fail(400, "No."), summaries("A man."), Fail(400, "Not this.")]
    script.append(decision("text_response", text="Done."))
    with ScriptedModel(script) as model:
        payloads = await told(tree_for(model, preset="default"), "Summarise each", clients)
    assert "1 object from Films got no summary: " in errors(payloads)[0]
    assert [item["ELYSIA_SUMMARY"] for item in results(payloads)[-1]["objects"]] in (
        ["A man.", ""],
        ["", "A man."],
    )


ENDING = decision("query", end=True, collection_names=["Films"])


async def test_a_query_that_ends_the_run_gets_its_summaries_before_the_last_words(clients):
    script = [ENDING, *SCRIPT[1:], answer("Two films.")]
    with ScriptedModel(script) as model:
        payloads = await told(tree_for(model, preset="default"), "Summarise each", clients)
        last = prompts(model)[-1][1]
    first, second = results(payloads)
    assert [item["ELYSIA_SUMMARY"] for item in second["objects"]] == [
        "A man meets his wife.", "A crew meets a creature.",
    ]  # fmt: skip
    assert [item["_REF_ID"] for item in second["objects"]] == [item["_REF_ID"] for item in first["objects"]]
    assert "[1] A man meets his wife." in last
    assert texts(payloads) == ["Two films."]
    assert decided(payloads) == ["query"]


async def test_a_query_at_the_end_of_a_route_gets_its_summaries(clients):
    with ScriptedModel([*SCRIPT[1:], answer("Two films.")]) as model:
        tree = tree_for(model, preset="default")
        payloads = await told(
            tree, "Summarise each", clients, training_route="query", collection_names=["Films"]
        )
    assert results(payloads)[-1]["objects"][0]["ELYSIA_SUMMARY"] == "A man meets his wife."
    assert texts(payloads) == ["Two films."]


async def test_a_conversation_is_summarised_as_a_whole(tmp_path):
    library = await library_with(
        tmp_path, Talk=(MESSAGES, [message("hall", n, f"Tent {n}.") for n in range(3)])
    )
    mapping = {"content": "content", "timestamp": "sent", "conversation_id": "room", "message_id": "number"}
    metadata = {"name": "Talk", "fields": [], "mappings": {"table": {}, "conversation": mapping}}
    await library.put_metadata("Talk", metadata)
    made = films_query(collection="Talk", search_words="tent", display="conversation", summarise_each=True)
    script = [decision("query", collection_names=["Talk"]), written(made), summaries("They speak of tents.")]
    with ScriptedModel([*script, decision("text_response", text="Done.")]) as model:
        payloads = await told(tree_for(model, preset="default"), "Summarise each", Clients(library))
    second = results(payloads)[-1]
    assert second["type"] == "conversation"
    (hall,) = second["objects"]
    assert hall["ELYSIA_SUMMARY"] == "They speak of tents."
    assert [each["content"] for each in hall["messages"]] == ["Tent 0.", "Tent 1.", "Tent 2."]
    assert all("room" not in each for each in hall["messages"])
    await library.close()


async def test_objects_found_before_get_their_summaries_too(clients):
    script = [QUERY, written(films_query(search_words="space", sort_by="year")), QUERY]
    script += [asks_for_summaries(limit=1), summaries("A man."), decision("text_response", text="Done.")]
    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default")
        payloads = await told(tree, "Summarise the first", clients)
    assert [item["_REF_ID"] for item in results(payloads)[-1]["objects"]] == ["query_Films_1_0"]
    assert tree.environment.object("query_Films_1_0")["ELYSIA_SUMMARY"] == "A man."
    assert "ELYSIA_SUMMARY" not in tree.environment.object("query_Films_1_1")


async def test_a_later_query_does_not_bring_up_summaries_that_were_never_written(clients):
    with ScriptedModel([QUERY, asks_for_summaries(), decision("finish", end=True)]) as model:
        tree = tree_for(model, Query(), finish)
        await told(tree, "Summarise each", clients)
    with ScriptedModel([QUERY, written(films_query()), decision("finish", end=True)]) as model:
        tree.use(tree_for(model).settings)
        await told(tree, "Which films?", clients)
    entries = tree.environment.find("query", "Films")
    assert [entry["metadata"]["output_type"] for entry in entries] == ["original", "original"]


async def test_stopping_within_leaves_the_objects_as_they_were_and_a_usable_tree(clients):
    with ScriptedModel([*SCRIPT[:2], Stall('{"summaries": ["A')]) as model:
        tree = tree_for(model, preset="default")
        await stopped_at(model, 3, told(tree, "Summarise each", clients))
        await tree.aclose()
    (entry,) = tree.environment.find("query", "Films")
    assert not any("ELYSIA_SUMMARY" in item for item in entry["objects"])
    with ScriptedModel([*SCRIPT, decision("text_response", text="Done.")]) as model:
        tree.use(tree_for(model).settings)
        payloads = await told(tree, "Summarise each", clients)
    assert [item["ELYSIA_SUMMARY"] for item in results(payloads)[-1]["objects"]] == [
        "A man meets his wife.", "A crew meets a creature."
    ]  # fmt: skip


async def test_a_restored_tree_still_summarises(clients):
    with ScriptedModel([*SCRIPT, decision("text_response", text="Done.")]) as model:
        made = tree_for(model, preset="default")
        restored = Tree.import_from_json(made.export_to_json())
        restored.use(made.settings)
        payloads = await told(restored, "Summarise each", clients)
    assert len(results(payloads)) == 2
