"""A forward proxy: 407 for who may, 450 and 511 for what it lets through (RFC 9110, 3.7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pytest_httpcodes.behaviours.beside import target_host
from pytest_httpcodes.behaviours.common import content_limit
from pytest_httpcodes.behaviours.forwarding import (
    Allowed,
    forward,
    last_recipient,
    nothing,
    target_of,
    unreached,
)
from pytest_httpcodes.behaviours.identity import Guard
from pytest_httpcodes.behaviours.portal import Portal
from pytest_httpcodes.behaviours.trace import without_content
from pytest_httpcodes.behaviours.transforming import transform
from pytest_httpcodes.fields.forwarding import passed, proxy_status
from pytest_httpcodes.problem import TEXT, Body
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, refuse, reply, why, with_fields
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.own import is_own
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Head, Reply, Step, Tunnel
from pytest_httpcodes.wire.upstream import Upstream, UpstreamError

MODES = ("filter", "captive", "transform")
BLOCKED = ("blocked.example",)
_LOOP = Section(9110, "7.6")


class Conduct(NamedTuple):
    """How a forward proxy behaves; `guard` asks for credentials, `mode` is one of `MODES`.

    `blocked` are the hosts that a filter blocks, with all below them; `timeout` is how long an
    upstream may be silent, in seconds.
    """

    guard: Guard | None = None
    mode: str | None = None
    blocked: tuple[str, ...] = BLOCKED
    timeout: float = 30.0


class ForwardProxy(Resource):
    """Forwards what is sent to it, whatever the target; its own port is `port`."""

    __slots__ = ("_allowed", "_conduct", "_port", "_portal", "name")

    def __init__(self, site: Site, conduct: Conduct, allowed: Allowed, port: int) -> None:
        self._conduct = conduct
        self._allowed = allowed
        self._port = port
        self._portal = Portal() if conduct.mode == "captive" else None
        self.name = f"pytest-httpcodes:{port}"
        super().__init__(
            Rule(Stage.AUTHORITY, self._own, _without_tunnel),
            *(conduct.guard.rules if conduct.guard else ()),
            Rule(Stage.AUTHORITY, self._let_through),
            content_limit(site),
            without_content,
            last_recipient,
            Rule(Stage.STORAGE, self._forward),
        )

    def _own(self, request: Received) -> Reply | None:
        # "When making a request directly to an origin server, other than a CONNECT or server-wide
        # OPTIONS request ..., a client MUST send only the absolute path and query components"
        # (RFC 9112, 3.2.1): a path is for this server itself, unless it is one that intercepts.
        head = request.head
        is_own = self._is_own(request)
        if is_own and self._portal is not None and head.path == "/login":
            return self._portal.login(request)  # in whatever form a client asks for it
        if head.scheme or head.method == "CONNECT":
            return None
        if head.target == "*":
            return nothing(request)
        if is_own:
            if head.path == "/" and head.method in ("GET", "HEAD"):
                return self._page(request)
        elif self._portal is not None and head.authority:
            return None
        detail = "this is a proxy; the target of a request to it is an absolute URI"
        return refuse(request, 400, detail, Section(9112, "3.2.2"))

    def _is_own(self, request: Received) -> bool:
        _, _, base = request.base.partition("://")
        hosts = ("localhost", "127.0.0.1", "[::1]")
        own = {base, *(f"{host}:{self._port}" for host in hosts)}
        return request.head.authority.lower() in own

    def _page(self, request: Received) -> Reply:
        request.record.why = why("what the proxy says of itself", Section(9110, "3.7"))
        text = f"a forward proxy of pytest-httpcodes: curl -x {request.base} http://...\n"
        return reply(200, Body(TEXT, text.encode()))

    def _let_through(self, request: Received) -> Reply | None:
        if self._portal is not None:
            return self._portal.intercept(request)
        if self._conduct.mode != "filter":
            return None
        host = target_host(request.head.authority)
        if not any(f".{host}".endswith(f".{blocked}") for blocked in self._conduct.blocked):
            return None
        detail = f"a filter that parents have set up blocks {host}"
        return refuse(request, 450, detail, Section(9110, "15"))

    def _forward(self, request: Received) -> Reply:
        head = request.head
        try:
            target = target_of(head)
        except ValueError as error:
            return refuse(request, 400, f"{error}", Section(9110, "4.2.1"))
        if target.scheme not in ("", "http"):
            return _other_scheme(request, target.scheme)
        if passed(head.known.get("via", ""), self.name):
            return self._loop(request)
        try:
            to = self._allowed.upstream(target.host, target.port, self._conduct.timeout)
        except UpstreamError as error:
            return unreached(request, self.name, error)
        if to is None:
            return self._forbidden(request, target.authority)
        if any(address[1] == self._port and is_own(address) for address in to.addresses):
            return self._loop(request)
        if head.method == "CONNECT":
            return self._tunnel(request, to)
        amend = transform(request) if self._conduct.mode == "transform" else None
        return forward(request, to, target, self.name, amend=amend)

    def _tunnel(self, request: Received, to: Upstream) -> Reply:
        request.record.why = why(f"a tunnel to {request.head.target}", Section(9110, "9.3.6"))
        head = Head(200, (), "Connection established")
        return Tunnel(to, head, lambda error: unreached(request, self.name, error))

    def _loop(self, request: Received) -> Reply:
        # "An intermediary MUST NOT forward a message to itself unless it is protected from an
        # infinite request loop" (RFC 9110, 7.6).
        detail = "the request is for this proxy itself, or has come through it before"
        status = proxy_status(self.name, "proxy_loop_detected", detail)
        return refuse(request, 508, detail, _LOOP, (status,))

    def _forbidden(self, request: Received, authority: str) -> Reply:
        # "Proxies that support CONNECT SHOULD restrict its use to a limited set of known ports or
        # a configurable list of safe request targets" (RFC 9110, 9.3.6); here all methods are.
        detail = (
            f"{authority} is no origin of this process; allow= or --allow HOST:PORT would let it "
            f"be reached"
        )
        status = proxy_status(self.name, "http_request_denied", detail)
        return refuse(request, 403, detail, Section(9110, "9.3.6"), (status,))


def _other_scheme(request: Received, scheme: str) -> Reply:
    # "A client MUST ensure that its HTTP requests for an "https" resource are secured, prior to
    # being communicated" (RFC 9110, 4.2.2): sent here in the absolute-form, they are not, and no
    # proxy can make up for that.
    detail = f"the scheme {scheme} is not forwarded"
    if scheme == "https":
        detail += "; CONNECT opens a tunnel for it, in which it is secured from end to end"
    return refuse(request, 501, detail, Section(9110, "4.2.2"))


def _without_tunnel(request: Received, steps: Iterable[Step]) -> Iterable[Step]:
    # A client may take what follows an answer to CONNECT for its tunnel's.
    if request.head.method != "CONNECT" or not isinstance(steps, tuple):
        return steps
    if any(isinstance(step, Tunnel) for step in steps):
        return steps
    return with_fields(steps, (("Connection", "close"),))
