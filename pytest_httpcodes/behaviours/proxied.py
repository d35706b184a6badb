"""What is to be had through a proxy: 305 (RFC 9110, 15.4.6) and 407 (15.5.8)."""

from __future__ import annotations

import base64
import re

from pytest_httpcodes.behaviours.beside import proxy_for
from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.representation import ASK_FIRST, Representation, represent
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.fields.forwarding import passed
from pytest_httpcodes.request import Answer, Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage, refuse
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Reply

USER, PASSWORD = "user", "password"
ON_WIRE = "a proxy beside the server"
# A relation of our own, since no registered one is that of a proxy (RFC 8288, 2.1.2).
RELATION = "http://httpcodes.example/rel/proxy"
_LINK = re.compile(rf'<([^>]*)>; rel="{re.escape(RELATION)}"')


def _passed(request: Received, url: str) -> bool:
    # Whether a request has come through the proxy at a URL, which has its port in its name.
    return passed(request.field("via"), f"pytest-httpcodes:{url.rpartition(':')[2]}")


class UseProxy(Scenario):
    """305: a GET is for the proxy in `Location` to pass on, and then a 200 (RFC 9110, 15.4.6).

    The code is deprecated: no client is to use a proxy that an origin names. The proxy's journal
    shows whether one did.
    """

    code = 305
    on_wire = ON_WIRE

    def begin(self) -> Resource:
        """Return a document that is had through the open proxy alone."""
        return self.document(
            "this came through the proxy\n", Rule(Stage.RESOURCE, self._send_there)
        )

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask directly."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask through the proxy that a direct answer names."""
        return (
            Request("GET", url),
            lambda answer: Request("GET", url, via=answer.headers["Location"]),
        )

    def _send_there(self, request: Received) -> Reply | None:
        url = proxy_for(request, self.site, demands=False)
        if _passed(request, url):
            return None
        # "The 305 (Use Proxy) status code was defined in a previous version of this specification
        # and is now deprecated" (RFC 9110, 15.4.6); in that version, "The requested resource MUST
        # be accessed through the proxy given by the Location field" (RFC 2616, 10.3.6).
        detail = "it is to be had through the proxy in Location alone"
        link = (f"{url}/", "the proxy")
        fields = (("Location", f"{url}/"),)
        return refuse(request, 305, detail, Section(9110, "15.4.6"), fields, link=link)


class ProxyAuthenticationRequired(Scenario):
    """407: a proxy demands credentials of whoever sends a request through it (RFC 9110, 15.5.8).

    A GET of the origin is a 200 that names the proxy, as a `Link` and in its text. The user is
    `user`, the password `password`.
    """

    code = 407
    on_wire = ON_WIRE

    def begin(self) -> Resource:
        """Return a document that names the proxy."""
        return _Signpost(self.site, self.path, None, methods=("GET", "HEAD", "OPTIONS"))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask where the proxy is, and through it, without credentials."""
        return (Request("GET", url), lambda answer: Request("GET", url, via=named_proxy(answer)))

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask through it with the right ones."""
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        fields = {"Proxy-Authorization": f"Basic {token}"}
        return (
            Request("GET", url),
            lambda answer: Request("GET", url, fields, via=named_proxy(answer)),
        )


def named_proxy(answer: Answer) -> str | None:
    """Return the URL of the proxy that an answer names, None if it names none."""
    found = _LINK.search(answer.headers.get("Link", ""))
    return found[1] if found else None


class _Signpost(Document):
    # Says where the proxy is; through the proxy, that it was found.

    __slots__ = ()

    def selected(self, request: Received) -> Representation | None:
        known = super().selected(request)
        if known is not None:
            return known
        url = proxy_for(request, self.site, demands=True)
        if _passed(request, url):
            return represent("this came through the proxy\n", self.site.born)
        text = f"the proxy at {url} demands credentials: {USER}, {PASSWORD}\n"
        fields = (*ASK_FIRST, ("Link", f'<{url}>; rel="{RELATION}"'))
        return represent(text, self.site.born, fields=fields)
