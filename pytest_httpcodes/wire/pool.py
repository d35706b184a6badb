"""Threads for connections, kept for a moment between two of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TypeAlias

Job: TypeAlias = Callable[[], None]

# Starting a thread takes longer than all else that a new connection needs; one that waits for
# more work is forgotten after this many seconds.
KEEP = 2.0


class _Worker(threading.Thread):
    def __init__(self, pool: Pool, job: Job) -> None:
        super().__init__(name="httpcodes-connection", daemon=True)
        self._pool = pool
        self._job: Job | None = job
        # Locked while there is nothing to do; a plain lock is handed over faster than a semaphore.
        self.ready = threading.Lock()
        self.ready.acquire()

    def hand(self, job: Job | None) -> None:
        self._job = job
        self.ready.release()

    def run(self) -> None:
        try:
            while (job := self._job) is not None:
                job()
                self._job = job = None
                if not self._pool.wait_for_work(self):
                    return
        finally:
            self._pool.forget(self)


class Pool:
    """Runs each job on a thread of its own, which it reuses."""

    def __init__(self) -> None:
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()

    def run(self, job: Job) -> None:
        """Run `job` on a thread that has nothing else to do.

        Raises `RuntimeError` if none can be started.
        """
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = _Worker(self, job)
            self._all.add(worker)
            try:
                worker.start()
            except RuntimeError:
                self._all.discard(worker)
                raise
        else:
            worker.hand(job)

    def wait_for_work(self, worker: _Worker) -> bool:
        """Let a worker wait; False if it is no longer needed."""
        self._idle.append(worker)
        if worker.ready.acquire(timeout=KEEP):
            return True
        try:
            self._idle.remove(worker)
        except ValueError:
            # Taken from the list in this very moment: its job is on the way.
            worker.ready.acquire()
            return True
        return False

    def forget(self, worker: _Worker) -> None:
        """Note that a worker's thread ends."""
        self._all.discard(worker)

    def threads(self) -> Iterable[threading.Thread]:
        """Return the threads that are there, working or waiting."""
        return tuple(self._all)

    def dismiss(self) -> None:
        """End the threads that wait for work, at once."""
        while True:
            try:
                self._idle.pop().hand(None)
            except IndexError:
                return
