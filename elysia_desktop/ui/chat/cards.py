"""Where a turn gets the cards of its results from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from elysia_desktop.ui.displays.card import ResultCard

CardMaker = Callable[[dict[str, Any], QWidget], "ResultCard"]
"""Makes the card for the content of a `result` payload."""


def result_card(content: dict[str, Any], parent: QWidget) -> ResultCard:
    """The card of a result; the displays are imported when the first result is shown."""
    from elysia_desktop.ui.displays.card import ResultCard

    return ResultCard(content, parent)


def object_names(content: dict[str, Any]) -> dict[str, str]:
    """What each object of a result is called, by its ref id: its first short text that is no id.

    The parts of a document that were found are called as it is.
    """
    objects: list[dict[str, Any]] = content.get("objects") or []
    parts = ((part, each) for each in objects for part in each.get("chunk_spans") or ())
    named = {str(part["_REF_ID"]): _name(each) for part, each in parts if part.get("_REF_ID")}
    return named | {str(each["_REF_ID"]): _name(each) for each in objects if each.get("_REF_ID")}


def brings_summaries(content: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Whether a result is one that is shown already, now with the summaries of its objects."""
    metadata: dict[str, Any] = shown.get("metadata") or {}
    objects: list[dict[str, Any]] = content.get("objects") or []
    return (
        bool(metadata.get("needs_summaries"))
        and content.get("type") == shown.get("type")
        and any(each.get("ELYSIA_SUMMARY") for each in objects)
        and _ref_ids(objects) == _ref_ids(shown.get("objects") or [])
    )


def _ref_ids(objects: list[dict[str, Any]]) -> list[Any]:
    return [each.get("_REF_ID") for each in objects]


def _name(item: dict[str, Any]) -> str:
    for key in ("name", "title", "subject", *item):
        value = item.get(key)
        if isinstance(value, str) and value.strip() and key not in {"uuid", "_REF_ID", "collection_name"}:
            line = " ".join(value.split())
            return line if len(line) <= 80 else f"{line[:79]}…"
    return str(item.get("_REF_ID", ""))
