"""What a model is told of a function call: the value it returned, or why there is none."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from typing import Any, cast

from elysia_desktop.core.errors import ElysiaError, QueryRejected
from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.state.document import Document
from elysia_desktop.state.file_query import FileQuery
from elysia_desktop.state.found_passages import FoundPassages
from elysia_desktop.state.message_list import MessageList
from elysia_desktop.state.messages import FunctionCall, Message, ToolOutput

logger = logging.getLogger(__name__)

NOTHING = "Done; there is nothing to tell."
"""What a model is told of a call without a result."""
STOPPED = "Stopped before it had ended."
_LONGEST_ERROR = 1_000


def output_of(call: FunctionCall, value: Any, written: str | None) -> ToolOutput:
    """The result of a call: the value it returned, or what it wrote to `out` where it returned none.

    Text stays as it is, a message or an output gives its text and sources, anything else becomes JSON.
    """
    if isinstance(value, Message | ToolOutput):
        return ToolOutput(call.id, call.name, value.content, value.sources)
    if isinstance(value, str):
        return ToolOutput(call.id, call.name, value)
    if value is None or value is False:
        return ToolOutput(call.id, call.name, written or NOTHING)
    try:
        told = json.dumps(jsonable(_as_data(value), path="result"), ensure_ascii=False)
    except TypeError as error:
        return failed(call, f"{call.name} returned what has no JSON form: {error}")
    return ToolOutput(call.id, call.name, told)


def _as_data(value: Any) -> Any:
    """Files, messages and what was found, alone or several, as dicts and lists; anything else as it is."""
    if isinstance(value, FileQuery | MessageList | FoundPassages | list | tuple):
        return [_entry(item) for item in cast("Iterable[Any]", value)]
    return _entry(value)


def _entry(item: Any) -> Any:
    match item:
        case Document():
            return item.values()
        case Message():
            return item.to_dict()
        case _:
            return item


def failed(call: FunctionCall, told: str) -> ToolOutput:
    """A call that came to nothing, and why."""
    return ToolOutput(call.id, call.name, told[:_LONGEST_ERROR], outcome="failed")


def skipped(call: FunctionCall, because_of: str) -> ToolOutput:
    """A call that was not begun, as another one ended the loop."""
    told = f"Skipped: {because_of} ended the turn before this call had begun."
    return ToolOutput(call.id, call.name, told, outcome="skipped")


def stopped(call: FunctionCall) -> ToolOutput:
    """A call that was not carried out to its end, as the person stopped it."""
    return ToolOutput(call.id, call.name, STOPPED, outcome="stopped")


def unknown_tool(call: FunctionCall, known: Sequence[str]) -> str:
    """That there is no function of the name, and which there are."""
    return QueryRejected.unknown("function", call.name, known).sentence


def words_of(call: FunctionCall, error: BaseException) -> str:
    """Why a tool gave up: for an error of ours its own sentence, for any other its type as well."""
    if isinstance(error, ElysiaError):
        return error.sentence
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return "; ".join(words_of(call, one) for one in group.exceptions)
    try:
        words = str(error)
    except Exception:
        logger.exception("An exception could not be put into words")
        words = "it has no words"
    return f"{call.name} failed: {type(error).__name__}: {words}"
