"""Function calls of models that have none of their own: asked for in words, read from JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from elysia_desktop.core.chat import FunctionSpec, RequestedCall, ToolChoice
from elysia_desktop.engine.conversing import Turn, new_call_id
from elysia_desktop.engine.function_schema import bounded_schema, plain_schema
from elysia_desktop.engine.json_stream import TextPicker
from elysia_desktop.engine.model_stream import OnDelta
from elysia_desktop.engine.reply import json_in
from elysia_desktop.engine.reply_schema import described_schema

_FUNCTION, _ARGUMENTS, _TEXT = "function", "arguments", "text"
_ANSWERS = ("answer", "final_answer", "reply_to_the_person")
_LONGEST_ANSWER = 4000
_CHOSEN = re.compile(r'"function"\s*:\s*"((?:[^"\\]|\\.)*)"')
_BROKEN_OFF = re.compile(r'"arguments"\s*:\s*(.*)', re.DOTALL)
_NAMES_OF_NAME = (_FUNCTION, "name", "tool", "tool_name")
_NAMES_OF_ARGUMENTS = (_ARGUMENTS, "parameters", "args", "input")


@dataclass(frozen=True)
class Reading:
    """What a reply says: text or calls; or what is wrong with it, to be told to the model."""

    text: str = ""
    calls: tuple[RequestedCall, ...] = ()
    objection: str = ""


class FunctionsInWords:
    """Functions told in a prompt, and the JSON in which one of them, or the answer, is chosen.

    `answer` is the schema of the answer where it is to be JSON as well.
    """

    def __init__(
        self,
        tools: Sequence[FunctionSpec],
        choice: ToolChoice = "auto",
        answer: dict[str, Any] | None = None,
    ) -> None:
        self._tools = [tool for tool in tools if choice in {"auto", "required", tool.name}]
        self._answer = answer
        self._may_answer = choice == "auto"
        names = {tool.name for tool in tools}
        self._answered_by = next(name for name in (*_ANSWERS, "answer" * 9) if name not in names)

    @property
    def instructions(self) -> str:
        """What a system prompt tells of the functions."""
        parts = ["# Functions you can call"]
        for tool in self._tools:
            told = described_schema(plain_schema(tool.parameters))
            about = " ".join(tool.description.split())
            parts.append(f"## {tool.name}\n{about}\narguments: {told}")
        call = f'{{"{_FUNCTION}": "<name>", "{_ARGUMENTS}": {{…}}}}'
        if not self._may_answer:
            parts.append(f"# Your reply\nCall one of them. Write one JSON object and nothing else:\n{call}")
        else:
            value = '"<text>"' if self._answer is None else described_schema(plain_schema(self._answer))
            answer = f'{{"{_FUNCTION}": "{self._answered_by}", "{_TEXT}": {value}}}'
            parts.append(
                "# Your reply\nWrite one JSON object and nothing else. To call a function:\n"
                f"{call}\nTo answer, when no function is needed or its result is there:\n{answer}"
            )
        return "\n\n".join(parts)

    @property
    def reminder(self) -> str:
        """What is said behind results, for small models go on calling else; empty where no answer is wanted."""
        if not self._may_answer:
            return ""
        return f'If this answers the question, reply with {{"{_FUNCTION}": "{self._answered_by}", "{_TEXT}": …}} now.'

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of a reply."""
        branches = [
            _branch(tool.name, _ARGUMENTS, bounded_schema(plain_schema(tool.parameters)))
            for tool in self._tools
        ]
        if self._may_answer:
            text = {"type": "string", "maxLength": _LONGEST_ANSWER}
            branches.append(_branch(self._answered_by, _TEXT, self._answer or text))
        return branches[0] if len(branches) == 1 else {"anyOf": branches}

    def picker(self, on_delta: OnDelta) -> OnDelta:
        """What passes the text of an answer on while the reply is being written."""
        return _AnswerPicker(on_delta, self._answered_by).feed if self._answer is None else _nothing

    def read(self, reply: str, cut_short: bool) -> Reading:
        """What a reply says."""
        if "{" not in reply.rpartition("</think>")[2]:
            if self._may_answer:
                return Reading(reply.rpartition("</think>")[2].strip())
            return Reading(reply, objection="It was not a JSON object.")
        data = json_in(reply)
        if not isinstance(data, dict):
            return Reading(reply, objection="It was not a JSON object.")
        fields = cast("dict[str, Any]", data)
        chosen = next((fields[name] for name in _NAMES_OF_NAME if fields.get(name)), None)
        if isinstance(chosen, dict):  # OpenAI's own shape
            fields = cast("dict[str, Any]", chosen)
            chosen = fields.get("name")
        if chosen == self._answered_by or (chosen is None and _TEXT in fields):
            return self._answered(fields, reply)
        if not isinstance(chosen, str):
            return Reading(reply, objection=f'It has no "{_FUNCTION}".')
        return self._called(chosen, fields, reply, cut_short)

    def _answered(self, fields: dict[str, Any], reply: str) -> Reading:
        if not self._may_answer:
            return Reading(reply, objection=f"Call one of: {', '.join(tool.name for tool in self._tools)}.")
        value = fields.get(_TEXT)
        if value is None and isinstance(fields.get(_ARGUMENTS), dict):
            value = fields[_ARGUMENTS].get(_TEXT)  # as if answering were a function, too
        if value is None:
            return Reading(reply, objection=f'The answer has no "{_TEXT}".')
        return Reading(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))

    def _called(self, name: str, fields: dict[str, Any], reply: str, cut_short: bool) -> Reading:
        given = next((fields[key] for key in _NAMES_OF_ARGUMENTS if key in fields), None)
        if given is None:
            # Some put the arguments beside the name.
            given = {key: value for key, value in fields.items() if key not in _NAMES_OF_NAME}
        arguments = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        if cut_short and (rest := _BROKEN_OFF.search(reply)):
            arguments = rest[1]  # as far as it came: what was mended would look complete
        return Reading("", (RequestedCall(new_call_id(), name, arguments),))


def turns_in_words(turns: Sequence[Turn], reminder: str = "") -> tuple[Turn, ...]:
    """The turns with calls as a model without functions writes them, and their results as it is told them.

    Sides take turns, and the user begins, as the templates of many small models demand. The reminder stands behind
    results that come last.
    """
    plain: list[Turn] = []
    for turn in turns:
        plain.append(Turn(turn.role, "\n".join([turn.text, *map(_written, turn.calls)]).strip()))
        if turn.calls:
            told = zip(turn.calls, turn.results, strict=True)
            plain.append(
                Turn("user", "\n\n".join(f"Result of {call.name}:\n{result}" for call, result in told))
            )
    if reminder and turns[-1].calls:
        plain.append(Turn("user", reminder))
    if plain[0].role == "assistant":
        plain.insert(0, Turn("user", "…"))
    joined = plain[:1]
    for turn in plain[1:]:
        if turn.role == joined[-1].role:
            joined[-1] = Turn(turn.role, f"{joined[-1].text}\n\n{turn.text}")
        else:
            joined.append(turn)
    return tuple(joined)


def _written(call: RequestedCall) -> str:
    try:
        arguments: Any = json.loads(call.arguments)
    except (ValueError, RecursionError):
        arguments = call.arguments
    return json.dumps({_FUNCTION: call.name, _ARGUMENTS: arguments}, ensure_ascii=False)


def _branch(name: str, key: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {_FUNCTION: {"type": "string", "enum": [name]}, key: schema},
        "required": [_FUNCTION, key],
        "additionalProperties": False,
    }


class _AnswerPicker:
    """Passes on the text of an answer; what is written before it is known to be one waits."""

    def __init__(self, on_delta: OnDelta, answered_by: str) -> None:
        self._on_delta = on_delta
        self._answered_by = answered_by
        self._text = TextPicker(self._found, _TEXT)
        self._read = ""
        self._waiting: list[str] = []
        self._is_answer: bool | None = None

    def feed(self, delta: str) -> None:
        """Take the next piece of the reply."""
        if self._is_answer is None:
            self._read += delta
            chosen = _CHOSEN.search(self._read)
            if chosen:
                self._is_answer = chosen[1] == self._answered_by
        self._text.feed(delta)
        if self._is_answer and self._waiting:
            self._on_delta("".join(self._waiting))
            self._waiting.clear()

    def _found(self, text: str) -> None:
        self._waiting.append(text)


def _nothing(_: str) -> None:
    pass
