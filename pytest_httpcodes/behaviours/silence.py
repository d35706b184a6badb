"""No answer at all: 444, which nginx never sends (nginx, `ngx_http_request.h`)."""

from __future__ import annotations

from pytest_httpcodes.behaviours.option import Option, count, one_of
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage, why
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Close, Raw, Reply, Reset

HOW = Option("how", "close", one_of("close", "reset"), "by FIN, or by RST")
OCTETS = Option("octets", 0, count(0, 17), "of a status line that come first")
_STATUS_LINE = b"HTTP/1.1 200 OK\r\n"


class NoResponse(Scenario):
    """444: the connection closes without an octet (nginx, `NGX_HTTP_CLOSE`).

    To HTTP it is a connection that ends before the response, after which "a client MAY" repeat an
    idempotent request (RFC 9110, 9.2.2).
    """

    code = 444
    options = (HOW, OCTETS)
    on_wire = "it closes the connection without an answer"

    def begin(self) -> Resource:
        """Return a resource that is silent to every request."""
        return Resource(Rule(Stage.CONNECTION, self._silence))

    def _silence(self, request: Received) -> Reply:
        request.record.logged = 444
        request.record.why = why("no answer is given", "nginx")
        started = _STATUS_LINE[: self.option(OCTETS)]
        end = Reset() if self.option(HOW) == "reset" else Close()
        return (Raw(started), end) if started else (end,)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for anything."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Return nothing, since nothing gets past it."""
        return ()
