"""The server's time: how it moves, and how HTTP writes it."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_httpcodes.clock import LAST, Clock, imf_fixdate, is_http_date
from pytest_httpcodes.server import StatusServer
from tests.raw import Raw

YEAR = 365 * 86_400


def date_of(raw: Raw) -> datetime:
    """Return the time that a server's `Date` names."""
    return parsedate_to_datetime(raw.request("GET", "/status/204").header("date") or "")


def test_a_clock_starts_at_the_time_of_day() -> None:
    """It is the machine's, to well within a second, and goes on by itself."""
    before = time.time()
    clock = Clock()
    first = clock.now()

    assert abs(first - before) < 0.5
    assert first < clock.now()


def test_advancing_moves_the_clock_at_once() -> None:
    """Every step adds up, and a step of nothing is one too."""
    clock = Clock()
    before = clock.now()
    for step in (0, 0.5, 3600):
        clock.advance(step)

    assert 3600.5 <= clock.now() - before < 3601
    assert 3600.5 <= clock.at(time.monotonic()) - before < 3601


@pytest.mark.parametrize("step", [-1, -0.001, float("nan"), float("inf"), 1e12, "60", None])
def test_a_bad_step_is_refused(step: Any) -> None:
    """Time never goes back, nor beyond what a date can say; the message says what to use."""
    clock = Clock()
    with pytest.raises(ValueError, match="use a number of seconds from 0 up to the year 9999"):
        clock.advance(step)

    assert abs(clock.now() - time.time()) < 0.5


def test_steps_that_add_up_end_with_the_year_9999() -> None:
    """The last second of that year can be reached, the next step is refused."""
    clock = Clock()
    clock.advance(LAST - clock.now() - 60)

    assert b"31 Dec 9999 23:5" in clock.date()
    with pytest.raises(ValueError, match="cannot advance by 60"):
        clock.advance(60)


def test_date_follows_the_clock() -> None:
    """On the wire too, from the next answer on."""
    with StatusServer() as server, Raw(server.url) as raw:
        before = date_of(raw)
        server.clock.advance(86_400)
        after = date_of(raw)

    assert timedelta(days=1) <= after - before < timedelta(days=1, seconds=2)


def test_a_date_is_made_once_a_second() -> None:
    """The same octets come back until the second is over."""
    clock = Clock()
    first = clock.date()
    while first is not clock.date():  # the second may just have been over
        first = clock.date()
    clock.advance(1)

    assert first != clock.date()


def test_origins_of_one_test_share_a_clock() -> None:
    """What is advanced at one of them is advanced at the other."""
    with StatusServer() as server:
        other = server.origin()
        with Raw(other.url) as raw:
            before = date_of(raw)
            server.clock.advance(YEAR)

            assert timedelta(days=365) <= date_of(raw) - before < timedelta(days=365, seconds=2)


def test_every_day_and_month_has_its_english_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The form is IMF-fixdate; what depends on a locale has no part in it."""

    def localised(*args: object) -> str:
        raise AssertionError("the locale was asked")

    monkeypatch.setattr(time, "strftime", localised)
    start = datetime(2023, 12, 25, 7, 8, 9, tzinfo=timezone.utc)
    for day in range(800):
        moment = start + timedelta(days=day, seconds=day)

        assert format_datetime(moment, usegmt=True) == imf_fixdate(moment.timestamp())


@pytest.mark.parametrize(
    ("text", "timestamp"),
    [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.999),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LAST),
    ],
)
def test_a_fraction_of_a_second_is_dropped(text: str, timestamp: float) -> None:
    """RFC 9110, 5.6.7: the example of the specification, and the ends of the range."""
    assert text == imf_fixdate(timestamp)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun Nov 16 08:49:37 1994",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sat, 31 Dec 2016 23:59:60 GMT",
        "Thu, 29 Feb 2024 00:00:00 GMT",
        "Thursday, 29-Feb-24 00:00:00 GMT",
    ],
)
def test_all_three_forms_of_a_date_are_known(text: str) -> None:
    """RFC 9110, 5.6.7: IMF-fixdate, RFC 850's and asctime's; a leap second is one."""
    assert is_http_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "1994-11-06T08:49:37Z",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT\r\nX: y",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
        "Thu, 30 Feb 2023 00:00:00 GMT",
        "Wed, 29 Feb 2023 00:00:00 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
    ],
)
def test_nothing_else_is_a_date(text: str) -> None:
    """What Python's own parser would put up with is none, and neither is a day that never was."""
    assert not is_http_date(text)


@given(st.integers(0, LAST))
def test_what_is_written_can_be_read(timestamp: int) -> None:
    """A date that the server makes is a date of HTTP, and the same moment."""
    text = imf_fixdate(timestamp)

    assert is_http_date(text)
    assert timestamp == parsedate_to_datetime(text).timestamp()
