"""Questions about the shop, with the requests that answer them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from objects import Message, Page, Product, Review, Thing, Ticket

Json = dict[str, object]
Answer = float | str | list[str] | dict[str, float] | dict[str, float | list[str]]
Item = TypeVar("Item")
ThingT = TypeVar("ThingT", bound=Thing)
QUERY_LIMIT = 5


@dataclass(frozen=True)
class Question:
    """A question, the requests that answer it, and the answer, found without them."""

    kind: str
    pattern: str
    question: str
    requests: list[Json]
    answer: Answer
    found: Sequence[Thing] | None = field(default=None)

    def as_json(self, number: int) -> Json:
        """The entry of the question table."""
        return {
            "id": f"{self.kind.replace('_', '-')}-{number:02}",
            "kind": self.kind,
            "pattern": self.pattern,
            "question": self.question,
            "tool": self.requests[-1]["kind"],
            "collections": list(dict.fromkeys(request["collection"] for request in self.requests)),
            "requests": self.requests,
            "answer": self.answer,
            "uuids": None if self.found is None else [item.uuid for item in self.found],
        }


def where(property_name: str, operator: str, value: object, *, length: bool = False) -> Json:
    """A filter on one property."""
    return {
        "kind": "property",
        "property": property_name,
        "operator": operator,
        "value": value,
        "length": length,
    }


def every(*filters: Json) -> Json:
    """All of the filters."""
    return {"kind": "and", "filters": list(filters)}


def either(*filters: Json) -> Json:
    """Any of the filters."""
    return {"kind": "or", "filters": list(filters)}


def without(unwanted: Json) -> Json:
    """The opposite of a filter."""
    return {"kind": "not", "filter": unwanted}


def fetch(
    collection: str,
    filters: Json | None = None,
    *,
    sort: str = "",
    limit: int = QUERY_LIMIT,
    offset: int = 0,
    text: str | None = None,
) -> Json:
    """A query; `sort` names properties, with a minus for descending."""
    order = [
        {"property": key.removeprefix("-"), "direction": "desc" if key.startswith("-") else "asc"}
        for key in sort.split()
    ]
    return {
        "kind": "query",
        "collection": collection,
        "search": "keyword" if text else "none",
        "text": text,
        "filters": filters,
        "sort": order,
        "limit": limit,
        "offset": offset,
    }


def total(collection: str, filters: Json | None = None, *, by: str | None = None, metric: str = "") -> Json:
    """An aggregation; `metric` is "property FUNCTION", without one the objects are counted."""
    property_name, _, function = metric.partition(" ")
    metrics = [{"property": property_name, "function": function}] if metric else []
    return {
        "kind": "aggregate",
        "collection": collection,
        "group_by": by,
        "metrics": metrics,
        "filters": filters,
        "limit": None,
    }


def label(item: Thing) -> str:
    """What an answer calls an object."""
    match item:
        case Product():
            return item.name
        case Review() | Page():
            return item.title
        case Ticket():
            return item.ticket_id
        case Message():
            return item.message_id


def labels(items: Iterable[Thing]) -> list[str]:
    """What an answer calls the objects."""
    return [label(item) for item in items]


def ordered(
    items: Iterable[ThingT], key: Callable[[ThingT], float | str], limit: int, *, descending: bool = False
) -> list[ThingT]:
    """The first objects by a key; a tie that the answer would hang on is refused."""
    ranked = sorted(items, key=key, reverse=descending)
    keys = [key(item) for item in ranked[: limit + 1]]
    if not keys or len(set(keys)) != len(keys):
        raise ValueError(f"No clear order: {keys}")
    return ranked[:limit]


def counted(values: Iterable[str]) -> dict[str, float]:
    """How often each value occurs."""
    return dict(sorted(Counter(values).items()))


def grouped(
    items: Iterable[Item], key: Callable[[Item], str], measure: Callable[[list[Item]], float]
) -> dict[str, float]:
    """A measure of the objects of each group."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return {name: tidy(measure(members)) for name, members in sorted(groups.items())}


def tidy(value: float) -> float:
    """A number without the noise of binary fractions."""
    return value if isinstance(value, int) else round(value, 6)
