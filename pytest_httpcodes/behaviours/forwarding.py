"""What an intermediary does with a request that it forwards: 400 403 501 502 504 508 (RFC 9110, 7).

Rule 1: it connects to this process's own origins, and to what its owner allows; to nobody else,
however the address is spelt. A name is looked up once, and the address that was checked is the
address that is used.
Rule 2: nothing is sent twice (RFC 9110, 9.2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from pytest_httpcodes.behaviours.trace import traced
from pytest_httpcodes.fields.forwarding import (
    code_of,
    end_to_end,
    forwards,
    named,
    proxy_status,
    with_via,
)
from pytest_httpcodes.resource import Stage, refuse, rule, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.grammar import ABSOLUTE, HOST
from pytest_httpcodes.wire.head import Refusal, RequestHead, options
from pytest_httpcodes.wire.own import is_own, is_own_port
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Fields, Forward, Head, Interim, Reply, Step
from pytest_httpcodes.wire.upstream import Upstream, UpstreamError, resolve

Amend: TypeAlias = Callable[[Iterator[Step]], Iterable[Step]]

# What is made anew for each request that is sent, and what the client says to its proxy alone
# (RFC 9110, 11.7.2).
_MADE_ANEW = frozenset(("host", "content-length", "proxy-authorization"))
_PORTS = {"http": 80, "https": 443}


class Target(NamedTuple):
    """What a request is for: an authority, and what to ask there; a port is always there."""

    scheme: str
    host: str
    port: int
    authority: str
    asked: str


def target_of(head: RequestHead, scheme: str = "http") -> Target:
    """Return what a request to a proxy is for; raises `ValueError` for an impossible port.

    A request for a path is for the server in its `Host`, in `scheme`.
    """
    rest = head.target
    match = ABSOLUTE.match(head.target)
    if head.scheme and match:
        scheme, rest = head.scheme, match[3]
    found = HOST.match(head.authority)
    assert found is not None  # noqa: S101 - the parser has looked at it
    host, port = found[1], found[2]
    if head.method == "CONNECT":
        return Target("", host, int(port), head.authority, "")
    if port and not int(port):
        raise ValueError(f"the port of {head.authority} is 0, which is none")
    # "If a proxy receives an OPTIONS request with an absolute-form of request-target in which the
    # URI has an empty path and no query component, then the last proxy on the request chain MUST
    # send a request-target of "*"" (RFC 9112, 3.2.4).
    if not rest and head.method == "OPTIONS":
        rest = "*"
    elif not rest.startswith(("/", "*")):
        rest = f"/{rest}"
    return Target(scheme, host, int(port) if port else _PORTS.get(scheme, 0), head.authority, rest)


class Allowed:
    """Whom an intermediary may connect to: this process's own origins, and those named.

    The names are such as "example.org:80", with a port each. Raises `ValueError` for others.
    """

    def __init__(self, named: Iterable[str] = ()) -> None:
        self._named = frozenset(_host_and_port(name) for name in named)

    def upstream(self, host: str, port: int, timeout: float) -> Upstream | None:
        """Return how to reach a server, None if that is not allowed.

        Raises `UpstreamError` where its name cannot be looked up.
        """
        named = (_plain(host), port) in self._named
        ports = {port for _, port in self._named}
        if not (named or port in ports or is_own_port(port)):
            return None  # whatever it is the name of
        found = resolve(host.strip("[]"), port)
        addresses = tuple(
            address
            for address in found
            if named or (address[0], port) in self._named or is_own(address)
        )
        if not addresses:
            return None
        return Upstream(f"{host}", addresses, timeout=timeout)


def _host_and_port(name: str) -> tuple[str, int]:
    match = HOST.match(name) if isinstance(name, str) else None
    if match is None or not match[1] or not match[2] or not 0 < int(match[2]) < 65_536:
        raise ValueError(f"allow={name!r} is no server; use HOST:PORT, as in 'example.org:80'")
    return _plain(match[1]), int(match[2])


def _plain(host: str) -> str:
    return host.lower().strip("[]").removesuffix(".")


def forward(
    request: Received,
    to: Upstream,
    target: Target,
    name: str,
    *,
    amend: Amend | None = None,
    failed: Callable[[UpstreamError | Refusal], Reply] | None = None,
) -> tuple[Step]:
    """Return the answer that forwards a request to an upstream, as RFC 9110, 7.6 wants it.

    `name` is who forwards it, for `Via`. `amend` gets the answer's steps once they are what is to
    be sent, and may change them. `failed` answers where the upstream does not; without it, that is
    `unreached`.
    """
    request.hand_on()
    request.record.why = why(f"forwarded to {target.authority}", Section(9110, "7.6"))
    head = request.head
    fields = end_to_end(head.fields, _MADE_ANEW | _ignored(request))

    def returned(steps: Iterator[Step]) -> Iterable[Step]:
        answer = _returned(steps, name)
        return amend(answer) if amend else answer

    return (
        Forward(
            request,
            to,
            head.method,
            target.asked,
            # "the proxy MUST ignore the received Host header field (if any) and instead replace
            # it with the host information of the request-target" (RFC 9112, 3.2.2).
            with_via((("Host", target.authority), *_counted(head, fields)), head.version, name),
            failed or (lambda error: unreached(request, name, error)),
            returned,
            _upgrade(head),
        ),
    )


@rule(Stage.STORAGE)
def last_recipient(request: Received) -> Reply | None:
    """Answer what may not be forwarded any further: `Max-Forwards: 0`."""
    # "If the received value is zero (0), the intermediary MUST NOT forward the request;
    # instead, the intermediary MUST respond as the final recipient" (RFC 9110, 7.6.2).
    head = request.head
    if head.method not in ("TRACE", "OPTIONS") or "max-forwards" not in head.known:
        return None
    try:
        left = forwards(head.known["max-forwards"])
    except ValueError as error:
        return refuse(request, 400, f"{error}", Section(9110, "7.6.2"))
    if left:
        return None
    return traced(request) if head.method == "TRACE" else nothing(request)


def nothing(request: Received) -> Reply:
    """Answer an `OPTIONS` for the intermediary itself."""
    request.record.why = why(
        "the intermediary itself, which has nothing to say", Section(9110, "9.3.7")
    )
    return (Head(204), End())


def _ignored(request: Received) -> frozenset[str]:
    # "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that
    # expectation" (RFC 9110, 10.1.1); and content that is here already was invited from here.
    is_met = request.complete and request.head.expects_continue
    return frozenset(("expect",)) if request.head.http10 or is_met else frozenset()


def _upgrade(head: RequestHead) -> str:
    # An Upgrade is for this connection, and so for the next one only if it was meant
    # (RFC 9110, 7.8).
    if head.http10 or "upgrade" not in options(head.known.get("connection", "")):
        return ""
    return head.known.get("upgrade", "")


def _counted(head: RequestHead, fields: Fields) -> Fields:
    # "A recipient MAY ignore a Max-Forwards header field received with any other request methods"
    # (RFC 9110, 7.6.2).
    if head.method not in ("TRACE", "OPTIONS") or "max-forwards" not in head.known:
        return fields
    left = forwards(head.known["max-forwards"]) - 1
    return (*(line for line in fields if line[0].lower() != "max-forwards"),
            ("Max-Forwards", f"{left}"))  # fmt: skip


def _returned(steps: Iterator[Step], name: str) -> Iterator[Step]:
    # The answer as it is sent on: with Via, and without what is for the upstream's connection.
    dropped: frozenset[str] = frozenset()
    for step in steps:
        if isinstance(step, Interim):
            yield Interim(step.status, _on(step, name), step.reason)
        elif isinstance(step, Head):
            dropped = named(step.headers)
            yield Head(step.status, _on(step, name), step.reason)
        elif isinstance(step, End):
            yield End(tuple(line for line in step.trailers if line[0].lower() not in dropped))
        else:
            yield step


def _on(step: Interim | Head, name: str) -> Fields:
    # "A server MUST NOT send a Content-Length header field in any response with a status code of
    # 1xx (Informational) or 204 (No Content)" (RFC 9110, 8.6).
    also = frozenset(("content-length",) if step.status == 204 else ())
    kept = with_via(end_to_end(step.headers, also), step.version, name)
    if step.status != 101:
        return kept
    chosen = tuple(line for line in step.headers if line[0].lower() == "upgrade")
    return (*kept, *chosen, ("Connection", "Upgrade"))


def unreached(request: Received, name: str, error: UpstreamError | Refusal) -> Reply:
    """Answer a request to which the upstream has no answer: 502, or 504 for what took too long.

    So is one refused whose own content is malformed or late.
    """
    close = (("Connection", "close"),) if request.head.method == "CONNECT" else ()
    if isinstance(error, Refusal):
        close = (("Connection", "close"),)
        return refuse(request, error.status, error.detail, error.section, close)
    code = code_of(error.kind)
    section = Section(9110, "15.6.5" if code == 504 else "15.6.3")
    status = proxy_status(name, error.kind, error.detail)
    return refuse(request, code, error.detail, section, (status, *close))
