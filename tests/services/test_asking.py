"""Questions are answered, and what was shown is kept, whatever happens in between."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import aclosing
from pathlib import Path

import pytest
from services.scripts import (
    answers,
    cited,
    collect,
    find_then_cite,
    greet,
    opened,
    stage,
    system_of,
    use_model,
    write_settings,
)
from support.scripted_model import Fail, ScriptedModel, Slow, Stall

from elysia_desktop.core.errors import ConfigurationError, ElysiaError, StoreError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def profile(tmp_path):
    return tmp_path / "profile"


@pytest.fixture
async def workspace(profile):
    with ScriptedModel(find_then_cite) as model:
        use_model(profile, model.address)
        workspace = await opened(profile)
        workspace.model = model
        yield workspace
        await workspace.close()


def stalling(body):
    """Find the boats, then never finish the answer."""
    return (
        Stall('{"title": "Boats", "answer": [{"text": "It is')
        if stage(body) == "answer"
        else find_then_cite(body)
    )


async def ask_until(workspace, conversation, question, kind):
    """Start a question in a task; returns the task and its payloads once one of `kind` has come."""
    payloads, seen = [], asyncio.Event()

    async def follow():
        async for payload in workspace.asking.ask(conversation.id, workspace.new_id(), question):
            payloads.append(payload)
            if payload["type"] == kind:
                seen.set()

    task = asyncio.create_task(follow())
    await asyncio.wait_for(seen.wait(), 10)
    return task, payloads


def shown(payloads):
    return [payload for payload in payloads if payload["type"] != "text_delta"]


def cut_answer(turn):
    """What is kept of an answer that was not finished, taken out of the turn."""
    payload = turn.payloads.pop()
    assert payload["payload"]["metadata"] == {"cut": True}
    return " ".join(part["text"] for part in payload["payload"]["objects"])


def written(payloads):
    """What was shown of the answer, piece by piece."""
    return "".join(payload["payload"]["delta"] for payload in payloads if payload["type"] == "text_delta")


async def impatient(workspace):
    """Have the conversations wait for no other program."""
    await workspace.conversations.file.read(lambda database: database.execute("PRAGMA busy_timeout = 100"))


def hold(path):
    """Lock the database as another program would; closing the connection lets go."""
    lock = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    return lock


async def test_payloads_are_kept_as_they_were_sent_and_are_there_after_a_restart(workspace, profile):
    conversation = await workspace.begin("Which boats have masts?")
    sent = await collect(workspace, conversation, "Which boats have masts?")
    environment = (await workspace.asking.environment(conversation.id)).to_json()
    history = (await workspace.asking.tree(conversation.id)).conversation_history
    await workspace.close()

    again = await opened(profile)
    (summary,) = await again.conversations.list()
    (turn,) = await again.conversations.turns(summary.id)
    assert summary.title == "Which boats have masts"
    assert turn.payloads == shown(sent)
    assert turn.payloads[-1]["type"] == "completed"
    assert (turn.stopped, turn.seconds > 0) == (False, True)
    assert (await again.asking.environment(summary.id)).to_json() == environment
    assert "Sea Otter" in json.dumps(environment)
    assert (await again.asking.tree(summary.id)).conversation_history == history
    assert [entry["role"] for entry in history] == ["user", "assistant"]
    assert await again.asking.errors(summary.id) == {}
    assert await again.asking.structure(summary.id) == await again.asking.structure_of_new()
    assert answers(await collect(again, summary, "And now?")) == ["AND NOW?"]
    assert len(await again.conversations.turns(summary.id)) == 2
    await again.close()


async def test_the_errors_of_the_last_run_come_back_too(profile):
    with ScriptedModel(lambda _: Fail(500, "Out of coffee.")) as model:
        use_model(profile, model.address)
        workspace = await opened(profile)
        conversation = await workspace.begin("x")
        said = answers(await collect(workspace, conversation, "x"))
        errors = await workspace.asking.errors(conversation.id)
        await workspace.close()
        assert "Out of coffee" in said[0]
        assert "Out of coffee" in json.dumps(errors)
        again = await opened(profile)
        assert await again.asking.errors(conversation.id) == errors
        await again.close()


async def test_a_stopped_run_keeps_what_was_found_and_the_conversation_goes_on(profile):
    scripts = [stalling]
    with ScriptedModel(lambda body: scripts[-1](body)) as model:  # noqa: PLW0108 - the last one changes
        use_model(profile, model.address)
        workspace = await opened(profile)
        conversation = await workspace.begin("Boats?")
        task, payloads = await ask_until(workspace, conversation, "Boats?", "text_delta")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (turn,) = await workspace.conversations.turns(conversation.id)
        assert turn.stopped
        assert turn.seconds is not None
        assert cut_answer(turn) == written(payloads) != ""
        assert turn.payloads == shown(payloads)
        assert "result" in [payload["type"] for payload in turn.payloads]
        await asyncio.sleep(0.1)
        assert model.hung_up == 1, "the model's server need not write on"
        await workspace.close()

        again = await opened(profile)
        assert "Sea Otter" in json.dumps((await again.asking.environment(conversation.id)).to_json())
        scripts.append(find_then_cite)
        assert answers(await collect(again, conversation, "Go on")) == ["GO ON"]
        await again.close()


async def test_cancelling_again_and_closing_at_once_still_ends_the_turn(profile):
    with ScriptedModel(stalling) as model:
        use_model(profile, model.address)
        workspace = await opened(profile)
        conversation = await workspace.begin("Boats?")
        task, payloads = await ask_until(workspace, conversation, "Boats?", "text_delta")
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await workspace.close()
    again = await opened(profile)
    (turn,) = await again.conversations.turns(conversation.id)
    assert turn.stopped
    assert cut_answer(turn) == written(payloads)
    assert turn.payloads == shown(payloads)
    assert "Sea Otter" in json.dumps((await again.asking.environment(conversation.id)).to_json())
    await again.close()


@pytest.mark.parametrize("pauses", [0, 1, 2, 3, 5, 8])
async def test_a_turn_is_ended_whenever_it_is_cancelled(workspace, pauses):
    """Between beginning the turn, reaching the model and keeping the first payload there are many moments."""
    await workspace.asking.structure_of_new()
    conversation = await workspace.begin("Boats?")
    task = asyncio.create_task(collect(workspace, conversation, "Boats?"))
    for _ in range(pauses):
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for turn in await workspace.conversations.turns(conversation.id):
        assert turn.stopped
        assert turn.seconds is not None


async def test_a_reader_that_leaves_after_the_end_has_not_stopped_the_run(workspace):
    conversation = await workspace.begin("Boats?")
    async with aclosing(workspace.asking.ask(conversation.id, "q", "Boats?")) as run:
        async for payload in run:
            if payload["type"] == "completed":
                break
    (turn,) = await workspace.conversations.turns(conversation.id)
    assert not turn.stopped
    assert turn.payloads[-1]["type"] == "completed"


async def test_a_reader_that_leaves_early_has_stopped_the_run(workspace):
    conversation = await workspace.begin("Boats?")
    async with aclosing(workspace.asking.ask(conversation.id, "q", "Boats?")) as run:
        async for payload in run:
            if payload["type"] == "result":
                break
    (turn,) = await workspace.conversations.turns(conversation.id)
    assert turn.stopped
    assert turn.payloads[-1]["type"] == "result"


CHILD = """
import asyncio, sys
from pathlib import Path
from services.scripts import opened
async def main():
    workspace = await opened(Path(sys.argv[1]))
    conversation = await workspace.begin("Boats?")
    async for payload in workspace.asking.ask(conversation.id, "q", "Boats?"):
        print(payload["type"], payload["id"], payload["payload"].get("delta"), sep="|", flush=True)
asyncio.run(main())
"""


async def test_what_was_shown_survives_a_kill(profile):
    with ScriptedModel(stalling) as model:
        use_model(profile, model.address)
        child = subprocess.Popen(  # noqa: ASYNC220 - the model has threads of its own
            [sys.executable, "-c", CHILD, str(profile)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PATH": "/usr/bin:/bin"},
        )
        with child:
            lines = []
            for line in child.stdout:
                lines.append(line.rstrip("\n").split("|"))
                if lines[-1][0] == "text_delta":
                    break
            child.send_signal(signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
        use_model(profile, model.address)
        workspace = await opened(profile)
        assert workspace.notice == ""
        (conversation,) = await workspace.conversations.list()
        (turn,) = await workspace.conversations.turns(conversation.id)
        assert cut_answer(turn) == lines[-1][2]
        lasting = [line[:2] for line in lines if line[0] not in {"text_delta", "status"}]
        kept = [[payload["type"], payload["id"]] for payload in turn.payloads]
        assert [line for line in kept if line[0] != "status"] == lasting
        assert turn.seconds is None
        task, _ = await ask_until(workspace, conversation, "Again?", "text_delta")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await workspace.close()


async def test_the_ninth_conversation_puts_the_first_away_and_it_comes_back_whole(workspace):
    first = await workspace.begin("One?")
    await collect(workspace, first, "One?")
    before = (await workspace.asking.tree(first.id)).export_to_json()
    tree = await workspace.asking.tree(first.id)
    for number in range(8):
        other = await workspace.begin(f"Other {number}?")
        await workspace.asking.environment(other.id)
    back = await workspace.asking.tree(first.id)
    assert back is not tree
    assert back.export_to_json() == before
    assert answers(await collect(workspace, first, "Two?")) == ["TWO?"]
    assert [e["content"] for e in back.conversation_history] == ["One?", "ONE?", "Two?", "TWO?"]


async def test_a_conversation_that_is_being_answered_is_not_put_away(profile):
    go = threading.Event()

    def waiting(body):
        if stage(body) == "answer":
            go.wait(10)
        return find_then_cite(body)

    with ScriptedModel(waiting) as model:
        use_model(profile, model.address)
        workspace = await opened(profile)
        busy = await workspace.begin("Busy?")
        tree = await workspace.asking.tree(busy.id)
        task, payloads = await ask_until(workspace, busy, "Busy?", "result")
        for number in range(10):
            other = await workspace.begin(f"{number}")
            await workspace.asking.environment(other.id)
        assert await workspace.asking.tree(busy.id) is tree
        go.set()
        await task
        assert answers(payloads) == ["BUSY?"]
        await workspace.close()


async def test_two_conversations_are_answered_at_once_and_keep_apart(profile):
    both = threading.Barrier(2, timeout=10)

    def meeting(body):
        if stage(body) == "answer":
            both.wait()  # passes only when the other run is here as well
        return find_then_cite(body)

    with ScriptedModel(meeting) as model:
        use_model(profile, model.address)
        workspace = await opened(profile)
        one, two = await workspace.begin("One?"), await workspace.begin("Two?")
        first, second = await asyncio.gather(collect(workspace, one, "One?"), collect(workspace, two, "Two?"))
        assert (answers(first), answers(second)) == (["ONE?"], ["TWO?"])
        assert {payload["conversation_id"] for payload in first} == {one.id}
        for conversation, sent in ((one, first), (two, second)):
            (turn,) = await workspace.conversations.turns(conversation.id)
            assert turn.payloads == shown(sent)
        await workspace.close()


async def test_two_questions_in_one_conversation_follow_one_another(workspace):
    conversation = await workspace.begin("One?")
    first, second = await asyncio.gather(
        collect(workspace, conversation, "One?"), collect(workspace, conversation, "Two?")
    )
    assert (answers(first), answers(second)) == (["ONE?"], ["TWO?"])
    tree = await workspace.asking.tree(conversation.id)
    assert [e["content"] for e in tree.conversation_history] == ["One?", "ONE?", "Two?", "TWO?"]


async def test_those_who_ask_for_a_tree_at_once_get_the_same(workspace):
    conversation = await workspace.begin("Boats?")
    trees = await asyncio.gather(*[workspace.asking.tree(conversation.id) for _ in range(5)])
    assert len(set(map(id, trees))) == 1


async def test_a_store_that_fails_in_mid_run_does_not_keep_the_answer_back(profile):
    locks = []

    def locking(body):
        if stage(body) == "answer" and not locks:
            locks.append(hold(profile / "conversations.db"))
        return find_then_cite(body)

    with ScriptedModel(locking) as model:
        use_model(profile, model.address)
        workspace = await opened(profile)
        await impatient(workspace)
        conversation = await workspace.begin("Boats?")
        seen = []
        with pytest.raises(StoreError) as raised:
            await follow(workspace, conversation, seen)
        assert raised.value.hint
        assert answers(seen) == ["BOATS?"]
        assert seen[-1]["type"] == "completed"
        for number in range(9):  # what is nowhere else must not be put away
            await workspace.asking.environment((await unlocked(workspace, locks, f"{number}")).id)
        tree = await workspace.asking.tree(conversation.id)
        assert tree.conversation_history[-1]["content"] == "BOATS?"
        assert answers(await collect(workspace, conversation, "And?")) == ["AND?"]
        await workspace.close()
    again = await opened(profile)
    assert len((await again.asking.tree(conversation.id)).conversation_history) == 4
    await again.close()


async def follow(workspace, conversation, seen):
    async for payload in workspace.asking.ask(conversation.id, "q", "Boats?"):
        seen.append(payload)


async def unlocked(workspace, locks, title):
    locks[0].close()
    return await workspace.begin(title)


async def test_a_store_that_fails_for_a_moment_has_everything_in_the_end(profile):
    locks = []

    def locking(body):
        if stage(body) == "answer":
            locks.append(hold(profile / "conversations.db"))
        return find_then_cite(body)

    with ScriptedModel(locking) as model:
        use_model(profile, model.address)
        workspace = await opened(profile)
        await impatient(workspace)
        conversation = await workspace.begin("Boats?")
        seen = []
        async for payload in workspace.asking.ask(conversation.id, "q", "Boats?"):
            seen.append(payload)
            if payload["type"] == "text":
                locks[0].close()
        (turn,) = await workspace.conversations.turns(conversation.id)
        assert turn.payloads == shown(seen)
        assert turn.seconds is not None
        await workspace.close()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"model_file": "/nowhere/model.gguf"}, "There is no file"),
        ({"model_file": ""}, "No model file is chosen"),
    ],
)
async def test_a_model_file_that_cannot_be_served_is_told_and_the_turn_is_closed(profile, settings, said):
    write_settings(profile, base_provider="on_this_computer", **settings)
    workspace = await opened(profile)
    conversation = await workspace.begin("Boats?")
    with pytest.raises(ConfigurationError, match=said) as raised:
        await collect(workspace, conversation, "Boats?")
    assert raised.value.hint
    (turn,) = await workspace.conversations.turns(conversation.id)
    assert turn.seconds is not None
    assert not turn.stopped
    assert turn.payloads == []
    await workspace.close()


async def test_a_locked_database_is_told_before_anything_runs(workspace, profile):
    await impatient(workspace)
    conversation = await workspace.begin("Boats?")
    lock = hold(profile / "conversations.db")
    with pytest.raises(StoreError):
        await collect(workspace, conversation, "Boats?")
    lock.close()
    assert workspace.model.requests == []
    assert await workspace.conversations.turns(conversation.id) == []
    assert answers(await collect(workspace, conversation, "Boats?")) == ["BOATS?"]


async def test_a_conversation_that_does_not_exist_is_told(workspace):
    with pytest.raises(ElysiaError, match="does not exist"):
        async for _ in workspace.asking.ask("nowhere", "q", "Boats?"):
            pass


async def test_a_question_can_be_asked_once_only(workspace):
    conversation = await workspace.begin("Boats?")
    await collect(workspace, conversation, "Boats?", query_id="q")
    with pytest.raises(StoreError, match="begun before"):
        await collect(workspace, conversation, "Boats?", query_id="q")
    (turn,) = await workspace.conversations.turns(conversation.id)
    assert turn.payloads[-1]["type"] == "completed"


@pytest.mark.parametrize("kept", [{}, {"tree_data": {}}, {"tree_data": None}, {"branch_initialisation": "x"}])
async def test_a_tree_that_cannot_be_read_does_not_end_the_conversation(workspace, kept):
    conversation = await workspace.begin("Boats?")
    await workspace.conversations.save_tree(conversation.id, kept)
    assert answers(await collect(workspace, conversation, "Boats?")) == ["BOATS?"]


async def test_settings_changed_between_questions_are_used(workspace):
    conversation = await workspace.begin("Boats?")
    await collect(workspace, conversation, "Boats?")
    before = len(workspace.model.requests)
    with ScriptedModel(greet) as other:
        await workspace.configuration.save(
            {"base_api_base": other.address, "style": "Like a pirate.", "max_output_tokens": 77}
        )
        await workspace.apply_settings()
        assert answers(await collect(workspace, conversation, "Ahoy")) == ["Hello: Ahoy"]
        (request,) = other.requests
        assert "Like a pirate." in system_of(request.body)
        assert request.body["max_tokens"] == 77
        await workspace.configuration.save({"max_output_tokens": 99, "style": "Dry."})
        await workspace.apply_settings()
        await collect(workspace, conversation, "Ahoy again")
        assert other.requests[-1].body["max_tokens"] == 99
        assert "Like a pirate." not in system_of(other.requests[-1].body)
    assert len(workspace.model.requests) == before


async def test_settings_changed_in_mid_run_wait_for_the_next_question(profile):
    with ScriptedModel(lambda body: Slow(0.2, find_then_cite(body))) as model, ScriptedModel(greet) as other:
        use_model(profile, model.address)
        workspace = await opened(profile)
        conversation = await workspace.begin("Boats?")
        task, payloads = await ask_until(workspace, conversation, "Boats?", "result")
        await workspace.configuration.save({"base_api_base": other.address})
        await workspace.apply_settings()
        await task
        assert answers(payloads) == ["BOATS?"]
        assert other.requests == []
        await workspace.close()


async def test_a_deleted_conversation_is_forgotten_and_comes_back_when_restored(workspace):
    conversation = await workspace.begin("Boats?")
    await collect(workspace, conversation, "Boats?")
    tree = await workspace.asking.tree(conversation.id)
    await workspace.conversations.delete(conversation.id)
    await workspace.asking.forget(conversation.id)
    await workspace.asking.forget(conversation.id)
    assert await workspace.conversations.list() == []
    await workspace.conversations.restore(conversation.id)
    back = await workspace.asking.tree(conversation.id)
    assert back is not tree
    assert back.export_to_json() == tree.export_to_json()


async def test_a_conversation_deleted_in_mid_run_does_no_harm(profile):
    with ScriptedModel(lambda body: Slow(0.1, find_then_cite(body))) as model:
        use_model(profile, model.address)
        workspace = await opened(profile)
        conversation = await workspace.begin("Boats?")
        task, payloads = await ask_until(workspace, conversation, "Boats?", "result")
        await workspace.conversations.delete(conversation.id)
        await workspace.asking.forget(conversation.id)
        await task
        assert answers(payloads) == ["BOATS?"]
        await workspace.close()


async def test_an_answer_that_cites_nothing_real_is_still_kept(profile):
    def inventing(body):
        return cited("Ü\ud800!") if stage(body) == "answer" else find_then_cite(body)

    with ScriptedModel(inventing) as model:
        use_model(profile, model.address)
        workspace = await opened(profile)
        conversation = await workspace.begin("Bo\ud800ats?")
        sent = await collect(workspace, conversation, "Bo\ud800ats?")
        (turn,) = await workspace.conversations.turns(conversation.id)
        assert turn.payloads == shown(sent)
        await workspace.close()


async def test_what_was_sent_to_models_and_came_back_can_be_read(workspace, profile):
    conversation = await workspace.begin("Boats?")
    assert await workspace.asking.exchanges(conversation.id) == []
    payloads = await collect(workspace, conversation, "Boats?")
    exchanges = await workspace.asking.exchanges(conversation.id)
    told = [
        exchange
        for payload in payloads
        if payload["type"] == "model_used"
        for exchange in payload["payload"]["exchanges"]
    ]
    assert [exchange.id for exchange in exchanges] == told
    assert "Boats?" in exchanges[0].user
    assert json.loads(exchanges[-1].reply) == cited("BOATS?").value
    other = await workspace.begin("Others?")
    assert await workspace.asking.exchanges(other.id) == []
    await workspace.close()
    again = await opened(profile)
    assert await again.asking.exchanges(conversation.id) == []
    await again.close()


async def test_what_no_model_answered_can_be_read_too(profile):
    with ScriptedModel(lambda _: Fail(400, "Out of coffee.")) as model:
        use_model(profile, model.address)
        workspace = await opened(profile)
        conversation = await workspace.begin("x")
        await collect(workspace, conversation, "x")
        exchanges = await workspace.asking.exchanges(conversation.id)
        assert "Out of coffee" in exchanges[-1].error
        assert exchanges[-1].reply == ""
        await workspace.close()


async def test_a_stopped_request_can_be_read_as_soon_as_it_has_stopped(profile):
    with ScriptedModel(stalling) as model:
        use_model(profile, model.address)
        workspace = await opened(profile)
        conversation = await workspace.begin("Boats?")
        task, _ = await ask_until(workspace, conversation, "Boats?", "text_delta")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        exchanges = await workspace.asking.exchanges(conversation.id)
        assert exchanges[-1].error == "Stopped."
        await workspace.close()
