"""The displays a collection's objects can be shown as, and what each of their fields takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from elysia_desktop.core.schema import DataType

TABLE = "table"

_TEXT = frozenset({DataType.TEXT})
_NUMBER = frozenset({DataType.INT, DataType.FLOAT})
_DATE = frozenset({DataType.DATE})
_NAME = frozenset({DataType.TEXT, DataType.INT})
_WORDS = frozenset({DataType.TEXT, DataType.TEXTS})
_MANY = frozenset({DataType.TEXT, DataType.TEXTS, DataType.INT, DataType.OBJECT})

_TAKES: dict[str, frozenset[DataType]] = {
    "content": _TEXT, "author": _WORDS, "timestamp": _DATE, "conversation_id": _NAME, "message_id": _NAME,
    "title": _TEXT, "subtitle": _TEXT, "created_at": _DATE, "updated_at": _DATE, "url": _TEXT,
    "status": _TEXT | {DataType.BOOLEAN}, "id": _NAME, "tags": _WORDS, "comments": _MANY, "name": _TEXT,
    "description": _TEXT, "price": _NUMBER, "category": _WORDS, "subcategory": _WORDS, "collection": _TEXT,
    "rating": _NUMBER, "reviews": _MANY, "image": _TEXT, "brand": _TEXT, "colors": _WORDS, "sizes": _WORDS,
    "date": _DATE,
}  # fmt: skip


@dataclass(frozen=True)
class Display:
    """A way to show objects.

    It is kept only where all `required` fields are mapped, and guessed only where all `telling` ones are.
    """

    name: str
    about: str
    fields: tuple[str, ...]
    required: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()


def takes(field: str) -> frozenset[DataType]:
    """The types of property that can stand in a display's field."""
    return _TAKES[field]


def _displays(*displays: Display) -> dict[str, Display]:
    return {display.name: display for display in displays}


_MESSAGE = ("content", "author", "timestamp", "conversation_id", "message_id")

DISPLAYS: dict[str, Display] = _displays(
    Display(
        "conversation",
        "messages that belong to conversations, shown with those around them",
        _MESSAGE,
        required=("conversation_id", "message_id"),
        telling=("content", "conversation_id", "message_id"),
    ),
    Display(
        "message",
        "what one person wrote to others: chats, emails, posts",
        _MESSAGE,
        telling=("content", "author", "message_id"),
    ),
    Display(
        "ticket",
        "tasks, issues and support requests, which have a status",
        (
            "title", "subtitle", "author", "content", "created_at", "updated_at", "url", "status", "id",
            "tags", "comments",
        ),
        telling=("title", "status", "created_at"),
    ),
    Display(
        "product",
        "things to buy, with a price",
        (
            "name", "description", "price", "category", "subcategory", "collection", "rating", "reviews",
            "tags", "url", "image", "brand", "id", "colors", "sizes",
        ),
        telling=("name", "price"),
    ),
    Display(
        "document",
        "longer texts to read: articles, papers, pages of a handbook",
        ("title", "author", "date", "content", "category"),
        telling=("title", "content"),
    ),
    Display(
        "generic",
        "anything else that has a title",
        (
            "title", "subtitle", "content", "url", "id", "author", "timestamp", "tags", "category",
            "subcategory",
        ),
        telling=("title",),
    ),
)  # fmt: skip
"""All displays but the table, which shows every property and suits every collection."""


def display_names() -> Sequence[str]:
    """The names of all displays, the table last."""
    return (*DISPLAYS, TABLE)
