"""Where a proxy beside an origin is, as a client sees it (RFC 9110, 15.4.6 and 15.5.8)."""

from __future__ import annotations

from pytest_httpcodes.resource import Site
from pytest_httpcodes.wire.received import Received


def proxy_for(request: Received, site: Site, *, demands: bool) -> str:
    """Return the URL of a proxy, under the host that the client knows its server by.

    It is one that `demands` credentials, or the open one. Raises `LookupError` where there is none,
    as under WSGI.
    """
    scheme, _, authority = site.proxy_url(demands=demands).partition("://")
    host, _, port = authority.rpartition(":")
    host = target_host(request.head.authority) or host
    return f"{scheme}://{host}:{port}"


def target_host(authority: str) -> str:
    """Return the host of an authority as names are compared: in lower case, without a last dot."""
    host, colon, port = authority.rpartition(":")
    return (host if colon and "]" not in port else authority).lower().removesuffix(".")
