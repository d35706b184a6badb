"""Steps that are no part of a message: what else happens on a connection, and where in an answer.

`steps` has all of them; Rule 1 to 3 are there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from pytest_httpcodes.wire import places
from pytest_httpcodes.wire.lines import check_octets

FOREVER = 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for a while, in seconds; ends early when the client closes or the server stops.

    Raises `ValueError` for a time that is negative or over a day.
    """

    seconds: float

    def __post_init__(self) -> None:
        if not 0 <= self.seconds <= FOREVER:
            raise ValueError(f"{self.seconds!r} is no pause; use 0 to {FOREVER:g} seconds")


@dataclass(frozen=True, slots=True)
class Pace:
    """From here on, send so many octets a second; raises `ValueError` for none at all."""

    octets: float

    def __post_init__(self) -> None:
        if not 0 < self.octets <= 10**9:
            raise ValueError(f"{self.octets!r} is no pace; use more than 0 octets a second")


@dataclass(frozen=True, slots=True)
class Raw:
    """Send these octets, valid or not. Raises `TypeError` for text."""

    octets: bytes

    def __post_init__(self) -> None:
        check_octets(self.octets, "Raw")


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection at once with a FIN; what comes after it in the sequence is not done.

    `alert` is whether a client under TLS is told so first, as it has to be (RFC 9112, 9.8): without
    the closure alert, content that ends with the connection may have been cut off by anybody.
    """

    alert: bool = field(default=True, repr=False)


@dataclass(frozen=True, slots=True)
class HalfClose:
    """Send a FIN and go on reading what the client sends, until it closes too.

    That is the end of the answer: what comes after it in the sequence is not done.
    """


@dataclass(frozen=True, slots=True)
class Reset:
    """Close the connection with a real RST, which discards what was not yet delivered.

    What comes after it in the sequence is not done.
    """


@dataclass(frozen=True, slots=True)
class Stall:
    """Keep the connection open and silent until the client closes it or the server stops.

    What comes after it in the sequence is not done.
    """


# What may happen within the framed octets of a response, and which of that is its end.
Effect: TypeAlias = Pause | Pace | Raw | Close | HalfClose | Reset | Stall
_EFFECTS = (Pause, Pace, Raw, Close, HalfClose, Reset, Stall)
_LAST = (Close, HalfClose, Reset, Stall)


@dataclass(frozen=True, slots=True, init=False)
class At:
    """Perform other steps at a place within the framed octets of the final response.

    It comes before the `Head`; of several at one place, the first comes first. `where` is one of
    `places.PLACES`: "content:500" is after so many octets of the content, "content" after half of
    it. A response that has no such place has its end for it. "chunk" and "last-chunk" have the
    content sent in chunks, unless the client speaks HTTP/1.0. `short` is for steps that cut the
    content off: then at least its last octet is missing. The steps are such as `Raw`, `Pause` and
    `Reset`. Raises `ValueError` for another place, and `TypeError` for another step.
    """

    place: str
    octets: int | None
    steps: tuple[Effect, ...]
    short: bool

    def __init__(self, where: str, *steps: Effect, short: bool = False) -> None:
        place, octets = places.parse(where)
        for step in steps:
            if not isinstance(step, _EFFECTS):
                raise TypeError(f"{step!r} is no step within a response; use Raw() or Reset(), say")
        object.__setattr__(self, "place", place)
        object.__setattr__(self, "octets", octets)
        object.__setattr__(self, "steps", steps)
        object.__setattr__(self, "short", short)

    @property
    def ends(self) -> bool:
        """Whether it is the end of the response."""
        return any(isinstance(step, _LAST) for step in self.steps)
