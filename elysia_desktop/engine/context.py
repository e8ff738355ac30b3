"""What a prompt tells of the state: collections, conversation, findings, steps done."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from elysia_desktop.core.environment import Entry, Environment
from elysia_desktop.core.tree_data import TreeData
from elysia_desktop.engine.budget import Sheet, clipped, compact, estimate_tokens
from elysia_desktop.engine.conversation_text import conversation_text, is_conversation
from elysia_desktop.engine.passage_text import is_passage, passage_text
from elysia_desktop.engine.stored_objects import objects_of

_TAIL = 14
"""Tokens kept for the line that says what was left out."""
_SHOWN_WELL = 6
"""So many results are told with as many objects as asked for, as many more with half of them, and so on."""
_AGGREGATION_ROOM = 600
_WORD = re.compile(r"\w+")
_HEADING = "# "
_HIDDEN_FIELDS = {
    "_REF_ID", "uuid", "collection_name", "_score", "ELYSIA_SUMMARY", "chunk_spans", "fullDocument"
}  # fmt: skip


def collections_text(
    metadata: Mapping[str, Mapping[str, Any]], tokens: int, *, detailed: bool = False, question: str = ""
) -> str:
    """Each collection with its size, summary and fields.

    Where they do not all fit, fields that the question speaks of come first; the rest is told by name or
    number. Where they do, the order is always the same, so that a server need not read it anew.
    """
    sheet = Sheet(tokens)
    words = content_words(question)
    for number, (name, known) in enumerate(metadata.items()):
        left = len(metadata) - number
        keep = _TAIL if left > 1 else 0
        text = _collection(name, known, (sheet.left - keep) // left, detailed, words)
        if not sheet.add(text, keep):
            sheet.add(f"({left} more collections not shown)")
            break
    return sheet.text


def _collection(
    name: str, known: Mapping[str, Any], tokens: int, detailed: bool, words: frozenset[str]
) -> str:
    head = f"{name} ({int(known.get('length') or 0):,} objects)"
    fields: Sequence[Mapping[str, Any]] = known.get("fields") or ()
    summary = compact(str(known.get("summary") or ""), 400 if detailed else 160)
    if detailed:
        whole = "\n".join([f"{head}: {summary}", *map(_field, fields)])
    else:
        whole = f"- {head}: {summary} Fields: {', '.join(str(f['name']) for f in fields)}."
    if estimate_tokens(whole) < tokens:
        return whole
    fields = sorted(fields, key=lambda field: -_relevance(field, words))
    return (_some_fields if detailed else _some_names)(name, f"{head}: {summary}", fields, tokens)


def _some_names(name: str, head: str, fields: Sequence[Mapping[str, Any]], tokens: int) -> str:
    """A collection on one line with as many field names as fit."""
    if tokens <= _TAIL * 2:
        return f"- {name}"
    names = [str(field["name"]) for field in fields]
    for shown in range(len(names) - 1, 0, -1):
        text = f"- {head} Fields: {', '.join(names[:shown])} and {len(names) - shown} more."
        if estimate_tokens(text) <= tokens:
            return text
    return clipped(f"- {head}", tokens)


def _some_fields(name: str, head: str, fields: Sequence[Mapping[str, Any]], tokens: int) -> str:
    """A collection with a line for each field, shorter ones where room is scarce."""
    sheet = Sheet(tokens)
    if not sheet.add(head, _TAIL):
        return clipped(head, tokens) if tokens > _TAIL * 2 else name
    for number, item in enumerate(fields):
        left = len(fields) - number
        # a short line for each field that follows comes before the whole of this one
        whole_leaves = _TAIL if left == 1 else max(_TAIL, min(6 * left, sheet.left // 2))
        if sheet.add(_field(item), whole_leaves) or sheet.add(f"  {item['name']}: {item['type']}", _TAIL):
            continue
        sheet.add(f"  ({left} more fields)")
        break
    return sheet.text


def _relevance(field: Mapping[str, Any], words: frozenset[str]) -> int:
    """How much of the question speaks of a field: of its name, or of a value it takes, most."""
    values = " ".join(str(group["value"]) for group in field.get("groups") or ())
    named = len(content_words(f"{field['name']} {values}") & words)
    return 3 * named + len(content_words(str(field.get("description") or "")) & words)


def content_words(text: str) -> frozenset[str]:
    """The words of a text that say something, without the ending of a plural, so that “prices” finds “price”."""
    found = _WORD.findall(text.casefold().replace("_", " "))
    return frozenset(word.removesuffix("s") for word in found if len(word) > 2)


def _field(known: Mapping[str, Any]) -> str:
    """One field: type, description, the values it takes."""
    text = f"  {known['name']}: {known['type']}"
    if known.get("description"):
        text += f", {compact(str(known['description']), 80)}"
    groups: Sequence[Mapping[str, Any]] | None = known.get("groups")
    if groups:
        text += f"; values: {', '.join(compact(g['value'], 30) for g in groups[:30])}"
    elif known["type"] in {"int", "float"} and known.get("range"):
        low, high = map(_whole, known["range"]) if known["type"] == "int" else known["range"]
        text += f"; {low} to {high}"
    elif known["type"] == "date" and known.get("date_range"):
        low, high = known["date_range"]
        text += f"; {str(low)[:10]} to {str(high)[:10]}"
    return text


def _whole(number: Any) -> Any:
    """A whole number without the “.0” that a store may have given it."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def environment_text(environment: Environment, tokens: int, *, per_result: int = 4) -> str:
    """What was found, newest first: a few objects of each result, long values cut, and what was cut."""
    sheet = Sheet(tokens)
    entries = [(tool, name, entry) for tool, name, entry in environment.newest() if entry["objects"]]
    told: set[str] = set()
    for shown, (tool, name, entry) in enumerate(entries):
        # the older a result, the fewer of its objects
        most = max(per_result >> (shown // _SHOWN_WELL), 1)
        text = _entry(tool, name, entry, objects_of(environment, entry), told, sheet.left - _TAIL, most)
        if not text or not sheet.add(text, _TAIL):
            sheet.add(f"({len(entries) - shown} older results not shown)")
            break
    return sheet.text


def _entry(
    tool: str,
    name: str,
    entry: Entry,
    objects: Sequence[Mapping[str, Any]],
    told: set[str],
    tokens: int,
    most: int,
) -> str:
    """One result: how many objects, and the first of them that were not told yet; `told` learns their ids."""
    total = entry["metadata"].get("total")
    number = (
        f"{len(objects):,} of {total:,}"
        if isinstance(total, int) and total > len(objects)
        else f"{len(objects):,}"
    )
    head = f"From {tool}, {compact(name, 80)}: {number} object(s)"
    asked = entry["metadata"].get("query_output")
    if asked:
        head += f" for {compact(asked, 240)}"
    sheet = Sheet(tokens)
    if not sheet.add(head, _TAIL):
        return ""
    new = [item for item in objects if item["_REF_ID"] not in told]
    if len(new) < len(objects):
        sheet.add(f"  {len(objects) - len(new):,} of them told above", _TAIL)
    lines = len(sheet.lines)
    for item in new[:most]:
        line = object_text(item, min(sheet.left - _TAIL - 1, room_for(item, 140)))
        if not line or not sheet.add(f"  {line}", _TAIL):
            break
        told.add(item["_REF_ID"])
    hidden = len(new) - (len(sheet.lines) - lines)
    if hidden:
        sheet.add(f"  … and {hidden:,} more")
    return sheet.text


def room_for(item: Mapping[str, Any], tokens: int) -> int:
    """The tokens an object may take: an aggregation is the whole answer, a conversation holds several objects.

    A passage was cut so that it is read whole.
    """
    if is_passage(item):
        return 2 * tokens
    return _AGGREGATION_ROOM if "num_items" in item or is_conversation(item) else tokens


def object_text(item: Mapping[str, Any], tokens: int) -> str:
    """An object's fields on one line, within a number of tokens; it opens no section of a prompt."""
    if item.get("ELYSIA_SUMMARY"):
        return clipped(compact(str(item["ELYSIA_SUMMARY"]), 2_000).lstrip(_HEADING), tokens)
    if "num_items" in item:
        return clipped(aggregation_text(item), tokens)
    if is_conversation(item):
        return conversation_text(item, tokens)
    if is_passage(item):
        return passage_text(item, tokens)
    fields = {key: value for key, value in item.items() if key not in _HIDDEN_FIELDS and value is not None}
    if "x_axis_label" in fields:  # a chart, whose values stand in the results it was drawn from
        fields.pop("data", None)
    each = max(int(tokens * 3.6 / max(len(fields), 1)), 40)
    told = ", ".join(f"{compact(key, 60)}: {compact(value, each * 2)}" for key, value in fields.items())
    return clipped(told.lstrip(_HEADING), tokens)


def aggregation_text(item: Mapping[str, Any]) -> str:
    """An aggregation's numbers in words: how many objects, each metric, each group."""
    parts = [f"{item['num_items']:,} objects match"]
    for collection in cast("list[dict[str, dict[str, Any]]]", item["collections"]):
        for fields in collection.values():
            for name, found in fields.items():
                parts += [_metric(value) for value in found["values"]]
                if found.get("groups"):
                    groups = "; ".join(
                        f"{compact(group, 120)}: {', '.join(_metric(value, name) for value in content['values'])}"
                        for group, content in found["groups"].items()
                    )
                    parts.append(f"by {name}: {groups}")
    return ". ".join(parts)


def _metric(value: Mapping[str, Any], group: str = "") -> str:
    """One number with its function and field; in groups a count is just the number."""
    number = value["value"]
    shown = f"{number:.6g}" if isinstance(number, float) else compact(number, 200)
    if group == value["field"] and value["aggregation"] == "COUNT":
        return shown
    return f"{value['aggregation'].lower().replace('_', ' ')} of {value['field']} {shown}"


def history_text(tree_data: TreeData, tokens: int, *, whole: bool = False) -> str:
    """The conversation without the question that is being answered, or all of it; the newest messages are kept."""
    sheet = Sheet(tokens)
    messages = tree_data.conversation_history if whole else _without_question(tree_data)
    for message in reversed(messages):
        if not sheet.add(f"{message['role']}: {compact(message['content'], 400)}", _TAIL):
            sheet.add(f"({len(messages) - len(sheet.lines)} earlier messages not shown)")
            break
    return "\n".join(reversed(sheet.lines))


def _without_question(tree_data: TreeData) -> Sequence[Mapping[str, str]]:
    """What was said before the question, also in one message with it, and what was answered since."""
    history = tree_data.conversation_history
    for at in range(len(history) - 1, -1, -1):
        if history[at]["role"] == "user":
            before = history[at]["content"].removesuffix(tree_data.user_prompt).rstrip()
            unanswered = [{"role": "user", "content": before}] if before else []
            return [*history[:at], *unanswered, *history[at + 1 :]]
    return history


def tasks_text(tree_data: TreeData, tokens: int) -> str:
    """The steps taken for this question and what came of them."""
    done = [task for task in tree_data.steps if task.get("result")]
    lines = [f"{n}. {task['task']}: {compact(task['result'], 300)}" for n, task in enumerate(done, start=1)]
    return clipped("\n".join(lines), tokens)


def errors_text(errors: Mapping[str, Sequence[str]] | Sequence[str], tokens: int) -> str:
    """What went wrong in this run, for a decision or one tool."""
    if isinstance(errors, Mapping):
        lines = [f"{task}: {compact(text, 240)}" for task, texts in errors.items() for text in texts[-2:]]
    else:
        lines = [compact(text, 240) for text in errors[-3:]]
    return clipped("\n".join(lines), tokens)
