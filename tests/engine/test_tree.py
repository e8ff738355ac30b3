import asyncio
import json
from contextlib import aclosing
from itertools import count
from pathlib import Path

import pytest
from engine.asking import answer, decision, prompts, settings_for, texts, told, tree_for
from engine.test_runner import cited, films_query, finish, look, written
from support.scripted_model import Json, Say, ScriptedModel, Stall

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.tool import Tool, tool
from elysia_desktop.engine.tree import Tree

DATA = Path(__file__).parents[1] / "data"

pytestmark = pytest.mark.usefixtures("nothing_left")

IN_A_PRESET = {
    "query", "query_postprocessing", "aggregate", "cited_summarize", "visualise", "text_response",
    "search_documents", "read_document", "summarize_document",
}  # fmt: skip

STEPS = [
    decision("query", say="One moment.", collection_names=["Films"]),
    written(films_query()),
    decision("cited_summarize", end=True),
    cited(("All of these.", [1, 2])),
]


async def until(tree, clients, seen, number):
    """Run and leave after so many payloads."""
    async with aclosing(tree.async_run("Which films?", client_manager=clients)) as run:
        async for payload in run:
            seen.append(payload)
            if len(seen) == number:
                return


@pytest.mark.parametrize("number", range(1, 16))
async def test_leaving_at_any_payload_leaves_a_usable_tree(clients, number):
    with ScriptedModel([*STEPS]) as model:
        tree = tree_for(model, preset="default")
        seen = []
        await until(tree, clients, seen, number)
        found = [p for p in seen if p["type"] == "result"]
        assert bool(found) <= (not tree.environment.is_empty())
    with ScriptedModel([decision("text_response", text="Still here.")]) as model:
        tree.use(settings_for(model))
        assert texts(await told(tree, "And now?", clients)) == ["Still here."]


@pytest.mark.parametrize("stalled", range(4))
@pytest.mark.parametrize("begun", ["", '{"title": "T", "answer": [{"text": "All'])
async def test_cancelling_while_the_model_is_silent_stops_the_run(clients, stalled, begun):
    replies = [*STEPS[:stalled], Stall(begun or "I was")]
    with ScriptedModel(replies) as model:
        tree = tree_for(model, preset="default")

        async def ask():
            async for _ in tree.async_run("Which films?", client_manager=clients):
                pass

        task = asyncio.create_task(ask())
        for _ in range(500):
            if len(model.requests) > stalled:
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=2)
        assert done
        assert task.cancelled()
        assert (stalled >= 2) == (not tree.environment.is_empty())
        await tree.aclose()
    with ScriptedModel([decision("text_response", text="Still here.")]) as model:
        tree.use(settings_for(model))
        assert texts(await told(tree, "And now?", clients)) == ["Still here."]


async def test_cancelling_within_a_tool_runs_its_clean_up(empty_clients):
    began, cleaned = asyncio.Event(), asyncio.Event()

    @tool
    async def waits():
        """Waits."""
        try:
            yield {"a": 1}
            began.set()
            await asyncio.sleep(60)
        finally:
            cleaned.set()

    with ScriptedModel([decision("waits")]) as model:
        tree = tree_for(model, waits, finish)
        task = asyncio.create_task(told(tree, "What?", empty_clients))
        await began.wait()
        task.cancel()
        await asyncio.wait([task])
        assert cleaned.is_set()
        assert tree.environment.find("waits", "waits")
        await tree.aclose()


async def test_leaving_the_loop_closes_the_tool_before_going_on(empty_clients):
    cleaned = []

    @tool
    async def waits():
        """Waits."""
        try:
            yield {"a": 1}
            yield {"a": 2}
        finally:
            cleaned.append(True)

    with ScriptedModel([decision("waits")]) as model:
        tree = tree_for(model, waits, finish)
        async with aclosing(tree.async_run("What?", client_manager=empty_clients)) as run:
            async for payload in run:
                if payload["type"] == "result":
                    break
        assert cleaned == [True]
        await tree.aclose()


async def test_two_trees_run_at_once_each_with_its_own_key(empty_clients):
    def key_of(name):
        return f"key-of-{name}"

    async def ask(model, name):
        settings = settings_for(model)
        settings.configure(base_provider="openai_compatible", openai_compatible_api_key=key_of(name))
        tree = Tree("empty", settings=settings)
        for each in (look, finish):
            tree.add_tool(each)
        payloads = []
        for _ in range(3):
            payloads += await told(tree, f"{name}?", empty_clients)
        return texts(payloads)

    def script(body):
        return decision("finish", end=True)

    with ScriptedModel(script) as model:
        await asyncio.gather(*(ask(model, name) for name in ("ann", "bob")))
        for received in model.requests:
            name = "ann" if "ann?" in received.body["messages"][1]["content"] else "bob"
            assert received.headers["authorization"] == f"Bearer {key_of(name)}"
        assert len(model.requests) == 6


async def test_two_questions_to_one_tree_wait_for_each_other(empty_clients):
    with ScriptedModel([decision("finish", end=True)] * 2) as model:
        tree = tree_for(model, look, finish)
        both = await asyncio.gather(*(told(tree, "Same?", empty_clients, query_id=i) for i in ("1", "2")))
    assert [{p["query_id"] for p in payloads} for payloads in both] == [{"1"}, {"2"}]
    assert [entry["prompt"] for entry in tree.tree_data.tasks_completed] == ["Same?", "Same?"]
    assert [len(entry["task"]) for entry in tree.tree_data.tasks_completed] == [1, 1]


async def test_export_import_export_is_equal(clients):
    with ScriptedModel([*STEPS]) as model:
        tree = tree_for(model, preset="default")
        await told(tree, "Which films?", clients)
        saved = json.loads(json.dumps(tree.export_to_json()))
        again = Tree.import_from_json(saved, tree.settings)
        assert again.export_to_json() == saved
        assert again.conversation_history == tree.conversation_history
    with ScriptedModel([decision("cited_summarize", end=True), cited(("Those.", [1]))]) as model:
        again.use(settings_for(model))
        payloads = await told(again, "And which again?", clients)
        assert "query" in prompts(model)[0][1]
    refs = [p for p in payloads if p["type"] == "text"][-1]["payload"]["objects"][0]["ref_ids"]
    assert again.environment.object(refs[0])


def test_the_blocking_form_works_again_and_again(tmp_path):
    from elysia_desktop.stores.clients import ClientManager

    with ScriptedModel(lambda body: decision("finish", end=True)) as model:
        tree = tree_for(model, look, finish)
        clients = ClientManager(settings=tree.settings, library_folder=tmp_path / "library")
        for _ in range(3):
            text, objects = tree("What?", client_manager=clients)
            assert (text, objects) == ("It is finished.", [])
        asyncio.run(clients.close_clients())


async def test_the_blocking_form_works_where_a_loop_runs(tmp_path):
    from elysia_desktop.stores.clients import ClientManager

    with ScriptedModel([decision("look", word="sun"), decision("finish", end=True)]) as model:
        tree = tree_for(model, look, finish)
        clients = ClientManager(settings=tree.settings, library_folder=tmp_path / "library")
        text, objects = tree.run("What?", client_manager=clients)
    assert text == "It is finished."
    assert objects == [{"word": "sun", "_REF_ID": "look_Words_1_0"}]
    await clients.close_clients()


def test_the_agent_can_be_changed():
    tree = Tree("empty", style="Terse.", settings=Settings())
    assert tree.tree_data.atlas.style == "Terse."
    tree.change_style("Verbose.")
    tree.change_agent_description("A clerk.")
    tree.change_end_goal("Done.")
    assert tree.tree_data.atlas.model_dump() == {
        "style": "Verbose.",
        "agent_description": "A clerk.",
        "end_goal": "Done.",
    }
    tree.configure(recursion_limit=9)
    assert tree.tree_data.recursion_limit == 9


@pytest.mark.parametrize(
    ("preset", "tools"),
    [
        ("default", IN_A_PRESET),
        ("one_branch", IN_A_PRESET),
        ("multi_branch", IN_A_PRESET),
        ("empty", set()),
    ],
)
def test_the_trees_that_come_along(preset, tools):
    tree = Tree(preset, settings=Settings())
    assert set(tree.tools) == tools
    assert tree.tree["id"] == "base"
    assert set(tree.tree) == {
        "name", "id", "description", "instruction", "reasoning", "branch", "options"
    }  # fmt: skip
    with pytest.raises(ValueError, match="multi_branch"):
        Tree("other", settings=Settings())


@pytest.mark.parametrize("bad", [5, str, object(), lambda: None])
def test_what_is_no_tool_is_refused(bad):
    tree = Tree("empty", settings=Settings())
    before = tree.tree
    with pytest.raises(TypeError, match="is not a Tool"):
        tree.add_tool(bad)
    assert tree.tree == before


def test_a_tool_is_added_as_class_or_instance_with_its_options():
    class Greets(Tool):
        name, description = "greets", "Greets."

    tree = Tree("empty", settings=Settings())
    tree.add_tool(Greets, polite=True)
    assert tree.tools["greets"].options == {"polite": True}
    tree.remove_tool("greets")
    tree.add_tool(Greets())
    assert list(tree.tools) == ["greets"]


async def test_the_prompt_stays_within_its_budget_whatever_the_state(clients):
    limits = count(1)

    def script(body):
        system = body["messages"][0]["content"]
        if "requests" in system.rpartition("Reply with")[2]:
            return written(films_query(limit=next(limits)))
        if "choice" in system:
            return decision("query", collection_names=["Films"])
        return answer("Enough.")

    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default")
        tree.change_agent_description("You are an agent. " * 200)
        tree.change_style("Nice. " * 400)
        tree.change_end_goal("All done. " * 400)
        tree.environment.add_objects("t", "n", [{"a": "long ж" * 900, "n": n} for n in range(500)])
        for n in range(60):
            tree.tree_data.update_history(("user", "assistant")[n % 2], "words ж " * 400)
        payloads = await told(tree, "Which films? " * 3000, clients)
        said = prompts(model)
    from elysia_desktop.engine.budget import estimate_tokens

    assert texts(payloads) == ["Enough."]
    assert len(said) == 11
    assert max(estimate_tokens("".join(messages)) for messages in said) <= 2000
    assert all("characters cut" in user for _, user in said)


async def test_a_json_reply_in_prose_is_understood(empty_clients):
    text = f"<think>{{hm}}</think>Sure! ```json\n{json.dumps(decision('finish', end=True).value)}\n```"
    with ScriptedModel([Say(text)]) as model:
        assert texts(await told(tree_for(model, look, finish), "What?", empty_clients)) == ["It is finished."]


async def test_awkward_names_of_inputs_reach_the_tool(empty_clients):
    got = {}

    @tool
    async def awkward(schema: str, json: int, model_config: str = "m", _hidden: int = 3):
        """Take them."""
        got.update(schema=schema, json=json, model_config=model_config, _hidden=_hidden)
        return "Taken."

    reply = decision("awkward", end=True, schema="s", json=1)
    with ScriptedModel([reply]) as model:
        assert texts(await told(tree_for(model, awkward, finish), "What?", empty_clients)) == ["Taken."]
    assert got == {"schema": "s", "json": 1, "model_config": "m", "_hidden": 3}


async def test_the_schema_sent_along_offers_nothing_else(empty_clients):
    with ScriptedModel([decision("finish", end=True)]) as model:
        await told(tree_for(model, look, finish), "What?", empty_clients)
        sent = model.requests[0].body["response_format"]["json_schema"]["schema"]
    assert set(sent["required"]) == set(sent["properties"])
    text = json.dumps(sent)
    assert "look" in text
    assert "finish" in text
    assert "$ref" not in text


def test_a_scripted_reply_is_json():
    assert isinstance(decision("x"), Json)


class Ask(Tool):
    """A person's own tool."""

    name, description = "ask_the_oracle", "Asks the oracle."

    async def __call__(self, *args, **kwargs):
        yield "It depends."


def test_own_tools_and_branches_come_back_where_they_were(caplog):
    tree = Tree("empty", settings=Settings(), conversation_id="c", user_id="u")
    tree.add_branch("more", "choose", "more options", from_branch_id="base")
    tree.add_tool(Ask, branch_id="more")
    tree.add_tool(Ask)
    saved = json.loads(json.dumps(tree.export_to_json()))
    again = Tree.import_from_json(saved, tools=[Ask])
    assert again.view() == tree.view()
    assert again.absent_tools == []
    assert caplog.records == []
    assert again.export_to_json() == saved


def test_of_own_tools_that_are_missing_a_warning_tells_and_their_places_are_kept(caplog):
    tree = Tree("empty", settings=Settings())
    tree.add_branch("more", "choose", "more options", from_branch_id="base")
    tree.add_tool(Ask, branch_id="more")
    saved = json.loads(json.dumps(tree.export_to_json()))
    again = Tree.import_from_json(saved)
    assert again.absent_tools == ["ask_the_oracle"]
    assert "ask_the_oracle" in caplog.text
    assert again.export_to_json() == saved
    again.add_tool(Ask)
    assert again.absent_tools == []
    assert again.view() == tree.view()


async def test_a_missing_tool_is_never_offered(empty_clients):
    tree = Tree("empty", settings=Settings())
    tree.add_tool(Ask)
    with ScriptedModel([answer("Nothing can be done.")]) as model:
        again = Tree.import_from_json(tree.export_to_json(), settings_for(model))
        assert texts(await told(again, "Well?", empty_clients)) == ["Nothing can be done."]


def test_a_tree_without_a_root_and_one_of_a_preset_stay_so():
    cleared = Tree(settings=Settings())
    cleared.clear_tree()
    assert Tree.import_from_json(cleared.export_to_json()).tree == {}
    preset = Tree("multi_branch", settings=Settings())
    assert preset.export_to_json()["structure"] is None
    assert Tree.import_from_json(preset.export_to_json()).view() == preset.view()


@pytest.mark.parametrize("name", ["branches", "by_hand", "default", "multi_branch", "new"])
def test_a_tree_that_elysia_saved_opens_and_keeps_its_form(name, caplog):
    saved = json.loads((DATA / "elysia_trees" / f"{name}.json").read_text("utf-8"))
    tree = Tree.import_from_json(saved)
    assert tree.conversation_id == saved["conversation_id"]
    assert tree.conversation_history == saved["tree_data"]["conversation_history"]
    written = json.loads(json.dumps(tree.export_to_json()))
    assert json.loads(json.dumps(Tree.import_from_json(written).export_to_json())) == written
    own = set(saved["tool_names"]) - set(Tree(settings=Settings()).tools)
    assert set(tree.absent_tools) <= own


async def test_what_was_sent_is_kept_unless_memory_is_low(empty_clients):
    with ScriptedModel(lambda _: decision("text_response", text="Hello.")) as model:
        tree = tree_for(model, preset="default")
        payloads = await told(tree, "Hi?", empty_clients)
        kept = [p for p in payloads if p["type"] != "text_delta"]
        assert [p["type"] for p in tree.sent] == ["user_prompt", *(p["type"] for p in kept)]
        assert tree.sent[0]["payload"] == {"prompt": "Hi?"}
        assert tree.export_to_json()["frontend_rebuild"] == tree.sent
        thrifty = Tree(settings=tree.settings, low_memory=True)
        await told(thrifty, "Hi?", empty_clients)
        assert thrifty.sent == []


async def test_the_prompts_of_a_step_can_be_looked_up(empty_clients):
    with ScriptedModel([Say("no JSON"), decision("text_response", text="Hello.")]) as model:
        tree = tree_for(model, preset="default")
        payloads = await told(tree, "Hi?", empty_clients)
    used = next(p["payload"] for p in payloads if p["type"] == "model_used")
    first, second = (tree.recorder.find(number) for number in used["exchanges"])
    assert first.reply == "no JSON"
    assert "Hi?" in first.user
    assert "could not be used" in second.user
    assert json.loads(second.reply)["choice"]["option"] == "text_response"


def test_changing_a_tree_changes_neither_its_maker_nor_another():
    settings = Settings(base_model="a")
    one, other = Tree(settings=settings), Tree(settings=settings)
    one.configure(base_model="b", style="Terse.")
    assert (settings.base_model, other.settings.base_model, one.settings.base_model) == ("a", "a", "b")
    with pytest.raises(ConfigurationError):
        one.configure(base_model="c", recursion_limit=0)
    assert one.settings.base_model == "b"


async def test_a_conversation_is_saved_in_and_opened_from_the_data_store(tmp_path, empty_clients):
    from elysia_desktop.stores.clients import ClientManager

    own = ClientManager(settings=Settings(), library_folder=tmp_path / "library")
    with ScriptedModel([decision("text_response", text="Hello.")]) as model:
        tree = tree_for(model, preset="default")
        await told(tree, "Hi?", empty_clients)
    await tree.export_to_weaviate("ELYSIA_TREES__", own)
    again = await Tree.import_from_weaviate("ELYSIA_TREES__", tree.conversation_id, own)
    assert again.conversation_history == tree.conversation_history
    with pytest.raises(ValueError, match="nobody"):
        await Tree.import_from_weaviate("ELYSIA_TREES__", "nobody", own)
    await own.close_clients()
