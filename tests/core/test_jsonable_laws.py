import dataclasses
import json
import re
from collections import OrderedDict
from copy import deepcopy
from decimal import Decimal
from enum import Enum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elysia_desktop.core.jsonable import LEVELS, jsonable, plain_copy


class Kind(Enum):
    ONE = 1
    TWO = "two"


class Unfit:
    """Has no JSON form."""

    def __repr__(self):
        return "Unfit()"


@dataclasses.dataclass
class Pair:
    left: object
    right: object


KEYS = st.sampled_from(["a", "b", "geo", "", "ä"])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(Kind)
    | st.datetimes()
    | st.dates()
    | st.timedeltas()
    | st.uuids()
    | st.decimals()
)
UNFIT = st.builds(Unfit) | st.binary(max_size=2) | st.complex_numbers()


def nested(leaves):
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(KEYS, inner, max_size=3)
            | st.dictionaries(KEYS, inner, max_size=3).map(OrderedDict)
            | st.tuples(inner, inner)
            | st.builds(Pair, inner, inner)
        ),
        max_leaves=12,
    )


@given(nested(SCALARS | UNFIT))
@settings(deadline=None)
def test_what_comes_out_is_json_and_stays_as_it_is(value):
    before = repr(deepcopy(value))
    once = jsonable(value, remove_unserialisable=True)
    assert json.loads(json.dumps(once, allow_nan=False)) == once
    assert jsonable(once) == once
    assert repr(value) == before


@given(PLAIN)
@settings(deadline=None)
def test_plain_data_is_copied_as_it_is(value):
    converted = jsonable(value)
    assert json.dumps(converted) == json.dumps(value)
    if isinstance(value, dict | list):
        assert plain_copy(value) == value
        shared = {id(part) for part in containers(value)} & {id(part) for part in containers(converted)}
        assert not shared


def containers(value):
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


def at(value, path):
    """What stands at a path such as `.geo[3]`."""
    for name, index in re.findall(r"\.([^.\[\]]*)|\[(\d+)\]", path):
        held = vars(value) if isinstance(value, Pair) else value
        value = held[int(index) if index else name]
    return value


@given(nested(SCALARS | UNFIT))
@settings(deadline=None)
def test_an_error_names_the_path_to_what_has_no_json_form(value):
    try:
        jsonable(value, path="value")
    except TypeError as error:
        path, told = str(error).removeprefix("value").split(" is a ", 1)
        found = at(value, path)
        assert isinstance(found, Unfit | bytes | complex)
        assert told == f"{type(found).__name__}, which has no JSON form."
    else:
        assert repr(jsonable(value)) == repr(jsonable(value, remove_unserialisable=True))


def deep(levels, make):
    value = 1
    for _ in range(levels):
        value = make(value)
    return value


MAKERS = [
    lambda inner: [inner],
    lambda inner: {"a": inner},
    lambda inner: (inner,),
    lambda inner: OrderedDict(a=inner),
    lambda inner: Pair(inner, 1),
    lambda inner: {1: inner},
]


@pytest.mark.parametrize("make", MAKERS)
def test_what_is_nested_too_deeply_is_named_by_where_it_begins(make):
    fits = jsonable(deep(LEVELS, make))
    assert json.loads(json.dumps(fits)) == fits
    with pytest.raises(TypeError, match=r"^objects(\.\w+|\[0\]){5}… is nested too deeply\.$"):
        jsonable(deep(LEVELS + 1, make))
    with pytest.raises(TypeError, match="nested too deeply"):
        jsonable(deep(20_000, make))


@pytest.mark.parametrize("make", MAKERS)
def test_what_is_nested_too_deeply_can_be_left_out(make):
    kept = jsonable({"deep": deep(20_000, make), "flat": 1}, remove_unserialisable=True)
    assert kept["flat"] == 1
    assert json.loads(json.dumps(kept)) == kept


def test_what_contains_itself_is_nested_too_deeply_or_left_out():
    ring, mapping, pair = [1], OrderedDict(a=1), Pair(1, None)
    ring += [ring, {"again": ring}, ring]
    mapping["again"] = [mapping, mapping]
    pair.right = (pair, pair)
    for value in (ring, mapping, pair):
        with pytest.raises(TypeError, match="nested too deeply"):
            jsonable(value)
    assert jsonable([ring, mapping, pair], remove_unserialisable=True) == [
        [1, {}],
        {"a": 1, "again": []},
        {"left": 1, "right": []},
    ]


def test_what_is_there_twice_but_not_within_itself_is_kept():
    shared = [1]
    assert jsonable({"a": shared, "b": [shared, shared]}, remove_unserialisable=True) == {
        "a": [1],
        "b": [[1], [1]],
    }


@pytest.mark.parametrize(
    "number", [10**5000, -(10**5000), Decimal("1e6000")], ids=["long", "negative", "decimal"]
)
def test_a_number_longer_than_python_writes_has_no_json_form(number):
    with pytest.raises(TypeError, match=r"^objects\.n is a \w+, longer than 4,300 digits\.$"):
        jsonable({"n": number})
    assert jsonable({"n": number, "m": 1}, remove_unserialisable=True) == {"m": 1}
