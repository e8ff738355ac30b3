"""The loop of completions and calls."""

import asyncio

import pytest
from pydantic import BaseModel
from state.loops import (
    Look,
    asked,
    call,
    calls,
    is_valid,
    sent,
    settings_for,
)
from support.scripted_model import Say, ScriptedModel

from elysia_desktop.core.errors import ToolError
from elysia_desktop.state import (
    Bridge,
    ExternalModuleChosenEvent,
    Message,
    Models,
    ModuleConfig,
    StateManager,
)


def test_loop_completes_calls_and_completes_again():
    with asked(calls(call("Look", what="a")), Say("It is a."), tools=[Look]) as state:
        rounds = state.loop(out=state.last_ass_message)
        assert [len(one) for one in rounds] == [3, 3]
        (asking, called, not_called), (answer, none, _) = rounds
        assert asking.func_calls[0].name == "Look"
        assert (called[0]["tool"].what, not_called, none) == ("a", [], [])
        assert answer.content == state.last_ass_message.content == "It is a."


@pytest.mark.parametrize("message", ["And?", ["And?"], Message.USER("And?")], ids=str)
def test_a_text_or_a_list_as_message_is_fine(message):
    with asked(Say("Yes.")) as state:
        state.loop(message)
        assert sent(state)[-1] == {"role": "user", "content": "And?"}


def test_the_message_is_sent_once():
    with asked(calls(call("Look")), Say("Yes."), tools=[Look]) as state:
        state.loop("And?")
        assert [m["content"] for m in sent(state) if m["role"] == "user"].count("And?") == 1


def test_at_the_last_iteration_a_final_answer_is_asked_for_without_tools():
    def script(body):
        return calls(call("Look")) if body.get("tools") else Say("Enough.")

    with asked(script, tools=[Look]) as state:
        rounds = state.loop(max_iterations=3)
        assert [bool(r.body.get("tools")) for r in state.model.requests] == [True, True, False]
        assert rounds[-1][0].content == "Enough."


def test_without_a_number_the_configuration_says_how_many_iterations():
    conf = ModuleConfig(FUNCTION_CALL_MAX_ITERATIONS=2)
    with asked(calls(call("Look")), Say("Enough."), tools=[Look], conf=conf) as state:
        assert len(state.loop()) == 2


def test_calls_at_the_last_iteration_are_not_carried_out():
    with asked(lambda body: calls(call("Look"), text="Hm."), tools=[Look]) as state:
        rounds = state.loop(max_iterations=2)
        assert len(rounds) == 2
        assert rounds[-1][0].func_calls == ()
        assert is_valid(state.ctx.to_chat())


def test_raise_on_max_iterations_raises():
    with asked(lambda body: calls(call("Look")), tools=[Look]) as state:
        with pytest.raises(ToolError, match="after 2 completions"):
            state.loop(max_iterations=2, raise_on_max_iterations=True)
        assert is_valid(state.ctx.to_chat())


def test_a_loop_without_iterations_is_refused(state):
    with pytest.raises(ValueError, match="at least one"):
        state.loop(max_iterations=0)


def test_a_tool_that_must_be_called_must_be_called_once():
    with asked(calls(call("Look")), Say("."), tools=[Look]) as state:
        state.loop(tool_choice=Look)
        choices = [r.body.get("tool_choice") for r in state.model.requests]
        assert choices[0]["function"]["name"] == "Look"
        assert choices[1] in {None, "auto"}


async def test_the_loop_runs_on_a_given_event_loop_too():
    with ScriptedModel([calls(call("Look")), Say("Yes.")]) as model:
        models = Models.from_settings(settings_for(model))
        bridge = Bridge(asyncio.get_running_loop())
        state = StateManager(ExternalModuleChosenEvent(), models=models, bridge=bridge).register(Look)
        rounds = await state.aloop("And?")
        assert rounds[-1][0].content == "Yes."
        with pytest.raises(RuntimeError, match="aloop"):
            state.loop("And?")
        assert await asyncio.to_thread(state.history) == []
        await models.aclose()
        await state.aclose()


@pytest.mark.parametrize("how", ["context", "reset", "clear"])
def test_a_tool_may_put_another_context_in_place_of_the_one_it_is_called_in(how):
    class Forget(BaseModel):
        def run(self, state):
            state.context("Begin anew.") if how == "context" else getattr(state, how)()
            return "forgotten"

    with asked(calls(call("Forget")), Say("Yes."), tools=[Forget]) as state:
        rounds = state.loop(out=state.last_ass_message)
        assert rounds[-1][0].content == "Yes."
        assert is_valid(sent(state))
        assert not [m for m in state.ctx if m.role == "tool"]
