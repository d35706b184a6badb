"""The locks of a tree: what is granted, for how long, and to whom (RFC 4918, 6).

Rule 1: who reads or changes the table holds the tree's `lock`.
Rule 2: a lock is known by its root, the place through which it was taken (RFC 5842, 9). Which
resources it is on depends on the bindings of that moment, which `scope` looks at.
Rule 3: a lock whose time is over is not there any more, for every reader alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from pytest_httpcodes.clock import Clock

# More locks than this are refused, as more resources are.
MAX_LOCKS = 1_000


@dataclass(slots=True, eq=False)
class Lock:
    """A write lock: its token, its root, and what was asked for.

    `principal` is who may use it, "" for whoever has no credentials. `deep` is whether its depth
    is infinity. `owner` is the XML element that the client gave, as octets, b"" for none.
    `timeout` is how long it was granted for, in seconds, None for ever, and `expires` when that
    is over, on the server's clock.
    """

    root: tuple[str, ...]
    principal: str = ""
    exclusive: bool = True
    deep: bool = True
    owner: bytes = b""
    timeout: int | None = None
    expires: float = math.inf
    # "This specification encourages servers to create Universally Unique Identifiers (UUIDs) for
    # lock tokens" (RFC 4918, 6.5).
    token: str = field(default_factory=lambda: f"urn:uuid:{uuid4()}")

    def conflicts(self, *, exclusive: bool) -> bool:
        """Tell whether a new lock on the same resource may not be granted.

        "An exclusive lock ... conflicts with any other kind of lock on the same resource"
        (RFC 4918, 6.1).
        """
        return self.exclusive or exclusive

    def left(self, now: float) -> int | None:
        """Return the whole seconds until it expires, begun ones counted; None for never."""
        return None if self.timeout is None else math.ceil(self.expires - now)


class LockTable:
    """The locks of a tree, in the order in which they were granted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._locks: dict[str, Lock] = {}

    @property
    def all(self) -> list[Lock]:
        """All locks that there are now."""
        now = self._clock.now()
        self._locks = {token: lock for token, lock in self._locks.items() if lock.expires > now}
        return [*self._locks.values()]

    @property
    def full(self) -> bool:
        """Whether there is no room for another one."""
        return len(self.all) >= MAX_LOCKS

    def below(self, segments: Sequence[str]) -> list[Lock]:
        """Return the locks whose roots are at a place or below it."""
        place = tuple(segments)
        return [lock for lock in self.all if lock.root[: len(place)] == place]

    def grant(
        self,
        segments: Sequence[str],
        principal: str = "",
        *,
        exclusive: bool = True,
        deep: bool = True,
        owner: bytes = b"",
        timeout: int | None = None,
    ) -> Lock:
        """Grant a lock; that it conflicts with none is for the caller to find out before."""
        made = Lock(tuple(segments), principal, exclusive, deep, owner)
        self.refresh(made, timeout)
        self._locks[made.token] = made
        return made

    def refresh(self, lock: Lock, timeout: int | None) -> None:
        """Start the time of a lock again, with a timeout in seconds or None for ever.

        "The timeout counter MUST be restarted if a refresh lock request is successful"
        (RFC 4918, 6.6).
        """
        lock.timeout = timeout
        lock.expires = math.inf if timeout is None else self._clock.now() + timeout

    def remove(self, lock: Lock) -> None:
        """Remove a lock: "After a lock is deleted, no resource is locked by that lock" (6.1)."""
        self._locks.pop(lock.token, None)

    def forget(self, segments: Sequence[str]) -> None:
        """Remove the locks whose roots are at a place or below it.

        "If a request causes the lock-root of any lock to become an unmapped URL, then the lock
        MUST also be deleted by that request" (RFC 4918, 6.1).
        """
        for lock in self.below(segments):
            self.remove(lock)
