"""What the library should answer, in plain Python, and generated objects and requests to ask it about."""

import asyncio
import re
import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from functools import cmp_to_key

from hypothesis import settings
from hypothesis import strategies as st

from elysia_desktop.core.requests import And, Not, Or, PropertyFilter
from elysia_desktop.core.schema import CollectionSchema, DataType, Property, operators_of
from elysia_desktop.stores.library import Library

QUICK = settings(max_examples=60, deadline=None, derandomize=True)

SCHEMA = CollectionSchema(
    name="Things",
    properties=tuple(Property(name=f"the_{t.value.replace('[]', 's')}", type=t) for t in DataType),
)
TYPES = {p.name: p.type for p in SCHEMA.properties}
SCALARS = [n for n, t in TYPES.items() if not t.is_list and t is not DataType.OBJECT]
LISTS = [n for n, t in TYPES.items() if t.is_list]

_offsets = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-5, minutes=-30))])
_dates = st.builds(
    lambda day, hour, zone: datetime(2024, 1, day, hour, tzinfo=zone).isoformat(),
    st.integers(1, 3),
    st.sampled_from([0, 5, 23]),
    _offsets,
)
_text = st.text(st.sampled_from("aAbB kK%_*?'\"\\éÉßñ日 \n-"), max_size=5)
ELEMENTS = {
    DataType.TEXT: _text,
    DataType.INT: st.integers(-3, 3) | st.sampled_from([2**53 + 1, -(2**63), 2**63 - 1]),
    DataType.FLOAT: st.sampled_from([0.0, -0.0, 0.1, 0.1 + 0.2, -1.5, 1e300, 5e-324, 2.0]),
    DataType.BOOLEAN: st.booleans(),
    DataType.DATE: _dates,
    DataType.OBJECT: st.dictionaries(_text, st.integers() | st.none() | _text, max_size=2),
}


def _values(data_type):
    one = ELEMENTS[data_type.element]
    return st.none() | (st.lists(one, max_size=3) if data_type.is_list else one)


objects = st.lists(
    st.fixed_dictionaries(
        {"uuid": st.uuids().map(str), **{name: _values(t) for name, t in TYPES.items()}},
    ),
    max_size=12,
    unique_by=lambda o: o["uuid"],
)


@st.composite
def leaves(draw):
    name = draw(st.sampled_from([n for n, t in TYPES.items() if t is not DataType.OBJECT]))
    data_type = TYPES[name]
    length = data_type.is_list and draw(st.booleans())
    operator = draw(st.sampled_from(operators_of(data_type, length=length)))
    if operator == "IS_NULL":
        value = draw(st.booleans())
    elif length:
        value = draw(st.integers(0, 3))
    elif data_type.is_list:
        least = 1 if operator.startswith("CONTAINS") else 0
        many = st.lists(ELEMENTS[data_type.element], min_size=least, max_size=3).map(tuple)
        value = draw(many | ELEMENTS[data_type.element])
    else:
        value = draw(ELEMENTS[data_type])
    return PropertyFilter(property=name, operator=operator, value=value, length=length)


filters = st.recursive(
    leaves(),
    lambda inner: (
        st.builds(And, filters=st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(Or, filters=st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(Not, filter=inner)
    ),
    max_leaves=5,
)


def comparable(name, value):
    """A value as it is compared: dates as points in time."""
    if value is None or TYPES[name].element is not DataType.DATE:
        return value
    if isinstance(value, list | tuple):
        return [datetime.fromisoformat(v) for v in value]
    return datetime.fromisoformat(value)


def matches(tree, stored):
    match tree:
        case And():
            return all(matches(part, stored) for part in tree.filters)
        case Or():
            return any(matches(part, stored) for part in tree.filters)
        case Not():
            return not matches(tree.filter, stored)
    value = comparable(tree.property, stored[tree.property])
    if tree.length:
        return _compares(tree.operator, len(value or []), tree.value)
    is_list = TYPES[tree.property].is_list
    if tree.operator == "IS_NULL":
        return (value is None or (is_list and value == [])) is tree.value
    if tree.operator == "LIKE":
        return value is not None and like(tree.value, value)
    wanted = comparable(tree.property, tree.value)
    if not is_list:
        return _compares(tree.operator, value, wanted)
    if tree.operator in {"=", "!="} and isinstance(tree.value, tuple):
        return (value == list(wanted)) is (tree.operator == "=")
    wanted = list(wanted) if isinstance(tree.value, tuple) else [wanted]
    found = [one in (value or []) for one in wanted]
    match tree.operator:
        case "CONTAINS_ALL":
            return all(found)
        case "!=":
            return not any(found)
        case _:
            return any(found)


def _compares(operator, value, wanted):
    if value is None:
        return operator == "!="
    return {
        "=": value == wanted,
        "!=": value != wanted,
        "<": value < wanted,
        ">": value > wanted,
        "<=": value <= wanted,
        ">=": value >= wanted,
    }[operator]


def like(pattern, text):
    """Whether the text fits the pattern, letter by letter."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(like(pattern[1:], text[i:]) for i in range(len(text) + 1))
    return bool(text) and _same(pattern[0], text[0]) and like(pattern[1:], text[1:])


def _same(wanted, letter):
    if wanted == "?" or wanted == letter:
        return True
    if wanted.isascii():
        return letter.isascii() and letter.lower() == wanted.lower()
    return re.fullmatch(re.escape(wanted), letter, re.IGNORECASE) is not None


def ordered(found, sort):
    """The objects sorted by several properties, nulls last either way, then by uuid."""

    def compare(left, right):
        for one in sort:
            a, b = (comparable(one.property, o[one.property]) for o in (left, right))
            if a == b:
                continue
            if a is None or b is None:
                return 1 if a is None else -1
            return (-1 if a < b else 1) * (1 if one.direction == "asc" else -1)
        return -1 if left["uuid"] < right["uuid"] else 1

    return sorted(found, key=cmp_to_key(compare))


def metric(name, function, found, min_occurrences=None):
    values = [comparable(name, o[name]) for o in found if o[name] is not None]
    if function == "COUNT":
        return len(values)
    if function == "SUM":
        return sum(values)
    if function in {"TOTAL_TRUE", "TOTAL_FALSE"}:
        return values.count(function == "TOTAL_TRUE")
    if function == "TOP_OCCURRENCES":
        counts = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
        return [{"value": v, "count": n} for v, n in counts if n >= (min_occurrences or 1)]
    if not values:
        return None
    match function:
        case "MIN":
            return shown(min(values))
        case "MAX":
            return shown(max(values))
        case "MEAN":
            return sum(values) / len(values)
        case "MEDIAN" if isinstance(values[0], datetime):
            low, high = statistics.median_low(values), statistics.median_high(values)
            return shown(low + (high - low) / 2)
        case "MEDIAN":
            low, high = statistics.median_low(values), statistics.median_high(values)
            if low == high:
                return low
            return (low + high) / 2 if isinstance(low, int) else low / 2 + high / 2
        case "MODE":
            return shown(min(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))[0])
        case _:
            return values.count(function == "PERCENTAGE_TRUE") / len(values)


def shown(value):
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def grouped(name, found):
    """The objects by the value of a property, or by each element of a list of texts."""
    groups = {}
    for stored in found:
        value = stored[name]
        keys = set(value or []) or {None} if TYPES[name].is_list else {shown(comparable(name, value))}
        for key in keys:
            groups.setdefault(key, []).append(stored)
    return dict(sorted(groups.items(), key=lambda g: (-len(g[1]), g[0] is None, 0 if g[0] is None else g[0])))


class Asker:
    """One library for many examples; it holds only what the last question gave it."""

    def __init__(self, folder):
        self._runner = asyncio.Runner()
        self._library = Library(folder)
        self._runner.run(self._library.create(SCHEMA))

    def __call__(self, stored, ask):
        return self._runner.run(self._answer(stored, ask))

    def close(self):
        self._runner.run(self._library.close())
        self._runner.close()

    async def _answer(self, stored, ask):
        before = [o["uuid"] async for o in self._library.scan("Things")]
        assert await self._library.delete("Things", before) == len(before)
        report = await self._library.insert("Things", stored)
        assert report.rejected == []
        return await ask(self._library)
