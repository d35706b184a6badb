"""Whose turn it is, on which core, and the median of what the turns took."""

from __future__ import annotations

import contextlib
import os
import random
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

SEED = 9110  # the orders are the same in every run


def turns(names: Sequence[str], rounds: int) -> Iterator[str]:
    """Yield each name once in a round, each round in an order of its own."""
    shuffler = random.Random(SEED)
    order = list(names)
    for _ in range(rounds):
        shuffler.shuffle(order)
        yield from order


def medians(samples: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the median of each contestant's samples."""
    return {name: statistics.median(values) for name, values in samples.items()}


def ratio(samples: Mapping[str, Sequence[float]], one: str, other: str) -> float:
    """Return the median of the ratios that two contestants have within each round.

    For the few rounds of what takes a second: the machine's pace changes more from one round to
    the next than within one, and this is half as uncertain as the ratio of the medians.
    """
    pairs = zip(samples[one], samples[other], strict=True)
    return statistics.median(first / second for first, second in pairs)


@contextlib.contextmanager
def pinned() -> Iterator[None]:
    """Keep all threads of this process, and those they start, on one core.

    Unpinned, even a server that does nothing takes 20 or 100 microseconds, as the scheduler likes.
    Where the system has no such call, nothing is pinned.
    """
    if sys.platform != "linux":
        yield
        return
    allowed = os.sched_getaffinity(0)
    _bind({max(allowed)})
    try:
        yield
    finally:
        _bind(allowed)


def _bind(cores: set[int]) -> None:
    # The call is about one thread; a server may have some from an earlier measurement.
    if sys.platform == "linux":
        for task in Path("/proc/self/task").iterdir():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(task.name), cores)
