"""Which values fit a property's type, and the form every store takes them in."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time
from typing import Any, cast
from uuid import UUID

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.schema import DataType

_INT_LIMIT = 2**63
_CANONICAL = re.compile("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")

TAKES: dict[DataType, str] = {
    DataType.TEXT: "text",
    DataType.INT: "a whole number",
    DataType.FLOAT: "a number",
    DataType.BOOLEAN: "true or false",
    DataType.DATE: "a date in ISO 8601, such as 2024-05-31T12:00:00Z",
    DataType.TEXTS: "a list of texts",
    DataType.INTS: "a list of whole numbers",
    DataType.FLOATS: "a list of numbers",
    DataType.BOOLEANS: "a list of true or false",
    DataType.DATES: "a list of dates in ISO 8601, such as 2024-05-31T12:00:00Z",
    DataType.OBJECT: "an object",
}


class Unfit(ValueError):
    """A value that does not fit; the text is the reason, for the person."""


def described(value: Any) -> str:
    """A value as it is shown in a message: short, text in quotes."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        shown = repr(value)
    elif isinstance(value, str):
        shown = value if len(value) <= 40 else f"{value[:40]}…"
        # Half a surrogate pair can be neither logged nor sent.
        return f"“{shown.encode(errors='replace').decode()}”"
    elif isinstance(value, datetime | date):
        shown = value.isoformat()
    elif isinstance(value, Mapping):
        return "an object"
    elif isinstance(value, list | tuple):
        shown = f"[{', '.join(described(item) for item in cast('list[Any]', value)[:3])}]"
    else:
        return f"a {type(value).__name__}"
    return shown if len(shown) <= 60 else f"{shown[:60]}…"


def unfit(name: str, data_type: DataType, value: Any, detail: str = "") -> Unfit:
    """The reason why `value` is not for this property."""
    return Unfit(f"“{name}” takes {TAKES[data_type]}, not {described(value)}{detail and f': {detail}'}.")


def fitted(name: str, data_type: DataType, value: Any) -> Any:
    """One value in the form that is kept: str, int, float, bool or aware `datetime`; raises `Unfit`."""
    try:
        return _FIT[data_type](value)
    except (TypeError, ValueError) as error:
        detail = str(error) if isinstance(error, Unfit) else ""
        raise unfit(name, data_type, value, detail) from None


def fitted_list(name: str, data_type: DataType, values: list[Any] | tuple[Any, ...]) -> list[Any]:
    """The elements of a list in the form that is kept; raises `Unfit` naming the first that is wrong."""
    fit = _FIT[data_type.element]
    kept: list[Any] = []
    for index, value in enumerate(values):
        try:
            kept.append(fit(value))
        except (TypeError, ValueError) as error:
            detail = str(error) if isinstance(error, Unfit) else ""
            raise unfit(f"{name}[{index}]", data_type.element, value, detail) from None
    return kept


def fitted_uuid(value: Any) -> str:
    """An object's id as it is written; raises `Unfit`."""
    if isinstance(value, str) and _CANONICAL.fullmatch(value):
        return value
    try:
        return str(value if isinstance(value, UUID) else UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise Unfit(f"Its uuid is {described(value)}, which is not a UUID.") from None


def cursor(after: str) -> str:
    """The uuid behind which a scan goes on; raises `QueryRejected`."""
    try:
        return fitted_uuid(after)
    except Unfit:
        raise QueryRejected(
            f"{described(after)} is not a UUID behind which a scan could go on.",
            "Give the uuid of the last object that was read, or none to begin anew.",
        ) from None


def fitted_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What analysis wrote as JSON data; raises `QueryRejected` where it is none."""
    try:
        plain = jsonable(metadata, path="metadata")
    except TypeError as error:
        raise QueryRejected(str(error), "Keep text, numbers, lists and objects only.") from None
    # A model may have written half a surrogate pair, which is no reason to lose the rest.
    return json.loads(json.dumps(plain, ensure_ascii=False).encode(errors="replace"))


def check_unicode(text: str) -> None:
    """Raise `Unfit` for text that cannot be sent or kept."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Unfit("it contains half a surrogate pair, which is not valid Unicode") from None


def moment(value: Any) -> datetime:
    """The point in time that `value` names; without a time or zone it is taken as (midnight) UTC.

    Raises `ValueError` for text that is not ISO 8601, `TypeError` for what is no date at all.
    """
    match value:
        case datetime():
            found = value
        case date():
            found = datetime.combine(value, time())
        case str():
            found = datetime.fromisoformat(value.strip())
        case _:
            raise TypeError
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC)
    if found.year in {MINYEAR, MAXYEAR}:
        try:
            found.astimezone(UTC)
        except OverflowError:
            raise ValueError from None
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    if "\0" in value:
        raise Unfit("it contains a NUL character")
    check_unicode(value)
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if isinstance(value, float) and not value.is_integer():
        raise ValueError
    if not -_INT_LIMIT <= value < _INT_LIMIT:
        raise Unfit("it does not fit into 64 bits")
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    try:
        # Adding zero makes -0.0 and 0.0 one value, also in a list's text.
        number = float(value) + 0.0
    except OverflowError:
        raise Unfit("it is too large") from None
    if not math.isfinite(number):
        raise Unfit("it is not finite")
    return number


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


_FIT: dict[DataType, Callable[[Any], Any]] = {
    DataType.TEXT: _text,
    DataType.INT: _whole,
    DataType.FLOAT: _number,
    DataType.BOOLEAN: _truth,
    DataType.DATE: moment,
}
