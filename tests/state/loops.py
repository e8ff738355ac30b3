"""Helpers to run state managers over a scripted model and see what each hears."""

import time
from contextlib import contextmanager
from itertools import count

from pydantic import BaseModel, Field
from support.scripted_model import Call, Calls, Say, ScriptedModel

from elysia_desktop.core.settings import Settings
from elysia_desktop.state import ExternalModuleChosenEvent, Models, ModuleConfig, StateManager


class Look(BaseModel):
    """Look at it."""

    what: str = ""

    def run(self):
        return f"seen {self.what}".strip()


class Other(BaseModel):
    """Do something else."""

    def run(self):
        return "other"


@contextmanager
def quiet():
    """A state manager that asks no model."""
    event = ExternalModuleChosenEvent(user_id="u", conversation_id="c", user_message="What?")
    with StateManager(event, ModuleConfig()) as made:
        yield made


def settings_for(model, **changes):
    changes = {"base_supports_tools": True, "complex_supports_tools": True, **changes}
    where = {"provider": "openai_compatible", "model": "scripted", "api_base": model.address}
    named = {f"{role}_{name}": value for role in ("base", "complex") for name, value in where.items()}
    return Settings(**named, **changes)


class Told:
    """A listener that remembers what it was told."""

    def __init__(self):
        self.items = []

    def __call__(self, item):
        self.items.append(item)

    def of(self, kind):
        return [item.object for item in self.items if item.frontend_type == kind]

    @property
    def log(self):
        """The calls as `name(`, and their ends as `outcome)`, in order."""
        lines = []
        for item in self.items:
            if item.frontend_type == "tool_called":
                lines.append(f"{item.object['name']}(")
            elif item.frontend_type == "tool_returned":
                lines.append(f"{item.object['outcome']})")
        return lines


@contextmanager
def asked(*replies, question="What?", tools=(), kind=StateManager, settings=None, conf=None, **parts):
    """A state manager whose model says this; it is closed at the end."""
    script = replies[0] if len(replies) == 1 and callable(replies[0]) else list(replies)
    with ScriptedModel(script) as model:
        models = Models.from_settings(settings_for(model, **(settings or {})))
        event = ExternalModuleChosenEvent(user_id="u", conversation_id="c", user_message=question)
        told = Told()
        parts = {"models": models, "listener": told, **parts}
        state = kind(event, conf or ModuleConfig(), **parts)
        state.register(list(tools))
        state.told, state.model = told, model
        try:
            yield state
        finally:
            state.close()


_numbers = count(1)


def call(name, /, call_id=None, **arguments):
    return Call(name, arguments, call_id or f"call-{next(_numbers)}")


def calls(*wanted, text=""):
    return Calls(list(wanted), text)


def sent(state, at=-1):
    """The messages of a request."""
    return state.model.requests[at].body["messages"]


def functions(state, at=-1):
    return {f["function"]["name"]: f["function"] for f in state.model.requests[at].body.get("tools") or []}


def answers(messages):
    """What the tool messages say."""
    return [m["content"] for m in messages if m["role"] == "tool"]


def is_valid(messages):
    """Whether each call is answered once, in order, right behind it, and nothing else is."""
    at = 0
    while at < len(messages):
        message = messages[at]
        at += 1
        wanted = [one["id"] for one in message.get("tool_calls") or ()]
        found = [m.get("tool_call_id") for m in messages[at : at + len(wanted)] if m["role"] == "tool"]
        if message["role"] == "tool" or wanted != found or len({*wanted}) != len(wanted):
            return False
        at += len(wanted)
    return True


def in_chat(messages):
    """Every message in OpenAI's shape, whether a model may be told it or not."""
    return [message.to_chat() for message in messages]


class SumBinaryNumbers(BaseModel):
    """Add two binary numbers."""

    x: str = Field(..., description="first binary number")
    y: str = Field(..., description="second binary number")

    def run(self, call_id, state, extra=None, out=None):
        return int(self.x, 2) + int(self.y, 2)


def tool(name="Look", /, doc="Look at it.", **members):
    """A tool made on the spot; each has one field that may be left out."""
    annotations = {"what": str, **members.pop("__annotations__", {})}
    return type(name, (BaseModel,), {"__doc__": doc, "__annotations__": annotations, "what": "", **members})


def returning(value, name="Look"):
    return tool(name, run=lambda self: value)


def told_after(*wanted, tools=(), text="Done."):
    """What the model is told of these calls, by its next request."""
    with asked(calls(*wanted), Say(text), tools=tools) as state:
        state.loop()
        assert is_valid(sent(state))
        return answers(sent(state))


def until(fulfilled):
    """Wait until something is so."""
    for _ in range(1000):
        if fulfilled():
            return
        time.sleep(0.01)
    raise AssertionError("It did not happen.")
