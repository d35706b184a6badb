"""Buckets of tokens, by which 429 and 420 are counted: so many requests in so many seconds.

Rule 1: a token is back one window after it was taken. So there are never more than the quota of
them taken in any window, wherever that starts, and the next one comes when it was said to.
Rule 2: all is counted in whole ticks, so that nothing is rounded but the seconds that are told.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import NamedTuple

# Ticks in a second: a power of two, by which a float is multiplied without being rounded. A float
# that stands for a time of these centuries has no finer step than 2**-22 seconds.
_TICKS = 2**30
# How many principals are kept apart; the one that came least lately makes room for another.
MAX_BUCKETS = 10_000


class Level(NamedTuple):
    """What is in a bucket: whether a token was `taken` from it, and how many are `remaining`.

    `reset` is in how many seconds, rounded up, there is one more of them; None where all are there.
    """

    taken: bool
    remaining: int
    reset: int | None

    @property
    def wait(self) -> int:
        """In how many seconds, rounded up, there is a token to be taken; 0 if there is one now."""
        return 0 if self.remaining else self.reset or 0


class Bucket:
    """A bucket of `quota` tokens, each of which is back `window` seconds after it was taken.

    It has no clock: `now` is a time in seconds, and one that lies before another that it was told
    counts as that. Quota and window may be others each time; what was taken stays taken. It is for
    one thread at a time; `Buckets` are for any number.
    """

    __slots__ = ("_latest", "_taken")

    def __init__(self) -> None:
        self._taken: deque[int] = deque()  # when, the earliest first
        self._latest = 0

    def take(self, now: float, quota: int, window: int) -> Level:
        """Take a token, if there is one."""
        self._advance(now, window)
        taken = len(self._taken) < quota
        if taken:
            self._taken.append(self._latest)
        return self._level(quota, window, taken=taken)

    def look(self, now: float, quota: int, window: int) -> Level:
        """Take nothing."""
        self._advance(now, window)
        return self._level(quota, window, taken=False)

    def _advance(self, now: float, window: int) -> None:
        # Threads that ask for the time one after the other may come here in another order.
        self._latest = max(self._latest, int(now * _TICKS))
        while self._taken and self._taken[0] + window * _TICKS <= self._latest:
            self._taken.popleft()

    def _level(self, quota: int, window: int, *, taken: bool) -> Level:
        missing = len(self._taken)
        if not missing:
            return Level(taken, quota, None)
        # Of more than there are to be now, some come back before there is one again.
        back = self._taken[max(missing - quota, 0)] + window * _TICKS
        # A quotient that is rounded down is one rounded up if both signs are turned.
        return Level(taken, max(quota - missing, 0), -((self._latest - back) // _TICKS))


class Buckets:
    """Buckets, one for each principal; for any number of threads."""

    __slots__ = ("_buckets", "_lock")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def take(self, principal: str, now: float, quota: int, window: int) -> Level:
        """Take a token from a principal's bucket, if there is one."""
        with self._lock:
            # It goes to the end of the line of those that may have to make room.
            bucket = self._buckets.pop(principal, None) or Bucket()
            if len(self._buckets) >= MAX_BUCKETS:
                del self._buckets[next(iter(self._buckets))]
            self._buckets[principal] = bucket
            return bucket.take(now, quota, window)

    def look(self, principal: str, now: float, quota: int, window: int) -> Level:
        """Look into a principal's bucket, and take nothing."""
        with self._lock:
            return self._buckets.get(principal, Bucket()).look(now, quota, window)

    def clear(self) -> None:
        """Fill all of them."""
        with self._lock:
            self._buckets.clear()
