"""What can be asked of an answer: when, how often, with which fields and content.

The same options are keywords in Python and a query in a URL; both are checked here.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from pytest_httpcodes.behaviours.faults import KINDS, Fault
from pytest_httpcodes.behaviours.flaky import Flaky
from pytest_httpcodes.clock import LAST, Clock, imf_fixdate, is_http_date
from pytest_httpcodes.codes import WITHOUT_CONTENT
from pytest_httpcodes.problem import JSON, TEXT, Body
from pytest_httpcodes.wire.steps import Fields, FieldsLike, fields

MAX_DELAY = 60.0  # seconds
# The largest number that a structured field can have (RFC 9651, 3.3.1), which RateLimit is.
MAX_SECONDS = 10**15 - 1
RetryAfter: TypeAlias = "int | str | datetime | timedelta"
ContentLike: TypeAlias = "bytes | str | dict[str, Any] | list[Any]"
_OCTETS = "application/octet-stream"
_FRAMING = ("content-length", "transfer-encoding")
_SECONDS = re.compile("[0-9]{1,15}")
_COUNT = re.compile("[0-9]{1,18}")
_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one instance, checked."""

    times: int | None = None
    retry_after: int | str | timedelta | None = None
    delay: float = 0.0
    headers: Fields = ()
    body: Body | None = None
    fault: Fault | Flaky | None = None

    def waiting_time(self, clock: Clock) -> str | None:
        """Return the value of `Retry-After`, None where there is to be none."""
        if isinstance(self.retry_after, timedelta):
            return _date(clock.now() + self.retry_after.total_seconds())
        return None if self.retry_after is None else str(self.retry_after)


def options(
    *,
    times: int | None = None,
    retry_after: RetryAfter | None = None,
    delay: float = 0.0,
    headers: FieldsLike = (),
    content: ContentLike | None = None,
    fault: str | Fault | Flaky | None = None,
    at: str | None = None,
) -> Options:
    """Check options given in Python; raises `ValueError` that says what would be right."""
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise ValueError(f"times={times!r} is no count of requests; use 1 or more")
    known = isinstance(delay, (int, float)) and not isinstance(delay, bool)
    if not known or not 0 <= delay <= MAX_DELAY:
        raise ValueError(f"delay={delay!r} is out of range; use 0 to {MAX_DELAY:g} seconds")
    lines = _lines(headers)
    if at is not None and fault is None:
        raise ValueError(f"at={at!r} is the place of a fault; say which with fault=")
    return Options(
        times,
        None if retry_after is None else _retry_after(retry_after),
        float(delay),
        lines,
        None if content is None else body_of(content),
        None if fault is None else _fault(fault, at),
    )


def _fault(fault: str | Fault | Flaky, at: str | None) -> Fault | Flaky:
    is_flaky = isinstance(fault, str) and fault.startswith("flaky")
    if isinstance(fault, str) and not is_flaky:
        if fault.partition(":")[0] not in KINDS:
            raise ValueError(f"fault={fault!r} is none; there are {', '.join(KINDS)}, flaky:0.3:7")
        return Fault(fault, at)
    if at is not None:
        raise ValueError(f"at={at!r} is for a fault that has no place of its own; leave it out")
    if isinstance(fault, str):
        return Flaky.parse(fault)
    if isinstance(fault, (Fault, Flaky)):
        return fault
    raise ValueError(f"fault={fault!r} is none; use its kind, such as 'reset', a Fault or flaky()")


def _lines(headers: FieldsLike) -> Fields:
    try:
        given = headers.items() if isinstance(headers, Mapping) else headers
        pairs = [(name, value) for name, value in given]
    except (TypeError, ValueError):
        raise ValueError(
            f"headers={headers!r} are no fields; use a mapping from names to values, or pairs"
        ) from None
    for part in itertools.chain.from_iterable(pairs):
        if not isinstance(part, (str, int)):
            raise ValueError(f"headers: {part!r} is neither a str nor a number; use a str")
    try:
        lines = fields(pairs)
    except ValueError as error:
        raise ValueError(f"headers: {error}") from None
    for name, _ in lines:
        if name.lower() in _FRAMING:
            raise ValueError(
                f"headers: {name} is the server's own; it frames each answer, and a false frame "
                f"is a fault (fault='truncate', or Raw in a script)"
            )
    return lines


def body_of(content: ContentLike) -> Body:
    """Return content with its type: octets, text, or what JSON has a form for."""
    if isinstance(content, bytes):
        return Body(_OCTETS, content)
    try:
        if isinstance(content, str):
            return Body(TEXT, content.encode())
        if isinstance(content, (dict, list)):
            return Body(JSON, json.dumps(content, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"content={content!r} has no form as JSON or text ({error}); use bytes"
        ) from None
    raise ValueError(f"content={content!r} is none; use bytes, a str, or a dict or list for JSON")


def check(code: int, given: Options) -> None:
    """Refuse what a code has no place for: content, or a fault in it; raises `ValueError`."""
    if given.body is not None and (code in WITHOUT_CONTENT or code == 444):
        raise ValueError(
            f"a {code} has no content (RFC 9110, 6.4.1); leave content= out, or use Raw in a script"
        )
    if code == 206 and given.body is not None and not given.body.data:
        raise ValueError("the content= of a 206 is empty; a range has at least one octet")
    fault = given.fault
    if isinstance(fault, Fault) and not fault.fits(code):
        places = "at=start" if code == 444 else "at=start or at=head"
        what = fault.place or ("head" if code == 444 else "content")
        raise ValueError(
            f"a {code} has no {what} for fault={fault.kind!r} to break; use {places} with close, "
            f"reset, stall or garbage"
        )


def _date(timestamp: float) -> str:
    # A date has whole seconds only; one that is rounded down would come too soon.
    return imf_fixdate(min(max(math.ceil(timestamp), 0), LAST))


def _retry_after(value: RetryAfter) -> int | str | timedelta:
    # "Retry-After = HTTP-date / delay-seconds" (RFC 9110, 10.2.3)
    if isinstance(value, timedelta):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"retry_after={value!r} has no time zone; give it one, such as UTC")
        return _date(value.timestamp())
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SECONDS:
        return value
    if isinstance(value, str) and (_SECONDS.fullmatch(value) or is_http_date(value)):
        return value
    raise ValueError(
        f"retry_after={value!r} is neither whole seconds, 0 to {MAX_SECONDS}, nor an HTTP-date; "
        f"use a number, 'Fri, 31 Dec 1999 23:59:59 GMT', a datetime, or a timedelta for a date on "
        f"the server's clock"
    )


def _times(text: str) -> int:
    if not _COUNT.fullmatch(text):
        raise ValueError(f"times={text!r} is no count of requests; use 1 or more")
    return int(text)


def _delay(text: str) -> float:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"delay={text!r} is no number; use 0 to {MAX_DELAY:g} seconds")
    return float(text)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise ValueError(f"header={text!r} has no colon; use header=Name: value")
    return name.strip(" \t"), value.strip(" \t")


_READ: dict[str, Callable[[str], Any]] = {"times": _times, "delay": _delay}
NAMES = ("times", "retry_after", "delay", "header", "content", "fault", "at")


def from_query(query: str, names: Iterable[str] = NAMES) -> Options:
    """Check options given in a URL; raises `ValueError` for one that does not exist."""
    given: dict[str, Any] = {}
    headers = []
    for name, text in pairs(query, names):
        if name == "header":
            headers.append(_header(text))
        else:
            given[name] = _READ.get(name, str)(text)
    return options(headers=headers, **given)


def pairs(query: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """Split a query; raises `ValueError` for a name that is none of `names`, or one given twice."""
    names = tuple(names)
    try:
        found = parse_qsl(query, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(
            f"the query {query!r} is not UTF-8, of which each octet is percent-encoded"
        ) from None
    seen: set[str] = set()
    for name, _ in found:
        if name not in names:
            raise ValueError(f"there is no option {name!r} here; there are {', '.join(names)}")
        if name in seen and name != "header":
            raise ValueError(f"the option {name!r} is given twice; give it once")
        seen.add(name)
    return found


def applicable(code: int, given: Options) -> Options:
    """Return those of a script's options that are for a reply with this code.

    `Retry-After` is for those that make a client come again, content for those that have some,
    and a fault for those that have the place where it breaks them.
    """
    bodiless = code in WITHOUT_CONTENT or code == 444
    return replace(
        given,
        times=None,
        retry_after=given.retry_after if code >= 300 else None,
        body=None if bodiless else given.body,
        fault=given.fault if given.fault and given.fault.fits(code) else None,
    )
