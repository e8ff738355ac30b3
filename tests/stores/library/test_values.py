import math
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from stores.library import asking

from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.fitting import Unfit
from elysia_desktop.stores.library.values import encoder


@asking.QUICK
@given(asking.objects)
def test_what_is_stored_is_what_is_read(answer, stored):
    async def ask(library):
        return await library.get("Things", [o["uuid"] for o in stored])

    assert answer(stored, ask) == stored


def test_dates_are_kept_as_iso_8601_with_a_zone():
    encode = encoder("when", DataType.DATE)
    zone = timezone(timedelta(hours=2))
    for value, kept in [
        ("2024-05-31", "2024-05-31T00:00:00+00:00"),
        ("2024-05-31T12:00:00Z", "2024-05-31T12:00:00+00:00"),
        (date(2024, 5, 31), "2024-05-31T00:00:00+00:00"),
        (datetime(2024, 5, 31, 1, tzinfo=zone), "2024-05-31T01:00:00+02:00"),
    ]:
        assert encode(value)[0] == kept
    assert encode("1970-01-01T00:00:01Z")[1] == 1_000_000
    assert encode(None) == (None, None)


def test_objects_may_hold_anything_with_a_json_form():
    encode = encoder("it", DataType.OBJECT)
    assert encode({"a": date(2024, 1, 1), "b": [math.nan]}) == ('{"a":"2024-01-01","b":[null]}',)
    assert encode([{"a": 1}]) == ('[{"a":1}]',)
    assert encode({"a": "\ud800"}) == ('{"a":"\\ud800"}',)


circle: list = []
circle.append(circle)


@pytest.mark.parametrize(
    ("data_type", "value", "reason"),
    [
        ("text", 3, "“it” takes text, not 3."),
        ("text", "x\0", "it contains a NUL character"),
        ("text", "\ud800", "it contains half a surrogate pair"),
        ("int", "3", "“it” takes a whole number, not “3”."),
        ("int", True, "“it” takes a whole number, not true."),
        ("int", 3.5, "“it” takes a whole number, not 3.5."),
        ("int", math.nan, "“it” takes a whole number, not nan."),
        ("int", 2**63, "it does not fit into 64 bits"),
        ("float", "3", "“it” takes a number, not “3”."),
        ("float", False, "“it” takes a number, not false."),
        ("float", math.inf, "it is not finite"),
        ("float", 10**400, "it is too large"),
        ("boolean", 1, "“it” takes true or false, not 1."),
        (
            "date",
            "yesterday",
            "“it” takes a date in ISO 8601, such as 2024-05-31T12:00:00Z, not “yesterday”.",
        ),
        ("date", 5, "“it” takes a date in ISO 8601"),
        ("date", "0001-01-01T00:00:00+02:00", "“it” takes a date in ISO 8601"),
        ("text[]", "a", "“it” takes a list of texts, not “a”."),
        ("text[]", {"a": 1}, "“it” takes a list of texts, not an object."),
        ("int[]", [1, None], "“it[1]” takes a whole number, not null."),
        ("boolean[]", [True, 0], "“it[1]” takes true or false, not 0."),
        ("date[]", ["2024-01-01", "x"], "“it[1]” takes a date in ISO 8601"),
        ("object", "a", "“it” takes an object, not “a”."),
        ("object", {"a": {"b": object()}}, "it.a.b is a object, which has no JSON form."),
        ("object", circle, "is nested too deeply."),
    ],
)
def test_a_value_that_does_not_fit_has_a_reason(data_type, value, reason):
    with pytest.raises(Unfit) as caught:
        encoder("it", DataType(data_type))(value)
    assert reason in str(caught.value)
