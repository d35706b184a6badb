"""Threads that are kept for a moment."""

from __future__ import annotations

import queue
import threading

import pytest

from pytest_httpcodes.wire import pool as module
from pytest_httpcodes.wire.pool import Pool
from tests.raw import until


def thread_of(pool: Pool) -> threading.Thread:
    """Run a job, and return the thread that ran it."""
    ran: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()
    pool.run(lambda: ran.put(threading.current_thread()))
    return ran.get(timeout=5)


def settled(pool: Pool, idle: int) -> None:
    """Block until so many threads wait for work."""
    until(lambda: len(pool._idle) == idle)


def test_a_thread_is_used_again() -> None:
    """By the next job, once it is free."""
    pool = Pool()
    first = thread_of(pool)
    settled(pool, 1)

    assert first is thread_of(pool)
    assert first.daemon
    assert (first,) == pool.threads()
    settled(pool, 1)
    pool.dismiss()


def test_jobs_run_side_by_side() -> None:
    """Each on a thread of its own."""
    pool = Pool()
    barrier = threading.Barrier(5)

    def meet() -> None:
        barrier.wait(5)

    for _ in range(4):
        pool.run(meet)
    assert 4 == len(list(pool.threads()))
    barrier.wait(5)
    settled(pool, 4)
    pool.dismiss()


def test_a_thread_is_let_go_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing comes."""
    monkeypatch.setattr(module, "KEEP", 0.01)
    pool = Pool()
    thread_of(pool).join(5)

    assert () == pool.threads()
    assert [] == pool._idle


def test_threads_are_dismissed_at_once() -> None:
    """Those that wait; whoever works goes on, and is there for the next job."""
    pool = Pool()
    ended = threading.Event()

    def work() -> None:
        ended.wait(5)

    pool.run(work)
    (busy,) = pool.threads()
    waiting = thread_of(pool)
    settled(pool, 1)
    pool.dismiss()
    waiting.join(5)
    assert (busy,) == pool.threads()
    ended.set()
    settled(pool, 1)

    assert busy is thread_of(pool)
    settled(pool, 1)
    pool.dismiss()
    busy.join(5)
    assert () == pool.threads()


def test_a_job_that_comes_as_a_thread_gives_up_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread was taken from the list, and its job is on the way."""
    pool = Pool()
    worker = module._Worker(pool, lambda: None)

    class Idle(list[module._Worker]):
        def remove(self, value: module._Worker) -> None:
            value.hand(lambda: None)
            raise ValueError

    monkeypatch.setattr(module, "KEEP", 0.01)
    monkeypatch.setattr(pool, "_idle", Idle())

    assert pool.wait_for_work(worker)


def test_a_job_that_fails_takes_its_thread_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing else; the error is the interpreter's to report."""
    errors: queue.SimpleQueue[threading.ExceptHookArgs] = queue.SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", errors.put)
    pool = Pool()

    def fail() -> None:
        raise ValueError("of mine")

    pool.run(fail)

    assert ValueError is errors.get(timeout=5).exc_type
    until(lambda: pool.threads() == ())
    thread_of(pool)
    settled(pool, 1)
    pool.dismiss()


def test_no_thread_to_be_had_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the pool does not count on that thread."""

    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    pool = Pool()

    with pytest.raises(RuntimeError, match="can't start new thread"):
        pool.run(lambda: None)
    assert () == pool.threads()
