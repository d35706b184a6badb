"""The generic diff format: each command at each size, and any octets there and back."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes.deltas.gdiff import MAGIC, MOST, apply, copy, data, delta

START = b"\xd1\xff\xd1\xff\x04"


def test_the_example_of_the_note() -> None:
    """NOTE-gdiff-19970901, 2: its example, octet for octet."""
    example = START + bytes([249, 0, 0, 2, 2, *b"XY", 249, 0, 2, 2, 249, 0, 1, 4, 0])

    assert START == MAGIC
    assert b"ABXYCDBCDE" == apply(example, b"ABCDEFG")


@pytest.mark.parametrize(
    ("head", "length"),
    [
        (b"\x01", 1),
        (b"\x02", 2),
        (b"\xf6", 246),
        (b"\xf7\x00\xf7", 247),
        (b"\xf7\xff\xff", 65_535),
        (b"\xf8\x00\x01\x00\x00", 65_536),
    ],
)
def test_data_has_the_shortest_command(head: bytes, length: int) -> None:
    """1 to 246 are their own length; then a ushort, then an int."""
    octets = bytes(range(256)) * 257

    assert [head + octets[:length]] == list(data(octets[:length]))
    assert octets[:length] == apply(START + head + octets[:length] + b"\0", b"")


@pytest.mark.parametrize(
    ("command", "kinds", "position", "length"),
    [
        (249, ">HB", 0, 1),
        (249, ">HB", 65_535, 255),
        (250, ">HH", 65_535, 256),
        (250, ">HH", 0, 65_535),
        (251, ">Hi", 65_535, 65_536),
        (251, ">Hi", 0, MOST),
        (252, ">iB", 65_536, 255),
        (252, ">iB", MOST, 1),
        (253, ">iH", 65_536, 256),
        (253, ">iH", MOST, 65_535),
        (254, ">ii", 65_536, 65_536),
        (254, ">ii", MOST, MOST),
        (255, ">qi", MOST + 1, 1),
        (255, ">qi", 2**63 - 1, MOST),
    ],
)
def test_a_copy_has_the_shortest_command(
    command: int, kinds: str, position: int, length: int
) -> None:
    """249 to 255: all numbers are big-endian; int and long are signed."""
    expected = bytes([command]) + struct.pack(kinds, position, length)

    assert [expected] == list(copy(position, length))


@pytest.mark.parametrize(
    ("position", "length"),
    [
        (0, 1),
        (65_535, 255),
        (0, 65_535),
        (0, 65_536),
        (65_536, 255),
        (65_536, 256),
        (65_536, 65_536),
    ],
)
def test_each_copy_is_undone(position: int, length: int) -> None:
    """What is copied is that part of the old version."""
    old = struct.pack(">70000I", *range(70_000))
    octets = START + b"".join(copy(position, length)) + b"\0"

    assert old[position : position + length] == apply(octets, old)


def test_a_long_position_is_read() -> None:
    """255, with a position that would fit into less."""
    assert b"CD" == apply(START + b"\xff" + struct.pack(">qi", 2, 2) + b"\0", b"ABCDE")


def test_what_is_too_long_is_split() -> None:
    """NOTE-gdiff, 2: "the command must be split into multiple commands"."""
    assert [
        b"\xfb" + struct.pack(">Hi", 1, MOST),
        b"\xff" + struct.pack(">qi", MOST + 1, MOST),
        b"\xff" + struct.pack(">qi", 2 * MOST + 1, 5),
    ] == list(copy(1, 2 * MOST + 5))
    assert [b"\x03abc", b"\x03def", b"\x01g"] == list(data(b"abcdefg", most=3))


def test_nothing_needs_no_command() -> None:
    """Neither for data nor for a copy; two versions without octets have the shortest delta."""
    assert [] == [*data(b""), *copy(0, 0)]
    assert START + b"\0" == delta(b"", b"") == delta(b"abc", b"")


def test_no_command_has_such_a_position() -> None:
    """A file of 8 EiB is not to be had."""
    with pytest.raises(OverflowError, match="larger than any command"):
        list(copy(2**63, 1))


@pytest.mark.parametrize(
    ("commands", "old", "new"),
    [
        # The same, grown, shrunk, changed in the middle, moved.
        ([249, 0, 0, 16], b"0123456789abcdef", b"0123456789abcdef"),
        ([249, 0, 0, 16, 1, 33], b"0123456789abcdef", b"0123456789abcdef!"),
        ([1, 33, 249, 0, 0, 16], b"0123456789abcdef", b"!0123456789abcdef"),
        ([249, 0, 0, 9], b"0123456789abcdef", b"012345678"),
        ([249, 0, 3, 13], b"0123456789abcdef", b"3456789abcdef"),
        ([249, 0, 0, 8, 1, 33, 249, 0, 8, 8], b"0123456789abcdef", b"01234567!89abcdef"),
        ([249, 0, 8, 8, 249, 0, 0, 8], b"0123456789abcdef", b"89abcdef01234567"),
        # Twice the same part.
        ([249, 0, 0, 8, 249, 0, 0, 8], b"01234567", b"0123456701234567"),
        # Of places that are the same the first has the most behind it.
        ([249, 0, 0, 32], b"z" * 32, b"z" * 32),
        # What is shorter than a block is data.
        ([7, *b"0123456"], b"0123456", b"0123456"),
    ],
)
def test_what_is_old_is_copied(commands: list[int], old: bytes, new: bytes) -> None:
    """A block that is found grows in both directions, as far as what is not yet said."""
    assert START + bytes([*commands, 0]) == delta(old, new)


PIECES = st.lists(
    st.sampled_from([b"0123456789", b"abcdefghij", b"\0" * 9, b"\xff", b"01234567", b"x" * 300])
    | st.binary(max_size=20),
    max_size=12,
).map(b"".join)


@settings(deadline=None)
@given(PIECES, PIECES)
def test_any_octets_come_back(old: bytes, new: bytes) -> None:
    """Octet for octet, whatever they are."""
    assert new == apply(delta(old, new), old)


@settings(deadline=None)
@given(PIECES, PIECES, st.data())
def test_a_damaged_delta_never_makes_something_else(
    old: bytes, new: bytes, drawn: st.DataObject
) -> None:
    """One that is cut anywhere is refused."""
    octets = delta(old, new)
    cut = drawn.draw(st.integers(0, len(octets) - 1))

    with pytest.raises(ValueError, match="the delta (starts|ends)"):
        apply(octets[:cut], old)


@pytest.mark.parametrize(
    ("why", "octets"),
    [
        ("a gdiff starts with", b""),
        ("a gdiff starts with", b"\xd1\xff\xd1\xff\x05\0"),
        ("ends within a command", START),
        ("ends within a command", START + b"\x02a"),
        ("ends within a command", START + b"\x01a"),
        ("ends within a command", START + b"\xf9\0"),
        ("ends within a command", START + b"\xf8\xff\xff\xff\xff\0"),
        ("2 octets behind the end", START + b"\0\0\0"),
        ("no 4 octets at 0 to copy; there are 3", START + b"\xf9\0\0\x04\0"),
        ("no 1 octets at 3 to copy", START + b"\xf9\0\x03\x01\0"),
        ("no 1 octets at -1 to copy", START + b"\xfc\xff\xff\xff\xff\x01\0"),
        ("no -1 octets at 1 to copy", START + b"\xfb\0\x01\xff\xff\xff\xff\0"),
    ],
)
def test_what_is_no_delta_is_refused(why: str, octets: bytes) -> None:
    """Each in its own words."""
    with pytest.raises(ValueError, match=why):
        apply(octets, b"ABC")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\0" * 200_000, b"\0" * 400_000),
        (b"\0" * 200_000, (b"\0" * 8 + b"\1") * 20_000),
        ((b"\0" * 7 + b"\1") * 20_000, b"\0" * 200_000),
        (b"", b"\0" * 200_000),
    ],
)
def test_hostile_octets_take_no_time(old: bytes, new: bytes) -> None:
    """The time grows with the lengths, and not with their product."""
    start = time.thread_time()
    octets = delta(old, new)

    assert time.thread_time() - start < 5
    assert new == apply(octets, old)
