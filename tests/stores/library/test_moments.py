from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from stores.library.asking import QUICK

from elysia_desktop.stores.library.moments import from_micros, micros

zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@QUICK
@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones))  # noqa: DTZ001
def test_microseconds_and_back_is_the_same_point_in_time(found):
    assert datetime.fromisoformat(from_micros(micros(found))) == found
