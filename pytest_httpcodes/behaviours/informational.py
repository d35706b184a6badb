"""Interim responses: 100 102 103 (RFC 9110, 15.2).

None of them is ever sent to an HTTP/1.0 client, whatever a scenario says: the wire leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.option import Option, count, one_of, seconds
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.behaviours.sequence import joined
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage, refuse, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import CONTINUE, Received
from pytest_httpcodes.wire.steps import Interim, Pause, Reply, Step
from pytest_httpcodes.wire.writer import lower

POLICIES = ("obey", "silent", "refuse", "refuse-keep", "late", "twice", "with-fields")
POLICY = Option(
    "policy",
    "obey",
    one_of(*POLICIES),
    "what becomes of the expectation; silent, late, twice and with-fields test clients",
)
COUNT = Option("count", 3, count(0, 10_000), "how many interim responses")
EVERY = Option("every", 0.05, seconds(0, 60), "seconds from one to the next")
EXPECT = (("Expect", "100-continue"),)
# Fields are permitted in a 100, and are not those of the final response.
_WITH_FIELDS = CONTINUE[:-2] + b"X-Interim: 1\r\nContent-Type: text/x-interim\r\n\r\n"
_INVITATIONS = {
    "silent": b"",
    "late": b"",
    "twice": CONTINUE * 2,
    "with-fields": _WITH_FIELDS,
}


class Continue(Scenario):
    """100: a client that waits with its content is invited to send it (RFC 9110, 10.1.1, 15.2.1).

    Exactly one 100 is sent, when no rule objects any more and the content is not there yet. As
    `policy`, `silent` never sends it, `refuse` answers 417 instead and closes (`refuse-keep` does
    not), `late` sends it behind the content, `twice` sends two, and `with-fields` has fields in it.
    """

    code = 100
    options = (POLICY,)
    on_wire = "it decides when 100 Continue is sent"

    def begin(self) -> Resource:
        """Return a document that a POST adds members to."""
        return self.document(
            "POST here, with Expect: 100-continue\n",
            Rule(Stage.EXPECTATION, self._expectation, amend=self._belated),
        )

    def _expectation(self, request: Received) -> Reply | None:
        policy = self.option(POLICY)
        request.invitation = _INVITATIONS.get(policy, CONTINUE)
        if not request.waits or not policy.startswith("refuse"):
            return None
        return refuse_expectation(request, close=policy == "refuse")

    def _belated(self, request: Received, steps: Iterable[Step]) -> Iterable[Step]:
        # "A client that receives a 100 (Continue) ... while not expecting one can simply discard
        # the interim response" (RFC 9110, 15.2.1).
        came = request.complete and request.head.length != 0
        late = came and self.option(POLICY) == "late" and request.head.expects_continue
        return (Interim(100), *steps) if late else steps

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Announce content, and wait with it."""
        return (Request("POST", url, EXPECT, b"content", pause=0.05),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Send the content without waiting."""
        return (Request("POST", url, (), b"content"),)


def refuse_expectation(request: Received, *, close: bool) -> Reply:
    """Answer 417; with `close`, the connection ends, and the client need not send its content."""
    given = request.field("expect")
    detail = f"the expectation {given} is not met here; repeat the request without Expect"
    fields = (("Connection", "close"),) if close else ()
    if not close:
        request.forgo()
    return refuse(request, 417, detail, Section(9110, "15.5.18"), fields)


class _Slow(Scenario):
    # Interim responses before the representation.

    on_wire = "it sends interim responses"

    def begin(self) -> Resource:
        """Return a document that is long in coming."""
        return Preceded(self, f"what came behind the {self.code}\n")

    def interim(self) -> Iterator[Step]:
        """Return the steps before the final response."""
        raise NotImplementedError

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask by HTTP/1.1."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask by HTTP/1.0, which has no interim responses."""
        return (Request("GET", url, version="HTTP/1.0"),)


class Preceded(Document):
    """A document whose GET has interim responses before it."""

    __slots__ = ("_scenario",)

    def __init__(self, scenario: _Slow, content: str) -> None:
        super().__init__(scenario.site, scenario.path, scenario.represent(content))
        self._scenario = scenario

    def get(self, request: Received) -> Reply:
        """Answer with the representation, behind the interim responses."""
        final = super().get(request)
        if request.head.http10:
            return final
        code = self._scenario.code
        request.record.why = why(
            f"the representation, behind interim {code}", Section(9110, "15.2")
        )
        # Where the final response is all there, they are too, and it can announce its length.
        return joined(tuple(self._scenario.interim()), lower(final))


class Processing(_Slow):
    """102: `count` interim responses while the request is worked on, `every` so many seconds apart.

    It was to keep a client from giving up on a request that takes over 20 seconds (RFC 2518, 10.1);
    RFC 4918 dropped it, and the registry kept it.
    """

    code = 102
    options = (COUNT, EVERY)

    def interim(self) -> Iterator[Step]:
        """Return the interim responses, each with the pause behind it."""
        for _ in range(self.option(COUNT)):
            yield Interim(102)
            yield Pause(self.option(EVERY))


class EarlyHints(_Slow):
    """103: fields that the final response is going to have, ahead of it (RFC 8297, 2).

    With a `count`, it is sent so often, `every` so many seconds apart.
    """

    code = 103
    options = (
        Option("count", 1, count(0, 10_000), "how many interim responses"),
        Option("every", 0.0, seconds(0, 60), "seconds from one to the next"),
    )

    def interim(self) -> Iterator[Step]:
        """Return the interim responses, each with the pause behind it."""
        number, every = (self.option(option) for option in self.options)
        for _ in range(int(number)):
            yield Interim(103, (("Link", "</style.css>; rel=preload; as=style"),))
            yield Pause(every)
