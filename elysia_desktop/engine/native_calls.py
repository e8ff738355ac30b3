"""Conversations with function calls in the model library's types."""

from __future__ import annotations

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

from elysia_desktop.core.chat import FunctionSpec, RequestedCall, ToolChoice
from elysia_desktop.engine.conversing import Conversation, Turn, encodable, new_call_id
from elysia_desktop.engine.function_schema import gemini_schema, plain_schema
from elysia_desktop.engine.model_wire import AS_WRITTEN, UNNAMED

_MOST_REMEMBERED = 200
_ANY_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_STRICT_IDS = {"mistral": re.compile(r"[A-Za-z0-9]{9}")}
_MADE_UP_ID = re.compile(r"(tool_)?call_\d{1,3}")
"""What the model library, and some servers, number the calls of each reply with, ever from the start."""
_KEEPS_THOUGHTS = {"deepseek"}
"""Providers that want a reply's thoughts back with the results of its calls."""
_NEEDS_FUNCTIONS = {"anthropic", "bedrock", "vertex_ai"}
"""Providers that refuse calls in a conversation unless functions go along."""
_NEVER = "none"
_BLANK = " \t\r\n"
_UNREADABLE = "not_json"


class NativeCalls:
    """Writes requests and reads replies of one model.

    What its provider needs to have back with a reply's calls, such as signatures, is remembered for the last ones.
    """

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._said: OrderedDict[str, Any] = OrderedDict()

    def messages(self, conversation: Conversation) -> tuple[Any, ...]:
        """The turns as messages of the model library."""
        lm15: Any = import_module("dspy.lm15")
        messages: list[Any] = []
        used: set[str] = set()
        for turn in conversation.turns:
            if turn.role == "user":
                messages.append(lm15.Message.user(turn.text))
            elif not turn.calls:
                messages.append(lm15.Message.assistant(turn.text))
            else:
                messages += self._called(turn, used)
        return tuple(messages)

    def tools(self, tools: Sequence[FunctionSpec], conversation: Conversation) -> tuple[Any, ...]:
        """The functions as the model library declares them."""
        lm15: Any = import_module("dspy.lm15")
        if not tools and conversation.has_calls and self._provider in _NEEDS_FUNCTIONS:
            names = {call.name or UNNAMED: None for turn in conversation.turns for call in turn.calls}
            tools = [FunctionSpec(name, "") for name in names]
        told: list[Any] = []
        for tool in tools:
            schema = plain_schema(tool.parameters)
            if self._provider == "gemini":
                schema = gemini_schema(schema)
            told.append(lm15.FunctionTool(tool.name, encodable(tool.description), schema))
        return tuple(told)

    def choice(self, tools: Sequence[FunctionSpec], declared: Sequence[Any], choice: ToolChoice) -> Any:
        """How functions may be chosen, None where nothing need be said."""
        lm15: Any = import_module("dspy.lm15")
        match choice:
            case _ if not declared:
                return None
            case _ if not tools:
                return lm15.ToolChoice(_NEVER)
            case "auto":
                return None
            case "none" | "required":
                return lm15.ToolChoice(choice)
            case name:
                return lm15.ToolChoice("required", (name,))

    def calls(self, response: Any) -> tuple[RequestedCall, ...]:
        """The calls of a whole reply."""
        return named_apart([(part.id, part.name, _arguments(part.input)) for part in response.tool_calls])

    def remember(self, response: Any, calls: Sequence[RequestedCall]) -> None:
        """Keep what must be sent back with these calls."""
        if calls and any(self._goes_back(part) for part in response.message.parts):
            self._said[calls[0].id] = response.message
            while len(self._said) > _MOST_REMEMBERED:
                self._said.popitem(last=False)

    def _goes_back(self, part: Any) -> bool:
        return bool(part.continuation) or (part.type == "thinking" and self._provider in _KEEPS_THOUGHTS)

    def _called(self, turn: Turn, used: set[str]) -> list[Any]:
        """The assistant's message and the one with its results."""
        lm15: Any = import_module("dspy.lm15")
        said = self._said.get(turn.calls[0].id)
        before: list[Any] = []
        states: list[Any] = [()] * len(turn.calls)
        if said is not None:
            before = [part for part in said.parts if part.type == "thinking" and self._goes_back(part)]
            kept = [part.continuation for part in said.parts if part.type == "tool_call"]
            states = (kept + states)[: len(turn.calls)] if len(kept) == len(turn.calls) else states
        parts = [*before, *([lm15.TextPart(turn.text)] if turn.text else [])]
        results: list[Any] = []
        for call, result, state in zip(turn.calls, turn.results, states, strict=True):
            sent = self._id(call.id, used)
            parts.append(lm15.ToolCallPart(sent, call.name or UNNAMED, _object(call.arguments), state))
            # Not a word is no content to Anthropic.
            results.append(
                lm15.ToolResultPart(sent, (lm15.TextPart(result or "(empty)"),), name=call.name or UNNAMED)
            )
        return [
            lm15.Message("assistant", tuple(parts), said.continuation if said is not None else ()),
            lm15.Message.tool(results),
        ]

    def _id(self, call_id: str, used: set[str]) -> str:
        """The id under which a call is sent: its own where the provider takes it and no other call has it."""
        allowed = _STRICT_IDS.get(self._provider, _ANY_ID)
        sent = call_id
        while not allowed.fullmatch(sent) or sent in used:
            sent = hashlib.sha256(f"{call_id} {len(used)}".encode("utf-8", "replace")).hexdigest()[:9]
            call_id += "'"
        used.add(sent)
        return sent


def named_apart(calls: Sequence[tuple[str, str, str]]) -> tuple[RequestedCall, ...]:
    """Calls from (id, name, arguments); each with an id that no other call will have."""
    used: set[str] = set()
    made: list[RequestedCall] = []
    for given, name, arguments in calls:
        call_id = new_call_id() if not given or given in used or _MADE_UP_ID.fullmatch(given) else given
        used.add(call_id)
        made.append(RequestedCall(call_id, name or UNNAMED, arguments if arguments.strip(_BLANK) else "{}"))
    return tuple(made)


def _arguments(given: dict[str, Any]) -> str:
    """A call's arguments as the model wrote them, as far as the model library has kept that."""
    if given.keys() == {AS_WRITTEN}:
        return str(given[AS_WRITTEN])
    if given.keys() == {"partial_json"}:
        return str(given["partial_json"])
    return json.dumps(given, ensure_ascii=False)


def _object(arguments: str) -> dict[str, Any]:
    """A call's arguments as the object that servers want, also where the model wrote none."""
    try:
        value: Any = json.loads(arguments, parse_constant=_refuse)
        if not isinstance(value, dict):
            return {_UNREADABLE: arguments}
        return cast("dict[str, Any]", json.loads(encodable(json.dumps(value, ensure_ascii=False))))
    except (ValueError, RecursionError):
        return {_UNREADABLE: arguments}


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON.")
