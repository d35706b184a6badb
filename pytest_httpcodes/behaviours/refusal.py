"""What a resource refuses for what it is: 402 404 405 450 451 (RFC 9110, 15.5; RFC 7725)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.problem import TEXT
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, Steps, refuse, rule, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Content, End, Head, Reply

# What these ask is not what the resource contains (RFC 9110, 9.3.7 and 9.3.8).
_ABOUT = ("OPTIONS", "TRACE")
_READ_ONLY = ("GET", "HEAD", "OPTIONS")
# The characters of a URI reference (RFC 3986, 2).
_REFERENCE = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")


def payment_required(paid: Callable[[], bool], at: str = "") -> Rule:
    """Refuse what is not paid for: 402, until `paid` returns True; it is asked at each request.

    `at` is the address where to pay, a URI reference for people to follow, "" for none. `OPTIONS`
    and `TRACE` are free. The code "is reserved for future use" (RFC 9110, 15.5.3): there is no
    field that says what to pay. Raises `ValueError` for an address that is none, and `TypeError`
    for what is no function.
    """
    if not callable(paid):
        raise TypeError(f"paid={paid!r} is no function; use one that returns True or False")
    if at:
        _check_reference("at", at)

    @rule(Stage.IDENTITY)
    def check(request: Received) -> Steps | None:
        if request.head.method in _ABOUT or paid():
            return None
        detail = "a payment is due" + (f"; POST {at} to pay" if at else "")
        link = (at, "Pay here") if at else None
        return refuse(request, 402, detail, Section(9110, "15.5.3"), link=link)

    return check


def blocked_by(entity: str, explanation: str = "") -> Rule:
    """Refuse for legal reasons: 451, with a `Link` to who implements it (RFC 7725, 4).

    `entity` is a URI reference that identifies "the entity actually implementing blockage, not
    any other entity mandating it". `explanation` is half a sentence: who demands it, by which
    law, and what people and resources it is about. Raises `ValueError` for an entity that is no
    URI reference.
    """
    _check_reference("entity", entity)
    detail = explanation or "a legal demand, of which nothing more is known, forbids access"
    fields = (("Link", f'<{entity}>; rel="blocked-by"'),)

    @rule(Stage.IDENTITY)
    def block(request: Received) -> Steps:
        return refuse(request, 451, detail, Section(7725, "3"), fields)

    return block


def _check_reference(name: str, value: str) -> None:
    if not isinstance(value, str) or not _REFERENCE.fullmatch(value):
        raise ValueError(
            f"{name}={value!r} is no URI reference; use one such as 'https://example.org/', with "
            f"other characters percent-encoded"
        )


@rule(Stage.IDENTITY)
def _filtered(request: Received) -> Steps:
    # "a client MUST understand the class of any status code ... and treat an unrecognized status
    # code as being equivalent to the x00 status code of that class" (RFC 9110, 15).
    detail = "parental controls block this address; a parent can allow it"
    return refuse(request, 450, detail, Section(9110, "15"))


class Payment(Document):
    """Where a payment is made: a `POST` of anything pays, and it says whether one is due."""

    __slots__ = ("_paid",)

    def __init__(self, site: Site, path: str, paid: threading.Event) -> None:
        due = represent("due\n", site.born)
        super().__init__(site, path, due, methods=("GET", "HEAD", "POST", "OPTIONS"))
        self._paid = paid

    def post(self, request: Received) -> Reply:
        """Take the payment."""
        self._paid.set()
        self.current = represent("paid\n", self.site.clock.now())
        request.record.why = why("the payment was made", Section(9110, "9.3.3"))
        return (Head(200, (("Content-Type", TEXT),)), Content(b"paid\n"), End())


class PaymentRequired(Scenario):
    """402: everything is refused until a payment was made (RFC 9110, 15.5.3: reserved).

    A POST to `payment` below it makes one.
    """

    code = 402

    def begin(self) -> Resource:
        """Return a document to be paid for."""
        paid = threading.Event()
        at = f"{self.path}/payment"
        self.put("payment", Payment(self.site, at, paid))
        return self.document("what was paid for\n", payment_required(paid.is_set, at))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Get it for nothing."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Pay, then get it."""
        return (Request("POST", f"{url}/payment"), Request("GET", url))


class NotFound(Scenario):
    """404: there is no representation, and nobody says for how long (RFC 9110, 15.5.5).

    A PUT creates one, a DELETE removes it.
    """

    code = 404

    def begin(self) -> Resource:
        """Return a document without content."""
        return self.document(None)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Get what is not there."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Put it there, then get it."""
        put = Request("PUT", url, (("Content-Type", "text/plain"),), b"now it is there\n")
        return (put, Request("GET", url))


class MethodNotAllowed(Scenario):
    """405: a method that is known, and not supported here; Allow has those that are.

    "The origin server MUST generate an Allow header field in a 405 response" (RFC 9110, 15.5.6).
    """

    code = 405

    def begin(self) -> Resource:
        """Return a document that can only be read."""
        return self.document("read only\n", methods=_READ_ONLY)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Try to add something."""
        return (Request("POST", url, content=b"more\n"),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Read it."""
        return (Request("GET", url),)


class Filtered(Scenario):
    """450: a parental filter blocks it; Microsoft's, and in no registry (RFC 9110, 15).

    Nothing gets past it.
    """

    code = 450

    def begin(self) -> Resource:
        """Return a document that is blocked."""
        return self.document("not for children\n", _filtered)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for it."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Return nothing: only a parent could get past it."""
        return ()


class LegalReasons(Scenario):
    """451: access is denied "as a consequence of a legal demand" (RFC 7725, 3).

    "Responses using this status code SHOULD include an explanation, in the response body, of the
    details of the legal demand: the party making it, the applicable legislation or regulation,
    and what classes of person and resource it applies to." Nothing gets past it.
    """

    code = 451

    def begin(self) -> Resource:
        """Return a document that is forbidden."""
        demand = (
            "the Court of Example demands, under section 1 of the Example Act, that nobody in any "
            "country is given this document"
        )
        return self.document("forbidden\n", blocked_by("/", demand))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for it."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Return nothing: only the law could be changed."""
        return ()
