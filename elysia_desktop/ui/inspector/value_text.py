"""Values, counts and durations as short texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from PySide6.QtCore import QCoreApplication, QLocale

translate = QCoreApplication.translate

SUMMARY_LENGTH = 160
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_TITLES = ("title", "name", "subject", "label", "headline", "heading", "product_name", "full_name")
_NOT_TITLES = frozenset(
    {"_REF_ID", "uuid", "collection_name", "object_info", "ELYSIA_SUMMARY", "id", "chunk_id"}
)


def seconds_text(seconds: float) -> str:
    """A duration: `1.4 s`, `2 min 05 s`."""
    if seconds >= 60:
        minutes, rest = divmod(round(seconds), 60)
        return translate("ValueText", "{minutes} min {seconds} s").format(
            minutes=minutes, seconds=f"{rest:02}"
        )
    return translate("ValueText", "{seconds} s").format(seconds=QLocale().toString(seconds, "f", 1))


def count_text(count: int, one: str, many: str) -> str:
    """A number of things; `one` and `many` are translated already, `many` holds `{count}`."""
    return one if count == 1 else many.format(count=QLocale().toString(count))


def objects_text(count: int) -> str:
    """`1 object`, `1,200 objects`."""
    return count_text(count, translate("ValueText", "1 object"), translate("ValueText", "{count} objects"))


def value_text(value: Any) -> str:
    """A value in a few words: text in quotes, dates and numbers as they are, containers counted."""
    match value:
        case None:
            return translate("ValueText", "null")
        case bool():
            return translate("ValueText", "true") if value else translate("ValueText", "false")
        case str():
            line = one_line(value)
            return line if _DATE.fullmatch(line) else f'"{line}"'
        case Mapping():
            fields = cast("Mapping[str, Any]", value)
            return count_text(
                len(fields), translate("ValueText", "1 field"), translate("ValueText", "{count} fields")
            )
        case list() | tuple():
            items = cast("Sequence[Any]", value)
            return count_text(
                len(items), translate("ValueText", "1 item"), translate("ValueText", "{count} items")
            )
        case _:
            return one_line(str(value))


def one_line(text: str) -> str:
    """The beginning of a text, without line breaks."""
    cut = " ".join(text[: SUMMARY_LENGTH * 2].split())
    return cut if len(text) <= SUMMARY_LENGTH and len(cut) <= SUMMARY_LENGTH else f"{cut[:SUMMARY_LENGTH]}…"


def title_of(item: Mapping[str, Any]) -> str:
    """What an object is called: its title-like field, else its first short text, else nothing."""
    for key in _TITLES:
        value = item.get(key)
        if isinstance(value, str) and value:
            return one_line(value)
    fallback = ""
    for key, value in item.items():
        if key in _NOT_TITLES or not isinstance(value, str) or not value:
            continue
        if str(key).endswith(("name", "title", "Name", "Title")):
            return one_line(value)
        if not fallback and len(value) <= SUMMARY_LENGTH and not _DATE.fullmatch(value):
            fallback = one_line(value)
    return fallback


def metadata_text(metadata: Mapping[str, Any]) -> str:
    """What produced a result: `query · filters · 1.4 s`."""
    parts: list[str] = []
    if kind := metadata.get("query_type"):
        parts.append(translate("ValueText", "query") if kind == "none" else str(kind))
    if isinstance(metadata.get("query_output"), Mapping):
        asked = cast("Mapping[str, Any]", metadata["query_output"])
        parts = parts or [translate("ValueText", "query")]
        if asked.get("filters"):
            parts.append(translate("ValueText", "filters"))
        if asked.get("sort"):
            parts.append(translate("ValueText", "sorted"))
    if isinstance(seconds := metadata.get("time"), int | float):
        parts.append(seconds_text(float(seconds)))
    return " · ".join(parts) or value_text(metadata)
