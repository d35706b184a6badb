"""Expectations that are not met: 417 (RFC 9110, 10.1.1)."""

from __future__ import annotations

from pytest_httpcodes.behaviours.informational import refuse_expectation
from pytest_httpcodes.behaviours.option import Option, switch
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Reply

CLOSE = Option(
    "close", True, switch, "whether the connection closes; curl repeats only where it does not"
)


class ExpectationFailed(Scenario):
    """417: no expectation is met, `100-continue` included (RFC 9110, 15.5.18).

    "A client that receives a 417 (Expectation Failed) status code in response to a request
    containing a 100-continue expectation SHOULD repeat that request without a 100-continue
    expectation" (RFC 9110, 10.1.1).
    """

    code = 417
    options = (CLOSE,)

    def begin(self) -> Resource:
        """Return a document that a POST adds members to."""
        return self.document(
            "POST here, without Expect\n", Rule(Stage.EXPECTATION, self._expectation)
        )

    def _expectation(self, request: Received) -> Reply | None:
        # "A server MUST ignore" a 100-continue of HTTP/1.0 (RFC 9110, 10.1.1).
        if not request.field("expect") or request.head.http10:
            return None
        return refuse_expectation(request, close=self.option(CLOSE))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Expect what nobody knows."""
        return (Request("POST", url, (("Expect", "200-maybe"),), b"content"),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Expect nothing."""
        return (Request("POST", url, (), b"content"),)
