"""Whether a resource is available: by count, by clock, by how many ask at once; the rule of 503."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from pytest_httpcodes.behaviours.document import document_of
from pytest_httpcodes.behaviours.option import Option, count, seconds
from pytest_httpcodes.clock import imf_fixdate
from pytest_httpcodes.codes import WITHOUT_CONTENT
from pytest_httpcodes.fields.dates import asctime_date, rfc850_date
from pytest_httpcodes.fields.ratelimit import Policy
from pytest_httpcodes.resource import Rule, Stage, Steps, refuse
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Fields, Head, Pause, Step
from pytest_httpcodes.wire.writer import announced

_FORMS = ("date", "rfc850", "asctime", "past", "junk")
_HOUR = 3600  # seconds
# draft-ietf-httpapi-ratelimit-headers-11, 5.2
_REDUCED = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"


def _retry_after(text: str) -> str:
    if text in _FORMS or (text.isascii() and text.isdigit() and len(text) <= 15):
        return text
    raise ValueError(f"is neither a number of seconds nor one of {', '.join(_FORMS)}")


TIMES: Option[int | None] = Option(
    "times", None, count(1, 1_000_000), "how many requests are refused; then 200"
)
UNTIL: Option[float | None] = Option(
    "until", None, seconds(0, 365 * 86_400), "seconds from the first request to the first 200"
)
AT_ONCE: Option[int | None] = Option(
    "at_once", None, count(0, 10_000), "requests that are served at once; only more are refused"
)
HOLD = Option("hold", 0.5, seconds(0, 60), "seconds that each of those served at once takes")
RETRY_AFTER = Option(
    "retry_after",
    "",
    _retry_after,
    f"Retry-After: seconds, or {', '.join(_FORMS)}; else 1 or until",
)


class Outage(NamedTuple):
    """When requests are refused, each of the first three narrows it; and what they are told."""

    times: int | None = None
    until: float | None = None
    at_once: int | None = None
    hold: float = HOLD.default
    retry_after: str = RETRY_AFTER.default


def unavailable(
    *,
    times: int | None = None,
    until: float | None = None,
    at_once: int | None = None,
    hold: float = HOLD.default,
    retry_after: int | str | None = None,
) -> Rule:
    """Refuse requests with a 503 (RFC 9110, 15.6.4): all, or those that the options leave.

    `times` refuses the first so many, `until` those of the first so many seconds from the first
    request on, by the server's clock; `at_once` only those that come while so many are held, each
    for `hold` seconds or until its client leaves. `retry_after` is a number of seconds, or one of
    "date", "rfc850", "asctime", "past" and "junk"; without it, what is left of `until`, or 1.
    Raises `ValueError` for what is out of range.
    """
    outage = Outage(
        None if times is None else TIMES.parse(times),
        None if until is None else UNTIL.parse(until),
        None if at_once is None else AT_ONCE.parse(at_once),
        HOLD.parse(hold),
        "" if retry_after is None else RETRY_AFTER.parse(retry_after),
    )
    return refusing(lambda: outage)


def refusing(outage: Callable[[], Outage]) -> Rule:
    """Return an outage whose options may change; what was counted stays counted."""
    return _Refusing(outage).rule()


class _Refusing:
    def __init__(self, outage: Callable[[], Outage]) -> None:
        self._outage = outage
        self._lock = threading.Lock()
        self._refused = 0
        self._window: tuple[float | None, float] = (None, 0.0)  # `until`, and when it began
        self._held: set[int] = set()  # the requests that are held, by their identity

    def rule(self) -> Rule:
        return Rule(Stage.STATE, self._decide, self._amend, self._forget)

    def _forget(self) -> None:
        with self._lock:
            self._refused = 0
            self._window = (None, 0.0)

    def _decide(self, request: Received) -> Steps | None:
        outage = self._outage()
        now = document_of(request).site.clock.now()
        with self._lock:
            if outage.until != self._window[0]:
                self._window = (outage.until, now)
            left = None if outage.until is None else self._window[1] + outage.until - now
            if self._passes(outage, left):
                if outage.at_once is not None:
                    self._hold(request)
                return None
            self._refused += 1
        return _refuse(request, outage, now, left)

    def _passes(self, outage: Outage, left: float | None) -> bool:
        return (
            (outage.times is not None and self._refused >= outage.times)
            or (left is not None and left <= 0)
            or (outage.at_once is not None and len(self._held) < outage.at_once)
        )

    def _hold(self, request: Received) -> None:
        # The place is free again when the answer ends, or the exchange, if it has none.
        self._held.add(id(request))
        request.at_end(partial(self._free, id(request)))

    def _free(self, place: int) -> None:
        with self._lock:
            self._held.discard(place)

    def _amend(self, request: Received, steps: Iterable[Step]) -> Iterable[Step]:
        if id(request) not in self._held:
            return steps
        return self._slowly(steps, id(request), self._outage().hold)

    def _slowly(self, steps: Iterable[Step], place: int, hold: float) -> Iterator[Step]:
        # Who has all of the answer may ask again, and finds the place free; so it becomes that
        # before the last content is sent.
        held: Step = Pause(hold)
        for step in _with_length(steps):
            if type(step) is End:
                self._free(place)
            yield held
            held = step
        self._free(place)
        yield held


def _refuse(request: Received, outage: Outage, now: float, left: float | None) -> Steps:
    wait = 1 if left is None else math.ceil(left)
    fields: Fields = (("Retry-After", _told(outage.retry_after, now, wait)),)
    problem: dict[str, Any] = {}
    detail = "the service is down for a while"
    if outage.at_once is not None:
        detail = f"{outage.at_once} requests are being served, and no more at once"
        # "The server MAY choose to include a RateLimit-Policy field indicating the new
        # temporarily lower quota" (draft-ietf-httpapi-ratelimit-headers-11, 5.2).
        policy = Policy("at-once", outage.at_once, unit="concurrent-requests")
        fields += (("RateLimit-Policy", str(policy)),)
        problem = {"type": _REDUCED, "violated-policies": [policy.name]}
    return refuse(request, 503, detail, Section(9110, "15.6.4"), fields, **problem)


def _told(given: str, now: float, wait: int) -> str:
    # The value of Retry-After, for a wait in seconds; a date has whole ones only, and one that is
    # rounded down would come too soon.
    then = math.ceil(now + wait)
    match given:
        case "date":
            return imf_fixdate(then)
        case "rfc850":
            return rfc850_date(then)
        case "asctime":
            return asctime_date(then)
        case "past":
            return imf_fixdate(now - _HOUR)
        case "junk":
            return "soon"
        case _:
            return given or str(wait)


def _with_length(steps: Iterable[Step]) -> Iterable[Step]:
    # The steps, one by one, of which nobody could tell any more how long the content is.
    length = announced(steps)
    if length is None:
        return steps
    return (_announcing(step, length) if isinstance(step, Head) else step for step in steps)


def _announcing(head: Head, length: int) -> Head:
    names = {name.lower() for name, _ in head.headers}
    if head.status in WITHOUT_CONTENT or names & {"content-length", "transfer-encoding"}:
        return head
    return Head(head.status, (*head.headers, ("Content-Length", str(length))), head.reason)
