"""Steps in front of others, where those may be made one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_httpcodes.wire.steps import Step


def is_whole(steps: Iterable[Step]) -> bool:
    """Tell whether steps are all there, and are not made one by one."""
    return isinstance(steps, (tuple, list))


def joined(first: Sequence[Step], steps: Iterable[Step]) -> Iterable[Step]:
    """Return steps with others in front of them; those that are made one by one go on being so."""
    return (*first, *steps) if is_whole(steps) else _behind(first, steps)


def _behind(first: Sequence[Step], steps: Iterable[Step]) -> Iterator[Step]:
    begun = False
    try:
        yield from first
        begun = True
        yield from steps
    finally:
        if not begun:
            discard(steps)


def discard(steps: Iterable[Step]) -> None:
    """Let go of what steps hold that are not going to be performed, such as an open file."""
    if is_whole(steps):
        return
    for _ in steps:
        break  # a generator that has not begun would not notice its end
    close = getattr(steps, "close", None)
    if close is not None:
        close()
