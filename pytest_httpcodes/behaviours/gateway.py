"""Gateways in front of an origin of this process: 203 502 504 (RFC 9110, 3.7 and 15.6).

Rule 1: what a gateway answers follows from what it saw of its upstream, and from nothing else.
Rule 2: as soon as anything of the upstream's answer was handed on, what goes wrong can only break
that answer off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from pytest_httpcodes.behaviours.common import everywhere
from pytest_httpcodes.behaviours.faults import Fault
from pytest_httpcodes.behaviours.forwarding import Target, forward, last_recipient, unreached
from pytest_httpcodes.behaviours.option import Option, count, one_of, seconds, switch
from pytest_httpcodes.behaviours.revalidating import restored, revalidated
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.behaviours.trace import without_content
from pytest_httpcodes.behaviours.transforming import transform
from pytest_httpcodes.behaviours.upstreams import KINDS, Behind, Kind, Turns
from pytest_httpcodes.extras import need
from pytest_httpcodes.fields.forwarding import code_of, proxy_status
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage, refuse, segments, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire import nowhere
from pytest_httpcodes.wire.grammar import ABSOLUTE
from pytest_httpcodes.wire.head import Refusal
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.sender import Gone
from pytest_httpcodes.wire.steps import Fields, Forward, Head, Reply, Step
from pytest_httpcodes.wire.upstream import Upstream, UpstreamError

NAME = "pytest-httpcodes"
_VIA = ("Via", f"1.1 {NAME}")
ON_WIRE = "an upstream beside the server"
_MAX_ADDRESSES = 30  # in X-Forwarded-For, for an Application Load Balancer

PERSONALITIES = ("rfc", "cloudflare", "aws")
# What Cloudflare calls an upstream's faults: developers.cloudflare.com, "Cloudflare 5xx errors".
# Whatever is not here is an "empty, unknown, or unexpected response", a 520.
_CLOUDFLARE = {
    "connection_refused": 521,
    "connection_timeout": 522,
    "connection_write_timeout": 522,
    "destination_ip_unroutable": 523,
    "destination_not_found": 523,
    "dns_error": 523,
    "dns_timeout": 523,
    "http_response_timeout": 524,
    "connection_read_timeout": 524,
    "tls_protocol_error": 525,
    "tls_alert_received": 525,
    "tls_certificate_error": 526,
}

PERSONALITY = Option(
    "personality", "rfc", one_of(*PERSONALITIES), "whose codes it answers: rfc, cloudflare, aws"
)
TIMEOUT = Option("timeout", 0.5, seconds(0.01, 60), "seconds that the upstream may be silent")
TIMES: Option[int | None] = Option(
    "times", None, count(1, 1_000_000), "how many requests find it broken; then it has healed"
)
NO_TRANSFORM = Option("no_transform", False, switch, "whether the origin forbids a change")


_ABOUT = f"what the upstream is: {', '.join(KINDS)}"


def _upstream(default: str) -> Option[str]:
    return Option("upstream", default, one_of(*KINDS), _ABOUT)


def status_of(kind: str, personality: str = "rfc") -> int:
    """Return the status code for an error type of RFC 9209, 2.3: 502 or 504.

    Cloudflare has codes of its own. An Application Load Balancer has those of RFC 9110.
    """
    return _CLOUDFLARE.get(kind, 520) if personality == "cloudflare" else code_of(kind)


class Gateway(Scenario):
    """A gateway, and the origin `behind` it, at the same path on a port of its own."""

    on_wire = ON_WIRE
    upstream: ClassVar[Option[str]]
    _kind: Kind

    def begin(self) -> Resource:
        """Return the gateway, and put a document behind it; raises `MissingExtra`."""
        self.configured()
        self._turns = Turns(lambda: self.option(TIMES))
        key = tuple(segments(self.path))
        self.behind = Behind(self.site, key, self._fault, self.fields_behind)
        return Resource(
            *everywhere(self.site),
            without_content,
            Rule(Stage.AUTHORITY, self._healed),
            Rule(Stage.AUTHORITY, self._too_many_addresses),
            last_recipient,
            Rule(Stage.STORAGE, self._forward),
        )

    def configured(self) -> None:
        """Let the upstream be as the options say; raises `MissingExtra`."""
        self._be(self.option(self.upstream))

    def find(self, below: Sequence[str], method: str = "GET") -> Resource:
        """Return the gateway, which is at every path below, too."""
        return self._root

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask once the upstream has healed."""
        return (Request("GET", f"{url}?upstream=ok"),)

    def fields_behind(self) -> Fields:
        """Return more fields of the origin's answers."""
        return ()

    def amended(self, request: Received, steps: Iterator[Step]) -> Iterable[Step]:
        """Return the origin's answer as it is handed on."""
        return steps

    def _be(self, word: str) -> None:
        self._kind = KINDS[word]
        if self._kind.speaks_tls:
            need("trustme", "tls", "an upstream with a bad certificate")

    def _healed(self, request: Received) -> Reply | None:
        # The query of an instance that a test made is the client's, but for this.
        asked = parse_qs(request.head.query).get("upstream")
        if asked and self.upstream in self.options:
            try:
                self._be(self.upstream.parse(asked[-1]))
            except ValueError as error:
                return refuse(request, 400, f"{error}", Section(9110, "15.5.1"))
        return None

    def _fault(self) -> Fault | None:
        fault = self._kind.fault
        return fault if fault and self._turns.breaks() else None

    def _too_many_addresses(self, request: Received) -> Reply | None:
        # "The load balancer received an X-Forwarded-For request header with more than 30 IP
        # addresses" (Elastic Load Balancing, HTTP 463).
        if self.option(PERSONALITY) != "aws":
            return None
        found = request.field("x-forwarded-for").split(",")
        if len(found) <= _MAX_ADDRESSES:
            return None
        detail = f"X-Forwarded-For has {len(found)} addresses, and {_MAX_ADDRESSES} are allowed"
        return refuse(request, 463, detail, Section(9110, "15.5"), (_VIA,))

    def _forward(self, request: Received) -> Reply:
        head = request.head
        to = self._to()
        match = ABSOLUTE.match(head.target) if head.scheme else None
        # The host is the one that the client knows, so that the origin's links are for it.
        authority = head.authority or to.name
        target = Target("http", "", 0, authority, (match[3] if match else head.target) or "/")
        personality = self.option(PERSONALITY)
        (step,) = forward(
            request,
            to,
            target,
            NAME,
            amend=lambda steps: _told(held(self.amended(request, steps)), request, personality),
            failed=lambda error: failed(request, error, personality),
        )
        request.record.why = why(f"forwarded to the upstream, {to.name}", Section(9110, "7.6"))
        assert isinstance(step, Forward)  # noqa: S101 - it is what `forward` makes
        return (replace(step, headers=self.asked(request, step.headers)),)

    def asked(self, request: Received, fields: Fields) -> Fields:
        """Return the fields of the request as it is handed on."""
        return fields

    def _to(self) -> Upstream:
        kind = self._kind
        if (kind.address or kind.asked_in_tls) and not self._turns.breaks():
            kind = KINDS["ok"]
        if kind.address:
            address = kind.address()
        else:
            parts = urlsplit(self.site.upstream_url(tls=kind.speaks_tls))
            address = (parts.hostname, parts.port)
        context = nowhere.suspicious() if kind.asked_in_tls else None
        timeout = self.option(TIMEOUT)
        name = f"{address[0]}" if context else f"{address[0]}:{address[1]}"
        return Upstream(name, (address,), context, timeout, timeout)


def held(steps: Iterable[Step]) -> Iterator[Step]:
    """Return an answer whose head waits for what follows it: that may be no valid content.

    Once it is sent, that can be no 502 any more.
    """
    waiting: tuple[Step, ...] = ()
    for step in steps:
        if isinstance(step, Head):
            waiting = (step,)
            continue
        yield from waiting
        waiting = ()
        yield step


def _told(steps: Iterator[Step], request: Received, personality: str) -> Iterator[Step]:
    try:
        yield from steps
    except Gone:
        if personality == "aws":
            # "The load balancer received a request from a client, but the client closed the
            # connection with the load balancer before the idle timeout period elapsed" (Elastic
            # Load Balancing, HTTP 460), which is for its log alone.
            request.record.logged = 460
        raise


def failed(request: Received, error: UpstreamError | Refusal, personality: str) -> Reply:
    """Answer a request to which the upstream has no answer, or one that is invalid.

    It is not tried again: "A proxy MUST NOT automatically retry non-idempotent requests" (RFC 9110,
    9.2.2), and others are the client's to repeat.
    """
    if isinstance(error, Refusal):
        return unreached(request, NAME, error)
    code = status_of(error.kind, personality)
    # What Cloudflare's codes are for is either of the two.
    section = Section(9110, "15.6.5" if code_of(error.kind) == 504 else "15.6.3")
    fields = (proxy_status(NAME, error.kind, error.detail), _VIA)
    return refuse(request, code, error.detail, section, fields)


class NonAuthoritativeInformation(Gateway):
    """203: a gateway changes the content of the origin's 200 (RFC 9110, 15.3.4 and 7.7).

    The entity tag is changed with it, and changed back in conditional requests; ranges are those of
    the origin's content, and are not asked for. `no-transform` in `Cache-Control` keeps all as it
    is.
    """

    code = 203
    options = (NO_TRANSFORM,)
    upstream = _upstream("ok")

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask for what the origin has."""
        return (Request("GET", url, {"Cache-Control": "no-transform"}),)

    def fields_behind(self) -> Fields:
        """Return what may forbid any change."""
        return (("Cache-Control", "no-transform"),) if self.option(NO_TRANSFORM) else ()

    def asked(self, request: Received, fields: Fields) -> Fields:
        """Return the fields with the validators that the origin knows."""
        return fields if transform(request) is None else restored(fields, request.head.method)

    def amended(self, request: Received, steps: Iterator[Step]) -> Iterable[Step]:
        """Return the answer in capitals."""
        change = transform(request)
        return steps if change is None else revalidated(iter(change(steps)))


class BadGateway(Gateway):
    """502: a gateway gets no valid response of its upstream (RFC 9110, 15.6.3)."""

    code = 502
    upstream = _upstream("garbage")
    options = (upstream, TIMES, TIMEOUT, PERSONALITY)


class GatewayTimeout(Gateway):
    """504: a gateway gets no response of its upstream in time (RFC 9110, 15.6.5)."""

    code = 504
    upstream = _upstream("stall")
    options = (upstream, TIMES, TIMEOUT, PERSONALITY)
