"""One turn between its hooks."""

import asyncio

import pytest

from elysia_desktop.state import (
    ExternalModuleChosenEvent,
    MemoryHome,
    StateManager,
    run_turn,
)


class Hooked(StateManager):
    def pre_module_hook(self):
        self.data["hooks"] = ["pre"]

    def post_module_hook(self):
        self.data["hooks"].append("post")
        super().post_module_hook()


def test_a_turn_runs_its_module_between_the_hooks_and_keeps_the_conversation():
    home = MemoryHome()
    with Hooked(ExternalModuleChosenEvent(user_message="What?"), home=home) as state:
        result = run_turn(state, lambda own: own.data["hooks"].append("module") or own.modify("Yes.") or 5)
        assert result == 5
        assert state.data["hooks"] == ["pre", "module", "post"]
    assert [m.content for m in asyncio.run(home.messages())] == ["What?", "Yes."]


def test_a_turn_keeps_the_conversation_also_when_the_module_fails():
    def module(state):
        state.modify("I was about to")
        raise ZeroDivisionError

    home = MemoryHome()
    event = ExternalModuleChosenEvent(user_message="What?")
    with StateManager(event, home=home) as state, pytest.raises(ZeroDivisionError):
        run_turn(state, module)
    assert [m.content for m in asyncio.run(home.messages())] == ["What?", "I was about to"]
