"""Content of several parts, read by the parser of Python's email package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_httpcodes.fields.multipart import Multipart
from pytest_httpcodes.fields.ranges import Span

CONTENT = bytes(range(256)) + b"\r\n--\r\n"
SIZE = len(CONTENT)


def read(start: int, stop: int) -> Iterator[bytes]:
    """Return octets of the content one by one."""
    for at in range(start, stop):
        yield CONTENT[at : at + 1]


def parsed(made: Multipart, content: bytes) -> list[Message]:
    """Parse the content as another program does."""
    head = f"MIME-Version: 1.0\r\nContent-Type: {made.type}\r\n\r\n".encode()
    whole = BytesParser().parsebytes(head + content)
    assert whole.is_multipart()
    found = whole.get_payload()
    assert isinstance(found, list)
    return [part for part in found if isinstance(part, Message)]


def octets(part: Message) -> bytes:
    """Return the octets of a part."""
    found = part.get_payload(decode=True)
    assert isinstance(found, bytes)
    return found


def made_of(*spans: tuple[int, int], kind: str = "text/plain", seed: str = "v1") -> Multipart:
    """Make some parts of the content."""
    return Multipart([Span(*span) for span in spans], SIZE, kind, seed)


def test_the_octets() -> None:
    """A head and an empty line for each part; nothing in front of the first boundary (14.6)."""
    made = made_of((0, 1), (65, 67), kind="text/html")
    boundary = made.type.partition("=")[2]

    assert (
        f"--{boundary}\r\n"
        "Content-Type: text/html\r\n"
        "Content-Range: bytes 0-0/262\r\n"
        "\r\n"
        "\0\r\n"
        f"--{boundary}\r\n"
        "Content-Type: text/html\r\n"
        "Content-Range: bytes 65-66/262\r\n"
        "\r\n"
        "AB\r\n"
        f"--{boundary}--\r\n"
    ).encode() == b"".join(made.pieces(read))


def test_without_a_media_type() -> None:
    """What the 200 would not have, the parts do not have either."""
    assert b"Content-Type" not in b"".join(made_of((0, 1), kind="").pieces(read))


def test_the_media_type() -> None:
    """Its boundary is a token, and no longer than RFC 2046, 5.1.1 allows (70)."""
    assert re.fullmatch(r"multipart/byteranges; boundary=[0-9a-z]{40,70}", made_of((0, 9)).type)


def test_a_boundary_is_that_of_its_answer() -> None:
    """The same answer has the same one; another version or other parts have another."""
    kinds = [
        made_of((0, 1), (5, 6)).type,
        made_of((0, 1), (5, 7)).type,
        made_of((0, 1), (5, 6), seed="v2").type,
    ]

    assert 3 == len(set(kinds))
    assert kinds[0] == made_of((0, 1), (5, 6)).type


@pytest.mark.parametrize("kind", ["text/plain", "", "text/plain; x=\xe4"])
@given(
    st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(1, 9)), min_size=1, max_size=12).map(
        lambda pairs: [Span(start, min(start + size, SIZE)) for start, size in pairs]
    )
)
def test_another_parser_reads_the_same(kind: str, spans: list[Span]) -> None:
    """Each part has its octets and says which they are; the length was known beforehand."""
    made = Multipart(spans, SIZE, kind, "seed")
    content = b"".join(made.pieces(read))
    found = parsed(made, content)

    assert len(content) == made.length
    assert [f"bytes {start}-{stop - 1}/{SIZE}" for start, stop in spans] == [
        part["Content-Range"] for part in found
    ]
    assert [CONTENT[start:stop] for start, stop in spans] == [octets(part) for part in found]


def test_content_is_made_when_it_is_asked_for() -> None:
    """Parts of 16 GiB are announced without being read, and read only so far as they are taken."""
    asked = []

    def endless(start: int, stop: int) -> Iterator[bytes]:
        asked.append((start, stop))
        yield from (b"." for _ in range(start, stop))

    size = 16 * 1024**3
    made = Multipart([Span(0, size - 10), Span(size - 1, size)], size, "text/plain", "v1")
    pieces = made.pieces(endless)
    taken = [next(pieces) for _ in range(3)]

    assert size - 9 < made.length < size + 500
    assert [(0, size - 10)] == asked
    assert [b".", b"."] == taken[1:]
