"""What is to be had at another address: 301 302 303 307 308, and the reserved 306 (RFC 9110, 15.4).

Chains of them are in `redirection`, which has what both share.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar
from urllib.parse import urljoin

from pytest_httpcodes.behaviours.common import everywhere
from pytest_httpcodes.behaviours.document import document_of
from pytest_httpcodes.behaviours.redirection import TO, arrived, redirect, take
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, Steps, refuse, rule
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received

_CODES = {
    301: ("it has moved for good", Section(9110, "15.4.2")),
    302: ("it is elsewhere for now", Section(9110, "15.4.3")),
    303: ("the answer is elsewhere", Section(9110, "15.4.4")),
    307: ("it is elsewhere for now, for the same method", Section(9110, "15.4.8")),
    308: ("it has moved for good, for the same method", Section(9110, "15.4.9")),
}
_TEXT = (("Content-Type", "text/plain"),)


def moved(code: int, to: str | Callable[[Received], str]) -> Rule:
    """Redirect every request, with 301 302 303 307 or 308, to an address (RFC 9110, 15.4).

    `to` is a URI reference, or a function that returns one for a request; a relative one is
    relative to the request's URL. A client that waits for 100 is redirected at once, others once
    their content is there. A 303 is not to be cached. Raises `ValueError` for another code, and
    for what is no URI reference.
    """
    if code not in _CODES:
        raise ValueError(f"{code!r} is no redirect; use {', '.join(map(str, _CODES))}")
    if callable(to):
        return _away(int(code), to, _site_of)
    where = TO.parse(to or "") or ""
    return _away(int(code), lambda request: where, _site_of)


def _site_of(request: Received) -> Site:
    return document_of(request).site


def _away(code: int, to: Callable[[Received], str], site: Callable[[Received], Site]) -> Rule:
    detail, section = _CODES[code]

    @rule(Stage.RESOURCE)
    def redirected(request: Received) -> Steps:
        take(request, site(request))
        return redirect(request, code, to(request), detail, section)

    return redirected


class _Moved(Scenario):
    # A redirect to `to`, or to a target of its own.
    options = (TO,)
    # What trigger and relief do: a client changes the method as the code lets it.
    methods: ClassVar[tuple[str, str]] = ("GET", "GET")

    def begin(self) -> Resource:
        self.put("target", Resource(*everywhere(self.site), _target))
        return Resource(
            *everywhere(self.site), _away(self.code, self._where, lambda request: self.site)
        )

    def _where(self, request: Received) -> str:
        return self.option(TO) or f"{request.root}{self.path}/target"

    def trigger(self, url: str) -> tuple[Element, ...]:
        return (_request(self.methods[0], url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        target = urljoin(url, self.option(TO) or f"{url}/target")
        return (_request(self.methods[1], target),)


def _request(method: str, url: str) -> Request:
    if method == "POST":
        return Request("POST", url, _TEXT, b"what is sent\n")
    return Request(method, url)


@rule(Stage.RESULT)
def _target(request: Received) -> Steps:
    return arrived(request, "this is where the redirect leads", Section(9110, "15.4"))


class MovedPermanently(_Moved):
    """301: it has moved to another address for good (RFC 9110, 15.4.2)."""

    code = 301


class Found(_Moved):
    """302: it is at another address for now (RFC 9110, 15.4.3)."""

    code = 302


class SeeOther(_Moved):
    """303: the answer is to be had with a GET of another address (RFC 9110, 15.4.4)."""

    code = 303
    methods = ("POST", "GET")


class TemporaryRedirect(_Moved):
    """307: it is at another address for now, where the method is the same (RFC 9110, 15.4.8)."""

    code = 307
    methods = ("POST", "POST")


class PermanentRedirect(_Moved):
    """308: it has moved for good to where the method is the same (RFC 9110, 15.4.9)."""

    code = 308
    methods = ("POST", "POST")


class Unused(Scenario):
    """306: what a client makes of a code that "is reserved" (RFC 9110, 15.4.7).

    There is no `Location`; `/redirects/306` has one.
    """

    code = 306

    def begin(self) -> Resource:
        """Return a resource that answers nothing else."""
        return Resource(*everywhere(self.site), _reserved)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for it."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Return nothing, since there is nothing to get past."""
        return ()


@rule(Stage.RESULT)
def _reserved(request: Received) -> Steps:
    # "a client MUST understand the class of any status code, ... and treat an unrecognized status
    # code as being equivalent to the x00 status code of that class" (RFC 9110, 15).
    detail = "the code is reserved; a client takes it for a 300"
    return refuse(request, 306, detail, Section(9110, "15.4.7"))
