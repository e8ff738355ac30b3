"""What is said of a function call."""

from __future__ import annotations

import json
from typing import Any, cast

from PySide6.QtCore import QCoreApplication

from elysia_desktop.ui.inspector.function_calls import STEP, CallNode, FunctionCalls
from elysia_desktop.ui.inspector.value_text import count_text, one_line, seconds_text, value_text

translate = QCoreApplication.translate

_LONGEST_READ = 20_000


def arguments_text(arguments: str) -> str:
    """A call's arguments in a line: `query: "tents" · limit: 8`; as they were written when they are no object."""
    if len(arguments) <= _LONGEST_READ:
        try:
            read = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            read = None
        if isinstance(read, dict):
            fields = cast("dict[str, Any]", read)
            return " · ".join(f"{name}: {value_text(value)}" for name, value in fields.items())
    return one_line(arguments)


def about_text(node: CallNode) -> str:
    """What stands behind the name: the arguments of a call, the reason of a step."""
    return one_line(node.reasoning) if node.kind == STEP else arguments_text(node.arguments)


def outcome_text(node: CallNode) -> str:
    """How it ended, in a word."""
    words = {
        "running": translate("CallsWords", "running…"),
        "failed": translate("CallsWords", "failed"),
        "skipped": translate("CallsWords", "skipped"),
        "stopped": translate("CallsWords", "stopped"),
        "done": translate("CallsWords", "done"),
    }
    return words.get(node.outcome, node.outcome)


def detail_text(node: CallNode) -> str:
    """What stands at the end of a row: what it found, how it ended unless well, how long it took."""
    took = "" if node.seconds is None else seconds_text(node.seconds)
    ended = "" if node.outcome == "done" else outcome_text(node)
    return " · ".join(part for part in (node.found, ended, took) if part)


def spoken_text(node: CallNode) -> str:
    """A row as it is read aloud."""
    took = "" if node.seconds is None else seconds_text(node.seconds)
    parts = (node.name, about_text(node), node.found, outcome_text(node), took)
    return ", ".join(part for part in parts if part)


def total_text(calls: FunctionCalls) -> str:
    """How many calls there were: `3 calls`."""
    count = sum(node.kind != STEP for node in calls)
    return count_text(count, translate("CallsWords", "1 call"), translate("CallsWords", "{count} calls"))
