import dataclasses
import enum
import json
import math
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel, SecretStr, computed_field

from elysia_desktop.core.jsonable import jsonable


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.Enum):
    HIGH = 3


class Film(BaseModel):
    model_config = ConfigDict(extra="allow")
    title: str
    on: date


class Keeper(BaseModel):
    shown: str = "s"
    kept: str = Field("k", exclude=True)

    @computed_field
    def length(self) -> int:
        return len(self.shown)


@dataclasses.dataclass
class Point:
    x: float
    inner: Film | None = None


VALUES = [
    (None, None),
    (True, True),
    (3, 3),
    (2.5, 2.5),
    ("ä", "ä"),
    (Colour.RED, "red"),
    (Level.HIGH, 3),
    (datetime(2024, 5, 1, 12, tzinfo=UTC), "2024-05-01T12:00:00+00:00"),
    (date(2024, 5, 1), "2024-05-01"),
    (time(12, 30), "12:30:00"),
    (timedelta(minutes=1), 60.0),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (Decimal("1.5"), 1.5),
    (Decimal(4), 4),
    (Decimal("NaN"), None),
    (math.nan, None),
    (math.inf, None),
    (-math.inf, None),
    ((1, (2,)), [1, [2]]),
    ({3, 1, 2}, [1, 2, 3]),
    (frozenset({"b", "a"}), ["a", "b"]),
    (Film(title="Alien", on=date(1979, 5, 25)), {"title": "Alien", "on": "1979-05-25"}),
    (Film(title="Alien", on=date(1979, 5, 25), extra=1), {"title": "Alien", "on": "1979-05-25", "extra": 1}),
    (RootModel[list[int]]([1, 2]), [1, 2]),
    (Point(math.nan), {"x": None, "inner": None}),
    (np.float32(0.5), 0.5),
    (np.int64(7), 7),
    (np.bool_(True), True),
    (np.str_("a"), "a"),
    (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    (np.array([1.0, np.nan]), [1.0, None]),
    (np.datetime64("2024-05-01T12:00:00"), "2024-05-01T12:00:00"),
    (np.datetime64("2024-05-01T12:00:00", "ns"), "2024-05-01T12:00:00"),
    (np.longdouble(0.5), 0.5),
    (np.array([0.5], dtype=np.longdouble), [0.5]),
    (np.timedelta64(1_500, "ns"), 1e-06),
    (np.timedelta64(60, "s"), 60.0),
    (np.array([None, {"a": (1,)}], dtype=object), [None, {"a": [1]}]),
    (Keeper(), {"shown": "s", "length": 1}),
    ({1: "a", Colour.RED: "b"}, {"1": "a", "red": "b"}),
    ({None: 1, True: 2, Level.HIGH: 3, date(2024, 5, 1): 4}, {"null": 1, "true": 2, "3": 3, "2024-05-01": 4}),
]


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=lambda value: repr(value)[:40])
def test_a_value_becomes_plain_json_data(value, expected):
    converted = jsonable(value)
    assert converted == expected
    assert type(converted) is type(expected)
    json.dumps(converted, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([{}, {}, {}, {"geo": object()}], "objects[3].geo"),
        ({"a": [1, {"b": {"c": b"bytes"}}]}, "objects.a[1].b.c"),
        (SecretStr("hush"), "objects"),
        ([Point(1.0, Film.model_construct(title=object(), on=None))], "objects[0].inner.title"),
        (lambda: None, "objects"),
        (Point, "objects"),
        (1j, "objects"),
    ],
    ids=str,
)
def test_what_has_no_json_form_is_named_by_its_path(value, path):
    with pytest.raises(TypeError) as caught:
        jsonable(value)
    assert str(caught.value).startswith(f"{path} is a ")
    assert "hush" not in str(caught.value)


def test_what_has_no_json_form_can_be_left_out():
    value = [{"a": 1, "b": object()}, object(), {"c": [b"", 2]}]
    assert jsonable(value, remove_unserialisable=True) == [{"a": 1}, {"c": [2]}]
    assert jsonable(object(), remove_unserialisable=True) is None


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes() | st.uuids()
ANYTHING = st.recursive(
    SCALARS | st.builds(object) | st.binary(max_size=3),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


@given(ANYTHING)
def test_the_result_is_json_and_converting_again_changes_nothing(value):
    once = jsonable(value, remove_unserialisable=True)
    assert json.loads(json.dumps(once, allow_nan=False)) == once
    assert jsonable(once) == once


@given(
    st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
)
def test_the_input_is_neither_changed_nor_shared(value):
    before = repr(deepcopy(value))
    converted = jsonable({"v": value})
    if isinstance(converted["v"], list):
        converted["v"].append("mine")
    if isinstance(converted["v"], dict):
        converted["v"]["mine"] = 1
    assert repr(value) == before
