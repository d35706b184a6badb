"""When a server could answer and does not: early data 425, a failure 500, an outage 503."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from uuid import uuid4

from pytest_httpcodes.behaviours.common import everywhere
from pytest_httpcodes.behaviours.option import Option, count, switch
from pytest_httpcodes.behaviours.outage import (
    AT_ONCE,
    HOLD,
    RETRY_AFTER,
    TIMES,
    UNTIL,
    Outage,
    refusing,
)
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.problem import TEXT, Body
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage, Steps, refuse, reply, rule
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Reply

SAFE = Option("safe", True, switch, "whether requests with a safe method may come early")
FAILURES: Option[int | None] = Option(
    "times", None, count(1, 1_000_000), "how many requests fail; then 200"
)
# RFC 9110, 9.2.1; the two others are registered as safe (RFC 4918, 9.1, and QUERY's draft).
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "QUERY")
_log = logging.getLogger(__name__)


def no_early_data(*, safe: bool = True) -> Rule:
    """Refuse requests that came in TLS early data and are not safe, with a 425 (RFC 8470, 5.2).

    They may be a replay. `safe` is whether those with a safe method are served all the same. A
    request says so by `Early-Data: 1`, as a gateway would add; early data itself is nothing that
    Python's `ssl` can take.
    """
    return _no_early_data(lambda: safe)


def _no_early_data(safe: Callable[[], bool]) -> Rule:
    @rule(Stage.STATE)
    def check(request: Received) -> Steps | None:
        head = request.head
        # "Multiple or invalid instances of the header field MUST be treated as equivalent to a
        # single instance with a value of 1 by a server" (RFC 8470, 5.1).
        if "early-data" not in head.known or (safe() and head.method in _SAFE_METHODS):
            return None
        # "Requests that contain the Early-Data header field and cannot be safely processed MUST
        # be rejected using the 425 (Too Early) status code" (RFC 8470, 5.1).
        detail = f"the {head.method} came in early data, and may be a replay; send it again"
        return refuse(request, 425, detail, Section(8470, "5.2"))

    return check


class TooEarly(Scenario):
    """425: a request in early data that is not safe is refused (RFC 8470, 5.2)."""

    code = 425
    options = (SAFE,)

    def begin(self) -> Resource:
        """Return a document that takes no risk."""
        return self.document("not too early\n", _no_early_data(lambda: self.option(SAFE)))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Post in what a gateway says was early data."""
        return (Request("POST", url, {"Early-Data": "1"}, b"once only"),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Post after the handshake."""
        return (Request("POST", url, content=b"once only"),)


class InternalServerError(Scenario):
    """500: the handler raises, and the server around it answers (RFC 9110, 15.6.1).

    The traceback is in the log of this module, under the id that the client gets.
    """

    code = 500
    options = (FAILURES,)

    def begin(self) -> Resource:
        """Return a document, and keep the handler that stands before it while it fails."""
        self._failed = 0
        self._lock = threading.Lock()
        self._failing = Resource(*everywhere(self.site), Rule(Stage.RESULT, self._handle))
        return self.document("the handler works\n")

    def find(self, below: Sequence[str], method: str = "GET") -> Resource:
        """Return the resource at the segments below the instance."""
        found = super().find(below, method)
        # While the handler fails, nothing is known of a representation: "A server MUST ignore all
        # received preconditions if its response to the same request without those conditions ...
        # would have been a status code other than a 2xx" or 412 (RFC 9110, 13.2.1).
        return self._failing if found is self._root and not self._works() else found

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask until the handler works, if ever."""
        times = self.option(FAILURES)
        return () if times is None else (Request("GET", url),) * (times + 1)

    def _works(self) -> bool:
        times = self.option(FAILURES)
        return times is not None and self._failed >= times

    def _handle(self, request: Received) -> Reply:
        with self._lock:
            works = self._works()
            self._failed += not works
        if works:  # others came meanwhile, and had the last failures
            return self._root.answer(request)
        try:
            return _mean(())
        except ZeroDivisionError:
            return self._explain(request)

    def _explain(self, request: Received) -> Steps:
        head, ident = request.head, str(uuid4())
        _log.exception("%s %s failed; the client knows it as %s", head.method, head.target, ident)
        detail = f"the handler failed; the server's log has it under {ident}"
        temporary = self.option(FAILURES) is not None
        section = Section(9110, "15.6.1")
        return refuse(request, 500, detail, section, id=ident, temporary=temporary)


def _mean(rows: Sequence[float]) -> Steps:
    # A handler with the kind of mistake that handlers have: it was never tried without any rows.
    return reply(200, Body(TEXT, f"{sum(rows) / len(rows)}\n".encode()))


class ServiceUnavailable(Scenario):
    """503: the service is down, or has too much to do (RFC 9110, 15.6.4)."""

    code = 503
    options = (RETRY_AFTER, TIMES, UNTIL, AT_ONCE, HOLD)

    def begin(self) -> Resource:
        """Return a document that is there again some time, if ever."""
        return self.document("the service is up\n", refusing(self._outage))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask; all at once, if only so many at once are served."""
        return (Request("GET", url),) * ((self.option(AT_ONCE) or 0) + 1)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask until the service is up, if ever."""
        times, until = self.option(TIMES), self.option(UNTIL)
        if self.option(AT_ONCE):
            return (Request("GET", url),)
        if times is not None:
            return (Request("GET", url),) * (times + 1)
        return () if until is None else (Request("GET", url), Request("GET", url, pause=until))

    def _outage(self) -> Outage:
        return Outage(
            self.option(TIMES),
            self.option(UNTIL),
            self.option(AT_ONCE),
            self.option(HOLD),
            self.option(RETRY_AFTER),
        )
