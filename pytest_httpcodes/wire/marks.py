"""What is to happen within the framed octets of one answer, and where in them; no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from pytest_httpcodes.wire.lines import own_length
from pytest_httpcodes.wire.places import IN_CHUNKS, in_head
from pytest_httpcodes.wire.steps import At, Head
from pytest_httpcodes.wire.writer import WITHOUT_CONTENT, Framer

# Places in some octets, in their order, and what happens there.
Places: TypeAlias = "list[tuple[int, At]]"


class Marks:
    """The `At` steps of one answer that have not happened yet; false if there is none left.

    Each is asked for once, with the octets that it is in: those of the head, of each piece of
    content, or those behind all of that.
    """

    __slots__ = ("_left", "_passed", "_whole")

    def __init__(self) -> None:
        self._left: list[At] = []
        self._passed = 0  # octets of the content that came so far
        self._whole: int | None = None  # octets of all of it

    def __bool__(self) -> bool:
        return bool(self._left)

    def add(self, at: At) -> None:
        """Take one more."""
        self._left.append(at)

    @property
    def in_status(self) -> bool:
        """Whether the answer ends before its status code is complete."""
        return any(at.place == "status-line" and at.ends for at in self._left)

    def announce(self, head: Head, length: int | None, framer: Framer) -> tuple[Head, int | None]:
        """Return the head to send, and the length of the content that it is to announce."""
        own = own_length(head.headers)
        self._whole = length if own is None else own
        if head.status not in WITHOUT_CONTENT and not framer.http10 and self._any(IN_CHUNKS):
            kept = (line for line in head.headers if line[0].lower() != "content-length")
            return Head(head.status, tuple(kept), head.reason), None
        if length == 0 and any(at.short for at in self._left):
            # What is short of nothing is short of something that was announced.
            return head, 1
        return head, length

    def of_head(self, octets: bytes) -> Places:
        """Return what happens within the head, and right behind it."""
        found = []
        for at in self._left:
            # After no octet of the content is behind the head, before any is made.
            place = in_head("head" if at.octets == 0 else at.place, octets)
            if place is not None:
                found.append((place, at))
        return self._take(found)

    def of_content(self, octets: bytes, data: bytes) -> Places:
        """Return what happens within a piece of content, given as it is framed and as it is."""
        if not octets:
            return []  # the answer has no content
        in_chunks = len(octets) > len(data)
        start = octets.index(b"\n") + 1 if in_chunks else 0
        found = []
        for at in self._left:
            if at.place == "content":
                place = self._in_content(at, len(data)) - self._passed
                if place <= len(data):
                    found.append((start + place, at))
            elif at.place == "chunk" and in_chunks:
                found.append((start + len(data) // 2, at))
        self._passed += len(data)
        return self._take(found)

    def of_end(self) -> Places:
        """Return what happens where the content ends: all whose place the answer does not have."""
        return self._take([(0, at) for at in self._left if at.place != "end"])

    def of_all(self) -> Places:
        """Return what happens behind the answer."""
        return self._take([(0, at) for at in self._left])

    def _in_content(self, at: At, piece: int) -> int:
        whole = self._whole
        if at.octets is None:
            # Where the length is not known, it is half of the first piece.
            return (piece if whole is None else whole) // 2
        return at.octets if whole is None or not at.short else min(at.octets, max(whole - 1, 0))

    def _any(self, places: Iterable[str]) -> bool:
        return any(at.place in places for at in self._left)

    def _take(self, found: Places) -> Places:
        taken = {id(at) for _, at in found}
        self._left = [at for at in self._left if id(at) not in taken]
        return sorted(found, key=lambda pair: pair[0])
