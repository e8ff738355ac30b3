"""Where a turn gets the cards of its results from."""

from __future__ import annotations

from collections.abc import Callable
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
    """What each object of a result is called, by its ref id: its first short text that is no id."""
    objects: list[dict[str, Any]] = content.get("objects") or []
    return {str(each["_REF_ID"]): _name(each) for each in objects if each.get("_REF_ID")}


def _name(item: dict[str, Any]) -> str:
    for key in ("name", "title", "subject", *item):
        value = item.get(key)
        if isinstance(value, str) and value.strip() and key not in {"uuid", "_REF_ID", "collection_name"}:
            line = " ".join(value.split())
            return line if len(line) <= 80 else f"{line[:79]}…"
    return str(item.get("_REF_ID", ""))
