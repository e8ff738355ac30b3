from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores.library import oracle

from elysia_desktop.stores.library.moments import from_micros, micros, moment

zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@oracle.QUICK
@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones))  # noqa: DTZ001
def test_microseconds_and_back_is_the_same_point_in_time(found):
    assert moment(found.isoformat()) == found
    assert datetime.fromisoformat(from_micros(micros(found))) == found


def test_without_a_zone_it_is_utc():
    assert moment("2024-05-31") == moment(datetime(2024, 5, 31)) == datetime(2024, 5, 31, tzinfo=UTC)  # noqa: DTZ001


@pytest.mark.parametrize("value", ["", "x", "2024-13-01", "0001-01-01T00:00:00+02:00", 3, None])
def test_what_is_no_date_is_refused(value):
    with pytest.raises((ValueError, TypeError)):
        moment(value)
