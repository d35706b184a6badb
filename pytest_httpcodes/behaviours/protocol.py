"""What the wire refuses before a resource is asked, at an address of its own: 414 431 494 501 505.

The same refusals come at any address; here their exchanges belong to an instance.
"""

from __future__ import annotations

from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource

_PARSED = "the server in front parses the request"


class _Parsed(Scenario):
    on_wire = _PARSED

    def begin(self) -> Resource:
        """Return a document, for what gets past the wire."""
        return self.document(f"what is not a {self.code}\n")

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask for less."""
        return (Request("GET", url),)


class URITooLong(_Parsed):
    """414: the target is longer than `max_target`, 8,000 octets by default (RFC 9110, 15.5.15).

    "A server that receives a request-target longer than any URI it wishes to parse MUST respond
    with a 414" (RFC 9112, 3).
    """

    code = 414

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask with a query that is too long."""
        return (Request("GET", f"{url}?{'x' * self.site.limits.target}"),)


class FieldsTooLarge(_Parsed):
    """431: a field is larger than `max_field`, or all of the head than `max_head` (RFC 6585, 5).

    The answer names the field, and "MUST NOT be stored by a cache".
    """

    code = 431

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Send a cookie that is too large."""
        cookie = "a=" + "x" * self.site.limits.field
        return (Request("GET", url, (("Cookie", cookie),)),)


class HeaderTooLarge(FieldsTooLarge):
    """494: as 431, in the words of nginx, which sends a 400 and logs 494.

    `NGX_HTTP_REQUEST_HEADER_TOO_LARGE` never goes on the wire (nginx, `ngx_http_request.h`).
    """

    code = 494


class MethodNotImplemented(_Parsed):
    """501: the method is known for no resource at all (RFC 9110, 9.1, 15.6.2)."""

    code = 501
    on_wire = ""

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask by a method that there is not."""
        return (Request("FROBNICATE", url),)


class VersionNotSupported(_Parsed):
    """505: the request has another major version of HTTP (RFC 9110, 15.6.6)."""

    code = 505

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask by HTTP/2.0 in a request line."""
        return (Request("GET", url, version="HTTP/2.0"),)
