"""Breaks an honest answer: how, and at which place.

Rule 1: a fault is a value. It turns the steps of an answer into those of one that breaks.
Rule 2: what an answer announces is what the whole of it would have; the fault is that it never
comes, or comes as something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pytest_httpcodes.behaviours.malformed import FRAMED, MALFORMED, malformed
from pytest_httpcodes.behaviours.sequence import discard, is_whole, joined
from pytest_httpcodes.codes import WITHOUT_CONTENT
from pytest_httpcodes.wire.effects import Effect
from pytest_httpcodes.wire.places import PLACES
from pytest_httpcodes.wire.steps import (
    At,
    Close,
    Forward,
    HalfClose,
    Head,
    Pace,
    Raw,
    Reset,
    Stall,
    Step,
)

GARBAGE = b"\x00\x01\x02 this is no HTTP \xff\xfe\r\n\r\n"
# What may happen at a place, given the number behind the kind's name.
_EFFECTS: dict[str, Callable[[float], tuple[Effect, ...]]] = {
    "close": lambda number: (Close(),),
    "half-close": lambda number: (HalfClose(),),
    "reset": lambda number: (Reset(),),
    "stall": lambda number: (Stall(),),
    "drip": lambda number: (Pace(number),),
    "garbage": lambda number: (Raw(GARBAGE), Close()),
    "truncate": lambda number: (Close(),),
}
# Of the kinds that count something: the number if none is given, the least and the most, and what
# is counted.
_NUMBERS = {
    "drip": (100.0, 1, 10**9, "octets a second"),
    "surplus": (0.0, 0, 60, "seconds until the second answer"),
    "many-fields": (600.0, 1, 10_000, "whole field lines"),
    "large-field": (1_048_576.0, 1, 16_777_216, "whole octets"),
}
_WHOLE = ("many-fields", "large-field")
KINDS = (*_EFFECTS, *MALFORMED)
# Of the exchange: before the fields of the request are read, before its content, and after so many
# octets of that; and of the answer: before its first octet, within it, behind its last.
EARLY = ("request-line", "request-head", "request-content")
_ALL = (*EARLY, "start", *PLACES)
_AT = re.compile(rf"({'|'.join(_ALL)})(?::([0-9]{{1,12}}))?")
_COUNTED = ("content", "request-content")
_KIND = re.compile(r"([a-z-]+)(?::([0-9]{1,9}(?:\.[0-9]{1,9})?))?")
# Places that an answer has only if it has content.
_IN_CONTENT = ("content", "chunk", "last-chunk")


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Fault:
    """How an answer breaks, and where: `Fault("reset", at="content:500")`.

    It is written as in a URL: `kind` is one of `KINDS`, with a number behind a colon for those
    that count something, such as "drip:100". `place` is where it breaks, "" for a kind that
    concerns the whole answer; `octets` is how many octets of the content come first, None for half
    of them. Content that is shorter comes whole, but for truncated content, which lacks at least
    its last octet. Raises `ValueError` for what is no kind or no place.
    """

    kind: str
    place: str
    octets: int | None
    number: float

    def __init__(self, kind: str, at: str | None = None) -> None:
        match = _KIND.fullmatch(kind) if isinstance(kind, str) else None
        if not match or match[1] not in KINDS:
            raise ValueError(f"fault={kind!r} is none; there are {', '.join(KINDS)}")
        name = match[1]
        place, octets = (_default(name), None) if at is None else _place(name, at)
        object.__setattr__(self, "kind", name)
        object.__setattr__(self, "place", place)
        object.__setattr__(self, "octets", octets)
        object.__setattr__(self, "number", _number(name, match[2]))

    def __str__(self) -> str:
        return f"{self._name} at {self._where}" if self.place else self._name

    def __repr__(self) -> str:
        return f"Fault({self._name!r}{f', at={self._where!r}' if self.place else ''})"

    @property
    def _name(self) -> str:
        if self.kind not in _NUMBERS:
            return self.kind
        return f"{self.kind}:{self.number:.9f}".rstrip("0").rstrip(".")

    @property
    def _where(self) -> str:
        return self.place if self.octets is None else f"{self.place}:{self.octets}"

    @property
    def early(self) -> bool:
        """Whether it comes before all of the request is read."""
        return self.place in EARLY

    @property
    def effect(self) -> tuple[Effect, ...]:
        """What happens at the place."""
        return _EFFECTS[self.kind](self.number)

    def fits(self, code: int) -> bool:
        """Tell whether an answer with this code has the place where it is to break."""
        if self.early or self.place == "start":
            return True
        needs_content = self.place in _IN_CONTENT or self.kind in FRAMED
        return code != 444 and not (needs_content and code in WITHOUT_CONTENT)

    def apply(
        self, steps: Iterable[Step], method: str = "GET", *, http10: bool = False
    ) -> Iterable[Step]:
        """Return the steps of an answer that breaks; one that streams goes on doing so.

        An answer without a head, such as a reset, has no place but its start and its end.
        """
        if self.kind in MALFORMED:
            return malformed(self.kind, self.number, steps, method, http10=http10)
        if self.place == "start" or (self.place != "end" and _is_headless(steps)):
            if self.kind == "drip":
                return joined(self.effect, steps)
            discard(steps)
            return self.effect
        return joined((At(self._where, *self.effect, short=self.kind == "truncate"),), steps)


def _is_headless(steps: Iterable[Step]) -> bool:
    return is_whole(steps) and not any(isinstance(step, (Head, Forward)) for step in steps)


def _default(kind: str) -> str:
    if kind in MALFORMED:
        return ""
    return "content" if kind == "truncate" else "start"


def _place(kind: str, at: str) -> tuple[str, int | None]:
    found = _AT.fullmatch(at) if isinstance(at, str) else None
    if not found or (found[2] and found[1] not in _COUNTED):
        raise ValueError(
            f"at={at!r} is no place in an exchange; use {', '.join(_ALL)}, or content:N (after N "
            f"octets of the content) or request-content:N"
        )
    place = found[1]
    if kind in MALFORMED:
        raise ValueError(f"at={at!r} is no place for {kind}, which has its own; leave at= out")
    if kind == "truncate" and place != "content":
        raise ValueError(f"at={at!r} is not in the content, which truncate cuts; use content:N")
    if kind == "drip" and (place in EARLY or place == "end"):
        raise ValueError(f"at={at!r} is not in the answer, which is what drips; use start, say")
    return place, int(found[2]) if found[2] else None


def _number(kind: str, text: str | None) -> float:
    if kind not in _NUMBERS:
        if text is not None:
            raise ValueError(f"fault='{kind}:{text}' has a number, and {kind} counts nothing")
        return 0.0
    default, least, most, what = _NUMBERS[kind]
    number = default if text is None else float(text)
    if not least <= number <= most or (number % 1 and kind in _WHOLE):
        raise ValueError(f"fault='{kind}:{text}' is out of range; use {least} to {most}, {what}")
    return number
