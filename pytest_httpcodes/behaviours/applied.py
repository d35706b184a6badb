"""What can be asked of every answer, whatever gives it: `delay`, and `fault` with `at`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from pytest_httpcodes.behaviours.options import Options
from pytest_httpcodes.wire.steps import Pause, Step

EVERY = ("delay", "fault", "at")


def applied(steps: Iterable[Step], given: Options) -> Iterable[Step]:
    """Return the steps of an answer that comes later, or breaks.

    An answer that streams goes on doing so; one that is to break is taken whole, unless it
    announces how long its content is.
    """
    fault = given.fault
    if fault is not None:
        is_whole = isinstance(steps, (tuple, list))
        steps = fault.apply(steps) if is_whole else fault.stream(steps)  # type: ignore[arg-type]
    if not given.delay:
        return steps
    pause = Pause(given.delay)
    return (pause, *steps) if isinstance(steps, (tuple, list)) else chain((pause,), steps)
