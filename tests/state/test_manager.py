"""The three managers, and what each keeps of a conversation."""

import asyncio

import pytest
from state.loops import (
    Look,
    answers,
    asked,
    call,
    calls,
    is_valid,
    sent,
)
from support.scripted_model import Say

from elysia_desktop.state import (
    BaseStateManager,
    ExternalModuleChosenEvent,
    FunctionCall,
    MemoryHome,
    Message,
    StateManager,
    VisibleStateManager,
    run_turn,
)


def test_the_base_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        BaseStateManager(ExternalModuleChosenEvent())
    assert issubclass(VisibleStateManager, BaseStateManager)
    assert issubclass(StateManager, BaseStateManager)


def turn_of(kind, home, tools=(Look,)):
    """One turn with a call; what is kept afterwards."""
    with asked(
        calls(call("Look", "c1", what="a")), Say("It is a."), kind=kind, home=home, tools=tools
    ) as state:
        run_turn(state, lambda own: own.loop(out=own.last_ass_message))
        return state.history()


def test_the_visible_managers_history_is_the_visible_messages_and_its_save_does_nothing():
    home = MemoryHome()
    assert turn_of(VisibleStateManager, home) == [
        {"role": "user", "content": "What?"},
        {"role": "assistant", "content": "It is a."},
    ]
    assert asyncio.run(home.messages()) == []
    assert asyncio.run(home.storage()) == {}


def test_the_state_managers_history_also_has_the_tool_calls():
    told = turn_of(StateManager, MemoryHome())
    assert [m["role"] for m in told] == ["user", "assistant", "tool", "assistant"]
    assert told[1]["tool_calls"][0]["id"] == "c1"
    assert is_valid(told)


def test_tool_calls_are_kept_with_the_last_user_message_under_the_key():
    home = MemoryHome()
    turn_of(StateManager, home)
    user, answer = asyncio.run(home.messages())
    assert StateManager._key == "state_manager_tool_calls"
    assert [entry["role"] for entry in user.extra["state_manager_tool_calls"]] == ["assistant", "tool"]
    assert answer.extra == {}


def test_saving_is_idempotent():
    home = MemoryHome()
    with asked(calls(call("Look")), Say("It is a."), home=home, tools=[Look]) as state:
        state.loop(out=state.last_ass_message)
        state.storage["a"] = 1
        state.save_conversation_history()
        once = [m.to_dict() for m in asyncio.run(home.messages())]
        state.save_conversation_history()
        assert [m.to_dict() for m in asyncio.run(home.messages())] == once
        assert asyncio.run(home.storage()) == {"a": 1}


def test_adding_the_same_calls_again_keeps_them_once(state):
    message = Message.ASSISTANT("", [FunctionCall("c1", "Look")])
    state.register(Look)
    state.call(message)
    kept = len(state.last_usr_message.extra["state_manager_tool_calls"])
    state._note([message])
    assert len(state.last_usr_message.extra["state_manager_tool_calls"]) == kept == 2


def test_tool_calls_are_replayed_only_for_tools_registered_now():
    home = MemoryHome()
    turn_of(StateManager, home)
    with asked(Say("."), Say("."), home=home, question="And?") as state:
        state.complete()
        assert [m["role"] for m in sent(state)] == ["user", "assistant", "user"]
        assert [m["role"] for m in state.history()] == ["user", "assistant", "user"]
        state.register(Look)
        assert [m["role"] for m in state.history()] == ["user", "assistant", "tool", "assistant", "user"]
        state.complete("Again?")
        assert [m["role"] for m in sent(state)][:4] == ["user", "assistant", "tool", "assistant"]


def test_expanding_the_context_again_repeats_nothing():
    home = MemoryHome()
    turn_of(StateManager, home)
    with asked(calls(call("Look")), Say("."), home=home, question="And?", tools=[Look]) as state:
        state.context(state.ctx.expand()).loop(out=state.last_ass_message)
        assert is_valid(sent(state))
        assert len(answers(sent(state))) == 2
        state.context(state.ctx.expand())
        assert len(answers(state.ctx.to_chat())) == 2


def test_loading_the_history_reads_the_conversation_anew_and_returns_it():
    home = MemoryHome(messages=[Message.USER("One.")])
    with StateManager(ExternalModuleChosenEvent(), home=home) as state:
        assert state.load_conversation_history() == [{"role": "user", "content": "One."}]
        asyncio.run(home.save([Message.ASSISTANT("Two.")]))
        assert [m["content"] for m in state.load_conversation_history()] == ["One.", "Two."]
        assert [m.content for m in state.ctx] == ["One.", "Two."]


def test_a_class_may_keep_its_calls_under_a_key_of_its_own():
    class Own(StateManager):
        _key = "own_calls"

    with asked(calls(call("Look")), Say("Blue."), tools=[Look], kind=Own) as state:
        state.loop(out=state.last_ass_message)
        assert list(state.last_usr_message.extra) == ["own_calls"]
        assert answers(state.history()) == ["seen"]
        state.save_conversation_history()
        state.load_conversation_history()
        assert answers(state.ctx.to_chat()) == ["seen"]
