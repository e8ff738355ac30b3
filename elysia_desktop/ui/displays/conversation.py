"""Conversations, message by message; those that were found are marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, cast

from typing_extensions import override

from elysia_desktop.ui.displays.summaries import summary_field, summary_of
from elysia_desktop.ui.displays.table import TableDisplay

_OF_CONVERSATION = "_conversation"


class ConversationDisplay(TableDisplay):
    """Conversations one after the other, a row per message; who selects one selects the conversation."""

    order: ClassVar[tuple[str, ...]] = ("conversation_id", "author", "content", "timestamp", "found")

    # Qt overrides
    @override
    def rows(self) -> list[dict[str, Any]]:
        objects = self.objects
        if not any(isinstance(item.get("messages"), list) for item in objects):
            return super().rows()  # messages without the conversation around them
        field = summary_field(objects)
        return [row for item in objects for row in _rows(item, field)]

    @override
    def _tell(self, item: dict[str, Any]) -> None:
        super()._tell({"_REF_ID": item.get("_REF_ID") or item.get(_OF_CONVERSATION)})


def _rows(conversation: Mapping[str, Any], summary: str) -> Iterator[dict[str, Any]]:
    """A row per message; the first one that was found stands for the conversation."""
    listed = conversation.get("messages")
    messages = [
        cast("dict[str, Any]", each)
        for each in cast("list[Any]", listed if isinstance(listed, list) else [])
        if isinstance(each, dict)
    ]
    first = next((at for at, message in enumerate(messages) if message.get("relevant")), 0)
    for at, message in enumerate(messages):
        own = {name: value for name, value in message.items() if name not in {"relevant", "_REF_ID"}}
        row = {
            "conversation_id": conversation.get("conversation_id"),
            **own,
            "found": bool(message.get("relevant")),
            _OF_CONVERSATION: conversation.get("_REF_ID"),
        }
        if at == first:
            row["_REF_ID"] = conversation.get("_REF_ID")
            row |= {summary: summary_of(conversation) or None} if summary else {}
        yield row
