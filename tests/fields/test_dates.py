"""The old forms of a date, as RFC 9110, 5.6.7 has them."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import parse_date

from pytest_httpcodes.clock import is_http_date
from pytest_httpcodes.fields.dates import asctime_date, rfc850_date

# The moment of the specification's own examples.
EXAMPLE = datetime(1994, 11, 6, 8, 49, 37, tzinfo=timezone.utc).timestamp()


def test_the_examples_of_the_specification() -> None:
    """Octet for octet; a day of one digit has a space before it in one of them."""
    assert "Sunday, 06-Nov-94 08:49:37 GMT" == rfc850_date(EXAMPLE)
    assert "Sun Nov  6 08:49:37 1994" == asctime_date(EXAMPLE)
    assert "Wed Nov 16 08:49:37 1994" == asctime_date(EXAMPLE + 10 * 86_400)


@given(st.integers(0, 2**32))
def test_they_are_read_as_what_they_were(timestamp: int) -> None:
    """By another reader, and by ours; of RFC 850's years two digits are left."""
    read = parse_date(asctime_date(timestamp))

    assert read is not None
    assert timestamp == read.timestamp()
    assert is_http_date(asctime_date(timestamp))
    assert is_http_date(rfc850_date(timestamp))


@pytest.mark.parametrize("day", range(7))
def test_rfc_850_has_whole_names_of_days(day: int) -> None:
    """And is read as the same time while its year is near."""
    when = datetime(2031, 3, 10 + day, 1, 2, 3, tzinfo=timezone.utc)
    written = rfc850_date(when.timestamp())

    assert when.strftime("%d-%b-31 01:02:03 GMT") == written.partition(", ")[2]
    assert when == parse_date(written)
    assert written.partition(",")[0] in (
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    )  # fmt: skip
