import asyncio
import threading
from contextlib import aclosing

import pytest
from engine.asking import decision, kinds, settings_for, texts
from engine.managers.keeping import (
    NEVER_ASKED,
    TIMED_OUT_TREE,
    Answering,
    CountingClients,
    Waiting,
    answering,
    manager,
    said,
    sent,
)
from support.scripted_model import Fail, ScriptedModel

from elysia_desktop.engine.managers import TreeManager

pytestmark = pytest.mark.usefixtures("nothing_left")


async def test_a_question_is_answered_in_its_conversation(empty_clients):
    with ScriptedModel([decision("text_response", end=True, text="Hello!")]) as model:
        trees = TreeManager("ada", settings=settings_for(model))
        tree = trees.add_tree("c1")
        payloads = await sent(trees.process_tree("Hi", "c1", "q1", client_manager=empty_clients))
        await trees.aclose()
    assert texts(payloads) == ["Hello!"]
    assert kinds(payloads)[-1] == "completed"
    assert {(p["user_id"], p["conversation_id"], p["query_id"]) for p in payloads} == {("ada", "c1", "q1")}
    assert tree is trees.get_tree("c1")
    assert tree.conversation_history[0] == {"role": "user", "content": "Hi"}


async def test_two_questions_in_one_conversation_wait_for_each_other(empty_clients):
    trees, tool = manager(), Waiting()
    answering(trees, tool=tool)
    seen = []

    async def ask(query_id):
        async for payload in trees.process_tree("?", "c", query_id, client_manager=empty_clients):
            note(query_id, payload["type"])

    def note(*step):
        seen.append(step)

    async with asyncio.TaskGroup() as group:
        group.create_task(ask("first"))
        await tool.begun.wait()
        group.create_task(ask("second"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert {query_id for query_id, _ in seen} == {"first"}
        tool.may_go_on.set()
    asked = [query_id for query_id, _ in seen]
    assert asked == sorted(asked)
    assert set(asked) == {"first", "second"}
    assert seen[asked.index("second") - 1] == ("first", "completed")


async def test_two_conversations_are_answered_side_by_side(empty_clients):
    both = threading.Barrier(2, timeout=10)

    def script(body):
        try:
            both.wait()
        except threading.BrokenBarrierError:
            return Fail(400, "The other request did not come.")
        return decision("text_response", end=True, text="Hello!")

    with ScriptedModel(script) as model:
        trees = TreeManager("u", settings=settings_for(model))
        for conversation_id in ("a", "b"):
            trees.add_tree(conversation_id)
        runs = [trees.process_tree("Hi", c, client_manager=empty_clients) for c in ("a", "b")]
        answers = await asyncio.gather(*(sent(run) for run in runs))
        await trees.aclose()
    assert [texts(payloads) for payloads in answers] == [["Hello!"], ["Hello!"]]


async def test_a_cancelled_question_leaves_the_conversation_free(empty_clients):
    trees, tool = manager(), Waiting()
    answering(trees, tool=tool)
    asking = asyncio.create_task(sent(trees.process_tree("?", "c", client_manager=empty_clients)))
    await tool.begun.wait()
    waiting = asyncio.create_task(sent(trees.process_tree("?", "c", client_manager=empty_clients)))
    await asyncio.sleep(0)
    for task in (waiting, asking):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not trees.in_use
    tool.may_go_on.set()
    assert said(await sent(trees.process_tree("?", "c", client_manager=empty_clients))) == ["Here at last."]


async def test_leaving_a_run_early_leaves_the_conversation_free(empty_clients):
    trees = manager()
    answering(trees)
    async with aclosing(trees.process_tree("?", "c", client_manager=empty_clients)) as run:
        async for _ in run:
            break
    assert not trees.in_use
    assert kinds(await sent(trees.process_tree("?", "c", client_manager=empty_clients)))[-1] == "completed"


async def test_a_conversation_left_alone_is_put_away(clock):
    trees = manager(clock, tree_timeout=10)
    trees.add_tree("old")
    clock.pass_minutes(6)
    trees.add_tree("new")
    clock.pass_minutes(5)
    assert trees.check_tree_timeout("old")
    assert not trees.check_tree_timeout("new")
    trees.check_all_trees_timeout()
    assert (trees.tree_exists("old"), trees.tree_exists("new")) == (False, True)
    assert trees.check_tree_timeout("old")


async def test_a_timed_out_conversation_is_told_of_once_and_nothing_else(clock):
    trees = manager(clock)
    trees.add_tree("c")
    clock.pass_minutes(11)
    trees.check_all_trees_timeout()
    for _ in range(2):
        payloads = await sent(trees.process_tree("?", "c", "q", client_manager=CountingClients()))
        assert [(p["type"], p["payload"]) for p in payloads] == [
            ("tree_timeout_error", {"text": TIMED_OUT_TREE})
        ]
        assert payloads[0]["id"].startswith("tre-")
        assert (payloads[0]["user_id"], payloads[0]["conversation_id"], payloads[0]["query_id"]) == (
            "u",
            "c",
            "q",
        )


async def test_a_question_that_comes_too_late_is_timed_out_without_a_check(clock, saving):
    trees = manager(clock)
    answering(trees)
    clock.pass_minutes(11)
    payloads = await sent(trees.process_tree("?", "c", client_manager=saving))
    assert kinds(payloads) == ["tree_timeout_error"]
    assert not trees.tree_exists("c")


async def test_a_question_keeps_the_conversation(clock, empty_clients):
    trees = manager(clock)
    answering(trees)
    for _ in range(5):
        clock.pass_minutes(9)
        assert (
            kinds(await sent(trees.process_tree("?", "c", client_manager=empty_clients)))[-1] == "completed"
        )
        trees.check_all_trees_timeout()
    clock.pass_minutes(9)
    trees.update_tree_last_request("c")
    clock.pass_minutes(9)
    assert not trees.check_tree_timeout("c")


async def test_a_conversation_in_the_middle_of_a_run_is_never_put_away(clock, empty_clients):
    trees, tool = manager(clock), Waiting()
    answering(trees, tool=tool)
    first = asyncio.create_task(sent(trees.process_tree("?", "c", client_manager=empty_clients)))
    await tool.begun.wait()
    second = asyncio.create_task(sent(trees.process_tree("?", "c", client_manager=empty_clients)))
    clock.pass_minutes(1_000)
    await asyncio.to_thread(trees.check_all_trees_timeout)  # as a scheduler runs it
    assert trees.tree_exists("c")
    assert not trees.check_tree_timeout("c")
    tool.may_go_on.set()
    await first
    await second
    trees.check_all_trees_timeout()
    assert trees.tree_exists("c")  # idle only since the end of the run
    clock.pass_minutes(11)
    trees.check_all_trees_timeout()
    assert not trees.tree_exists("c")


async def test_a_long_run_that_no_check_saw_keeps_the_conversation(clock, empty_clients):
    trees, tool = manager(clock), Waiting()
    answering(trees, tool=tool)
    asking = asyncio.create_task(sent(trees.process_tree("?", "c", client_manager=empty_clients)))
    await tool.begun.wait()
    clock.pass_minutes(1_000)
    tool.may_go_on.set()
    await asking
    assert not trees.check_tree_timeout("c")


async def test_a_tree_that_is_asked_itself_is_in_the_middle_of_a_run_too(clock, empty_clients):
    trees, tool = manager(clock), Waiting()
    tree = answering(trees, tool=tool)
    asking = asyncio.create_task(sent(tree.async_run("?", client_manager=empty_clients)))
    await tool.begun.wait()
    clock.pass_minutes(1_000)
    trees.check_all_trees_timeout()
    assert trees.tree_exists("c")
    tool.may_go_on.set()
    await asking
    assert not trees.check_tree_timeout("c")


async def test_zero_minutes_mean_never(clock):
    trees = manager(clock, tree_timeout=0)
    trees.add_tree("c")
    clock.pass_minutes(10**9)
    trees.check_all_trees_timeout()
    assert trees.tree_exists("c")


async def test_a_conversation_can_begin_again_after_its_time_out(clock, empty_clients):
    trees = manager(clock)
    before = answering(trees)
    clock.pass_minutes(11)
    again = answering(trees)
    assert again is not before
    assert said(await sent(trees.process_tree("Hi", "c", client_manager=empty_clients))) == ["You said: Hi"]


async def test_adding_a_conversation_that_is_there_goes_on_with_it(clock):
    trees = manager(clock)
    tree = trees.add_tree("c")
    clock.pass_minutes(9)
    assert trees.add_tree("c", style="Terse.") is tree
    assert tree.tree_data.atlas.style == "Terse."
    clock.pass_minutes(9)
    assert not trees.check_tree_timeout("c")


def asking_for(trees):
    return {
        "get": lambda: trees.get_tree("c"),
        "check": lambda: trees.check_tree_timeout("c"),
        "update": lambda: trees.update_tree_last_request("c"),
        "delete": lambda: trees.delete_tree_local("c"),
        "configure": lambda: trees.configure("c", recursion_limit=2),
        "style": lambda: trees.change_style("Terse.", "c"),
        "preset": lambda: trees.change_branch_initialisation("empty", "c"),
    }


@pytest.mark.parametrize("call", asking_for(None))
def test_an_unknown_conversation_is_an_error_that_says_how_to_make_one(call):
    with pytest.raises(ValueError, match=r"no conversation “c”.*add_tree\(“c”\)"):
        asking_for(manager())[call]()


@pytest.mark.parametrize("there", [True, False], ids=["nothing_saved", "nothing_answers"])
async def test_a_question_in_an_unknown_conversation_is_an_error_too(there, library):
    clients = CountingClients(library if there else None)
    with pytest.raises(ValueError, match="no conversation “c”"):
        await sent(manager().process_tree("?", "c", client_manager=clients))


async def test_getting_a_timed_out_conversation_says_that_it_was_timed_out(clock):
    trees = manager(clock)
    trees.add_tree("c")
    clock.pass_minutes(11)
    trees.check_all_trees_timeout()
    with pytest.raises(ValueError, match="has been timed out"):
        trees.get_tree("c")
    trees.delete_tree_local("c")
    with pytest.raises(ValueError, match="no conversation"):
        trees.get_tree("c")


async def test_deleting_a_conversation_lets_its_run_end(empty_clients):
    trees, tool = manager(), Waiting()
    answering(trees, tool=tool)
    asking = asyncio.create_task(sent(trees.process_tree("?", "c", client_manager=empty_clients)))
    await tool.begun.wait()
    trees.delete_tree_local("c")
    assert not trees.tree_exists("c")
    answering(trees, tool=Answering())
    tool.may_go_on.set()
    assert said(await asking) == ["Here at last."]
    assert said(await sent(trees.process_tree("Hi", "c", client_manager=empty_clients))) == ["You said: Hi"]


def noting_the_end(tree, ended):
    """Have the tree tell when its connections to models are closed."""
    close = tree.aclose

    async def aclose():
        ended.append(tree)
        await close()

    tree.aclose = aclose


async def test_connections_to_models_end_with_the_conversation(clock, empty_clients):
    trees, ended = manager(clock), []
    late, deleted = answering(trees, "late"), answering(trees, "deleted")
    for tree in (late, deleted):
        noting_the_end(tree, ended)
    trees.delete_tree_local("deleted")
    clock.pass_minutes(11)
    trees.check_all_trees_timeout()
    assert trees.trees == {}
    answering(trees, "next")
    await sent(trees.process_tree("?", "next", client_manager=empty_clients))
    assert ended == [late, deleted] or ended == [deleted, late]
    await trees.aclose()
    assert len(ended) == 2


async def test_connections_of_a_conversation_deleted_in_the_middle_of_a_run_end_after_it(empty_clients):
    trees, tool, ended = manager(), Waiting(), []
    noting_the_end(answering(trees, tool=tool), ended)
    runs = [
        asyncio.create_task(sent(trees.process_tree("?", "c", client_manager=empty_clients)))
        for _ in range(2)
    ]
    await tool.begun.wait()
    trees.delete_tree_local("c")
    await trees.aclose()
    assert ended == []
    tool.may_go_on.set()
    await asyncio.gather(*runs)
    assert len(ended) == 1


async def test_a_conversation_whose_connections_cannot_be_closed_does_not_stop_the_others(clock, caplog):
    trees, ended = manager(clock), []

    async def fails():
        raise OSError("It does not close.")

    for conversation_id in "abc":
        noting_the_end(trees.add_tree(conversation_id), ended)
    trees.get_tree("b").aclose = fails
    clock.pass_minutes(11)
    trees.check_all_trees_timeout()
    await trees.aclose()
    assert len(ended) == 2
    assert "It does not close." in caplog.text


def test_without_a_named_time_the_environment_names_it(monkeypatch):
    monkeypatch.delenv("TREE_TIMEOUT", raising=False)
    assert TreeManager("u").tree_timeout.total_seconds() == 600
    monkeypatch.setenv("TREE_TIMEOUT", "2.5")
    assert TreeManager("u").tree_timeout.total_seconds() == 150
    assert TreeManager("u", settings=NEVER_ASKED).tree_timeout.total_seconds() == 150
    own = NEVER_ASKED.model_copy(update={"tree_timeout": 3})
    assert TreeManager("u", settings=own).tree_timeout.total_seconds() == 180
    assert TreeManager("u", tree_timeout=4).tree_timeout.total_seconds() == 240


def test_an_unknown_preset_is_refused_at_once():
    with pytest.raises(ValueError, match=r"no tree called “oak”.*multi_branch"):
        TreeManager("u", branch_initialisation="oak")
    trees = manager()
    with pytest.raises(ValueError, match="oak"):
        trees.add_tree("c", branch_initialisation="oak")
    assert not trees.tree_exists("c")
