"""Forked children, which have all descriptors of their parent and none of its threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import TracebackType

import pytest

FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
# From 3.12 on, a process with threads is warned of what a fork may do to them.
QUIET = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def in_child(act: Callable[[], object]) -> int:
    """Do something in a child; return its exit status."""
    child = os.fork()
    if not child:  # pragma: no cover - what runs here is not measured
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class IdleChild:
    """A child that is there from its making, and does nothing until the end of the `with`."""

    def __init__(self) -> None:
        ready, is_ready = os.pipe()
        end, self._end = os.pipe()
        self._child = os.fork()
        if not self._child:  # pragma: no cover - likewise
            os.close(self._end)
            os.write(is_ready, b"r")
            os.read(end, 1)
            os._exit(0)
        os.read(ready, 1)
        for fd in (ready, is_ready, end):
            os.close(fd)

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._end)
        os.waitpid(self._child, 0)
