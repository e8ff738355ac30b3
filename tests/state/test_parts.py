"""What a state manager is made of, and what its reset and clearing leave."""

import asyncio

import pytest
from pydantic import BaseModel, ValidationError
from state.loops import (
    Look,
    settings_for,
)
from support.scripted_model import Say, ScriptedModel

from elysia_desktop.core.defaults import reset_settings
from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.state import (
    Bridge,
    ExternalModuleChosenEvent,
    FileManager,
    LanguageModelManager,
    MemoryHome,
    Message,
    MessageList,
    MessageManager,
    Models,
    ModuleConfig,
    StateManager,
    StorageManager,
)


def test_the_event_is_frozen_and_says_who_asked_what():
    event = ExternalModuleChosenEvent(
        user_id="u", conversation_id="c", user_message="Hi", assistant_message="", payload={"a": [1]}
    )
    assert (event.user_id, event.conversation_id, event.user_message.text) == ("u", "c", "Hi")
    assert event.payload == {"a": [1]}
    with pytest.raises(ValidationError):
        event.user_id = "v"


def test_the_event_does_not_change_with_what_it_was_made_of():
    given = {"a": [1]}
    event = ExternalModuleChosenEvent(payload=given)
    given["a"].append(2)
    assert event.payload == {"a": [1]}


def test_a_message_of_the_event_may_be_one_of_the_conversation():
    message = Message.USER("Hi")
    assert ExternalModuleChosenEvent(user_message=message).user_message.id == message.id


def test_conf_config_and_cfg_are_the_same(state):
    assert state.conf is state.config is state.cfg
    assert isinstance(state.conf, BaseModel)


def test_a_configuration_of_ones_own_keeps_its_fields():
    class Mine(ModuleConfig):
        colour: str = "red"

    with StateManager(ExternalModuleChosenEvent(), Mine(N_MAX=3)) as state:
        assert (state.conf.colour, state.conf.N_MAX) == ("red", 3)


def test_the_parts_are_of_their_types(state):
    assert isinstance(state.messages, MessageManager)
    assert isinstance(state.messages.all(), MessageList)
    assert isinstance(state.files, FileManager)
    assert isinstance(state.llm, LanguageModelManager)
    assert isinstance(state.storage, StorageManager)
    assert isinstance(state.ctx, MessageList)
    assert state.tools == []
    assert state.data == {}


def test_the_last_messages_are_those_of_the_event(state):
    assert state.last_usr_message.content == "What?"
    assert state.last_usr_message.id == state.event.user_message.id
    assert state.last_ass_message.id == state.event.assistant_message.id
    assert state.last_ass_message.content == ""


def test_messages_of_the_event_that_the_conversation_has_already_are_not_repeated():
    message = Message.USER("Hi")
    event = ExternalModuleChosenEvent(user_message=message)
    with StateManager(event, home=MemoryHome(messages=[message])) as state:
        assert [m.content for m in state.messages] == ["Hi", ""]


def test_reset_rebuilds_the_context_and_drops_tools_extra_data_and_unsaved_messages():
    home = MemoryHome(messages=[Message.USER("Before.")])
    with StateManager(ExternalModuleChosenEvent(user_message="What?"), home=home) as state:
        state.register(Look).extra(a=1).context("Else.").messages.append(Message.USER("Unsaved."))
        state.data["a"] = 1
        state.storage["a"] = 1
        state.reset()
        assert [m.content for m in state.ctx] == ["Before.", "What?"]
        assert [m.content for m in state.messages] == ["Before.", "What?", ""]
        assert (state.tools, state.data, dict(state.storage), state._extra) == ([], {}, {}, {})


def test_clear_deletes_the_conversations_messages_and_says_how_many():
    home = MemoryHome(messages=[Message.USER("One."), Message.ASSISTANT("Two.")])
    with StateManager(ExternalModuleChosenEvent(user_message="Three."), home=home) as state:
        assert state.clear() == 3
        assert list(state.messages) == list(state.ctx) == state.history() == []
        assert asyncio.run(home.messages()) == []
        assert state.clear() == 0


def test_models_that_are_handed_in_serve_one_state_manager_after_the_other():
    with ScriptedModel(lambda body: Say("Yes.")) as model:
        models = Models.from_settings(settings_for(model))
        for _ in range(2):
            with StateManager(ExternalModuleChosenEvent(), models=models) as state:
                assert state.complete("And?").content == "Yes."


def test_closing_what_was_never_used_begins_no_thread():
    bridge = Bridge()
    StateManager(ExternalModuleChosenEvent(), bridge=bridge).close()
    assert not bridge.has_begun


def test_closing_leaves_a_bridge_that_was_handed_in_open(bridge):
    with StateManager(ExternalModuleChosenEvent(), bridge=bridge) as state:
        assert state.history() == []
    assert bridge.has_begun


def test_without_a_model_it_says_so(monkeypatch):
    monkeypatch.setattr("os.environ", {})
    reset_settings()
    try:
        with StateManager(ExternalModuleChosenEvent()) as state, pytest.raises(ElysiaError) as raised:
            state.loop("And?")
        assert raised.value.hint
    finally:
        reset_settings()
