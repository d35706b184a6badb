"""How much content a resource takes, and whether it has to be told beforehand: 411 413.

How often it may be asked, 429 and 420, is counted in `rate`; their scenarios are here too.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from pytest_httpcodes.behaviours.document import Refused, document_of
from pytest_httpcodes.behaviours.option import Option, count, switch
from pytest_httpcodes.behaviours.rate import PER, REQUESTS, WAIT, Quota, counted
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage, Steps, refuse, rule
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Fields

_YEAR = 365 * 86_400  # seconds
STRICT = Option("strict", False, switch, "whether a POST has to say that it has no content")
MAX_OCTETS = Option("max_octets", 1024, count(0, 2**40), "octets of content that are taken")
SHORTAGE: Option[int | None] = Option(
    "retry_after",
    None,
    count(1, _YEAR),
    "seconds after which any content is taken; never if not given",
)
# What is left of the content is not read.
_CLOSE = (("Connection", "close"),)
# Those for which content has a meaning (RFC 9110, 9.3; RFC 5789).
_WITH_CONTENT = ("POST", "PUT", "PATCH")


def length_required(*, strict: bool = False) -> Rule:
    """Refuse content whose length is not announced, with a 411 (RFC 9110, 15.5.12).

    That is content in chunks. With `strict` it is also a POST, PUT or PATCH which does not say
    that it has none. The answer comes before `100 Continue`, and the connection closes.
    """
    return _length_required(lambda: strict)


def _length_required(strict: Callable[[], bool]) -> Rule:
    @rule(Stage.CONTENT)
    def check(request: Received) -> Steps | None:
        head = request.head
        if head.length is None:
            detail = "the content comes in chunks; announce how long it is in Content-Length"
        elif strict() and head.method in _WITH_CONTENT and "content-length" not in head.known:
            detail = f"a {head.method} without content has to say so, with Content-Length: 0"
        else:
            return None
        # "the server refuses to accept the request without a defined Content-Length" (RFC 9110,
        # 15.5.12).
        return refuse(request, 411, detail, Section(9110, "15.5.12"), _CLOSE)

    return check


def max_octets(limit: int, *, retry_after: int | None = None) -> Rule:
    """Refuse content of more than `limit` octets, with a 413 (RFC 9110, 15.5.14).

    Where the length is announced, that is before the content is read, and instead of a
    `100 Continue`; where it comes in chunks, as soon as there is too much. The connection closes.
    With `retry_after` the shortage is temporary: it ends so many seconds after the first refusal,
    and each one says when. Raises `ValueError` for numbers that are out of range.
    """
    most = MAX_OCTETS.parse(limit)
    lasts = None if retry_after is None else SHORTAGE.parse(retry_after)
    return _Most(lambda: most, lambda: lasts).rule()


class _Most:
    # The limit and how long it lasts, in seconds; None for ever.
    def __init__(self, limit: Callable[[], int], lasts: Callable[[], int | None]) -> None:
        self._limit = limit
        self._lasts = lasts
        self._since: float | None = None
        self._lock = threading.Lock()

    def rule(self) -> Rule:
        return Rule(Stage.CONTENT, self._decide, reset=self._forget)

    def _forget(self) -> None:
        self._since = None

    def _decide(self, request: Received) -> Steps | None:
        limit, length = self._limit(), request.head.length
        if self._is_over(request):
            return None
        if length is None:
            request.watch(self._check)
            return None
        if length <= limit:
            return None
        detail = f"the content is announced to have {length} octets, and {limit} are taken here"
        return self._refuse(request, detail)

    def _check(self, request: Received) -> None:
        limit = self._limit()
        if request.octets > limit:
            detail = f"the content has over {limit} octets, and no more are taken here"
            reply = self._refuse(request, detail)
            raise Refused(413, detail, Section(9110, "15.5.14"), reply)

    def _is_over(self, request: Received) -> bool:
        lasts, since = self._lasts(), self._since
        if lasts is None or since is None:
            return False
        return document_of(request).site.clock.now() >= since + lasts

    def _refuse(self, request: Received, detail: str) -> Steps:
        lasts = self._lasts()
        fields: Fields = _CLOSE
        if lasts is not None:
            # "If the condition is temporary, the server SHOULD generate a Retry-After header field
            # to indicate that it is temporary and after what time the client MAY try again"
            # (RFC 9110, 15.5.14).
            fields += (("Retry-After", str(self._left(request, lasts))),)
        temporary = lasts is not None
        section = Section(9110, "15.5.14")
        return refuse(request, 413, detail, section, fields, temporary=temporary)

    def _left(self, request: Received, lasts: int) -> int:
        # In how many seconds the shortage ends, which begins with this.
        now = document_of(request).site.clock.now()
        with self._lock:
            if self._since is None:
                self._since = now
            return max(math.ceil(self._since + lasts - now), 0)


class LengthRequired(Scenario):
    """411: content in chunks is refused (RFC 9110, 15.5.12)."""

    code = 411
    options = (STRICT,)

    def begin(self) -> Resource:
        """Return a document to which content of a known length can be posted."""
        return self.document("POST with Content-Length\n", _length_required(self._is_strict))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Post in chunks."""
        return (Request("POST", url, {"Transfer-Encoding": "chunked"}, b"some content"),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Post with a length."""
        return (Request("POST", url, content=b"some content"),)

    def _is_strict(self) -> bool:
        return self.option(STRICT)


class ContentTooLarge(Scenario):
    """413: content beyond `max_octets` is refused (RFC 9110, 15.5.14)."""

    code = 413
    options = (MAX_OCTETS, SHORTAGE)

    def begin(self) -> Resource:
        """Return a document to which some content can be posted."""
        most = _Most(lambda: self.option(MAX_OCTETS), lambda: self.option(SHORTAGE))
        return self.document("POST what is small\n", most.rule())

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Post one octet too many."""
        return (Request("POST", url, content=bytes(self.option(MAX_OCTETS) + 1)),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Post as much as is taken."""
        return (Request("POST", url, content=bytes(self.option(MAX_OCTETS))),)


class TooManyRequests(Scenario):
    """429: only so many `requests` are served in any `per` seconds (RFC 6585, 4)."""

    code = 429
    options = (REQUESTS, PER, WAIT)

    def begin(self) -> Resource:
        """Return a document that is served so often."""
        return self.document("not too often\n", counted(self._quota))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask once more than is served."""
        return (Request("GET", url),) * (self.option(REQUESTS) + 1)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Wait."""
        return (Request("GET", url, pause=float(self.option(PER))),)

    def _quota(self) -> Quota:
        return Quota(self.option(REQUESTS), self.option(PER), self.code, wait=self.option(WAIT))


class EnhanceYourCalm(TooManyRequests):
    """420: what Twitter's first API answered where a 429 would be right (RFC 6585, 4)."""

    code = 420
