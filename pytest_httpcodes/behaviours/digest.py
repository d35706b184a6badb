"""The rule that asks for Digest credentials: 400 and 401, and Authentication-Info (RFC 7616)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

from pytest_httpcodes.behaviours.identity import authenticated
from pytest_httpcodes.behaviours.schemes import REALM, Denied, Scheme
from pytest_httpcodes.codes import WITHOUT_CONTENT
from pytest_httpcodes.fields import digest as fields
from pytest_httpcodes.fields.credentials import read
from pytest_httpcodes.fields.digest import Claim
from pytest_httpcodes.fields.nonces import LIFETIME
from pytest_httpcodes.fields.protection import Admitted, Protection, Refused
from pytest_httpcodes.resource import Rule, with_fields
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Content, Forward, Head, Step


class _Current(threading.local):
    # What the thread's request says, and once that is known to be right, that it is.
    request: Received | None = None
    claim: Claim | None = None
    admitted: Admitted | None = None


class Digest(Scheme):
    """Digest for one account, with nonces of its own; see `digest`.

    `informs` is the field that tells who was admitted that the server knows the password, too.
    """

    name = "digest"
    informs = "Authentication-Info"

    def __init__(
        self,
        user: str = "user",
        password: str = "password",  # noqa: S107 - the one that a test is to send
        *,
        sess: bool = False,
        once: bool = False,
        lifetime: float = LIFETIME,
        realm: str = REALM,
    ) -> None:
        known = isinstance(lifetime, (int, float)) and not isinstance(lifetime, bool)
        if not known or not lifetime > 0:
            raise ValueError(f"lifetime={lifetime!r} is none for a nonce; use seconds above 0")
        self._space = Protection(
            user, password, realm, sess=sess, once=once, lifetime=float(lifetime)
        )
        self._current = _Current()

    def challenges(self, now: float, denied: Denied | None) -> list[str]:
        """Return a challenge for each algorithm."""
        return self._space.challenges(now, stale=denied is not None and denied.stale)

    def judge(self, request: Received, value: str, now: float) -> Denied | None:
        """Check all that can be checked before the content is there."""
        current = self._current
        current.request, current.claim, current.admitted = request, None, None
        try:
            claim = fields.read(read(value))
        except ValueError as error:
            return Denied(f"{error}", Section(7616, "3.4"))
        if not fields.designates(claim.uri, request.head.target, request.root):
            # "if they are not, the server SHOULD return a 400 Bad Request error" (RFC 7616, 3.4.6)
            detail = "the uri of the Digest credentials is not that of the request"
            return Denied(detail, Section(7616, "3.4.6"), 400)
        if claim.qop == "auth-int" and not request.complete:
            current.claim = claim
            return _denied(self._space.expects(claim, now))
        return self._admit(claim, request, fields.digested(claim.algorithm, b""), now)

    def judge_content(self, request: Received, now: float) -> Denied | None:
        """Check a digest that the content is part of."""
        claim = self._current.claim
        if self._current.request is not request or claim is None:
            return None
        entity = fields.digested_content(claim.algorithm, request.stream)
        return self._admit(claim, request, entity, now)

    def amend(self, request: Received, steps: Iterable[Step], now: float) -> Iterable[Step]:
        """Tell who was admitted that the server knows the password too (RFC 7616, 3.5)."""
        current = self._current
        if current.request is not request:
            return steps
        admitted, current.request = current.admitted, None
        if admitted is None:
            return steps
        info = self._space.info(admitted, _entity(admitted.claim, request, steps), now)
        return with_fields(steps, ((self.informs, info),)) if info else steps

    def forget(self) -> None:
        """Make all nonces stale."""
        self._space.nonces.forget()

    def _admit(self, claim: Claim, request: Received, entity: str, now: float) -> Denied | None:
        found = self._space.admit(claim, request.head.method, entity, now)
        if isinstance(found, Refused):
            return _denied(found)
        self._current.admitted = found
        return None


def _denied(refused: Refused | None) -> Denied | None:
    if refused is None:
        return None
    section = Section(7616, "3.3" if refused.stale else "3.4")
    return Denied(refused.reason, section, stale=refused.stale)


def _entity(claim: Claim, request: Received, steps: Iterable[Step]) -> str | None:
    # H(entity-body) of the answer; None where it is not known before its end, which is too late
    # for its head.
    if claim.qop == "auth":
        return ""
    if not isinstance(steps, Sequence) or any(isinstance(step, Forward) for step in steps):
        return None
    codes = {step.status for step in steps if isinstance(step, Head)}
    if request.head.method == "HEAD" or codes & {*WITHOUT_CONTENT}:
        return fields.digested(claim.algorithm, b"")
    content = b"".join(step.data for step in steps if isinstance(step, Content))
    return fields.digested(claim.algorithm, content)


def digest(
    user: str = "user",
    password: str = "password",  # noqa: S107 - the one that a test is to send
    *,
    sess: bool = False,
    once: bool = False,
    lifetime: float = LIFETIME,
    realm: str = REALM,
) -> tuple[Rule, ...]:
    """Ask for the credentials of Digest: 401 without a right answer to the challenge (RFC 7616).

    The challenges are for SHA-256 and MD5, with the qop auth and auth-int; `sess` makes them those
    of sessions. A nonce serves each count once and is stale after `lifetime` seconds; with `once`
    it serves one request, and `Authentication-Info` has the next one. A `uri` that is not the
    request's is a 400. Raises `ValueError` for a user, a password or a realm that no client could
    send, and for an impossible lifetime.
    """
    return authenticated(
        Digest(user, password, sess=sess, once=once, lifetime=lifetime, realm=realm)
    )
