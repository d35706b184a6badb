"""The two forms of a date that a recipient has to understand and no sender may use.

"A recipient that parses a timestamp value in an HTTP field MUST accept all three HTTP-date
formats. When a sender generates a field that contains one or more timestamps defined as HTTP-date,
the sender MUST generate those timestamps in the IMF-fixdate format" (RFC 9110, 5.6.7).
"""

from __future__ import annotations

from pytest_httpcodes.clock import imf_fixdate

_DAYS = {
    "Mon": "Monday",
    "Tue": "Tuesday",
    "Wed": "Wednesday",
    "Thu": "Thursday",
    "Fri": "Friday",
    "Sat": "Saturday",
    "Sun": "Sunday",
}


def rfc850_date(timestamp: float) -> str:
    """Write a time, in seconds since 1970, as `Sunday, 06-Nov-94 08:49:37 GMT`."""
    weekday, day, month, year, time, _ = imf_fixdate(timestamp).split(" ")
    return f"{_DAYS[weekday[:3]]}, {day}-{month}-{year[2:]} {time} GMT"


def asctime_date(timestamp: float) -> str:
    """Write a time, in seconds since 1970, as `Sun Nov  6 08:49:37 1994`."""
    weekday, day, month, year, time, _ = imf_fixdate(timestamp).split(" ")
    return f"{weekday[:3]} {month} {int(day):2d} {time} {year}"
