"""What a resource is represented by: octets, generated content, and the fields of a 200."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes.behaviours.representation import (
    ASK_FIRST,
    MAX_SIZE,
    PIECE,
    Data,
    Generated,
    Octets,
    Representation,
    content_of,
    represent,
)
from pytest_httpcodes.wire.steps import Content, End, Head
from tests import memory

# A little more than two blocks, so that parts begin, end and lie across them.
SIZE = 2 * PIECE + 100
WHOLE = b"".join(Generated(SIZE).read(0, SIZE))
PLACES = st.one_of(
    st.integers(0, SIZE),
    st.sampled_from([0, 16, PIECE, 2 * PIECE, SIZE]).flatmap(
        lambda place: st.integers(max(place - 17, 0), min(place + 17, SIZE))
    ),
)


@settings(deadline=None)
@given(PLACES, PLACES)
def test_any_part_of_generated_content(start: int, stop: int) -> None:
    """A part is that of the whole, in pieces none of which is larger than a block."""
    pieces = list(Generated(SIZE).read(start, stop))

    assert WHOLE[start:stop] == b"".join(pieces)
    assert all(0 < len(piece) <= PIECE for piece in pieces)


@given(st.binary(max_size=300), st.integers(0, 310), st.integers(0, 310))
def test_any_part_of_octets(octets: bytes, start: int, stop: int) -> None:
    """A part is that of the whole."""
    data = Octets(octets)

    assert octets[start:stop] == b"".join(data.read(start, stop))
    assert len(octets) == data.size


def test_the_whole_is_not_copied() -> None:
    """Octets are what they were made of."""
    octets = b"x" * 1000

    assert octets is next(iter(Octets(octets).read(0, 1000)))


def test_generated_content() -> None:
    """Each line of 16 octets says where it is, and in which block."""
    lines = WHOLE.split(b"\n")

    assert SIZE == len(WHOLE)
    assert [b"block 00000000.", b"octet 00000010.", b"octet 00000020."] == lines[:3]
    assert [b"octet 000ffff0.", b"block 00000001.", b"octet 00000010."] == (
        lines[PIECE // 16 - 1 : PIECE // 16 + 2]
    )
    assert b"block 00000002." == lines[2 * PIECE // 16]


def test_generated_content_is_made_in_pieces() -> None:
    """The last octets of the largest content are there at once, without those before."""
    largest = Generated(MAX_SIZE)
    end = b"".join(largest.read(MAX_SIZE - PIECE - 16, MAX_SIZE))

    assert b"octet 000ffff0.\nblock 00003fff.\noctet 00000010.\n" == end[:48]
    assert PIECE == len(next(largest.read(0, MAX_SIZE)))


def test_parts_beyond_the_end() -> None:
    """What is beyond the end is not there."""
    small = Generated(20)

    assert b"octe" == b"".join(small.read(16, 99))
    assert [] == list(small.read(20, 99))
    assert [] == list(Generated(0).read(0, 0))


@pytest.mark.parametrize("size", [-1, MAX_SIZE + 1, 1.0, "1", None, True, math.inf])
def test_sizes_that_are_none(size: Any) -> None:
    """A size that is out of range says which ones are."""
    with pytest.raises(ValueError, match=r"size=.* is out of range; use 0 to 17179869184 octets"):
        Generated(size)


def test_other_content_has_another_tag() -> None:
    """Content, media type and coding each make a tag of their own, and the same make the same."""
    gzip = (*ASK_FIRST, ("content-encoding", "gzip"))
    made = [
        represent(b"a", 0),
        represent(b"b", 0),
        represent("a", 0),
        represent(b"a", 0, type="text/csv"),
        represent(b"a", 0, fields=gzip),
        represent(b"a", 0, type="text/csv", fields=gzip),
        represent(Generated(1), 0),
        represent(Generated(2), 0),
        represent(b"", 0),
    ]
    again = represent(b"a", 99, fields=(*ASK_FIRST, ("Vary", "X")))

    assert len(made) == len({found.etag for found in made})
    assert made[0].etag == again.etag
    assert all(found.etag and found.etag[0] == found.etag[-1] == '"' for found in made)


@pytest.mark.parametrize(
    ("content", "kind", "octets"),
    [
        (b"x", "application/octet-stream", b"x"),
        ("\u2603", "text/plain; charset=utf-8", b"\xe2\x98\x83"),
        ({"a": [1]}, "application/json", b'{"a": [1]}'),
        ([], "application/json", b"[]"),
        (Generated(3), "text/plain; charset=utf-8", b"blo"),
    ],
)
def test_represent(content: Any, kind: str, octets: bytes) -> None:
    """Each kind of content has a type, unless one is given."""
    found = represent(content, 1.9)

    assert (kind, 1, ASK_FIRST) == (found.type, found.last_modified, found.fields)
    assert octets == b"".join(found.data.read(0, found.data.size))
    assert "x/y" == represent(content, 0, type="x/y").type
    assert 'W/"v1"' == represent(content, 0, etag='W/"v1"').etag


def test_content_of_ones_own() -> None:
    """Anything that can be read from any place on is content."""

    class Zeros:
        size = 5
        tag = "zeros"

        def read(self, start: int, stop: int) -> Iterator[bytes]:
            yield b"\0" * (stop - start)

    data: Data = Zeros()

    assert data is represent(data, 0).data


@pytest.mark.parametrize("content", [1, None, {1, 2}, io.BytesIO(b"x"), {"a": {1}}, "\ud800"])
def test_what_is_no_content(content: Any) -> None:
    """What has no form as octets says what has one."""
    with pytest.raises(ValueError, match=r"content=.*use bytes"):
        represent(content, 0)


def test_fields() -> None:
    """The fields of a 200 are its type, its validators, and what else is given."""
    date = "Sun, 06 Nov 1994 08:49:37 GMT"
    full = Representation(Octets(b""), "x/y", '"v1"', 784_111_777, (("Vary", "A"),))
    bare = Representation(Octets(b""), "x/y", fields=())

    assert (("ETag", '"v1"'), ("Last-Modified", date)) == full.validators
    assert (("Content-Type", "x/y"), *full.validators, ("Vary", "A")) == full.head
    assert ((), (("Content-Type", "x/y"),)) == (bare.validators, bare.head)


@pytest.mark.parametrize("size", [0, 1, PIECE])
def test_content_that_is_held(size: int) -> None:
    """What is no larger than a block is sent as one piece."""
    head = Head(200, (("A", "b"),))
    steps = content_of(head, size, Generated(size).read(0, size))

    assert (head, Content(WHOLE[:size]), End()) == steps


def test_content_that_streams() -> None:
    """What is larger is made while it is sent, and announced."""
    size = PIECE + 1
    asked: list[int] = []

    def pieces() -> Iterator[bytes]:
        for piece in Generated(size).read(0, size):
            asked.append(len(piece))
            yield piece

    steps = iter(content_of(Head(206, (("A", "b"),)), size, pieces()))

    assert Head(206, (("A", "b"), ("Content-Length", f"{size}"))) == next(steps)
    assert [] == asked
    rest = list(steps)
    assert (WHOLE[:size], End()) == (memory.content(rest), rest[-1])
    assert [PIECE, 1] == asked
