"""The nonces of Digest: made by this server, of limited age, each count good once (RFC 7616, 5.4).

Rule 1: a nonce proves itself, so that one which was only offered takes no memory.
Rule 2: only a request whose digest was right uses up a count, so that nobody spends another's.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
import threading
from dataclasses import dataclass, field
from typing import TypeAlias

# The nonce and the cnonce that a session's key is made of (RFC 7616, 3.4.2).
Session: TypeAlias = "tuple[str, str]"
LIFETIME = 300.0  # seconds, as Apache's AuthDigestNonceLifetime
# How many nonces are known to be in use; with one more, all of them are stale.
MAX_NONCES = 10_000
_STAMP = struct.Struct(">Q12s")  # when it was made, in microseconds, and what no other one has
_SEAL = 16  # octets
_LENGTH = 48  # characters, the Base64 of both, which needs no padding


@dataclass(slots=True)
class _Use:
    # The counts up to `floor` are used, and those of `beyond`.
    floor: int = 0
    beyond: set[int] = field(default_factory=set)
    session: Session | None = None

    @property
    def begun(self) -> bool:
        return self.floor > 0 or bool(self.beyond)

    def has(self, count: int) -> bool:
        return count <= self.floor or count in self.beyond

    def add(self, count: int) -> None:
        self.beyond.add(count)
        while self.floor + 1 in self.beyond:
            self.floor += 1
            self.beyond.remove(self.floor)


class Nonces:
    """The nonces of one protection space; times are the server's, in seconds.

    With `once` a nonce is good for one request, else for each count once. Threads may share it.
    """

    __slots__ = ("_lifetime", "_lock", "_secret", "_used", "once")

    def __init__(self, lifetime: float = LIFETIME, *, once: bool = False) -> None:
        self.once = once
        self._lifetime = lifetime
        self._lock = threading.RLock()
        self.forget()

    def forget(self) -> None:
        """Make every nonce so far stale."""
        with self._lock:
            self._secret = secrets.token_bytes(32)
            self._used: dict[str, _Use] = {}

    def make(self, now: float, session: Session | None = None) -> str:
        """Return a new nonce; with `session`, one that goes on with it (RFC 7616, 3.4.2)."""
        with self._lock:
            if session is not None and len(self._used) >= MAX_NONCES:
                self.forget()
            stamp = _STAMP.pack(int(now * 1_000_000), secrets.token_bytes(12))
            nonce = base64.b64encode(stamp + self._seal(stamp)).decode()
            if session is not None:
                self._used[nonce] = _Use(session=session)
            return nonce

    def fresh(self, nonce: str, count: int, now: float) -> bool:
        """Tell whether a nonce is one of these and young enough, and its count not used yet."""
        made = self._made(nonce)
        if made is None or now - made > self._lifetime:
            return False
        with self._lock:
            known = self._used.get(nonce)
            return known is None or not (known.has(count) or (self.once and known.begun))

    def use(self, nonce: str, count: int, now: float, session: Session) -> bool:
        """Use up a count, and note the session that it starts if none has; False if it is stale.

        "if the same nc value is seen twice, then the request is a replay" (RFC 7616, 3.4). The
        counts may come in any order, as they do over several connections.
        """
        with self._lock:
            if not self.fresh(nonce, count, now):
                return False
            if nonce not in self._used:
                if len(self._used) >= MAX_NONCES:
                    # This one is stale from now on as well, so it needs no record.
                    self.forget()
                    return True
                self._used[nonce] = _Use(session=session)
            self._used[nonce].add(count)
            return True

    def session(self, nonce: str) -> Session | None:
        """Return the session that goes on with a nonce, None if it is not in use yet."""
        with self._lock:
            known = self._used.get(nonce)
            return None if known is None else known.session

    def ends(self, nonce: str, now: float) -> bool:
        """Tell whether a client should go on with another nonce, since this one's end is near."""
        made = self._made(nonce)
        return self.once or made is None or now - made > self._lifetime / 2

    def _made(self, nonce: str) -> float | None:
        # When a nonce was made, None for one that was not made here.
        try:
            octets = base64.b64decode(nonce, validate=True)
        except ValueError:
            return None
        stamp, seal = octets[:-_SEAL], octets[-_SEAL:]
        if len(nonce) != _LENGTH or not hmac.compare_digest(seal, self._seal(stamp)):
            return None
        made: int = _STAMP.unpack(stamp)[0]
        return made / 1_000_000

    def _seal(self, stamp: bytes) -> bytes:
        return hmac.digest(self._secret, stamp, "sha256")[:_SEAL]
