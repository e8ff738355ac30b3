"""Tells a prompt of earlier runs that were rated well: what was chosen in them, and what was asked of the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from elysia_desktop.engine.budget import Sheet, compact
from elysia_desktop.engine.feedback.as_written import as_written

if TYPE_CHECKING:
    from pydantic import BaseModel

    from elysia_desktop.core.run_record import RunRecord
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.nodes import Node

MOST_EXAMPLES = 3
EXAMPLES_SHARE = 0.2
"""The most that examples may take of what is left of a prompt."""

_ROOM = 400
"""Tokens, however large the prompt may be: mostly they stay the same from one step of a run to the next."""
_QUESTION = 200
_INPUTS = 120
_CHOSEN = "Other questions that were answered well, and the options chosen for them:"
_ASKED = "Other questions that were answered well, and the requests made for them:"


def decision_examples(tree_data: TreeData, branch: Node, tokens: int) -> str:
    """What was chosen at this branch in runs whose options and collections are here; empty without any."""
    return _told(_CHOSEN, (_choices(record, branch) for record in _of_these_collections(tree_data)), tokens)


def request_examples(
    tree_data: TreeData, tool: str, forms: Mapping[str, type[BaseModel]], tokens: int
) -> str:
    """What a tool asked in runs of these collections, as the forms are filled in; empty without any."""
    return _told(
        _ASKED, (_requests(record, tool, forms) for record in _of_these_collections(tree_data)), tokens
    )


def _of_these_collections(tree_data: TreeData) -> Iterator[RunRecord]:
    here = set(tree_data.collection_names)
    return (record for record in tree_data.rated_examples if record.collections_used <= here)


def _choices(record: RunRecord, branch: Node) -> str:
    """`“…” → query (collection_names=['Products']), then cited_summarize`."""
    made = [decision.option for decision in record.decisions if decision.node == branch.id]
    if not made or not set(made) <= set(branch.options):
        return ""
    steps = list(record.steps)
    told: list[str] = []
    for option in made:
        step = next((step for step in steps if step.tool == option), None)
        if step is not None:
            steps.remove(step)
        inputs = compact(step.inputs, _INPUTS) if step is not None else ""
        told.append(f"{option} ({inputs})" if inputs else option)
    return f"- “{compact(record.question, _QUESTION)}” → {', then '.join(told)}"


def _requests(record: RunRecord, tool: str, forms: Mapping[str, type[BaseModel]]) -> str:
    """`“…” → [{…}]`."""
    asked = [
        request for step in record.steps if step.tool == tool and not step.failed for request in step.requests
    ]
    written = [
        as_written(request, forms[name])
        for request in asked
        if isinstance(name := request.get("collection"), str) and name in forms
    ]
    texts = [text for text in written if text is not None]
    if not texts or len(texts) < len(asked):
        return ""
    return f"- “{compact(record.question, _QUESTION)}” → [{', '.join(texts)}]"


def _told(heading: str, lines: Iterator[str], tokens: int) -> str:
    sheet = Sheet(min(tokens, _ROOM))
    if not sheet.add(heading):
        return ""
    for line in lines:
        if len(sheet.lines) > MOST_EXAMPLES:
            break
        if line:
            sheet.add(line)  # a long one that does not fit leaves room for the next
    return sheet.text if len(sheet.lines) > 1 else ""
