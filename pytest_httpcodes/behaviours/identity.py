"""Rules that ask who a request is from: 401 and 403 (RFC 9110, 11).

Rule 1: credentials are looked at before all else that a resource could say, and so before content
is invited; only where Digest signs that content too (auth-int) does it have to come first.
Rule 2: what was sent is never shown, since it may be a password.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from pytest_httpcodes.behaviours.document import document_of
from pytest_httpcodes.behaviours.schemes import REALM, Basic, Bearer, Denied, Scheme
from pytest_httpcodes.resource import Rule, Stage, refuse
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Reply, Step

Lines: TypeAlias = "Scheme | Sequence[Scheme]"


class Guard:
    """What asks for credentials of one scheme out of several, and lets pass who has them.

    `asks` is the field of its challenges, `answers` that of the credentials.

    Each challenge has a line of its own, but for those of schemes that are given as a sequence:
    they share one (RFC 9110, 11.6.1 has both forms).
    """

    stage = Stage.IDENTITY
    code = 401
    section = Section(9110, "15.5.2")
    asks, answers = "WWW-Authenticate", "Authorization"

    def __init__(self, lines: Iterable[Lines]) -> None:
        self._lines = [(line,) if isinstance(line, Scheme) else tuple(line) for line in lines]
        self._schemes: dict[str, Scheme] = {}
        for scheme in (scheme for line in self._lines for scheme in line):
            if not isinstance(scheme, Scheme):
                raise TypeError(
                    f"{scheme!r} is no scheme; use Basic(...), Digest(...), Bearer(...)"
                )
            if scheme.name in self._schemes:
                raise ValueError(f"the scheme {scheme.name} is given twice; give it once")
            self._schemes[scheme.name] = scheme
        if not self._schemes:
            raise ValueError("no scheme is given; use Basic(...), Digest(...) or Bearer(...)")

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of a resource that is guarded."""
        return (
            Rule(self.stage, self.decide, self.amend, self.forget),
            Rule(Stage.RECEIVING, self.decide_content),
        )

    def now(self, request: Received) -> float:
        """Return the time on the clock of a request's server."""
        return document_of(request).site.clock.now()

    def decide(self, request: Received) -> Reply | None:
        """Refuse a request without credentials, or with wrong ones."""
        scheme, answers = self._scheme(request), self.answers.lower()
        if scheme is None:
            return self._refuse(request, None, self._missing(request))
        if sum(name.lower() == answers for name, _ in request.head.fields) > 1:
            # "a sender MUST NOT generate multiple field lines with the same name in a message ...,
            # unless that field's definition allows multiple field line values to be recombined as
            # a comma-separated list" (RFC 9110, 5.3).
            denied = Denied(f"there is more than one {self.answers} field", Section(9110, "5.3"))
            return self._refuse(request, None, denied)
        found = scheme.judge(request, request.field(answers), self.now(request))
        return None if found is None else self._refuse(request, scheme, found)

    def decide_content(self, request: Received) -> Reply | None:
        """Refuse a request whose content is not what its credentials are for."""
        scheme = self._scheme(request)
        found = scheme and scheme.judge_content(request, self.now(request))
        return self._refuse(request, scheme, found) if isinstance(found, Denied) else None

    def amend(self, request: Received, steps: Iterable[Step]) -> Iterable[Step]:
        """Add what the scheme says to who has passed."""
        scheme = self._scheme(request)
        return scheme.amend(request, steps, self.now(request)) if scheme else steps

    def forget(self) -> None:
        """Forget what has happened."""
        for scheme in self._schemes.values():
            scheme.forget()

    def _scheme(self, request: Received) -> Scheme | None:
        # "It uses a case-insensitive token to identify the authentication scheme" (RFC 9110, 11.1).
        return self._schemes.get(request.field(self.answers.lower()).partition(" ")[0].lower())

    def _missing(self, request: Received) -> Denied:
        names = " or ".join(name.capitalize() for name in self._schemes)
        if self.answers.lower() in request.head.known:
            return Denied(f"the credentials are for another scheme than {names}", self.section)
        return Denied(f"there are no credentials; send those of {names}", self.section)

    def _refuse(self, request: Received, scheme: Scheme | None, denied: Denied) -> Reply:
        lines = self._challenges(self.now(request), scheme, denied)
        fields = tuple((self.asks, line) for line in lines)
        code = self.code if denied.code == 401 else denied.code
        return refuse(request, code, denied.reason, denied.section, fields)

    def _challenges(self, now: float, judge: Scheme | None, denied: Denied) -> list[str]:
        if denied.code != 401:
            # Only another token would help here, or no other credentials at all.
            return judge.challenges(now, denied) if judge and denied.error else []
        lines = []
        for schemes in self._lines:
            made = [
                challenge
                for scheme in schemes
                for challenge in scheme.challenges(now, denied if scheme is judge else None)
            ]
            lines += made if len(schemes) == 1 else [", ".join(made)]
        return lines


def authenticated(*lines: Lines) -> tuple[Rule, ...]:
    """Ask for credentials of one scheme out of several: `Basic`, `Digest` and `Bearer` objects.

    Each challenge has a line of its own, the preferred one first; schemes that are given as a
    sequence share one line. Raises `ValueError` for none, or one that is given twice (RFC 9110,
    11.6.1).
    """
    return Guard(lines).rules


def basic(
    user: str = "user",
    password: str = "password",  # noqa: S107 - the one that a test is to send
    *,
    also: Mapping[str, str] | None = None,
    realm: str = REALM,
) -> tuple[Rule, ...]:
    """Ask for the credentials of Basic: 401 without the right user and password (RFC 7617).

    `also` has more users with their passwords. Raises `ValueError` for what no client could send:
    a colon in a user, a control character, and in the realm what is not printable US-ASCII.
    """
    return authenticated(Basic([(user, password), *(also or {}).items()], realm))


def bearer(
    *tokens: str,
    expired: Iterable[str] = (),
    unscoped: Iterable[str] = (),
    scope: str = "",
    realm: str = REALM,
) -> tuple[Rule, ...]:
    """Ask for a Bearer token: 401 without one of `tokens`, `"token"` if none is given (RFC 6750).

    A token of `expired` is a 401 with the error `invalid_token`, as an unknown one is, and one of
    `unscoped` a 403 with `insufficient_scope`; `scope` names the scopes that are needed. Raises
    `ValueError` for what cannot be sent as a token, a scope or a realm.
    """
    return authenticated(Bearer(tokens or ("token",), expired, unscoped, scope=scope, realm=realm))


def only_for(
    user: str = "admin",
    password: str = "password",  # noqa: S107 - the one that a test is to send
) -> Rule:
    """Forbid all but one user of Basic: 403 without a challenge (RFC 9110, 15.5.4).

    With `basic` in front of it, who has no credentials at all is challenged first. Raises
    `ValueError` for a user or a password that no client could send.
    """
    scheme = Basic([(user, password)])

    def decide(request: Received) -> Reply | None:
        value = request.field("authorization")
        # "If authentication credentials were provided in the request, the server considers them
        # insufficient to grant access" (RFC 9110, 15.5.4).
        if value[:6].lower() == "basic " and scheme.judge(request, value, 0.0) is None:
            return None
        return refuse(request, 403, f"this is for {user} only", Section(9110, "15.5.4"))

    return Rule(Stage.IDENTITY, decide)
