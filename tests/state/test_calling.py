"""One function call: a tool’s methods, what they are handed, and what goes wrong in them."""

import asyncio
import threading

import pytest
from pydantic import BaseModel
from state.loops import (
    answers,
    asked,
    call,
    calls,
    is_valid,
    sent,
    told_after,
    tool,
    until,
)
from support.scripted_model import Say

from elysia_desktop.core.errors import ToolError
from elysia_desktop.state import ModuleConfig, Stopped


def test_all_four_methods_are_optional():
    assert told_after(call("Bare"), tools=[tool("Bare")]) == ["Done; there is nothing to tell."]


def test_each_method_is_called_with_what_its_signature_accepts():
    heard = []

    class Everything(BaseModel):
        def pre_run_hook(self, **given):
            heard.append(("pre", set(given)))

        def run(self):
            heard.append(("run", set()))
            return "done"

        def post_run_hook(self, out, call_id):
            heard.append(("post", call_id))

    with asked(calls(call("Everything", "c1")), Say("."), tools=[Everything]) as state:
        state.loop()
    assert heard == [("pre", {"call_id", "state", "extra", "out"}), ("run", set()), ("post", "c1")]


def test_a_method_gets_the_state_and_the_message_to_write_to():
    seen = []
    look = tool(run=lambda self, state, out: seen.append((state, out)))
    with asked(calls(call("Look")), Say("."), tools=[look]) as state:
        state.loop(out=state.last_ass_message)
        assert seen == [(state, state.last_ass_message)]


def test_the_methods_may_be_asynchronous():
    order = []

    class Slowly(BaseModel):
        async def pre_run_hook(self):
            order.append("pre")

        async def run(self):
            await asyncio.sleep(0)
            order.append("run")
            return "slowly"

        async def post_run_hook(self):
            order.append("post")

        @classmethod
        async def on_validation_error(cls, error):
            return "not needed"

    assert told_after(call("Slowly"), tools=[Slowly]) == ["slowly"]
    assert order == ["pre", "run", "post"]


def test_a_plain_tool_runs_in_a_thread_of_its_own_and_may_block():
    threads = []
    look = tool(run=lambda self: threads.append(threading.current_thread()))
    told_after(call("Look"), tools=[look])
    assert threads[0] is not threading.main_thread()
    assert threads[0].daemon


def test_if_pre_run_hook_returns_false_run_is_skipped_and_post_run_hook_still_called():
    ran = []
    look = tool(
        pre_run_hook=lambda self: False,
        run=lambda self: ran.append("run"),
        post_run_hook=lambda self: ran.append("post"),
    )
    with asked(calls(call("Look")), Say("Done."), tools=[look]) as state:
        ((_, called, _), _) = state.loop()
        assert called[0]["call"] == {"pre_run_hook": False, "run": None, "post_run_hook": None}
    assert ran == ["post"]


@pytest.mark.parametrize("method", ["run", "post_run_hook"])
def test_if_a_method_returns_false_there_is_no_further_completion(method):
    with asked(calls(call("Look")), tools=[tool(**{method: lambda self: False})]) as state:
        rounds = state.loop()
        assert len(rounds) == len(state.model.requests) == 1
        assert is_valid(state.ctx.to_chat())


@pytest.mark.parametrize("method", ["run", "post_run_hook"])
def test_siblings_that_have_not_started_are_skipped_each_with_a_message_saying_so(method):
    ran = []
    enough = tool("Enough", **{method: lambda self: False})
    look = tool(run=lambda self: ran.append(self.what) or "seen")
    wanted = [call("Look", what="a"), call("Enough"), call("Look", what="b"), call("Look", what="c")]
    with asked(calls(*wanted), tools=[look, enough]) as state:
        ((_, called, not_called),) = state.loop()
        told = answers(state.ctx.to_chat())
        assert [one["id"] for one in called] == [wanted[0].id, wanted[1].id]
        assert [one["id"] for one in not_called] == [wanted[2].id, wanted[3].id]
        assert state.told.log[-4:] == ["Look(", "skipped)", "Look(", "skipped)"]
    assert ran == ["a"]
    assert told[0] == "seen"
    assert all("Skipped: Enough ended the turn" in one for one in told[2:])


@pytest.mark.parametrize("method", ["pre_run_hook", "run", "post_run_hook"])
def test_an_exception_is_told(method):
    def fail(self):
        raise ValueError("the lamp is out")

    assert told_after(call("Look"), tools=[tool(**{method: fail})]) == [
        "Look failed: ValueError: the lamp is out"
    ]


def test_a_tool_error_is_told_in_its_own_words():
    def fail(self):
        raise ToolError("The lamp is out.", "Light it.")

    assert told_after(call("Look"), tools=[tool(run=fail)]) == ["The lamp is out. Light it."]


@pytest.mark.parametrize("how", ["blocking", "asynchronous"])
def test_a_time_out_is_told(how):
    ended = threading.Event()

    def block(self):
        ended.wait(10)

    async def wait(self):
        await asyncio.sleep(10)

    look = tool(run=block if how == "blocking" else wait)
    conf = ModuleConfig(tool_timeout=0.05)
    with asked(calls(call("Look")), Say("Late."), tools=[look], conf=conf) as state:
        ((_, called, _), _) = state.loop()
        assert answers(sent(state)) == [
            "Look was not done within 0.05 seconds. Try something that takes less time."
        ]
        assert isinstance(called[0]["error"], ToolError)
        ended.set()


def test_what_a_tool_does_after_its_time_is_up_no_longer_reaches_the_model():
    outcome, late = [], threading.Event()

    def run(self, state):
        late.wait(10)
        try:
            state.llm.complete("Still there?")
        except (Exception, Stopped) as error:  # noqa: BLE001 - whichever it is
            outcome.append(type(error).__name__)

    conf = ModuleConfig(tool_timeout=0.05)
    with asked(calls(call("Look")), Say("Late."), tools=[tool(run=run)], conf=conf) as state:
        state.loop()
        late.set()
        until(lambda: outcome)
        assert outcome == ["Stopped"]
        assert len(state.model.requests) == 2


def test_without_a_configured_time_that_of_the_settings_holds():
    from elysia_desktop.core.defaults import configure, reset_settings

    reset_settings()
    try:
        configure(tool_timeout=77)
        with asked(Say(".")) as state:
            assert state._time_for_a_tool() == 77
    finally:
        reset_settings()


def test_a_tool_may_raise_what_would_end_the_program():
    def leave(self):
        raise SystemExit(1)

    assert "tried to end the program" in told_after(call("Look"), tools=[tool(run=leave)])[0]


def test_a_tool_that_is_cancelled_by_itself_fails_alone():
    async def give_up(self):
        raise asyncio.CancelledError

    assert "cancelled" in told_after(call("Look"), tools=[tool(run=give_up)])[0]


def test_extra_is_one_dict_per_call_shared_by_its_methods():
    seen = []

    class Look(BaseModel):
        def pre_run_hook(self, extra):
            extra["mine"] = extra["tool_call_index"]

        def run(self, extra):
            seen.append(extra)
            return "seen"

        def post_run_hook(self, extra):
            assert extra["mine"] == extra["tool_call_index"]

    two = calls(call("Look"), call("Look"))
    with asked(two, calls(call("Look")), Say("."), tools=[Look]) as state:
        state.extra(lamp="on", both="state").loop(extra={"both": "loop"})
    first, second, third = seen
    assert first is not second
    assert [one["tool_call_index"] for one in seen] == [1, 2, 1]
    assert [one["loop_iteration"] for one in seen] == [0, 0, 1]
    assert [c.name for c in first["tool_calls"]] == ["Look", "Look"]
    assert len(third["tool_calls"]) == 1
    assert {one["lamp"] for one in seen} == {"on"}
    assert {one["both"] for one in seen} == {"loop"}
    assert [one["mine"] for one in seen] == [1, 2, 1]


def test_what_a_tool_changes_in_extra_reaches_no_other_call():
    look = tool(run=lambda self, extra: extra.update(lamp="off") or "seen")
    after = []
    watch = tool("Watch", run=lambda self, extra: after.append(extra["lamp"]) or "seen")
    with asked(calls(call("Look"), call("Watch")), Say("."), tools=[look, watch]) as state:
        state.extra(lamp="on").loop()
    assert after == ["on"]
