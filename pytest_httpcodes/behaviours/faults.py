"""Breaks an honest answer at a place of one's choice: close, reset, stall, truncate, garbage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pytest_httpcodes.codes import WITHOUT_CONTENT
from pytest_httpcodes.wire.steps import Close, Content, Head, Raw, Reset, Stall, Step

GARBAGE = b"\x00\x01\x02 this is no HTTP \xff\xfe\r\n\r\n"
KINDS = ("close", "reset", "stall", "truncate", "garbage")
PLACES = "start, head or content:N (after N octets of content)"
_AT = re.compile(r"start|head|content:([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Fault:
    """How an answer breaks, and where: before its first octet, behind its head or in its content.

    `octets` is how many octets of the content are sent first, None for half of them; content that
    is shorter is sent whole, but for truncated content, which lacks at least its last octet.
    """

    kind: str
    place: str = "start"
    octets: int | None = None

    @classmethod
    def parse(cls, kind: str, at: str | None = None) -> Fault:
        """Read a fault as it is written in a URL; raises `ValueError`."""
        if kind not in KINDS:
            raise ValueError(f"fault={kind!r} is none; there are {', '.join(KINDS)}")
        if at is None:
            return cls(kind, "content" if kind == "truncate" else "start")
        match = _AT.fullmatch(at) if isinstance(at, str) else None
        if not match:
            raise ValueError(f"at={at!r} is no place in an answer; use {PLACES}")
        place = at.partition(":")[0]
        if kind == "truncate" and place != "content":
            raise ValueError(f"at={at!r} is not in the content, which truncate cuts; use content:N")
        return cls(kind, place, int(match[1]) if match[1] else None)

    def __str__(self) -> str:
        where = f"content:{self.octets}" if self.octets is not None else self.place
        return f"{self.kind} at {where}"

    def fits(self, code: int) -> bool:
        """Tell whether an answer with this code has the place where it is to break."""
        if self.place == "start":
            return True
        return code != 444 and (self.place == "head" or code not in WITHOUT_CONTENT)

    def apply(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """Return the steps of an answer that breaks; one without a head breaks at its start.

        What it announces is what the whole answer would have: the fault is that it never comes.
        """
        effect = self._effect()
        place = next((i for i, step in enumerate(steps) if isinstance(step, Head)), None)
        if self.place == "start" or place is None:
            return effect
        head = steps[place]
        assert isinstance(head, Head)  # noqa: S101 - for the type checker
        data = b"".join(step.data for step in steps if isinstance(step, Content))
        before = (*steps[:place], self._announce(head, len(data)))
        if self.place == "head":
            return (*before, *effect)
        return (*before, Content(data[: self._sent(len(data))]), *effect)

    def stream(self, steps: Iterable[Step]) -> Iterator[Step]:
        """Return the steps of an answer that breaks, of which no more is made than is sent.

        It has to announce how long its content is; else it is taken whole.
        """
        coming = iter(steps)
        before: list[Step] = []
        for step in coming:
            before.append(step)
            if isinstance(step, Head):
                break
        length = _announced(before)
        if length is None:
            yield from self.apply((*before, *coming))
        elif self.place != "content":
            yield from self.apply(before)
        else:
            yield from before
            yield from _first(coming, self._sent(length))
            yield from self._effect()

    def _sent(self, length: int) -> int:
        # How many octets of the content are sent.
        octets = length // 2 if self.octets is None else min(self.octets, length)
        return min(octets, max(length - 1, 0)) if self.kind == "truncate" else octets

    def _announce(self, head: Head, length: int) -> Head:
        names = {name.lower() for name, _ in head.headers}
        if head.status in WITHOUT_CONTENT or names & {"content-length", "transfer-encoding"}:
            return head
        # Truncated content is shorter than announced, even if there was none to begin with.
        announced = length or int(self.kind == "truncate")
        lines = (*head.headers, ("Content-Length", str(announced)))
        return Head(head.status, lines, head.reason)

    def _effect(self) -> tuple[Step, ...]:
        match self.kind:
            case "reset":
                return (Reset(),)
            case "stall":
                return (Stall(),)
            case "garbage":
                return (Raw(GARBAGE), Close())
            case _:
                return (Close(),)


def _announced(before: Sequence[Step]) -> int | None:
    head = before[-1] if before else None
    if isinstance(head, Head):
        for name, value in head.headers:
            if name.lower() == "content-length":
                return int(value)
    return None


def _first(steps: Iterable[Step], left: int) -> Iterator[Step]:
    # The content among the steps, up to so many octets.
    for step in steps:
        if isinstance(step, Content):
            yield Content(step.data[:left])
            left -= len(step.data)
            if left <= 0:
                return
