"""A conversation in OpenAI's shape, put in an order that every server takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import uuid4

from elysia_desktop.core.chat import ChatMessage, FunctionSpec, RequestedCall

_NO_RESULT = "There is no result."
_GO_ON = "Go on."


@dataclass(frozen=True)
class Turn:
    """What one side said; of the assistant also what it called, and the result of each call, in their order."""

    role: Literal["user", "assistant"]
    text: str
    calls: tuple[RequestedCall, ...] = ()
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """All instructions in one, and the turns; there is at least one turn."""

    system: str
    turns: tuple[Turn, ...]

    @property
    def has_calls(self) -> bool:
        """Whether functions have been called."""
        return any(turn.calls for turn in self.turns)

    def told(self, more: str) -> Conversation:
        """The same with one more instruction."""
        return replace(self, system=f"{self.system}\n\n{more}".strip())


def arranged(messages: Iterable[ChatMessage]) -> Conversation:
    """The conversation with the results of calls right behind these.

    A call without a result is given one that says so, and a result without its call is told by the user. Messages
    without a word are left out.
    """
    listed = [*messages]
    answers = _Results(listed)
    calls = {place: _calls_of(message) for place, message in enumerate(listed)}
    results = {
        place: tuple(answers.take(call.id, place) for call in made) for place, made in calls.items() if made
    }
    system: list[str] = []
    turns: list[Turn] = []
    for place, message in enumerate(listed):
        text = encodable(message["content"] or "")
        match message["role"]:
            case "system":
                system.append(text)
            case "assistant" if made := calls[place]:
                turns.append(Turn("assistant", text, made, results[place]))
            case "tool" if place in answers.taken or not text:
                pass
            case "tool":
                name = message.get("name")
                turns.append(Turn("user", f"Result of {name}: {text}" if name else text))
            case role if text:
                turns.append(Turn(role, text))
            case _:
                pass
    return Conversation("\n\n".join(filter(None, system)), tuple(turns) or (Turn("user", _GO_ON),))


def transcript(turns: Sequence[Turn]) -> str:
    """The turns as a person reads them; a single one is its text."""
    if len(turns) == 1 and not turns[0].calls:
        return turns[0].text
    parts: list[str] = []
    for turn in turns:
        if turn.text or not turn.calls:
            parts.append(f"# {turn.role.capitalize()}\n{turn.text}")
        for call, result in zip(turn.calls, turn.results, strict=True):
            parts.append(f"# Call\n{written(call)}")
            parts.append(f"# Result of {call.name}\n{result}")
    return "\n\n".join(parts)


def functions_in_words(tools: Sequence[FunctionSpec]) -> str:
    """The functions that went along with a request, as a person reads them."""
    return "\n".join(
        f"{tool.name}({', '.join(tool.parameters.get('properties', ()))})  // {tool.description}"
        for tool in tools
    )


def written(call: RequestedCall) -> str:
    """A call on one line."""
    return f"{call.name}({call.arguments})"


def new_call_id() -> str:
    """An id of a call; letters and digits, nine of them, are what every provider takes."""
    return uuid4().hex[:9]


def encodable(text: str) -> str:
    """The text with halves of characters replaced, which no server can receive."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


class _Results:
    """The results among messages, each to be taken by one call before it."""

    def __init__(self, messages: Sequence[ChatMessage]) -> None:
        self.taken: set[int] = set()
        self._messages = messages
        self._calls: dict[str, list[int]] = {}
        self._results: dict[str, list[int]] = {}
        for place, message in enumerate(messages):
            for call in _calls_of(message):
                self._calls.setdefault(call.id, []).append(place)
            if message["role"] == "tool":
                self._results.setdefault(message.get("tool_call_id", ""), []).append(place)

    def take(self, call_id: str, called_at: int) -> str:
        """The first result of this call that no other call has taken, before its id is used anew."""
        again = next((place for place in self._calls[call_id] if place > called_at), len(self._messages))
        for place in self._results.get(call_id, ()):
            if called_at < place < again and place not in self.taken:
                self.taken.add(place)
                return encodable(self._messages[place]["content"] or "")
        return _NO_RESULT


def _calls_of(message: ChatMessage) -> tuple[RequestedCall, ...]:
    if message["role"] != "assistant":
        return ()
    return tuple(
        RequestedCall(
            call["id"], encodable(call["function"]["name"]), encodable(call["function"]["arguments"])
        )
        for call in message.get("tool_calls", ())
    )
