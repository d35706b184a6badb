"""The server's time: how it moves, and how HTTP writes it."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_httpcodes.clock import LAST, Clock, imf_fixdate, is_http_date, read_http_date
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
    assert read_http_date(text, 0) is None


@given(st.integers(0, LAST))
def test_what_is_written_can_be_read(timestamp: int) -> None:
    """A date that the server makes is a date of HTTP, and the same moment."""
    text = imf_fixdate(timestamp)

    assert is_http_date(text)
    assert timestamp == parsedate_to_datetime(text).timestamp()


NOW = 1_764_000_000  # 24 November 2025, 16:00:00


@pytest.mark.parametrize(
    ("text", "timestamp"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
        ("Sun Nov  6 08:49:37 1994", 784_111_777),
        ("Mon, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Sun Nov 16 08:49:37 1994", 784_975_777),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
        ("Mon, 01 Jan 0001 00:00:00 GMT", -62_135_596_800),
        ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
        ("Sun, 01 Jan 2017 00:00:00 GMT", 1_483_228_800),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LAST),
        ("Thursday, 29-Feb-24 00:00:00 GMT", 1_709_164_800),
    ],
)
def test_all_three_forms_of_a_date_are_read(text: str, timestamp: int) -> None:
    """RFC 9110, 5.6.7: the same moment in each; a leap second is the one after it."""
    assert timestamp == read_http_date(text, NOW)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Monday, 24-Nov-75 16:00:00 GMT", 2075),
        ("Monday, 24-Nov-75 16:00:01 GMT", 1975),
        ("Monday, 24-Nov-75 15:59:59 GMT", 2075),
        ("Friday, 31-Dec-75 23:59:59 GMT", 1975),
        ("Friday, 01-Jan-75 00:00:00 GMT", 2075),
        ("Friday, 01-Jan-76 00:00:00 GMT", 1976),
        ("Friday, 01-Jan-74 00:00:00 GMT", 2074),
        ("Friday, 31-Dec-99 23:59:59 GMT", 1999),
        ("Friday, 01-Jan-00 00:00:00 GMT", 2000),
        ("Friday, 24-Nov-25 16:00:00 GMT", 2025),
        ("Friday, 31-Dec-25 23:59:59 GMT", 2025),
    ],
)
def test_a_year_of_two_digits(text: str, year: int) -> None:
    """It is no more than 50 years in the future, else the latest such year in the past (5.6.7)."""
    moment = read_http_date(text, NOW)

    assert moment is not None
    assert year == time.gmtime(moment).tm_year


def test_a_year_of_two_digits_follows_the_clock() -> None:
    """In 2060 the years up to 2110 may be meant, of which 2100 has no leap day."""
    in_2060 = 2_840_140_800

    assert 4_417_977_600 == read_http_date("Wednesday, 01-Jan-10 00:00:00 GMT", in_2060)  # 2110
    assert read_http_date("Tuesday, 29-Feb-00 00:00:00 GMT", in_2060) is None
    assert 951_782_400 == read_http_date("Tuesday, 29-Feb-00 00:00:00 GMT", NOW)


@given(st.integers(-62_135_596_800, LAST), st.integers(0, LAST))
def test_what_is_written_is_read_as_what_it_was(timestamp: int, now: int) -> None:
    """Any second of the years 1 to 9999, at any time; asctime's form is that of C."""
    moment = datetime(1970, 1, 1) + timedelta(seconds=timestamp)

    assert timestamp == read_http_date(imf_fixdate(timestamp), now)
    assert timestamp == read_http_date(moment.ctime(), now)


@given(st.integers(-2_208_988_800, 6_000_000_000), st.integers(0, 4_000_000_000))
def test_a_year_of_two_digits_is_the_latest_that_it_can_be(timestamp: int, now: int) -> None:
    """RFC 850's form of a moment is the latest such moment up to 50 years ahead."""
    moment = datetime(1970, 1, 1) + timedelta(seconds=timestamp)
    text = imf_fixdate(timestamp)
    name = ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun")[moment.weekday()]
    found = read_http_date(f"{name}day, {text[5:7]}-{text[8:11]}-{text[14:]}", now)
    today = datetime(1970, 1, 1) + timedelta(seconds=now)
    limit = (today.year + 50, *today.timetuple()[1:6])
    years = [year for year in range(1900, 2300) if year % 100 == moment.year % 100]
    latest = max(year for year in years if (year, *moment.timetuple()[1:6]) <= limit)
    try:
        expected = int((moment.replace(year=latest) - datetime(1970, 1, 1)).total_seconds())
    except ValueError:
        assert found is None  # there is no 29 February in that year
    else:
        assert expected == found
