"""`RateLimit` and `RateLimit-Policy`, on answers of 429 and 420 and on those before them.

The fields are those of draft-ietf-httpapi-ratelimit-headers-11, which are Lists of Strings with
Parameters (RFC 9651). Several policies of one resource may come on lines of their own: "Lists of
Quota Policy Items can be split over multiple "RateLimit-Policy" fields" (draft, 3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# "Integers have a range of -999,999,999,999,999 to 999,999,999,999,999 inclusive" (RFC 9651,
# 3.3.1).
MAX = 10**15 - 1
# What a String may have is ASCII, and no control character (RFC 9651, 3.3.3).
_STRING = re.compile(r"[ -~]*\Z")


@dataclass(frozen=True, slots=True)
class Policy:
    """So many units of a quota for each window of time, in seconds; without one, at any time.

    Its text is a member of `RateLimit-Policy`: `"default";q=5;w=10`. `unit` is what is counted:
    "requests", "content-bytes" or "concurrent-requests" (draft, 3.1.2). Raises `ValueError` for
    what the field has no form for.
    """

    name: str
    quota: int
    window: int | None = None
    unit: str = "requests"

    def __post_init__(self) -> None:
        for what in (self.name, self.unit):
            if not _STRING.match(what):
                raise ValueError(
                    f"{what!r} is no name in a structured field; use printable ASCII characters"
                )
        # "The "q" parameter value MUST be a non-negative Integer", and "the time window MUST be a
        # non-negative, non-zero, Integer value expressing an interval in seconds" (draft, 3.1.1
        # and 3.1.3).
        _check("quota", self.quota, 0)
        if self.window is not None:
            _check("window", self.window, 1)

    def __str__(self) -> str:
        # "The default quota unit is "requests"" (draft, 3.1).
        unit = "" if self.unit == "requests" else f";qu={_string(self.unit)}"
        window = "" if self.window is None else f";w={self.window}"
        return f"{_string(self.name)};q={self.quota}{unit}{window}"

    def limit(self, remaining: int, reset: int | None = None) -> str:
        """Return a member of `RateLimit`: `"default";r=0;t=7`.

        `reset` is in how many seconds there is more than what is `remaining`; None leaves it out.
        Raises `ValueError` for what the field has no form for.
        """
        _check("remaining", remaining, 0)
        if reset is None:
            return f"{_string(self.name)};r={remaining}"
        _check("reset", reset, 0)
        return f"{_string(self.name)};r={remaining};t={reset}"


def _check(name: str, number: int, least: int) -> None:
    if type(number) is not int or not least <= number <= MAX:
        raise ValueError(f"{name}={number!r} is out of range; use a whole number, {least} to {MAX}")


def _string(text: str) -> str:
    # RFC 9651, 4.1.6: a quote and a backslash are the two that are escaped.
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
