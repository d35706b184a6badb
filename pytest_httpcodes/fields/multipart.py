"""Several ranges in one answer, for 206: `multipart/byteranges` (RFC 9110, 14.6).

Its length is known before it is made, and it is made in pieces: no part is ever held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import TypeAlias

from pytest_httpcodes.fields.ranges import Span, content_range

# Octets of content, from the first number up to the second, in pieces.
Read: TypeAlias = "Callable[[int, int], Iterator[bytes]]"


class Multipart:
    """The content of a 206 with these parts of `size` octets of a media type.

    The boundary is made from `seed` and the parts. It cannot be looked for in content that is
    still to be generated; so it is as long as a digest, and the same for the same answer.
    """

    __slots__ = ("_boundary", "_heads", "_spans", "length")

    def __init__(self, spans: Sequence[Span], size: int, type: str, seed: str) -> None:  # noqa: A002 - the field's own name
        self._spans = tuple(spans)
        self._boundary = sha256(f"{seed} {size} {self._spans}".encode()).hexdigest()[:40]
        # "If the selected representation would have had a Content-Type header field in a 200 (OK)
        # response, the server SHOULD generate that same Content-Type header field in the header
        # area of each body part" (RFC 9110, 15.3.7.2).
        kind = f"Content-Type: {type}\r\n" if type else ""
        self._heads = [
            f"\r\n--{self._boundary}\r\n{kind}"
            f"Content-Range: {content_range(span, size)}\r\n\r\n".encode("latin-1")
            for span in self._spans
        ]
        # "Additional CRLFs might precede the first boundary string" (RFC 9110, 14.6): a reader
        # that knows none is spared it.
        self._heads[0] = self._heads[0].removeprefix(b"\r\n")
        self.length = (
            sum(map(len, self._heads)) + sum(span.size for span in self._spans) + len(self._end)
        )

    @property
    def type(self) -> str:
        """The value of the answer's `Content-Type`.

        "some existing implementations handle a quoted boundary string incorrectly" (RFC 9110,
        14.6), so it is a token.
        """
        return f"multipart/byteranges; boundary={self._boundary}"

    @property
    def _end(self) -> bytes:
        return f"\r\n--{self._boundary}--\r\n".encode()

    def pieces(self, read: Read) -> Iterator[bytes]:
        """Make the content from what `read` returns."""
        for head, span in zip(self._heads, self._spans, strict=True):
            yield head
            yield from read(*span)
        yield self._end
