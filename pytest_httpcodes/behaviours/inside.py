"""An offer to go on under TLS on the same connection: 101 (RFC 2817, 3)."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from pytest_httpcodes.behaviours.sequence import joined
from pytest_httpcodes.resource import Rule, Stage
from pytest_httpcodes.wire.head import options
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Interim, Secure, Step

# "the protocol tokens listed in the Upgrade header of a 101 Switching Protocols response specify
# an ordered 'bottom-up' stack" (RFC 2817, 3.3). This token is the only one that is registered,
# whatever version of TLS the handshake then comes to.
UPGRADE = (("Upgrade", "TLS/1.0, HTTP/1.1"), ("Connection", "Upgrade"))


def offers_tls(request: Received) -> bool:
    """Tell whether a client in clear offers to go on under TLS."""
    # "A server that receives an Upgrade header field in an HTTP/1.0 request MUST ignore that
    # Upgrade field"; its sender "MUST also send an "Upgrade" connection option" (RFC 9110, 7.8).
    if request.secured or request.head.http10:
        return False
    offered = [name.strip().lower() for name in request.field("upgrade").split(",")]
    return "tls/1.0" in offered and "upgrade" in options(request.field("connection"))


def _pass(request: Received) -> None:
    return None


def _inside(request: Received, steps: Iterable[Step]) -> Iterable[Step]:
    # "A client cannot begin using an upgraded protocol on the connection until it has completely
    # sent the request message" (RFC 9110, 7.8): what is refused before that is refused in clear.
    if not (request.complete and offers_tls(request)):
        return steps
    from pytest_httpcodes.authority import issued
    from pytest_httpcodes.tls import TLS

    terms = issued(TLS(), urlsplit(request.base).hostname or "")
    return joined((Interim(101, UPGRADE), Secure(terms)), steps)


# "it is requesting the server to complete the current HTTP/1.1 request after switching to
# TLS/1.0" (RFC 2817, 3).
inside_tls = Rule(Stage.SWITCH, _pass, _inside)
