"""A space that Digest protects: what it asks, and whether an answer to that is right (RFC 7616)."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from pytest_httpcodes.fields import digest
from pytest_httpcodes.fields.credentials import account, quoted
from pytest_httpcodes.fields.digest import ALGORITHMS, Claim
from pytest_httpcodes.fields.nonces import LIFETIME, Nonces, Session

QOP = ("auth", "auth-int")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A claim that was right, and the key that it was computed with."""

    claim: Claim
    key: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a claim was refused; `stale` if with a new nonce it would have been right."""

    reason: str
    stale: bool = False


class Protection:
    """The account of one user and the nonces given out for it; times are in seconds.

    `sess` offers the session variant of each algorithm instead, `once` makes each nonce good for
    one request, and `lifetime` is how long one is good at all. Raises `ValueError` for a user, a
    password or a realm that no client could send. Threads may share it.
    """

    __slots__ = ("_opaque", "_user", "algorithms", "nonces", "realm")

    def __init__(
        self,
        user: str,
        password: str,
        realm: str,
        *,
        sess: bool = False,
        once: bool = False,
        lifetime: float = LIFETIME,
    ) -> None:
        quoted(realm)
        self._user = account(user, password)
        self._opaque = secrets.token_hex(16)
        self.realm = realm
        self.algorithms = tuple(name + digest.SESS if sess else name for name in ALGORITHMS)
        self.nonces = Nonces(lifetime, once=once)

    def challenges(self, now: float, *, stale: bool = False) -> list[str]:
        """Return the challenges, the preferred one first.

        "If the server responds with multiple challenges, then each one of these challenges MUST
        use a different digest algorithm" (RFC 7616, 3.7). They share a nonce, as those of its
        example do: clients that take the parameters of several for those of one still get in.
        """
        nonce = self.nonces.make(now)
        return [
            digest.challenge(self.realm, algorithm, nonce, self._opaque, QOP, stale=stale)
            for algorithm in self.algorithms
        ]

    def expects(self, claim: Claim, now: float) -> Refused | None:
        """Tell what is wrong with a claim before its response can be computed.

        That is so with auth-int until the content is there.
        """
        # "The values of the opaque and algorithm fields must be those supplied in the
        # WWW-Authenticate response header field" (RFC 7616, 3.4).
        if claim.algorithm not in self.algorithms:
            return Refused(f"{claim.algorithm} is none of the algorithms of the challenges")
        if claim.realm != self.realm:
            return Refused("the realm is not that of the challenge")
        if claim.opaque != self._opaque:
            return Refused("the opaque is not that of the challenge")
        user, _ = self._user
        name = user.encode()
        if claim.hashed:
            name = digest.user_hash(claim.algorithm, user, self.realm)
        if not hmac.compare_digest(claim.user, name):
            return Refused("the user is not known here")
        if not self.nonces.fresh(claim.nonce, claim.count, now):
            return _STALE
        return None

    def admit(self, claim: Claim, method: str, entity: str, now: float) -> Admitted | Refused:
        """Tell whether a claim is right; if it is, its count is used up.

        `entity` is H(entity-body), which matters for auth-int.
        """
        refused = self.expects(claim, now)
        if refused is not None and not refused.stale:
            return refused
        own = (claim.nonce, claim.cnonce)
        begun = self.nonces.session(claim.nonce)
        # The session's key is made once, from what it began with (RFC 7616, 3.4.2); but almost
        # every client makes one for each request.
        for session in dict.fromkeys((begun or own, own)):
            key = self._key(claim, session)
            if digest.answers(claim, key, method, entity):
                # "If stale is false, or anything other than true ..., the username and/or password
                # are invalid" (RFC 7616, 3.3); these are not, whatever made the nonce unusable.
                used = self.nonces.use(claim.nonce, claim.count, now, own)
                return Admitted(claim, key) if used else _STALE
        return Refused("the response is not the one that the password makes")

    def info(self, admitted: Admitted, entity: str | None, now: float) -> str:
        """Return the value of `Authentication-Info` for a claim that was right, "" for none.

        `entity` is as for `digest.info`. The next nonce is told where the one in use is good no
        more, or not for long (RFC 7616, 3.5).
        """
        claim = admitted.claim
        nextnonce = ""
        if self.nonces.ends(claim.nonce, now):
            goes_on = claim.algorithm.endswith(digest.SESS)
            session = self.nonces.session(claim.nonce) if goes_on else None
            nextnonce = self.nonces.make(now, session)
        return digest.info(claim, admitted.key, entity, nextnonce)

    def _key(self, claim: Claim, session: Session) -> str:
        user, password = self._user
        return digest.key(claim.algorithm, user, self.realm, password, session)


_STALE = Refused("the nonce is not fresh, or its count was used before", stale=True)
