"""Whatever a model calls and whatever comes of it: one tool message per call, in order, and a valid history."""

import asyncio
import json

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from state.loops import is_valid

from elysia_desktop.core.chat import RequestedCall
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.model_attempt import Completion
from elysia_desktop.state import (
    Bridge,
    ExternalModuleChosenEvent,
    FunctionCall,
    MemoryHome,
    Message,
    Models,
    ModuleConfig,
    StateManager,
)
from elysia_desktop.state.arguments import read_arguments
from elysia_desktop.state.replaying import with_own_ids

WAYS = ("text", "none", "json", "false", "raise", "write", "unfit", "late", "unserialisable", "refuse")


class Do(BaseModel):
    """Do it in one of many ways."""

    way: str
    number: int = 0

    def pre_run_hook(self):
        return self.way != "refuse"

    async def run(self, state, out):
        match self.way:
            case "text":
                return "text"
            case "json":
                return {"number": self.number}
            case "false":
                return False
            case "raise":
                raise ZeroDivisionError("no")
            case "write":
                out.update("written")
            case "late":
                await asyncio.sleep(60)
            case "unserialisable":
                return {"state": state}
            case _:
                pass
        return None


arguments = st.one_of(
    st.sampled_from(WAYS).map(lambda way: json.dumps({"way": way})),
    st.sampled_from(["", "{", '{"way": 5}', '{"way": "text", "number": "many"}', "[]", '"x"', "null"]),
)
requested = st.builds(
    RequestedCall,
    id=st.sampled_from(["", "1", "2", "call-a"]),
    name=st.sampled_from(["Do", "Do", "Do", "Don't"]),
    arguments=arguments,
)
rounds = st.lists(st.lists(requested, max_size=4), max_size=3)


class Scripted:
    """A model that asks for these calls, one batch after the other, and then answers."""

    choice = Settings(base_provider="openai_compatible", base_model="scripted").model_choice("base")

    def __init__(self, batches):
        self.batches = list(batches)
        self.told = []

    async def converse(self, messages, *, on_delta=None, tools=(), **options):
        self.told.append(list(messages))
        calls = self.batches.pop(0) if self.batches and tools else ()
        text = "" if calls else "Done."
        if on_delta and text:
            on_delta(text)
        return Completion(text, 1, 1, 0.0, calls=tuple(calls))

    async def aclose(self):
        pass


def run(batches, run_async, stop_after=None, home=None):
    """A loop over these batches; the state and what its model was told."""

    async def main():
        model = Scripted(batches)
        state = StateManager(
            ExternalModuleChosenEvent(user_message="What?"),
            ModuleConfig(tool_timeout=0.001),
            models=Models(model, model),
            home=home,
            bridge=Bridge(asyncio.get_running_loop()),
            listener=listener,
        )
        await state.aload()
        task = asyncio.create_task(
            state.register(Do).aloop(out=state.last_ass_message, run_async=run_async, max_iterations=4)
        )
        if stop_after is None:
            await task
        else:
            for _ in range(stop_after):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        await state.asave()
        return state, model

    log = []

    def listener(item):
        if item.frontend_type in {"tool_called", "tool_returned"}:
            log.append((item.frontend_type, item.object["call_id"]))

    state, model = asyncio.run(main())
    return state, model, log


@settings(deadline=None, max_examples=60)
@given(rounds, st.booleans())
def test_each_call_has_one_message_in_order_whatever_comes_of_it(batches, run_async):
    state, model, log = run(batches, run_async)
    context = state.ctx.to_chat()
    assert len(context) == len(state.ctx)  # nothing had to be left out to make it valid
    assert is_valid(context)
    assert all(is_valid(told) for told in model.told)
    assert is_valid(state.history())
    asked = [call["id"] for m in context for call in m.get("tool_calls") or ()]
    assert [name for kind, name in log if kind == "tool_called"] == asked
    assert sorted(name for kind, name in log if kind == "tool_returned") == sorted(asked)
    assert len(set(asked)) == len(asked)


@settings(deadline=None, max_examples=60)
@given(rounds, st.booleans(), st.integers(0, 60))
def test_wherever_it_is_stopped_the_context_is_valid_and_what_began_has_ended(batches, run_async, stop_after):
    state, _, log = run(batches, run_async, stop_after)
    context = state.ctx.to_chat()
    assert len(context) == len(state.ctx)
    assert is_valid(context)
    assert is_valid(state.history())
    begun = [name for kind, name in log if kind == "tool_called"]
    assert sorted(begun) == sorted(name for kind, name in log if kind == "tool_returned")


@settings(deadline=None, max_examples=30)
@given(rounds)
def test_what_is_kept_is_replayed_as_it_was(batches):
    home = MemoryHome()
    state, _, _ = run(batches, False, home=home)

    async def again():
        bridge = Bridge(asyncio.get_running_loop())
        later = StateManager(state.event, home=home, bridge=bridge, models=Models(Scripted([]), Scripted([])))
        await later.aload()
        return later.register(Do)

    later = asyncio.run(again())
    assert later.history() == state.history()


messages = st.lists(
    st.builds(
        Message,
        role=st.just("assistant"),
        func_calls=st.lists(
            st.builds(FunctionCall, id=st.sampled_from("ab"), name=st.just("Do")), max_size=2
        ).map(tuple),
    ),
    max_size=3,
)


@given(
    st.lists(st.builds(FunctionCall, id=st.sampled_from(["", "a", "b", "c"]), name=st.just("Do"))), messages
)
def test_ids_become_different_and_those_that_are_stay(calls, earlier):
    own = with_own_ids(calls, earlier)
    taken = {call.id for message in earlier for call in message.func_calls}
    ids = [call.id for call in own]
    assert len(set(ids)) == len(ids)
    assert not taken & set(ids)
    seen = set()
    for before, after in zip(calls, own, strict=True):
        if before.id and before.id not in taken and before.id not in seen:
            assert after.id == before.id
        seen.add(before.id)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=4), st.booleans(), st.booleans())
def test_arguments_are_read_as_they_were_meant(value, fenced, doubled):
    written = json.dumps(value, ensure_ascii=False)
    if doubled:
        written = json.dumps(written)
    if fenced:
        written = f"```json\n{written}\n```"
    assert read_arguments(written) == value


@given(st.text(max_size=60))
def test_whatever_is_written_as_arguments_is_read_or_refused(text):
    read = read_arguments(text)
    assert read is None or isinstance(read, dict)
