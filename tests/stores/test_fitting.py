from datetime import UTC, date, datetime

import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.fitting import (
    Unfit,
    cursor,
    described,
    fitted,
    fitted_list,
    fitted_metadata,
    moment,
)


def test_without_a_zone_it_is_utc():
    assert moment("2024-05-31") == moment(datetime(2024, 5, 31)) == datetime(2024, 5, 31, tzinfo=UTC)  # noqa: DTZ001


def test_a_moment_keeps_its_offset():
    assert moment(" 2024-05-31T12:00:00+02:00 ").isoformat() == "2024-05-31T12:00:00+02:00"


@pytest.mark.parametrize("value", ["", "x", "2024-13-01", "0001-01-01T00:00:00+02:00", 3, None])
def test_what_is_no_date_is_refused(value):
    with pytest.raises((ValueError, TypeError)):
        moment(value)


def test_numbers_take_the_form_of_their_type():
    assert repr(fitted("it", DataType.INT, 2.0)) == "2"
    assert repr(fitted("it", DataType.FLOAT, 2)) == "2.0"
    assert repr(fitted("it", DataType.FLOAT, -0.0)) == "0.0"


def test_the_first_element_that_does_not_fit_is_named():
    with pytest.raises(Unfit, match=r"“it\[1\]” takes text, not 3"):
        fitted_list("it", DataType.TEXTS, ["a", 3, 4])


def test_values_are_described_in_short():
    assert described("x" * 100) == f"“{'x' * 40}…”"
    assert described([1, "a", None, 4]) == "[1, “a”, null]"
    assert described(10**100).endswith("…")
    assert described(object()) == "a object"
    assert described(date(2024, 1, 1)) == "2024-01-01"


def test_a_description_can_be_written_down_whatever_it_describes():
    assert described("a\ud800").encode() == "“a?”".encode()


def test_metadata_is_json_data_that_can_be_kept():
    kept = fitted_metadata({"summary": "half \ud83d, “whole” 😀\n", "mean": float("nan"), "prompts": ("a",)})
    assert kept == {"summary": "half ?, “whole” 😀\n", "mean": None, "prompts": ["a"]}
    with pytest.raises(QueryRejected, match=r"metadata\.fields\[0\]"):
        fitted_metadata({"fields": [object()]})


def test_a_scan_goes_on_behind_a_uuid_only():
    assert cursor("00000000-0000-0000-0000-00000000000A") == "00000000-0000-0000-0000-00000000000a"
    with pytest.raises(QueryRejected, match="“next” is not a UUID"):
        cursor("next")
