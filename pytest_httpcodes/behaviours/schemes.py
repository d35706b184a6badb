"""Ways to authenticate: what each challenges with, and how it judges credentials: 401 and 403.

Basic (RFC 7617) and Bearer (RFC 6750) are here, Digest (RFC 7616) has a module of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from pytest_httpcodes.fields.credentials import (
    BEARER_ERRORS,
    TOKEN68,
    account,
    basic_challenge,
    bearer_challenge,
    bearer_token,
    read,
    same,
    user_pass,
)
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Step

REALM = "pytest-httpcodes"
_BEARER = Section(6750, "3.1")


@dataclass(frozen=True, slots=True)
class Denied:
    """Why credentials are refused: with which status code, and what the next challenge says of it.

    `stale` is for Digest (RFC 7616, 3.3), `error` for Bearer (RFC 6750, 3.1).
    """

    reason: str
    section: Section
    code: int = 401
    stale: bool = False
    error: str = ""


class Scheme:
    """A way to authenticate, by the name of its scheme in lower case."""

    name: ClassVar[str]

    def challenges(self, now: float, denied: Denied | None) -> list[str]:
        """Return the challenges; `denied` is why the scheme's credentials were refused, if so."""
        raise NotImplementedError

    def judge(self, request: Received, value: str, now: float) -> Denied | None:
        """Look at the value of an `Authorization` field; None if the request may pass."""
        raise NotImplementedError

    def judge_content(self, request: Received, now: float) -> Denied | None:
        """Look at the credentials again once the content is there; None if it may pass."""
        return None

    def amend(self, request: Received, steps: Iterable[Step], now: float) -> Iterable[Step]:
        """Add to the answer to a request that may have passed."""
        return steps

    def forget(self) -> None:
        """Forget what has happened."""


class Basic(Scheme):
    """Basic (RFC 7617), for one account or several, as pairs of user and password."""

    name = "basic"

    def __init__(self, accounts: Iterable[tuple[str, str]], realm: str = REALM) -> None:
        self._accounts = [account(user, password) for user, password in accounts]
        self._challenge = basic_challenge(realm)

    def challenges(self, now: float, denied: Denied | None) -> list[str]:
        """Return the challenge, which says nothing of what was wrong."""
        return [self._challenge]

    def judge(self, request: Received, value: str, now: float) -> Denied | None:
        """Compare the user and the password with each account."""
        section = Section(7617, "2")
        try:
            given = user_pass(read(value))
        except ValueError as error:
            return Denied(f"{error}", section)
        # All are compared, so that the time taken tells nothing.
        found = sum(same(given, known) for known in self._accounts)
        return None if found else Denied("the user or the password is wrong", section)


class Bearer(Scheme):
    """Bearer tokens (RFC 6750): those that are good, have expired, or lack the scope."""

    name = "bearer"

    def __init__(
        self,
        tokens: Iterable[str],
        expired: Iterable[str] = (),
        unscoped: Iterable[str] = (),
        *,
        scope: str = "",
        realm: str = REALM,
    ) -> None:
        self._good = _tokens("tokens", tokens)
        self._expired = _tokens("expired", expired)
        self._unscoped = _tokens("unscoped", unscoped)
        self._scope = scope
        self._realm = realm
        bearer_challenge(realm, scope=scope)

    def challenges(self, now: float, denied: Denied | None) -> list[str]:
        """Return the challenge, with the error and the scope that is needed.

        "If the request lacks any authentication information ..., the resource server SHOULD NOT
        include an error code or other error information" (RFC 6750, 3.1).
        """
        error, reason = (denied.error, denied.reason) if denied else ("", "")
        return [bearer_challenge(self._realm, error, reason, self._scope)]

    def judge(self, request: Received, value: str, now: float) -> Denied | None:
        """Look the token up."""
        try:
            token = bearer_token(read(value))
        except ValueError as error:
            return _bearer_error("invalid_request", f"{error}")
        if token in self._unscoped:
            return _bearer_error("insufficient_scope", "the token does not have the scope needed")
        if token in self._expired:
            return _bearer_error("invalid_token", "the token has expired")
        if token not in self._good:
            return _bearer_error("invalid_token", "the token is not known here")
        return None


def _tokens(name: str, tokens: Iterable[str]) -> frozenset[str]:
    tokens = frozenset([tokens] if isinstance(tokens, str) else tokens)
    for token in tokens:
        if not isinstance(token, str) or not TOKEN68.fullmatch(token):
            raise ValueError(f"{name}: {token!r} is no token; use letters, digits and -._~+/")
    return tokens


def _bearer_error(error: str, reason: str) -> Denied:
    return Denied(reason, _BEARER, BEARER_ERRORS[error], error=error)
