"""Requests for another origin, or on a connection that was made for one: 421 (RFC 9110, 7.4)."""

from __future__ import annotations

import ipaddress

from pytest_httpcodes.behaviours.option import Option, one_of
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.exchange import Exchange
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage, refuse
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Reply

MODE = Option(
    "mode", "host", one_of("host", "connection"), "refuse a foreign Host, or a reused connection"
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class MisdirectedRequest(Scenario):
    """421: `Host` names another origin than this one (RFC 9110, 15.5.20).

    Under TLS it also has to be the name that the client asked for in its handshake, if it asked for
    one: a request for b.localhost on a connection that was made for a.localhost is misdirected,
    though the certificate is good for both; a connection of its own gets it served.

    With `mode=connection`, a connection that has served a request before is taken for one that was
    made for another origin; "A client that receives a 421 (Misdirected Request) response MAY retry
    the request, whether or not the request method is idempotent, over a different connection".
    """

    code = 421
    options = (MODE,)

    def begin(self) -> Resource:
        """Return a document of this origin."""
        return self.document("this origin's\n", Rule(Stage.AUTHORITY, self._misdirected))

    def _misdirected(self, request: Received) -> Reply | None:
        if self.option(MODE) == "host":
            if is_own(request):
                return None
            detail = f"{request.head.authority} is no origin of this server"
            if request.server_name:
                detail += f" on a connection for {request.server_name}"
            return refuse(request, 421, detail, Section(9110, "7.4"))
        record = request.record
        assert isinstance(record, Exchange)  # noqa: S101 - the journal's own
        if record.number == 1:
            return None
        detail = "this connection is not for this origin; use a new one"
        return refuse(request, 421, detail, Section(9110, "15.5.20"))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for another host's; or twice, to be sent on one connection."""
        if self.option(MODE) == "host":
            return (Request("GET", url, (("Host", "other.example"),)),)
        return (Request("GET", url), Request("GET", url))

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask for this host's, on a new connection."""
        return (Request("GET", url),)


def is_own(request: Received) -> bool:
    """Tell whether a request's authority is this server's: its name, localhost or an address.

    On a connection that was made for a name, it is that name alone.
    """
    scheme, _, own = request.base.partition("://")
    authority = request.head.authority
    if not authority:
        return True  # HTTP/1.0 need not say
    default = _DEFAULT_PORTS[scheme]
    name, port = _split(authority, default)
    own_name, own_port = _split(own, default)
    if request.server_name:
        return (name, port) == (request.server_name, own_port)
    return port == own_port and (name in (own_name, "localhost") or _is_address(name))


def _split(authority: str, default: str) -> tuple[str, str]:
    name, colon, port = authority.lower().rpartition(":")
    # Without a port, the last colon may be one of an IPv6 address in its brackets.
    return (name, port or default) if colon and not port.endswith("]") else (authority, default)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
