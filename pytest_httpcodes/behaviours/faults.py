"""Breaks an honest answer at a place of one's choice: close, reset, stall, truncate, garbage."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
        octets = len(data) // 2 if self.octets is None else min(self.octets, len(data))
        if self.kind == "truncate":
            octets = min(octets, max(len(data) - 1, 0))
        return (*before, Content(data[:octets]), *effect)

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
