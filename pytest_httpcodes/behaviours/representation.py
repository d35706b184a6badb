"""What a resource is represented by: content of any size, its metadata and its validators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from pytest_httpcodes.behaviours.options import ContentLike, body_of
from pytest_httpcodes.clock import imf_fixdate
from pytest_httpcodes.problem import TEXT
from pytest_httpcodes.wire.steps import Content, End, Fields, Head, Step

PIECE = 1_048_576  # octets of content that are held at a time
MAX_SIZE = 16 * 1024**3
_LINE = 16
# "no-cache" lets a cache keep it and ask first (RFC 9111, 5.2.2.4): what a test changes is seen.
ASK_FIRST = (("Cache-Control", "no-cache"),)


class Data(Protocol):
    """Octets of content that can be read from any place on."""

    @property
    def size(self) -> int:
        """How many octets there are."""
        ...

    @property
    def tag(self) -> str:
        """What differs from that of any other content; it has no quote."""
        ...

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Return the octets from `start` up to `stop`, in pieces."""
        ...


class Octets:
    """Content that is held in memory."""

    __slots__ = ("octets", "tag")

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.tag = sha256(octets).hexdigest()[:16]

    @property
    def size(self) -> int:
        """How many octets there are."""
        return len(self.octets)

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Return the octets from `start` up to `stop`, in pieces."""
        whole = (start, stop) == (0, len(self.octets))
        yield self.octets if whole else self.octets[start:stop]


class Generated:
    """Content of any size that is never held in memory, text in lines of 16 octets.

    Each line says where it is, in hexadecimal: within its block of 1 MiB, and the first line of a
    block which block it is; so no two blocks are alike. Raises `ValueError` for a size that is
    out of range.
    """

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= MAX_SIZE:
            raise ValueError(f"size={size!r} is out of range; use 0 to {MAX_SIZE} octets")
        self.size = size

    @property
    def tag(self) -> str:
        """What differs from that of any other content; it has no quote."""
        return f"generated-{self.size}"

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Return the octets from `start` up to `stop`, in pieces."""
        stop = min(stop, self.size)
        while start < stop:
            number, begin = divmod(start, PIECE)
            end = min(PIECE, begin + stop - start)
            block = b"%b%b" % (b"block %08x.\n" % number, _block())
            yield block if (begin, end) == (0, PIECE) else block[begin:end]
            start += end - begin


_made: list[bytes] = []


def _block() -> bytes:
    # A block without its first line, made once a process, when it is first asked for.
    if not _made:
        lines = (b"octet %08x.\n" % start for start in range(_LINE, PIECE, _LINE))
        _made.append(b"".join(lines))
    return _made[0]


@dataclass(frozen=True, slots=True)
class Representation:
    """The state of a resource, in a form that can be sent (RFC 9110, 3.2).

    `etag` is a whole entity tag, `"v1"` with its quotes or `W/"v1"`, None for none;
    `last_modified` is in whole seconds since 1970, None for none. `fields` are the other fields of
    a 200, such as `Content-Language`, `Cache-Control` and `Vary`.
    """

    data: Data
    type: str = TEXT
    etag: str | None = None
    last_modified: int | None = None
    fields: Fields = ASK_FIRST

    @property
    def validators(self) -> Fields:
        """The validator fields of a response (RFC 9110, 8.8)."""
        found = []
        if self.etag is not None:
            found.append(("ETag", self.etag))
        if self.last_modified is not None:
            found.append(("Last-Modified", imf_fixdate(self.last_modified)))
        return tuple(found)

    @property
    def head(self) -> Fields:
        """The fields of a 200, without those of its framing."""
        return (("Content-Type", self.type), *self.validators, *self.fields)


def represent(
    content: ContentLike | Data,
    now: float,
    *,
    type: str | None = None,  # noqa: A002 - the field's own name
    etag: str | None = None,
    fields: Fields = ASK_FIRST,
) -> Representation:
    """Return content as a representation that was last modified `now`, with a strong validator.

    Its entity tag is made from content, media type and coding, unless one is given. Raises
    `ValueError` for what is no content.
    """
    data, usual = _data_of(content)
    kind = type or usual
    return Representation(data, kind, etag or _tag(data, kind, fields), int(now), fields)


def _data_of(content: Any) -> tuple[Data, str]:
    # Content that can be read, and the media type that it usually has.
    if all(hasattr(content, name) for name in ("read", "size", "tag")):
        return content, TEXT
    body = body_of(content)
    return Octets(body.data), body.type


def _tag(data: Data, kind: str, fields: Fields) -> str:
    # An entity tag is "unique across all versions of all representations associated with a
    # particular resource over time", also of those that differ in their coding alone (RFC 9110,
    # 8.8.1 and 8.8.3.3).
    codings = [value for name, value in fields if name.lower() == "content-encoding"]
    text = "\n".join((data.tag, kind, *codings))
    return f'"{sha256(text.encode("latin-1", "surrogateescape")).hexdigest()[:16]}"'


def content_of(head: Head, length: int, pieces: Iterator[bytes]) -> Iterable[Step]:
    """Return the steps of an answer with so many octets of content, which are made in pieces."""
    if length <= PIECE:
        return (head, Content(b"".join(pieces)), End())
    return _stream(Head(head.status, (*head.headers, ("Content-Length", str(length)))), pieces)


def _stream(head: Head, pieces: Iterator[bytes]) -> Iterator[Step]:
    yield head
    yield from map(Content, pieces)
    yield End()
