"""Who may see a resource: 401 (RFC 9110, 15.5.2), 403 (15.5.4) and 511 (RFC 6585, 6)."""

from __future__ import annotations

import base64
import dataclasses
import re
import secrets
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from pytest_httpcodes.behaviours.digest import Digest
from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.identity import Guard, only_for
from pytest_httpcodes.behaviours.option import Option, one_of, switch
from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.behaviours.schemes import REALM, Basic, Bearer
from pytest_httpcodes.fields import digest
from pytest_httpcodes.problem import HTML, Body
from pytest_httpcodes.request import Answer, Element, Request
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, refuse, reply, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Reply, Step

USER, ADMIN, PASSWORD = "user", "admin", "password"
SCHEME = Option(
    "scheme",
    "basic",
    one_of("basic", "digest", "bearer", "all"),
    "which credentials are asked for",
)
ONCE = Option("once", False, switch, "for Digest: each nonce is good for one request")
SESS = Option("sess", False, switch, "for Digest: the session variants of the algorithms")


def _basic(user: str) -> tuple[tuple[str, str]]:
    # The field that a client sends for an account of these scenarios.
    token = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
    return (("Authorization", f"Basic {token}"),)


class Unauthorized(Scenario):
    """401: a GET without the right credentials is challenged (RFC 9110, 15.5.2)."""

    code = 401
    options = (SCHEME, ONCE, SESS)

    def begin(self) -> Resource:
        """Return a document that is guarded as the options say."""
        self._guards: dict[tuple[str, bool, bool], Guard] = {}
        return self.document(
            "these are the right credentials\n",
            Rule(Stage.IDENTITY, self._ask, self._tell),
            Rule(Stage.RECEIVING, self._ask_again),
        )

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask without credentials."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask with the right ones; those of Digest answer a challenge."""
        scheme = self.option(SCHEME)
        if scheme == "basic":
            return (Request("GET", url, _basic(USER)),)
        if scheme == "bearer":
            return (Request("GET", url, {"Authorization": "Bearer token"}),)
        return (Request("GET", url), lambda answer: _answered(url, answer))

    def _ask(self, request: Received) -> Reply | None:
        return self._guard().decide(request)

    def _ask_again(self, request: Received) -> Reply | None:
        return self._guard().decide_content(request)

    def _tell(self, request: Received, steps: Iterable[Step]) -> Iterable[Step]:
        return self._guard().amend(request, steps)

    def _guard(self) -> Guard:
        # Each has its own secret, and is kept, so that what was a nonce once goes on being one.
        given = self.option(SCHEME), self.option(ONCE), self.option(SESS)
        known = self._guards.get(given)
        return known or self._guards.setdefault(given, _guard(*given))


def _guard(scheme: str, once: bool, sess: bool) -> Guard:
    basic = Basic([(USER, PASSWORD)])
    bearer = Bearer(["token"], ["expired"], ["unscoped"], scope="documents")
    by_digest = Digest(USER, PASSWORD, once=once, sess=sess)
    if scheme == "all":
        # "A user agent MUST choose to use the strongest auth-scheme it understands" (RFC 7616,
        # 5.6); those that come last share a line.
        return Guard([by_digest, (bearer, basic)])
    return Guard([{"basic": basic, "bearer": bearer, "digest": by_digest}[scheme]])


_NONCE = re.compile(r'\bnonce="([^"]*)"')
_OPAQUE = re.compile(r'\bopaque="([^"]*)"')
_ALGORITHM = re.compile(r"\balgorithm=([^, ]*)")


def _answered(url: str, answer: Answer) -> Request:
    # The same request with an answer to a challenge of Digest; its challenges share a nonce.
    field = answer.headers["WWW-Authenticate"]
    found = [pattern.findall(field)[0] for pattern in (_NONCE, _OPAQUE, _ALGORITHM)]
    nonce, opaque, algorithm = found
    parts = urlsplit(url)
    uri = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    cnonce = secrets.token_hex(8)
    claim = digest.Claim(
        USER.encode(), False, REALM, nonce, uri, "", algorithm, "auth", "00000001", cnonce, opaque
    )
    key = digest.key(algorithm, USER, REALM, PASSWORD, (nonce, cnonce))
    right = digest.response(claim, key, "GET", "")
    value = digest.authorization(dataclasses.replace(claim, response=right))
    return Request("GET", url, {"Authorization": value})


class Forbidden(Scenario):
    """403: a GET by anyone but `admin` is refused, and not challenged (RFC 9110, 15.5.4)."""

    code = 403

    def begin(self) -> Resource:
        """Return a document for one user."""
        return self.document("you are admin\n", only_for(ADMIN, PASSWORD))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask without credentials, then with those of another user."""
        return (Request("GET", url), Request("GET", url, _basic(USER)))

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask as the user who may."""
        return (Request("GET", url, _basic(ADMIN)),)


class NetworkAuthenticationRequired(Scenario):
    """511: a GET is refused until a `POST` to `/511/KEY/login` (RFC 6585, 6)."""

    code = 511

    def begin(self) -> Resource:
        """Return a document that is behind a login."""
        self._admitted = False
        self.put("login", _Login(self.site, f"{self.path}/login", self._admit))
        # An intercepting proxy would ask before it looks at the method; here it stands behind
        # that, since a method that is not known is a 501 wherever it is sent.
        return self.document(
            "you have access to the network\n", Rule(Stage.IDENTITY, self._intercept)
        )

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask before the login."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Log in, and ask again."""
        login = urlsplit(url)._replace(path=f"{self.path}/login").geturl()
        return (Request("POST", login), Request("GET", url))

    def _admit(self) -> None:
        self._admitted = True

    def _intercept(self, request: Received) -> Reply | None:
        if self._admitted:
            return None
        # "The response representation SHOULD contain a link to a resource that allows the user to
        # submit credentials", and "Responses with the 511 status code MUST NOT be stored by a
        # cache" (RFC 6585, 6).
        login = f"{request.root}{self.path}/login"
        return refuse(
            request,
            511,
            "log in to the network first, with a POST to the login resource",
            Section(6585, "6"),
            (("Cache-Control", "no-store"),),
            link=(login, "log in"),
        )


LOGIN_FORM = b"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Network login</title></head>
<body><form method="post"><button>Log in</button></form></body>
</html>
"""
LOGGED_IN = b"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Network login</title></head>
<body><p>You have access to the network now.</p></body>
</html>
"""


class _Login(Document):
    # The login resource: a GET has the form, a POST logs in, whatever its content.

    __slots__ = ("_admit",)

    def __init__(self, site: Site, path: str, admit: Callable[[], None]) -> None:
        form = represent(LOGIN_FORM, site.born, type=HTML)
        super().__init__(site, path, form, methods=("GET", "HEAD", "POST", "OPTIONS"))
        self._admit = admit

    def post(self, request: Received) -> Reply:
        """Log in."""
        self._admit()
        request.record.why = why("logged in to the network", Section(6585, "6"))
        return reply(200, Body(HTML, LOGGED_IN))
