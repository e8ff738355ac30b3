import asyncio
import logging
from datetime import timedelta

import pytest
from engine.asking import decision, kinds, settings_for, texts
from engine.managers.keeping import (
    NEVER_ASKED,
    TIMED_OUT_TREE,
    TIMED_OUT_USER,
    Answering,
    Clock,
    CountingClients,
    Waiting,
    said,
    sent,
    users,
)
from support.scripted_model import ScriptedModel

from elysia_desktop.engine.managers import TreeManager, UserManager
from elysia_desktop.engine.tree_store import TREES, saved_trees
from elysia_desktop.stores.library import Library

pytestmark = pytest.mark.usefixtures("nothing_left")

EMPTY = {"branch_initialisation": "empty", "settings": NEVER_ASKED}


async def began(manager, conversation_id="c", tool=None, user_id="u"):
    tree = await manager.initialise_tree(user_id, conversation_id)
    tree.add_tool(tool or Answering())
    return tree


async def asked(manager, question="Hi", conversation_id="c", user_id="u", **options):
    return await sent(manager.process_tree(question, user_id, conversation_id, "q", **options))


async def test_a_user_has_trees_and_a_connection_to_the_data(clock, saving):
    manager = await users(clock, saving)
    user = manager.users["u"]
    assert isinstance(user["tree_manager"], TreeManager)
    assert user["tree_manager"] is user.tree_manager
    assert user["client_manager"] is user.client_manager is saving
    assert list(user) == ["tree_manager", "client_manager"]
    assert await manager.get_user_local("u") is user
    with pytest.raises(KeyError):
        _ = user["last_request"]


async def test_a_question_is_answered_for_its_user(saving):
    with ScriptedModel([decision("text_response", end=True, text="Hello!")]) as model:
        manager = UserManager(open_clients=lambda settings, client_timeout: saving)
        await manager.add_user_local("ada", settings=settings_for(model))
        await manager.initialise_tree("ada", "c")
        payloads = await sent(manager.process_tree("Hi", "ada", "c", "q1"))
        await manager.close_all_clients()
    assert texts(payloads) == ["Hello!"]
    assert kinds(payloads)[-1] == "completed"
    assert {(p["user_id"], p["conversation_id"], p["query_id"]) for p in payloads} == {("ada", "c", "q1")}
    assert "close_clients" in saving.calls


async def test_users_are_kept_apart(clock, saving):
    manager = await users(clock, saving)
    await manager.add_user_local("v", style="Terse.", **EMPTY)
    for user_id in ("u", "v"):
        await began(manager, user_id=user_id)
    await asked(manager, "Only for u")
    trees = {user_id: await manager.get_tree(user_id, "c") for user_id in ("u", "v")}
    assert trees["u"].conversation_history
    assert not trees["v"].conversation_history
    assert trees["v"].tree_data.atlas.style == "Terse."
    assert trees["u"].tree_data.atlas.style != "Terse."


async def test_letting_a_user_in_again_leaves_them_as_they_are(clock):
    manager = await users(clock)
    tree = await began(manager)
    user = await manager.add_user_local("u", style="Other.")
    assert user is manager.users["u"]
    assert await manager.get_tree("u", "c") is tree
    clock.pass_minutes(21)
    assert await manager.add_user_local("u", **EMPTY) is not user
    with pytest.raises(ValueError, match="“c” has been timed out"):
        await manager.get_tree("u", "c")


async def test_a_conversation_that_is_there_goes_on(clock):
    manager = await users(clock)
    tree = await manager.initialise_tree("u", "c", low_memory=True)
    assert tree.low_memory
    assert await manager.initialise_tree("u", "c") is tree


async def test_a_user_who_was_away_is_put_away_with_all_they_had_open(clock):
    opened = CountingClients()
    manager = await users(clock, opened)
    await began(manager)
    clock.pass_minutes(15)
    await manager.add_user_local("late", **EMPTY)
    clock.pass_minutes(6)
    assert manager.check_user_timeout("u")
    assert not manager.check_user_timeout("late")
    await manager.check_all_users_timeout()
    assert (manager.user_exists("u"), manager.user_exists("late")) == (False, True)
    assert "close_clients" in opened.calls
    assert manager.check_user_timeout("u")


async def test_a_user_who_was_timed_out_is_told_once_and_nothing_else(clock, saving):
    manager = await users(clock, saving)
    await began(manager)
    clock.pass_minutes(21)
    for swept in (False, True):
        assert manager.user_exists("u") != swept
        payloads = await asked(manager)
        assert [(p["type"], p["payload"]) for p in payloads] == [
            ("user_timeout_error", {"text": TIMED_OUT_USER})
        ]
        assert (payloads[0]["user_id"], payloads[0]["conversation_id"], payloads[0]["query_id"]) == (
            "u",
            "c",
            "q",
        )
    with pytest.raises(ValueError, match=r"“u” has been timed out.*add_user_local"):
        await manager.get_user_local("u")
    await manager.add_user_local("u", **EMPTY)
    await began(manager)
    assert said(await asked(manager)) == ["You said: Hi"]


async def test_a_conversation_that_was_timed_out_is_told_of(clock, saving):
    manager = await users(clock, saving)
    await began(manager)
    clock.pass_minutes(11)
    await manager.update_user_last_request("u")
    assert manager.check_tree_timeout("u", "c")
    await manager.check_all_trees_timeout()
    payloads = await asked(manager)
    assert [(p["type"], p["payload"]) for p in payloads] == [("tree_timeout_error", {"text": TIMED_OUT_TREE})]
    assert manager.user_exists("u")


async def test_a_conversation_that_went_with_its_user_is_timed_out_when_they_are_back(clock, saving):
    manager = await users(clock, saving)
    await began(manager)
    clock.pass_minutes(21)
    await manager.check_all_users_timeout()
    await manager.add_user_local("u", **EMPTY)
    payloads = await asked(manager)
    assert [(p["type"], p["payload"]) for p in payloads] == [("tree_timeout_error", {"text": TIMED_OUT_TREE})]
    clock.pass_minutes(21)
    await manager.check_all_users_timeout()
    await manager.add_user_local("u", **EMPTY)
    assert kinds(await asked(manager)) == ["tree_timeout_error"]
    with pytest.raises(ValueError, match="no conversation “never”"):
        await asked(manager, conversation_id="never")
    await began(manager)
    assert said(await asked(manager)) == ["You said: Hi"]


async def test_each_question_keeps_the_user(clock, saving):
    manager = await users(clock, saving, tree_timeout=0)
    await began(manager)
    for _ in range(4):
        clock.pass_minutes(19)
        assert kinds(await asked(manager))[-1] == "completed"
        await manager.check_all_users_timeout()
    clock.pass_minutes(19)
    await manager.update_user_last_request("u")
    clock.pass_minutes(19)
    assert not manager.check_user_timeout("u")


@pytest.mark.parametrize("through", ["manager", "trees", "tree"])
async def test_a_user_in_the_middle_of_a_run_is_never_put_away(clock, saving, through):
    manager, tool = await users(clock, saving), Waiting()
    tree = await began(manager, tool=tool)
    run = {
        "manager": lambda: manager.process_tree("?", "u", "c", "q"),
        "trees": lambda: manager.users["u"].tree_manager.process_tree("?", "c", client_manager=saving),
        "tree": lambda: tree.async_run("?", client_manager=saving),
    }[through]()
    asking = asyncio.create_task(sent(run))
    await tool.begun.wait()
    for _ in range(3):
        clock.pass_minutes(1_000)
        await asyncio.gather(
            manager.check_all_trees_timeout(),
            manager.check_all_users_timeout(),
            manager.check_restart_clients(),
        )
    assert manager.user_exists("u")
    assert manager.users["u"].tree_manager.tree_exists("c")
    tool.may_go_on.set()
    assert said(await asking) == ["Here at last."]
    await manager.check_all_trees_timeout()
    await manager.check_all_users_timeout()
    assert manager.users["u"].tree_manager.tree_exists("c")


async def test_a_long_run_that_no_check_saw_keeps_the_user(clock, saving):
    manager, tool = await users(clock, saving), Waiting()
    await began(manager, tool=tool)
    asking = asyncio.create_task(asked(manager))
    await tool.begun.wait()
    clock.pass_minutes(1_000)
    tool.may_go_on.set()
    await asking
    assert not manager.check_user_timeout("u")


async def test_asking_for_what_is_not_there_keeps_the_user_too(clock, saving):
    manager = await users(clock, saving)
    for _ in range(3):
        clock.pass_minutes(15)
        with pytest.raises(ValueError, match="no conversation"):
            await asked(manager)
    assert not manager.check_user_timeout("u")


async def test_zero_minutes_mean_never(clock):
    manager = await users(clock, tree_timeout=0, user_timeout=0)
    await began(manager)
    clock.pass_minutes(10**9)
    await manager.check_all_trees_timeout()
    await manager.check_all_users_timeout()
    assert await manager.get_tree("u", "c")


async def test_idle_connections_are_opened_anew_for_every_user(clock):
    opened = {}

    def open_clients(settings, client_timeout):
        opened[len(opened)] = made = CountingClients(failing={"restart_client"} if not opened else ())
        assert client_timeout == timedelta(minutes=5)
        return made

    manager = UserManager(client_timeout=5, clock=clock, open_clients=open_clients)
    for number in range(3):
        await manager.add_user_local(str(number), **EMPTY)
    await manager.check_restart_clients()
    assert [clients.calls for clients in opened.values()] == [["restart_client", "restart_async_client"]] * 3


async def test_one_failing_check_does_not_stop_the_others(clock, caplog):
    every = [CountingClients(failing={"close_clients", "restart_client"}), CountingClients()]
    waiting = list(every)
    manager = UserManager(
        user_timeout=5, clock=clock, open_clients=lambda settings, client_timeout: waiting.pop(0)
    )
    for user_id in ("a", "b"):
        await manager.add_user_local(user_id, **EMPTY)
    clock.pass_minutes(6)
    with caplog.at_level(logging.ERROR):
        await manager.check_restart_clients()
        await manager.check_all_users_timeout()
    assert manager.users == {}
    assert [clients.calls[-1] for clients in every] == ["close_clients", "close_clients"]
    assert "restart_client failed." in caplog.text
    assert "close_clients failed." in caplog.text


async def test_a_check_that_is_stopped_leaves_no_connection_open(clock):
    begun, may_close, closed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Slow(CountingClients):
        async def close_clients(self):
            begun.set()
            await may_close.wait()
            closed.set()

    manager = await users(clock, Slow())
    clock.pass_minutes(21)
    checking = asyncio.create_task(manager.check_all_users_timeout())
    await begun.wait()
    checking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await checking
    may_close.set()
    await asyncio.wait_for(closed.wait(), 5)


async def test_a_user_who_comes_in_while_another_is_put_away_stays(clock):
    class Slow(CountingClients):
        async def close_clients(self):
            for _ in range(10):
                await asyncio.sleep(0)
            await super().close_clients()

    manager = await users(clock, Slow())
    clock.pass_minutes(21)
    checking = asyncio.create_task(manager.check_all_users_timeout())
    await asyncio.sleep(0)
    back = await manager.add_user_local("u", **EMPTY)
    await checking
    assert manager.users["u"] is back


UNKNOWN_USER = {
    "get": lambda manager: manager.get_user_local("x"),
    "initialise": lambda manager: manager.initialise_tree("x", "c"),
    "tree": lambda manager: manager.get_tree("x", "c"),
    "update": lambda manager: manager.update_user_last_request("x"),
    "ask": lambda manager: asked(manager, user_id="x"),
    "save": lambda manager: manager.save_tree("x", "c"),
    "load": lambda manager: manager.load_tree("x", "c"),
    "delete": lambda manager: manager.delete_tree("x", "c"),
    "list": lambda manager: manager.get_saved_trees("x"),
    "exists": lambda manager: manager.check_tree_exists_weaviate("x", "c"),
}


@pytest.mark.parametrize("call", UNKNOWN_USER)
async def test_an_unknown_user_is_an_error_that_says_how_to_let_them_in(clock, call):
    manager = await users(clock)
    with pytest.raises(ValueError, match=r"no user “x”.*add_user_local\(“x”\)"):
        await UNKNOWN_USER[call](manager)
    for check in (manager.check_user_timeout, lambda user_id: manager.check_tree_timeout(user_id, "c")):
        with pytest.raises(ValueError, match="no user “x”"):
            check("x")


async def test_an_unknown_conversation_is_an_error_too(clock, saving):
    manager = await users(clock, saving)
    with pytest.raises(ValueError, match="no conversation “c”"):
        await asked(manager)
    with pytest.raises(ValueError, match="no conversation “c”"):
        await manager.get_tree("u", "c")
    with pytest.raises(ValueError, match="no conversation “c”"):
        manager.check_tree_timeout("u", "c")
    with pytest.raises(ValueError, match="no conversation “c”"):
        await manager.delete_tree("u", "c")


async def test_conversations_are_saved_listed_loaded_and_deleted(clock, saving):
    manager = await users(clock, saving)
    for conversation_id, question in (("a", "One?"), ("b", "Two?")):
        await began(manager, conversation_id)
        await asked(manager, question, conversation_id)
        await manager.save_tree("u", conversation_id)
    listed = await manager.get_saved_trees("u")
    assert {key: one["title"] for key, one in listed.items()} == {"b": "Two", "a": "One"}
    assert list(listed) == ["b", "a"]
    assert await manager.check_tree_exists_weaviate("u", "a")
    manager.users["u"].tree_manager.delete_tree_local("a")
    assert said(await manager.load_tree("u", "a")) == ["You said: One?"]
    await manager.delete_tree("u", "a")
    assert not manager.users["u"].tree_manager.tree_exists("a")
    assert list(await manager.get_saved_trees("u")) == ["b"]
    await began(manager, "unsaved")
    await manager.delete_tree("u", "unsaved")
    assert not manager.users["u"].tree_manager.tree_exists("unsaved")


async def test_a_saved_conversation_is_loaded_again_after_its_time_out(clock, saving):
    manager = await users(clock, saving, user_timeout=0)
    await began(manager)
    await asked(manager, "One", save_trees_to_weaviate=True)
    clock.pass_minutes(11)
    await manager.check_all_trees_timeout()
    assert said(await asked(manager, "Two")) == ["You said: Two"]


async def test_a_conversation_is_saved_before_it_is_said_to_be_complete(clock, saving):
    manager = await users(clock, saving)
    await began(manager)
    async for payload in manager.process_tree("Hi", "u", "c", "q", save_trees_to_weaviate=True):
        if payload["type"] == "completed":
            assert await manager.check_tree_exists_weaviate("u", "c")
            break
    else:
        raise AssertionError


async def test_what_cannot_be_saved_is_a_warning(clock, saving):
    class ReadOnce(CountingClients):
        """A store that answers the run and is gone after it."""

        def store(self):
            self.calls.append("store")
            return super().store() if self.calls.count("store") < 2 else CountingClients().store()

    manager = await users(clock, ReadOnce(saving.store()))
    await began(manager)
    payloads = await asked(manager, save_trees_to_weaviate=True)
    assert kinds(payloads)[-2:] == ["warning", "completed"]
    assert "could not be saved. Nothing answers. Start it." in payloads[-2]["payload"]["text"]


async def test_another_cluster_can_be_named_to_save_in(clock, saving, tmp_path):
    cluster = Library(tmp_path / "cluster")
    opened = []

    def open_clients(settings, client_timeout):
        key = settings.wcd_api_key
        opened.append((settings.data_source, settings.wcd_url, key and key.get_secret_value()))
        return CountingClients(cluster) if settings.wcd_url else saving

    manager = UserManager(10, 0, clock=clock, open_clients=open_clients)
    await manager.add_user_local("u", **EMPTY)
    await began(manager)
    named = {"wcd_url": "https://there.example", "wcd_api_key": "sk-there"}
    await asked(manager, save_trees_to_weaviate=True, **named)
    assert opened[-1] == ("cloud", "https://there.example", "sk-there")
    assert list(await manager.get_saved_trees("u", **named)) == ["c"]
    assert await manager.get_saved_trees("u") == {}
    assert list(await saved_trees(cluster, TREES, "u")) == ["c"]
    for swept in (False, True):
        clock.pass_minutes(11)
        if swept:
            assert kinds(await asked(manager)) == ["tree_timeout_error"]
        assert said(await asked(manager, "Again", **named)) == ["You said: Again"]
    assert manager.users["u"].tree_manager.settings.wcd_url == ""
    await manager.delete_tree("u", "c", **named)
    assert await manager.get_saved_trees("u", **named) == {}
    await cluster.close()


async def test_without_named_times_the_environment_names_them(monkeypatch):
    for name, minutes in (("TREE", 1), ("USER", 2), ("CLIENT", 3)):
        monkeypatch.setenv(f"{name}_TIMEOUT", str(minutes))
    manager = UserManager()
    times = manager.tree_timeout, manager.user_timeout, manager.client_timeout
    assert times == tuple(timedelta(minutes=minutes) for minutes in (1, 2, 3))
    user = await manager.add_user_local("u", settings=NEVER_ASKED)
    assert user.tree_manager.tree_timeout == timedelta(minutes=1)
    await manager.close_all_clients()


async def test_by_default_users_have_the_data_that_their_settings_name():
    manager = UserManager(clock=Clock())
    user = await manager.add_user_local("u", settings=NEVER_ASKED)
    assert type(user.client_manager).__name__ == "ClientManager"
    assert user.client_manager.settings.data_source == "library"
    await manager.check_restart_clients()
    await manager.close_all_clients()
