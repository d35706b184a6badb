"""The generic diff format: octets that are new, and places to copy from (NOTE-gdiff-19970901).

https://www.w3.org/TR/NOTE-gdiff-19970901 has the table of the commands. It carries any octets.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

# "Each diff stream starts with the 4-byte magic number (value 0xd1ffd1ff), followed by a 1-byte
# version number (value 4)" (NOTE-gdiff, 2).
MAGIC = b"\xd1\xff\xd1\xff\x04"
_EOF = 0
_SHORTEST = 246  # data whose length is the command
_DATA = {247: "H", 248: "i"}
_COPY = {249: "HB", 250: "HH", 251: "Hi", 252: "iB", 253: "iH", 254: "ii", 255: "qi"}
# "If a number larger than 2^31-1 bytes is needed for a command that takes only int arguments, the
# command must be split into multiple commands" (NOTE-gdiff, 2).
MOST = 2**31 - 1
_LARGEST = {"B": 255, "H": 65_535, "i": MOST, "q": 2**63 - 1}

# Octets of the old version are found again in blocks of so many: a copy of fewer would hardly be
# shorter than they are.
_BLOCK = 8


def delta(old: bytes, new: bytes) -> bytes:
    """Return the delta that makes `new` of `old`, in a time that grows with their lengths."""
    # Of blocks that are the same the first one counts: it has the most behind it.
    places = range(len(old) - len(old) % _BLOCK - _BLOCK, -1, -_BLOCK)
    blocks = {old[place : place + _BLOCK]: place for place in places}
    commands = [MAGIC]
    start = at = 0
    while at + _BLOCK <= len(new):
        place = blocks.get(new[at : at + _BLOCK], -1)
        if place < 0:
            at += 1
            continue
        while at > start and place > 0 and old[place - 1] == new[at - 1]:
            at, place = at - 1, place - 1
        length = _shared(memoryview(old)[place:], memoryview(new)[at:])
        commands += [*data(new[start:at]), *copy(place, length)]
        start = at = at + length
    return b"".join([*commands, *data(new[start:]), bytes([_EOF])])


def _shared(one: memoryview, other: memoryview) -> int:
    # How many octets two views have in common at their start: each half is compared once.
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def data(octets: bytes, most: int = MOST) -> Iterator[bytes]:
    """Return the commands that append octets, none for none; `most` in one."""
    for start in range(0, len(octets), most):
        piece = octets[start : start + most]
        if len(piece) <= _SHORTEST:
            yield bytes([len(piece)]) + piece
        else:
            yield _smallest(_DATA, len(piece)) + piece


def copy(position: int, length: int) -> Iterator[bytes]:
    """Return the commands that append a part of the old version, none for no octets."""
    for start in range(0, length, MOST):
        yield _smallest(_COPY, position + start, min(length - start, MOST))


def _smallest(commands: dict[int, str], *numbers: int) -> bytes:
    # The first command whose arguments are large enough.
    for command, kinds in commands.items():
        if all(number <= _LARGEST[kind] for number, kind in zip(numbers, kinds, strict=True)):
            return struct.pack(f">B{kinds}", command, *numbers)
    raise OverflowError(f"{numbers} are larger than any command's arguments")


def apply(octets: bytes, old: bytes) -> bytes:
    """Return what a delta makes of `old`; raises `ValueError` for one that is damaged."""
    if not octets.startswith(MAGIC):
        raise ValueError(f"the delta starts with {octets[:5]!r}; a gdiff starts with {MAGIC!r}")
    reader = _Reader(octets[len(MAGIC) :])
    new = []
    while command := reader.take(1)[0]:
        if command in _COPY:
            position, length = reader.numbers(_COPY[command])
            if not 0 <= position <= position + length <= len(old):
                raise ValueError(f"no {length} octets at {position} to copy; there are {len(old)}")
            new.append(old[position : position + length])
        else:
            length = reader.numbers(_DATA[command])[0] if command in _DATA else command
            new.append(reader.take(length))
    if reader.rest:
        raise ValueError(f"{len(reader.rest)} octets behind the end of the delta")
    return b"".join(new)


class _Reader:
    # Takes octets from the start of what is left.
    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    @property
    def rest(self) -> bytes:
        return self._octets[self._at :]

    def take(self, count: int) -> bytes:
        taken = self._octets[self._at : self._at + count]
        if count < 0 or len(taken) < count:
            raise ValueError(f"the delta ends within a command, {count} octets of it missing")
        self._at += count
        return taken

    def numbers(self, kinds: str) -> tuple[int, ...]:
        return struct.unpack(f">{kinds}", self.take(struct.calcsize(f">{kinds}")))
