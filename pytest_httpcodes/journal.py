"""The exchanges of a server, and the questions a test asks of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import overload

from pytest_httpcodes.clock import Clock
from pytest_httpcodes.exchange import Exchange, NotKept
from pytest_httpcodes.proxies import proxy_hint

# How many exchanges a journal keeps. One takes about 2 KiB, and its octets come on top.
KEEP_EXCHANGES = 10_000
# How many octets of content and answers a journal keeps in all, whatever is kept of each; beyond
# that the older half of its exchanges lets go of them.
KEEP_ALL = 2**28
# How long a reader waits for an exchange whose answer is being made, in seconds.
PATIENCE = 1.0


class View:
    """Questions that can be asked of some exchanges, in their order of arrival."""

    def _selection(self) -> Selection:
        raise NotImplementedError

    @property
    def exchanges(self) -> list[Exchange]:
        """The exchanges so far; waits at most a second for an answer that is being made.

        Raises `NotKept` where there were more than a journal keeps.
        """
        return self._selection().settled(PATIENCE)

    @property
    def statuses(self) -> list[int | None]:
        """The final status codes, None where none was sent."""
        return [exchange.status for exchange in self.exchanges]

    @property
    def gaps(self) -> list[float]:
        """The seconds between each answer and the next request: one fewer than exchanges.

        Below zero where a request came before the previous answer was complete, and "not a
        number" where that answer never was.
        """
        found = self.exchanges
        return [
            after.started - before.finished if before.finished is not None else float("nan")
            for before, after in pairwise(found)
        ]

    @property
    def early(self) -> list[Exchange]:
        """The exchanges that came sooner than the previous answer's `Retry-After` allowed.

        Judged by the server's clock, so that advancing it ends the wait (RFC 9110, 10.2.3).
        """
        found = self.exchanges
        return [after for before, after in pairwise(found) if after.came_early(before)]

    def header(self, name: str) -> list[str | None]:
        """Return that request field's value in each exchange, None where it was absent."""
        return [exchange.headers.get(name) for exchange in self.exchanges]

    def wait(self, count: int, timeout: float = 5.0) -> list[Exchange]:
        """Block until `count` exchanges have finished, and return those that have.

        Raises `TimeoutError`, which says what came, after `timeout` seconds.
        """
        selection = self._selection()
        if not selection.arrives(count, timeout):
            raise TimeoutError(
                f"{count} exchanges were to finish within {timeout:g} s; {selection.account()}"
            )
        return selection.finished()

    def settle(self, quiet: float = 0.5, timeout: float = 5.0) -> list[Exchange]:
        """Block until nothing came for `quiet` seconds, and return the exchanges.

        Raises `TimeoutError`, which says what came, if that has not happened within `timeout`
        seconds.
        """
        selection = self._selection()
        start = time.monotonic()
        while True:
            found = selection.now()
            last = max((max(e.started, e.finished or 0.0) for e in found), default=start)
            left = last + quiet - time.monotonic()
            if left <= 0 and not any(e.is_open for e in found):
                return found
            if time.monotonic() - start > timeout:
                raise TimeoutError(
                    f"nothing was to come for {quiet:g} s, within {timeout:g} s; "
                    f"{selection.account()}"
                )
            selection.grows(len(found), max(left, 0.001))


class Selection(View):
    """Those exchanges of a journal for which `belongs` is true."""

    def __init__(
        self, journal: Journal, belongs: Callable[[Exchange], bool], address: str = ""
    ) -> None:
        self._journal = journal
        self._belongs = belongs
        self._address = address

    def _selection(self) -> Selection:
        return self

    def now(self) -> list[Exchange]:
        """Return the exchanges as they are, waiting for none."""
        return self._journal.select(self._belongs)

    def finished(self) -> list[Exchange]:
        """Return those that are complete."""
        return [exchange for exchange in self.now() if exchange.finished is not None]

    def settled(self, patience: float) -> list[Exchange]:
        """Return the exchanges, once none is open or `patience` seconds have passed."""
        self._journal.wait_for(lambda: not any(e.is_open for e in self.now()), patience)
        return self.now()

    def arrives(self, count: int, timeout: float) -> bool:
        """Block until `count` exchanges are complete; tell whether they are."""
        return self._journal.wait_for(lambda: len(self.finished()) >= count, timeout)

    def grows(self, count: int, timeout: float) -> bool:
        """Block until there are more than `count` exchanges; tell whether there are."""
        return self._journal.wait_for(lambda: len(self.now()) > count, timeout)

    def account(self) -> str:
        """Say what came, for a person; and why nothing may have come."""
        found = self.now()
        if found:
            return f"what came: {', '.join(map(repr, found[-20:]))}"
        return "nothing came" + proxy_hint(self._address)


class Journal(View, Sequence[Exchange]):
    """Every exchange of a server, in order of arrival."""

    def __init__(self, clock: Clock, keep_octets: int, address: str = "") -> None:
        self.clock = clock
        self.address = address
        self.dropped = 0
        self._keep = keep_octets
        self.log: Callable[[Exchange], None] | None = None
        self._total = 0
        self._octets = 0
        self._exchanges: list[Exchange] = []
        self._lock = threading.Lock()
        self._condition: threading.Condition | None = None  # made for the first who waits
        self._waiters = 0

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> list[Exchange]: ...
    def __getitem__(self, index: int | slice) -> Exchange | list[Exchange]:
        return self.exchanges[index]

    def __len__(self) -> int:
        return len(self.exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges)

    def _selection(self) -> Selection:
        return Selection(self, lambda exchange: True, self.address)

    def record(
        self, connection: int, number: int, started: float, *, listed: bool = True
    ) -> Exchange:
        """Return a new exchange, which is in the journal from now on if it is `listed`."""
        exchange = Exchange(self, connection, number, started, self._keep)
        if not listed:
            return exchange
        exchange.place = self._total
        self._total += 1
        self._exchanges.append(exchange)
        if len(self._exchanges) > KEEP_EXCHANGES:
            with self._lock:
                self._exchanges.pop(0)
                self.dropped += 1
        self.changed()
        return exchange

    def select(self, belongs: Callable[[Exchange], bool]) -> list[Exchange]:
        """Return the exchanges for which `belongs` is true; raises `NotKept`."""
        if self.dropped:
            raise NotKept(f"a journal keeps {KEEP_EXCHANGES} exchanges; {self.dropped} more came")
        return [exchange for exchange in self._exchanges[:] if belongs(exchange)]

    @property
    def position(self) -> int:
        """How many exchanges there were so far, those that were dropped or forgotten included."""
        return self._total

    def after(self, position: int) -> list[Exchange]:
        """Return the exchanges that came after a `position`, as far as they are kept."""
        return [exchange for exchange in self._exchanges[:] if exchange.place >= position]

    def forget(self, belongs: Callable[[Exchange], bool]) -> None:
        """Forget the exchanges for which `belongs` is true."""
        with self._lock:
            self._exchanges[:] = [e for e in self._exchanges if not belongs(e)]

    def keeps(self, octets: int) -> None:
        """Note that so many more octets are kept, and let go of the oldest if it is too much."""
        self._octets += octets
        if self._octets > KEEP_ALL:
            self._octets = 0
            for exchange in self._exchanges[: len(self._exchanges) // 2]:
                exchange.shed()

    def changed(self) -> None:
        """Wake those who wait for something in the journal."""
        condition = self._condition
        if self._waiters and condition is not None:
            with condition:
                condition.notify_all()

    def wait_for(self, predicate: Callable[[], bool], timeout: float) -> bool:
        """Block until `predicate` is true, at most `timeout` seconds; tell whether it is."""
        if predicate():
            return True
        with self._lock:
            if self._condition is None:
                self._condition = threading.Condition()
            condition = self._condition
        with condition:
            self._waiters += 1
            try:
                return condition.wait_for(predicate, timeout)
            finally:
                self._waiters -= 1
