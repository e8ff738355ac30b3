"""Stopping: from any thread, between deltas and between tools, and what is left afterwards."""

import asyncio
import signal
import sys
import threading
import time

import pytest
from pydantic import BaseModel
from state.loops import Told, answers, asked, call, calls, is_valid, sent, settings_for, until
from support.scripted_model import Say, ScriptedModel, Stall

from elysia_desktop.state import (
    Bridge,
    ExternalModuleChosenEvent,
    Models,
    ModuleConfig,
    StateManager,
    Stopped,
)


class Look(BaseModel):
    """Look at it."""

    def run(self):
        return "seen"


class Running:
    """Something that runs in a thread, and what it raised."""

    def __init__(self, work):
        self.raised = None
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - `Stopped` is one
            self.raised = error

    def end(self):
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self.raised


def stopping(name="Block"):
    """A tool that waits until it is told to go on, and knows when it has begun."""
    begun, go_on = threading.Event(), threading.Event()

    def run(self):
        begun.set()
        go_on.wait(10)
        return "too late"

    made = type(name, (BaseModel,), {"__doc__": "Wait.", "run": run})
    return made, begun, go_on


def test_a_run_is_stopped_between_deltas():
    with asked(Say("word " * 1000, pause=0.01)) as state:
        running = Running(lambda: state.loop(out=state.last_ass_message))
        until(lambda: state.told.of("text_delta"))
        state.stop()
        assert isinstance(running.end(), Stopped)
        told = len(state.told.items)
        until(lambda: state.model.hung_up)
        assert len(state.told.items) == told
        assert [m.role for m in state.ctx] == ["user"]


def test_a_completion_that_never_comes_is_stopped():
    with asked(Stall()) as state:
        running = Running(state.complete)
        until(lambda: state.model.requests)
        state.stop()
        assert isinstance(running.end(), Stopped)


def test_a_run_is_stopped_during_a_tool_and_every_call_begun_is_told_to_have_stopped():
    block, begun, go_on = stopping()
    with asked(calls(call("Look"), call("Block"), call("Look")), tools=[Look, block]) as state:
        running = Running(state.loop)
        begun.wait(10)
        state.stop()
        assert isinstance(running.end(), Stopped)
        assert state.told.log == ["Look(", "done)", "Block(", "stopped)"]
        assert is_valid(state.ctx.to_chat())
        assert answers(state.ctx.to_chat()) == ["seen", *2 * ["Stopped before it had ended."]]
        go_on.set()
        time.sleep(0.02)
        assert state.told.log[-1] == "stopped)"


def test_siblings_at_once_are_all_stopped():
    block, begun, go_on = stopping()
    with asked(calls(call("Block"), call("Block")), tools=[block]) as state:
        running = Running(lambda: state.loop(run_async=True))
        begun.wait(10)
        until(lambda: len(state.told.log) == 2)
        state.stop()
        assert isinstance(running.end(), Stopped)
        assert state.told.log == ["Block(", "Block(", "stopped)", "stopped)"]
        assert is_valid(state.ctx.to_chat())
        go_on.set()


def test_after_a_stop_the_state_is_usable():
    block, begun, go_on = stopping()
    replies = [calls(call("Block")), calls(call("Look")), Say("It is a.")]
    with asked(*replies, tools=[Look, block]) as state:
        running = Running(state.loop)
        begun.wait(10)
        state.stop()
        running.end()
        go_on.set()
        rounds = state.loop("Then look.")
        assert rounds[-1][0].content == "It is a."
        assert is_valid(sent(state))


def test_a_thread_that_was_stopped_gets_nothing_more_done():
    begun, go_on, outcome = threading.Event(), threading.Event(), []

    class Ask(BaseModel):
        def run(self, state):
            begun.set()
            go_on.wait(10)
            try:
                state.llm.complete("Still there?")
            except Exception:  # noqa: BLE001 - as tools do
                outcome.append("swallowed")
            except Stopped:
                outcome.append("stopped")
                raise

    with asked(calls(call("Ask")), tools=[Ask]) as state:
        running = Running(state.loop)
        begun.wait(10)
        state.stop()
        running.end()
        go_on.set()
        until(lambda: outcome)
        assert outcome == ["stopped"]
        assert len(state.model.requests) == 1


def test_a_loop_within_a_tool_is_stopped_with_the_outer_one():
    block, begun, go_on = stopping()

    class Research(BaseModel):
        def run(self, state):
            return state.fork().register(block).loop("Deeper.")[-1][0]

    with asked(calls(call("Research")), calls(call("Block")), tools=[Research]) as state:
        running = Running(state.loop)
        begun.wait(10)
        state.stop()
        assert isinstance(running.end(), Stopped)
        until(lambda: len(state.told.log) == 4)
        assert sorted(state.told.log) == ["Block(", "Research(", "stopped)", "stopped)"]
        assert is_valid(state.ctx.to_chat())
        go_on.set()


def test_a_tool_may_stop_the_run_itself():
    class Stop(BaseModel):
        def run(self, state):
            state.stop()
            state.llm.complete("Still there?")

    with asked(calls(call("Stop"), call("Look")), tools=[Stop, Look]) as state:
        with pytest.raises(Stopped):
            state.loop()
        assert state.told.log == ["Stop(", "stopped)"]
        assert is_valid(state.ctx.to_chat())


def test_a_listener_may_stop_the_run_before_the_next_tool_begins():
    def listener(item):
        log.append(item.frontend_type)
        if item.frontend_type == "tool_returned":
            state.stop()

    log = []
    with asked(calls(call("Look"), call("Look")), tools=[Look], listener=listener) as state:
        with pytest.raises(Stopped):
            state.loop()
        assert log.count("tool_called") == log.count("tool_returned") == 1
        assert is_valid(state.ctx.to_chat())


def test_a_tool_whose_own_run_was_stopped_is_told_as_stopped_and_the_loop_goes_on():
    class Other(BaseModel):
        def run(self):
            raise Stopped

    with asked(calls(call("Other"), call("Look")), Say("Yes."), tools=[Other, Look]) as state:
        rounds = state.loop()
        assert rounds[-1][0].content == "Yes."
        assert state.told.log == ["Other(", "stopped)", "Look(", "done)"]
        assert answers(sent(state)) == ["Stopped before it had ended.", "seen"]


def test_stopping_where_nothing_runs_stops_nothing_later():
    with asked(Say("Yes.")) as state:
        state.stop()
        assert state.complete().content == "Yes."


@pytest.mark.skipif(sys.platform == "win32", reason="a lock cannot be interrupted there")
def test_ctrl_c_stops_what_is_waited_for_and_leaves_a_valid_context():
    block, begun, go_on = stopping()

    def interrupt():
        begun.wait(10)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    with asked(calls(call("Block")), Say("Yes."), tools=[block]) as state:
        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            state.loop()
        thread.join()
        go_on.set()
        assert state.told.log == ["Block(", "stopped)"]
        assert is_valid(state.ctx.to_chat())
        assert state.complete("Go on.").content == "Yes."


def test_the_turn_is_kept_also_when_it_was_stopped():
    from elysia_desktop.state import MemoryHome, run_turn

    home = MemoryHome()
    with asked(Say("word " * 1000, pause=0.01), home=home) as state:
        running = Running(lambda: run_turn(state, lambda own: own.loop(out=own.last_ass_message)))
        until(lambda: state.told.of("text_delta"))
        state.stop()
        assert isinstance(running.end(), Stopped)
        assert asyncio.run(home.messages())[-1].content.startswith("word")


async def on_loop(*replies, tools, during):
    """A state manager on the running loop; `during` gets it and the task of its loop."""
    with ScriptedModel(list(replies)) as model:
        models = Models.from_settings(settings_for(model))
        told = Told()
        bridge = Bridge(asyncio.get_running_loop())
        state = StateManager(
            ExternalModuleChosenEvent(user_message="What?"), models=models, bridge=bridge, listener=told
        )
        state.told = told
        await state.aload()
        state.register(tools)
        task = asyncio.create_task(state.aloop())
        try:
            await during(state, task)
        finally:
            await models.aclose()


async def test_a_task_that_is_cancelled_ends_as_cancelled_and_its_tools_are_stopped():
    block, begun, go_on = stopping()

    async def during(state, task):
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert state.told.log == ["Block(", "stopped)"]
        assert is_valid(state.ctx.to_chat())
        go_on.set()

    await on_loop(calls(call("Block")), tools=[block], during=during)


async def test_a_loop_that_is_awaited_is_stopped_by_the_state_and_its_task_goes_on():
    block, begun, go_on = stopping()

    async def during(state, task):
        await asyncio.to_thread(begun.wait, 10)
        state.stop()
        with pytest.raises(Stopped):
            await task
        go_on.set()

    await on_loop(calls(call("Block")), tools=[block], during=during)


def test_two_states_side_by_side_do_not_know_of_each_other():
    def script(body):
        word = body["messages"][0]["content"]
        if body["messages"][-1]["role"] == "tool":
            return Say(f"{word} {body['messages'][-1]['content']}")
        return calls(call("Echo", word=word))

    class Echo(BaseModel):
        word: str

        def run(self, state):
            return f"{self.word}:{state.last_user_question()}"

    answers_ = {}

    def work(question):
        with asked(script, question=question, tools=[Echo]) as state:
            answers_[question] = [state.context(question).loop()[-1][0].content for _ in range(3)]

    threads = [threading.Thread(target=work, args=(f"q{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers_ == {f"q{i}": [f"q{i} q{i}:q{i}"] * 3 for i in range(4)}


def test_stopping_one_state_leaves_the_other_running():
    with asked(Stall()) as first, asked(Say("Yes. " * 20, pause=0.005)) as second:
        stopped, goes_on = Running(first.complete), Running(second.stream)
        until(lambda: first.model.requests)
        first.stop()
        assert isinstance(stopped.end(), Stopped)
        assert goes_on.end() is None
        assert second.last_ass_message.content == "Yes. " * 20


def test_no_thread_is_left_after_close():
    before = set(threading.enumerate())
    with asked(calls(call("Look")), Say("Yes."), tools=[Look]) as state:
        state.loop()
    until(lambda: set(threading.enumerate()) <= before)


def test_no_thread_is_left_after_what_was_stopped_is_closed():
    before = set(threading.enumerate())
    block, begun, go_on = stopping()
    with asked(calls(call("Block")), tools=[block]) as state:
        running = Running(state.loop)
        begun.wait(10)
        state.close()
        assert isinstance(running.end(), Stopped)
        go_on.set()
    until(lambda: set(threading.enumerate()) <= before)


def test_a_state_that_was_closed_can_be_used_again():
    with asked(Say("Yes."), Say("Still.")) as state:
        state.complete()
        state.close()
        assert state.complete("And?").content == "Still."


@pytest.mark.parametrize("write", ["update", "add", "modify", "notify"])
@pytest.mark.parametrize("ended_by", ["stop", "timeout"])
def test_a_tool_that_was_given_up_writes_no_more_to_the_person(ended_by, write):
    begun, go_on, raised = threading.Event(), threading.Event(), []

    def run(self, state, out):
        begun.set()
        go_on.wait(10)
        try:
            (getattr(out, write) if write in {"update", "add"} else getattr(state, write))("too late")
        except BaseException as error:  # noqa: BLE001 - `Stopped` is one
            raised.append(error)

    late = type("Late", (BaseModel,), {"__doc__": "Wait.", "run": run})
    seconds = 0.05 if ended_by == "timeout" else 60
    conf = ModuleConfig(tool_timeout=seconds)
    with asked(calls(call("Late")), Say("In time."), tools=[late], conf=conf) as state:
        running = Running(lambda: state.loop(out=state.last_ass_message))
        begun.wait(10)
        if ended_by == "stop":
            state.stop()
        running.end()
        before = [m.content for m in state.messages]
        go_on.set()
        until(lambda: raised)
        assert isinstance(raised[0], Stopped)
        assert [m.content for m in state.messages] == before
