"""The server's time: `Date`, `Retry-After`, windows, nonces and lock timeouts (RFC 9110, 5.6.7)."""

from __future__ import annotations

import re
import threading
import time
from calendar import timegm
from datetime import date

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# The last second of the year 9999: the forms of HTTP's dates have four digits for the year.
LAST = 253_402_300_799

_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<time>(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60))"
_LONG_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
# "A recipient that parses a timestamp value in an HTTP field MUST accept all three HTTP-date
# formats" (RFC 9110, 5.6.7): IMF-fixdate, RFC 850's and that of C's asctime.
_DATES = (
    rf"(?:{'|'.join(_DAYS)}), (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT",
    rf"(?:{_LONG_DAYS}), (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
    rf"(?:{'|'.join(_DAYS)}) {_MONTH} (?P<day>[0-9 ][0-9]) {_TIME} (?P<year>[0-9]{{4}})",
)


def imf_fixdate(timestamp: float) -> str:
    """Write a time as the one date form that HTTP lets a sender generate.

    `timestamp` is in seconds since 1970, UTC; a fraction is dropped. The names are English
    whatever the process's locale is.
    """
    t = time.gmtime(timestamp)
    return (
        f"{_DAYS[t.tm_wday]}, {t.tm_mday:02d} {_MONTHS[t.tm_mon - 1]} {t.tm_year:04d} "
        f"{t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d} GMT"
    )


def is_http_date(text: str) -> bool:
    """Tell whether a text is a date in one of the three forms that HTTP knows.

    The day has to exist in its month; its name is not compared with it.
    """
    match = _match(text)
    if match is None:
        return False
    # A year of two digits is this century's or the last one's, whose leap years agree but for
    # 1900, which it cannot be now.
    year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
    return _exists(match, year)


def read_http_date(text: str, now: float) -> int | None:
    """Return the time that a date in one of HTTP's three forms stands for, None if it is none.

    It is in seconds since 1970, UTC; a leap second is the second after it. `now`, in the same
    unit, tells which century a year of two digits belongs to.
    """
    match = _match(text)
    if match is None:
        return None
    clock = tuple(map(int, match["time"].split(":")))
    month, day = _MONTHS.index(match["month"]) + 1, int(match["day"])
    year = int(match["year"])
    if len(match["year"]) == 2:
        year = _whole_year(year, (month, day, *clock), now)
    return timegm((year, month, day, *clock)) if _exists(match, year) else None


def _match(text: str) -> re.Match[str] | None:
    found = (re.fullmatch(form, text, re.ASCII) for form in _DATES)
    return next(filter(None, found), None)


def _exists(match: re.Match[str], year: int) -> bool:
    try:
        date(year, _MONTHS.index(match["month"]) + 1, int(match["day"]))
    except ValueError:
        return False
    return True


def _whole_year(digits: int, rest: tuple[int, ...], now: float) -> int:
    # "Recipients of a timestamp value in rfc850-date format, which uses a two-digit year, MUST
    # interpret a timestamp that appears to be more than 50 years in the future as representing
    # the most recent year in the past that had the same last two digits" (RFC 9110, 5.6.7).
    this_year, *moment = time.gmtime(now)[:6]
    latest = this_year + 50
    year = latest - (latest - digits) % 100
    return year - 100 if (year, rest) > (latest, tuple(moment)) else year


class Clock:
    """A clock that runs by itself and that a test can move forward.

    It starts at the time of day and then follows the monotonic clock, so that a correction of the
    machine's time never moves it.
    """

    __slots__ = ("_date", "_lock", "_start")

    def __init__(self) -> None:
        self._start = time.time() - time.monotonic()
        self._lock = threading.Lock()
        self._date = (0, b"")

    def now(self) -> float:
        """Return the server's time, in seconds since 1970, UTC."""
        return self._start + time.monotonic()

    def at(self, monotonic: float) -> float:
        """Return the server's time at a reading of `time.monotonic()`, as the clock stands now."""
        return self._start + monotonic

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds`, at once and for every reader.

        Raises `ValueError` for a step back, since time that a client has seen in a `Date` never
        returns, and for one beyond the year 9999, where the dates of HTTP end.
        """
        with self._lock:
            left = LAST - self.now()
            if not isinstance(seconds, (int, float)) or not 0 <= seconds <= left:
                raise ValueError(
                    f"cannot advance by {seconds!r}; use a number of seconds from 0 up to the year "
                    f"9999"
                )
            self._start += seconds

    def date(self) -> bytes:
        """Return the octets of a `Date` field's value, made once a second."""
        second = int(self._start + time.monotonic())
        known, value = self._date
        if known != second:
            value = imf_fixdate(second).encode("ascii")
            self._date = (second, value)
        return value
