"""A captive portal: 511 for every request until somebody logs in (RFC 6585, 6)."""

from __future__ import annotations

from pytest_httpcodes.behaviours.authentication import LOGGED_IN, LOGIN_FORM
from pytest_httpcodes.problem import HTML, Body
from pytest_httpcodes.resource import refuse, reply, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Reply

_PORTAL = Section(6585, "6")


class Portal:
    """Keeps everybody off the network until a `POST` to its login page."""

    def __init__(self) -> None:
        self._admits = False

    def intercept(self, request: Received) -> Reply | None:
        """Answer in place of whoever was asked, before the login.

        "The 511 status code is designed to mitigate problems caused by "captive portals" to
        software ... that is expecting a response from the server that a request was made to, not
        the intervening network infrastructure" (RFC 6585, 6.1).
        """
        if self._admits:
            return None
        # "The response representation SHOULD contain a link to a resource that allows the user to
        # submit credentials", and "Responses with the 511 status code MUST NOT be stored by a
        # cache" (RFC 6585, 6).
        return refuse(
            request,
            511,
            "log in to the network first, with a POST to the login page",
            _PORTAL,
            (("Cache-Control", "no-store"),),
            link=(f"{request.base}/login", "log in"),
        )

    def login(self, request: Received) -> Reply:
        """Answer a request for the login page, which a `POST` logs in at."""
        method = request.head.method
        if method == "POST":
            self._admits = True
            request.record.why = why("logged in to the network", _PORTAL)
            return reply(200, Body(HTML, LOGGED_IN))
        if method in ("GET", "HEAD"):
            request.record.why = why("the login page", _PORTAL)
            return reply(200, Body(HTML, LOGIN_FORM))
        detail = f"{method} is not allowed here; GET, HEAD and POST are"
        allow = (("Allow", "GET, HEAD, POST"),)
        return refuse(request, 405, detail, Section(9110, "15.5.6"), allow)
