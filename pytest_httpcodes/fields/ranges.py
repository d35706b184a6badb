"""Which octets a `Range` asks for, for 206 and 416 (RFC 9110, 14).

Rule 1: what overlaps or touches is sent once, as one part; a gap is kept, however small, so that a
client gets to see parts of small content too.
Rule 2: no request makes the answer grow. Up to `FEW` ranges are sent as asked; more of them only if
all of them, one by one, take fewer octets than the whole; and never more than `MOST`. What goes
beyond that is 416, "because the client has requested an excessive number of small or overlapping
ranges (a potential denial of service attack)" (RFC 9110, 15.5.17).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

FEW = 8
MOST = 100
_SPEC = re.compile("([0-9]*)-([0-9]*)")
# Numbers of more digits are beyond the end of all content there is.
_DIGITS = 18


class Span(NamedTuple):
    """Some octets in a row: from `start` up to `stop`, which is the first that is not in it."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many octets there are."""
        return self.stop - self.start


class Spec(NamedTuple):
    """What a client asks for, before the size is known: octets from `first` to `last`.

    `last` is None for all from `first` on. `first` is None for a suffix of `last` octets.
    """

    first: int | None
    last: int | None

    def of(self, size: int) -> Span | None:
        """Return the octets out of `size` that this is, None where it is not satisfiable.

        Of no octets at all a suffix is satisfiable, and empty (RFC 9110, 14.1.2).
        """
        if self.first is None:
            return Span(max(size - (self.last or 0), 0), size) if self.last else None
        if self.first >= size:
            return None
        # "if the value is greater than or equal to the current length of the representation data,
        # the byte range is interpreted as the remainder of the representation" (RFC 9110, 14.1.2).
        return Span(self.first, size if self.last is None else min(self.last + 1, size))


class Parts(NamedTuple):
    """Answer with these parts, one or more, in this order: 206."""

    spans: tuple[Span, ...]


class Whole(NamedTuple):
    """Answer as if there were no `Range`: 200; `reason` says what it has no meaning for."""

    reason: str


class Refused(NamedTuple):
    """Refuse the request: 416; `reason` says why."""

    reason: str


Choice: TypeAlias = "Parts | Whole | Refused"


def choose(value: str, size: int, cost: Callable[[Sequence[Span]], int]) -> Choice:
    """Say how to answer a GET with a `Range` that applies, to content of `size` octets.

    `cost` returns how many octets an answer takes that has some parts, with what is around them.
    """
    try:
        specs = read_ranges(value)
    except ValueError as error:
        # "An origin server MUST ignore a Range header field that contains a range unit it does not
        # understand", and "MAY ignore or reject" one with an invalid set (RFC 9110, 14.2).
        return Whole(str(error))
    if len(specs) > MOST:
        return Refused(f"it has {len(specs)} ranges, and {MOST} are the most that are sent")
    spans = [span for spec in specs if (span := spec.of(size))]
    if not spans:
        return Refused(f"there is nothing in that range of {size} octets")
    if not size:
        # A 206 has no way to say that it is empty, and "A server ... MAY ignore a Range header
        # field when the selected representation has no content" (RFC 9110, 14.2).
        return Whole("there is no octet to send a part of")
    if len(spans) > FEW and cost(spans) >= size:
        return Refused(
            f"its {len(spans)} ranges are so small, or overlap so much, that to send them takes no "
            f"fewer octets than all {size} do"
        )
    return Parts(coalesce(spans))


def read_ranges(value: str) -> tuple[Spec, ...]:
    """Read what a `Range` asks for; raises `ValueError` where that is to be ignored.

    The unit's name may be in any case (RFC 9110, 14.1).
    """
    unit, equals, ranges = value.partition("=")
    if not equals:
        raise ValueError("it is no unit and set, such as bytes=0-99")
    if unit.lower() != "bytes":
        raise ValueError("its unit is not known here, where it is bytes")
    # The specification's own example has white space in front: "bytes= 0-999, 4500-5499, -1000"
    # (RFC 9110, 14.1.2). Empty members do not count (5.6.1.2).
    members = [member for text in ranges.split(",") if (member := text.strip(" \t"))]
    if not members:
        raise ValueError("its set is empty")
    return tuple(map(_spec, members))


def _spec(text: str) -> Spec:
    # int-range = first-pos "-" [ last-pos ]; suffix-range = "-" suffix-length (RFC 9110, 14.1.1)
    match = _SPEC.fullmatch(text)
    if not match or text == "-":
        raise ValueError("its set has a member that is no range of octets")
    first, last = (digits.lstrip("0") or digits[:1] for digits in match.groups())
    # "An int-range is invalid if the last-pos value is present and less than the first-pos", and
    # numbers may be large (RFC 9110, 14.1.1 and 14.1.2): as texts they are compared exactly.
    if first and last and (len(last), last) < (len(first), first):
        raise ValueError("its set has a range whose end is before its start")
    return Spec(_number(first), _number(last))


def _number(digits: str) -> int | None:
    if not digits:
        return None
    return int(digits) if len(digits) <= _DIGITS else 10**_DIGITS


def coalesce(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join what overlaps or touches; each part stands where the first that is in it was asked for.

    "A server that generates a multipart response SHOULD send the parts in the same order that the
    corresponding range-spec appeared in the received Range header field, excluding those ranges
    that were deemed unsatisfiable or that were coalesced into other ranges" (RFC 9110, 15.3.7.2).
    """
    joined: list[tuple[int, Span]] = []  # with the place of the first that is in it
    for span, place in sorted((span, place) for place, span in enumerate(spans)):
        if joined and span.start <= joined[-1][1].stop:
            before, last = joined[-1]
            whole = Span(last.start, max(last.stop, span.stop))
            joined[-1] = (min(before, place), whole)
        else:
            joined.append((place, span))
    return tuple(span for _, span in sorted(joined))


def content_range(span: Span, size: int) -> str:
    """Return the value of the field that says which octets those are (RFC 9110, 14.4)."""
    return f"bytes {span.start}-{span.stop - 1}/{size}"


def unsatisfied(size: int) -> str:
    """Return the value of the same field of a 416: how many octets there are (RFC 9110, 14.4)."""
    return f"bytes */{size}"
