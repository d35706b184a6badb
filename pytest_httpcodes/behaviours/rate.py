"""How often a resource may be asked, by whom: the rule of 429 and 420 (RFC 6585, 4)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from pytest_httpcodes.behaviours.document import document_of
from pytest_httpcodes.behaviours.option import Option, count, one_of
from pytest_httpcodes.clock import imf_fixdate
from pytest_httpcodes.fields.bucket import Buckets, Level
from pytest_httpcodes.fields.ratelimit import Policy
from pytest_httpcodes.resource import Rule, Stage, Steps, refuse, with_fields
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Fields, Step

REQUESTS = Option("requests", 1, count(1, 1_000_000), "requests that are served in a window")
PER = Option("per", 1, count(1, 365 * 86_400), "seconds that a window has")
WAIT = Option("retry_after", "seconds", one_of("seconds", "date"), "the form of Retry-After")
_CODES = range(400, 600)
# draft-ietf-httpapi-ratelimit-headers-11, 5.1
_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"


class Quota(NamedTuple):
    """So many requests in so many seconds, and how a further one is refused."""

    requests: int
    per: int
    code: int
    name: str = "default"
    wait: str = "seconds"


def rate_limit(
    requests: int,
    per: int = 1,
    *,
    code: int = 429,
    name: str = "default",
    retry_after: str = "seconds",
) -> Rule:
    """Serve only so many requests in any `per` seconds; refuse more with a 429 (RFC 6585, 4).

    They are counted for each `Authorization`, else for each address. A refusal does not count; it
    has `Retry-After`, in "seconds" or as a "date". Every answer has `RateLimit` and
    `RateLimit-Policy`, where the policy has a `name`; several of them on one resource need
    several names. `per` is in whole seconds. Raises `ValueError` for what is out of range, and for
    a `code` that is not from 400 to 599.
    """
    if type(code) is not int or code not in _CODES:
        raise ValueError(f"code={code!r} refuses no request; use 400 to 599, such as 429")
    Policy(name, 1)
    quota = Quota(REQUESTS.parse(requests), PER.parse(per), code, name, WAIT.parse(retry_after))
    return counted(lambda: quota)


def counted(quota: Callable[[], Quota]) -> Rule:
    """Return a rate limit whose numbers may change; what was counted stays counted."""
    return _Rate(quota).rule()


class _Rate:
    def __init__(self, quota: Callable[[], Quota]) -> None:
        self._quota = quota
        self._buckets = Buckets()

    def rule(self) -> Rule:
        return Rule(Stage.LIMIT, self._decide, self._amend, self._buckets.clear)

    def _decide(self, request: Received) -> Steps | None:
        quota, now = self._quota(), _now(request)
        level = self._buckets.take(_principal(request), now, quota.requests, quota.per)
        if level.taken:
            return None
        # "The response representations SHOULD include details explaining the condition, and MAY
        # include a Retry-After header indicating how long to wait before making a new request";
        # they "MUST NOT be stored by a cache" (RFC 6585, 4).
        fields = (("Retry-After", _wait(quota, level, now)), ("Cache-Control", "no-store"))
        detail = f"there were more requests than {quota.requests} in {quota.per} s"
        problem: dict[str, Any] = {"type": _EXCEEDED, "violated-policies": [quota.name]}
        section = Section(6585, "4")
        return refuse(request, quota.code, detail, section, fields, **problem)

    def _amend(self, request: Received, steps: Iterable[Step]) -> Iterable[Step]:
        # "A server MAY return RateLimit header fields independently of the response status code"
        # (draft-ietf-httpapi-ratelimit-headers-11, 6).
        quota = self._quota()
        level = self._buckets.look(_principal(request), _now(request), quota.requests, quota.per)
        policy = Policy(quota.name, quota.requests, quota.per)
        fields: Fields = (
            ("RateLimit-Policy", str(policy)),
            ("RateLimit", policy.limit(level.remaining, level.reset)),
        )
        return with_fields(steps, fields)


def _principal(request: Received) -> str:
    credentials = request.field("authorization")
    return f"Authorization: {credentials}" if credentials else request.peer


def _now(request: Received) -> float:
    return document_of(request).site.clock.now()


def _wait(quota: Quota, level: Level, now: float) -> str:
    # "the Retry-After field value SHOULD NOT reference a point in time earlier than the reset
    # parameter" (draft-ietf-httpapi-ratelimit-headers-11, 6); and a date has whole seconds only.
    return str(level.wait) if quota.wait == "seconds" else imf_fixdate(math.ceil(now + level.wait))
