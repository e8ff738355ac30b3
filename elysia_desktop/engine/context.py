"""What a prompt tells of the state: collections, conversation, findings, steps done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from elysia_desktop.core.environment import Entry, Environment
from elysia_desktop.core.tree_data import TreeData
from elysia_desktop.engine.budget import clipped, compact, estimate_tokens

_HIDDEN_FIELDS = {"_REF_ID", "uuid", "collection_name", "_score", "ELYSIA_SUMMARY"}


def collections_text(
    metadata: Mapping[str, Mapping[str, Any]], tokens: int, *, detailed: bool = False
) -> str:
    """Each collection with its size, summary and fields; what does not fit is told by name only."""
    lines: list[str] = []
    left = tokens
    for number, (name, known) in enumerate(metadata.items()):
        share = left // max(len(metadata) - number, 1)
        text = _collection(name, known, share, detailed)
        lines.append(text)
        left -= estimate_tokens(text)
    return "\n".join(lines)


def _collection(name: str, known: Mapping[str, Any], tokens: int, detailed: bool) -> str:
    head = f"{name} ({int(known.get('length') or 0):,} objects)"
    fields: Sequence[Mapping[str, Any]] = known.get("fields") or ()
    summary = compact(str(known.get("summary") or ""), 400 if detailed else 160)
    if not detailed:
        text = f"- {head}: {summary} Fields: {', '.join(str(f['name']) for f in fields)}."
        return text if estimate_tokens(text) <= tokens else clipped(f"- {head}: {summary}", max(tokens, 12))
    lines = [f"{head}: {summary}"]
    left = tokens - estimate_tokens(lines[0])
    for item in fields:
        line = _field(item)
        if estimate_tokens(line) > left:
            line = f"  {item['name']}: {item['type']}"
        lines.append(line)
        left -= estimate_tokens(line)
    return "\n".join(lines)


def _field(known: Mapping[str, Any]) -> str:
    """One field: type, description, the values it takes."""
    text = f"  {known['name']}: {known['type']}"
    if known.get("description"):
        text += f", {compact(str(known['description']), 80)}"
    groups: Sequence[Mapping[str, Any]] | None = known.get("groups")
    if groups:
        text += f"; values: {', '.join(compact(g['value'], 30) for g in groups[:30])}"
    elif known["type"] in {"int", "float"} and known.get("range"):
        low, high = known["range"]
        text += f"; {low} to {high}"
    elif known["type"] == "date" and known.get("date_range"):
        low, high = known["date_range"]
        text += f"; {str(low)[:10]} to {str(high)[:10]}"
    return text


def environment_text(environment: Environment, tokens: int, *, per_result: int = 8) -> str:
    """What was found, newest first: a few objects of each result, long values cut, and what was cut."""
    lines: list[str] = []
    left = tokens
    entries = [(tool, name, entry) for tool, name, entry in environment.entries() if entry["objects"]]
    for shown, (tool, name, entry) in enumerate(reversed(entries)):
        text = _entry(tool, name, entry, left, per_result if shown else per_result * 2)
        if not text:
            lines.append(f"({len(entries) - shown} older results not shown)")
            break
        lines.append(text)
        left -= estimate_tokens(text)
    return "\n".join(lines)


def _entry(tool: str, name: str, entry: Entry, tokens: int, most: int) -> str:
    objects = entry["objects"]
    head = f"From {tool}, {name}: {len(objects):,} object(s)"
    asked = entry["metadata"].get("query_output")
    if asked:
        head += f" for {compact(asked, 240)}"
    left = tokens - estimate_tokens(head)
    if left <= 0:
        return ""
    lines = [head]
    for item in objects[:most]:
        line = f"  {object_text(item, min(left, 140))}"
        if estimate_tokens(line) > left:
            break
        lines.append(line)
        left -= estimate_tokens(line)
    hidden = len(objects) - (len(lines) - 1)
    if hidden:
        lines.append(f"  … and {hidden:,} more")
    return "\n".join(lines)


def object_text(item: Mapping[str, Any], tokens: int) -> str:
    """An object's fields on one line, within a number of tokens."""
    if item.get("ELYSIA_SUMMARY"):
        return clipped(str(item["ELYSIA_SUMMARY"]), tokens)
    fields = {key: value for key, value in item.items() if key not in _HIDDEN_FIELDS and value is not None}
    each = max(int(tokens * 3.6 / max(len(fields), 1)), 40)
    return clipped(", ".join(f"{key}: {compact(value, each * 2)}" for key, value in fields.items()), tokens)


def history_text(tree_data: TreeData, tokens: int) -> str:
    """The conversation before this question, newest kept."""
    lines: list[str] = []
    left = tokens
    earlier = tree_data.conversation_history[:-1] if tree_data.conversation_history else []
    for message in reversed(earlier):
        line = f"{message['role']}: {compact(message['content'], 400)}"
        if estimate_tokens(line) > left:
            lines.append(f"({len(earlier) - len(lines)} earlier messages not shown)")
            break
        lines.append(line)
        left -= estimate_tokens(line)
    return "\n".join(reversed(lines))


def tasks_text(tree_data: TreeData, tokens: int) -> str:
    """The steps taken for this question and what came of them."""
    current: list[dict[str, Any]] = tree_data.tasks_completed[-1]["task"] if tree_data.tasks_completed else []
    lines = [
        f"{number}. {task['task']}: {compact(task.get('result', ''), 300)}"
        for number, task in enumerate(current, start=1)
    ]
    return clipped("\n".join(lines), tokens)


def errors_text(errors: Mapping[str, Sequence[str]] | Sequence[str], tokens: int) -> str:
    """What went wrong in this run, for a decision or one tool."""
    if isinstance(errors, Mapping):
        lines = [f"{task}: {compact(text, 240)}" for task, texts in errors.items() for text in texts[-2:]]
    else:
        lines = [compact(text, 240) for text in errors[-3:]]
    return clipped("\n".join(lines), tokens)
