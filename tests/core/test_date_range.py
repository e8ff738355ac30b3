from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.date_range import EARLIEST, LATEST, countable

MOMENTS = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=12)), timezone(-timedelta(hours=12))])
)
KEPT = st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None), timezones=st.just(UTC))


@given(MOMENTS, KEPT)
def test_what_stands_for_a_date_compares_with_those_that_are_kept_as_it_does(compared, kept):
    found = countable(compared)
    assert ((found < kept), (found == kept)) == ((compared < kept), (compared == kept))


@given(MOMENTS)
def test_what_stands_for_a_date_fits_into_nanoseconds_of_64_bits(compared):
    nanoseconds = (countable(compared) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
    assert -(2**63) <= nanoseconds < 2**63
