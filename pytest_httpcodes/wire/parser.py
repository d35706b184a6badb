"""Octets in, events out: a strict request parser for HTTP/1.0 and 1.1 (RFC 9112), without I/O.

Rule 1: the octets may be cut anywhere; the events are the same, and so is a refusal.
Rule 2: what breaks the grammar or a limit is refused as soon as the octets that show it are there,
so that a client that stops sending still gets its answer. What a head means is judged when it is
complete, and a chunk's extensions are when their line is.
Rule 3: a refusal is final. Framing is lost, and nothing behind it is read as a request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.grammar import CHUNK_LINE, FIELD_LINE, REQUEST_LINE
from pytest_httpcodes.wire.head import Refusal, RequestHead
from pytest_httpcodes.wire.limits import Limits
from pytest_httpcodes.wire.refusals import ChunkScan, FieldScan, HeadScan, Octets, Scan

_NOTHING = ("", "", "")


@dataclass(frozen=True, slots=True)
class End:
    """The end of a request, with the trailer fields that came behind its content."""

    trailers: tuple[tuple[str, str], ...] = ()


class Parser:
    """Reads the requests of one connection, one after the other.

    `feed` takes octets; `head` and then `content`, until it returns `End`, give what they say.
    Both return None when they need more octets, and raise `Refusal` for a message that the rules
    refuse.
    """

    __slots__ = (
        "_count",
        "_data",
        "_known",
        "_left",
        "_limits",
        "_pos",
        "_quick",
        "_read",
        "_refused",
        "_scan",
        "_seen",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._quick = min(limits.head, limits.field)
        self._data: Octets = b""
        self._pos = 0  # where in the data the next event starts
        self._seen = 0  # octets behind that place in which its end is not
        self._scan: Scan | None = None  # what goes through an event that is not all there
        self._known = _NOTHING
        self._left = 0  # octets of the content, or of its chunk, that are still to come
        self._count = 0  # octets of the content in chunks so far
        self._read: Callable[[], bytes | End | None] = self._ended
        self._refused: tuple[Any, ...] = ()

    def feed(self, octets: bytes) -> None:
        """Take octets as they came from the connection."""
        if self._pos == len(self._data):
            self._data = octets
        elif isinstance(self._data, bytearray):
            self._data += octets  # it starts where the next event does
        else:
            self._data = self._data[self._pos :] + octets
        self._pos = 0

    @property
    def unread(self) -> bytes:
        """The octets that were fed and that no event has covered yet."""
        return bytes(self._data[self._pos :])

    def take(self) -> bytes:
        """Return what is unread, and forget it: those octets are another protocol's."""
        octets = self.unread
        self._data = b""
        self._pos = 0
        return octets

    @property
    def partial(self) -> tuple[str, str, str]:
        """Method, target and version of a head that is unfinished or refused, as far as known."""
        if isinstance(self._scan, HeadScan):
            return self._scan.partial(self.unread)
        return self._known

    def head(self) -> RequestHead | None:
        """Return the next request's head; None if it is not all there."""
        if self._refused:
            raise Refusal(*self._refused)
        data = self._data
        # "a server that is expecting to receive and parse a request-line SHOULD ignore at least
        # one empty line (CRLF) received prior to the request-line" (RFC 9112, 2.2).
        while data.startswith(b"\r\n", self._pos):
            self._pos += 2
        start = self._pos
        end = data.find(b"\r\n\r\n", start + self._seen)
        if end < 0:
            self._look(HeadScan)
            return None
        if isinstance(data, bytearray):
            data = self._settle()
        head = self._parse_head(data[start : end + 4])
        self._pos = end + 4
        self._count = 0
        if head.length == 0:
            self._read = self._ended
        elif head.length is None:
            self._read = self._chunk_size
        else:
            self._left = head.length
            self._read = self._sized
        return head

    def content(self) -> bytes | End | None:
        """Return the next piece of content, or `End`; None if more octets are needed."""
        if self._refused:
            raise Refusal(*self._refused)
        try:
            return self._read()
        except Refusal as refusal:
            self._refused = refusal.args
            raise

    def _parse_head(self, raw: bytes) -> RequestHead:
        text = raw.decode("latin-1")
        line = REQUEST_LINE.match(text)
        limits = self._limits
        if line is None or line[3] != "1" or len(line[2]) > limits.target:
            self._refuse(HeadScan, raw)
        method, target, _, minor = line.groups()
        # "A recipient that receives a message with a major version number that it implements and
        # a minor version number higher than what it implements SHOULD process the message as if
        # it were in the highest minor version within that major version" (RFC 9110, 6.2).
        version = f"HTTP/1.{minor}"
        fields = FIELD_LINE.findall(text, line.end())
        count = text.count("\n") - 2
        if len(fields) != count:
            self._refuse(HeadScan, raw)
        if len(raw) > self._quick or count > limits.fields:
            self._check(HeadScan, raw)
        self._known = (method, target, version)
        head = RequestHead(method, target, version, fields, raw)
        head.interpret(limits)
        self._known = _NOTHING
        return head

    def _take(self, mark: bytes, kind: Callable[[Limits], Scan]) -> bytes | None:
        # Takes the octets up to the mark, and the mark; None if it is not there yet.
        data, start = self._data, self._pos
        end = data.find(mark, start + self._seen)
        if end < 0:
            self._look(kind)
            return None
        if isinstance(data, bytearray):
            data = self._settle()
        self._pos = end + len(mark)
        return data[start : self._pos]

    def _look(self, kind: Callable[[Limits], Scan]) -> None:
        # Goes through what is there of an event: Rule 2.
        if self._pos == len(self._data):
            self._scan = None
            return
        if self._pos or isinstance(self._data, bytes):
            # A bytearray grows in place: octets that come one by one are not copied each time.
            self._data = bytearray(self._data[self._pos :])
            self._pos = 0
        if self._scan is None:
            self._scan = kind(self._limits)
        self._scan.over(self._data)
        self._seen = max(self._scan.pos - 3, 0)

    def _settle(self) -> bytes:
        # Ends the look at an event, since it is all there.
        self._scan = None
        self._seen = 0
        self._data = data = bytes(self._data)
        return data

    def _check(self, kind: Callable[[Limits], Scan], raw: bytes) -> None:
        # Goes through an event that is all there; what a refusal needs of it is kept.
        self._scan = kind(self._limits)
        self._scan.over(raw)
        self._scan = None

    def _refuse(self, kind: Callable[[Limits], Scan], raw: bytes) -> NoReturn:
        self._check(kind, raw)
        # Never reached: what the regular expressions refuse, a scan does. A test compares them.
        raise AssertionError(raw)  # pragma: no cover

    def _ended(self) -> bytes | End | None:
        return End()

    def _sized(self) -> bytes | End | None:
        piece = bytes(self._data[self._pos : self._pos + self._left])
        if not piece:
            return None
        self._pos += len(piece)
        self._left -= len(piece)
        if not self._left:
            self._read = self._ended
        return piece

    def _chunk_size(self) -> bytes | End | None:
        raw = self._take(b"\r\n", ChunkScan)
        if raw is None:
            return None
        line = raw.decode("latin-1")
        if not CHUNK_LINE.match(line) or len(raw) - 2 > self._limits.field:
            self._refuse(ChunkScan, raw)
        self._left = _hexadecimal(line.partition(";")[0].rstrip())
        self._read = self._chunk_data if self._left else self._trailers
        self._check_content()
        return self._read()

    def _check_content(self) -> None:
        self._count += self._left
        if self._count > self._limits.content:
            raise Refusal(
                413,
                f"the content has over {self._limits.content} octets (max_content)",
                Section(9110, "15.5.14"),
            )

    def _chunk_data(self) -> bytes | End | None:
        piece = self._sized()
        if not self._left:
            self._read = self._chunk_end
        return piece

    def _chunk_end(self) -> bytes | End | None:
        after = bytes(self._data[self._pos : self._pos + 2])
        if not b"\r\n".startswith(after):
            # One octet shows it, unless that is a CR: Rule 1.
            shown = (after if after[:1] == b"\r" else after[:1]).decode("latin-1")
            raise Refusal(
                400, f"a chunk is longer than announced: {shown!r} follows", Section(9112, "7.1")
            )
        if len(after) < 2:
            return None
        self._pos += 2
        self._read = self._chunk_size
        return self._chunk_size()

    def _trailers(self) -> bytes | End | None:
        if self._data.startswith(b"\r\n", self._pos):
            self._take(b"\r\n", FieldScan)
            self._read = self._ended
            return End()
        raw = self._take(b"\r\n\r\n", FieldScan)
        if raw is None:
            return None
        self._check(FieldScan, raw)
        self._read = self._ended
        return End(tuple(FIELD_LINE.findall(raw.decode("latin-1"))))


def _hexadecimal(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or "0", 16) if len(digits) <= 16 else 2**64
