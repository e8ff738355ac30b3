"""The summaries that a model wrote of a result's objects, as displays show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from elysia_desktop.ui.charts.chart import distinct

_SENT_AS = "ELYSIA_SUMMARY"


def summary_of(item: Mapping[str, Any]) -> str:
    """The summary of an object, empty when it has none."""
    summary = item.get(_SENT_AS)
    return summary.strip() if isinstance(summary, str) else ""


def summary_field(objects: Sequence[Mapping[str, Any]]) -> str:
    """The field of the rows that holds the summaries, none of the objects' own; empty when there are none."""
    if not any(summary_of(item) for item in objects):
        return ""
    own = {str(name).casefold() for name in chain.from_iterable(objects)}
    return "summary" if "summary" not in own else distinct("new summary", sorted(own))


def summarised_rows(objects: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects as rows of a table, each summary in the field of the summaries, None where it is lacking."""
    if not any(_SENT_AS in item for item in objects):
        return list(objects)
    field = summary_field(objects)
    return [
        {name: value for name, value in item.items() if name != _SENT_AS}
        | ({field: summary_of(item) or None} if field else {})
        for item in objects
    ]
