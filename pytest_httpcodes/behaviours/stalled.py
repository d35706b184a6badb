"""A request that does not arrive in time: 408 (RFC 9110, 15.5.9)."""

from __future__ import annotations

from pytest_httpcodes.behaviours.option import Option, seconds
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import Reply

TIMEOUT = Option("timeout", 0.5, seconds(0.001, 60), "seconds that a request may stall")


class RequestTimeout(Scenario):
    """408: the head takes longer than `timeout`, or the content stalls for so long.

    A head is known to be this one's once its request line is there; what stalls before that has
    the server's own `head_timeout`. The connection closes, since nobody knows where the next
    request would start; "the client MAY repeat that request" (RFC 9110, 15.5.9).
    """

    code = 408
    options = (TIMEOUT,)
    on_wire = "the server in front waits for the request"

    def begin(self) -> Resource:
        """Return a document, for requests that arrive in time."""
        return self.document("in time\n", Rule(Stage.CONNECTION, self._wait))

    def foresee(self, target: str) -> Foreseen:
        """Say how long the head may take."""
        return super().foresee(target)._replace(patience=self.option(TIMEOUT))

    def _wait(self, request: Received) -> Reply | None:
        request.patience = self.option(TIMEOUT)
        return None

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Announce content, and do not send it in time."""
        return (Request("POST", url, content=b"late", pause=4 * self.option(TIMEOUT)),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Send all of it at once."""
        return (Request("POST", url, content=b"in time"),)
