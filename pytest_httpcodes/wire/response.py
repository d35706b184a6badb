"""Octets of an upstream in, steps out: a strict response parser (RFC 9112, 4 to 8), without I/O.

Rule 1: what is read is what would be written: `Interim`, `Head`, `Content` and `End` of `steps`,
with the fields as they were received, those of the framing too.
Rule 2: the octets may be cut anywhere; what they say is the same, and so is what is wrong.
Rule 3: what an intermediary has to answer with a 502 is invalid here, and ends the reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.grammar import CHUNK_LINE, RESPONSE_FIELD_LINE, STATUS_LINE
from pytest_httpcodes.wire.head import Refusal, content_length, options, shown
from pytest_httpcodes.wire.lines import FRAMING, MAX_DIGITS, NO_TRAILER, Fields
from pytest_httpcodes.wire.steps import Content, End, Head, Interim

# Octets of a head or a trailer section, and of one line in it.
MAX_HEAD = 65_536
MAX_LINE = 16_384
_START = b"HTTP/1."
_BARE_LF = re.compile(rb"(?<!\r)\n")
_STATUS = Section(9112, "4")
_FIELDS = Section(9112, "5")
_FRAMING = Section(9112, "6.3")
_CHUNKED = Section(9112, "7.1")

_Event = Interim | Head | Content | End


class InvalidResponse(Exception):  # noqa: N818 - it is no error of this program
    """What came is no whole and valid response.

    `kind` is one of the error types of RFC 9209, 2.3, such as "http_protocol_error"; `detail` says
    what is wrong, and `section` is where that is written.
    """

    def __init__(self, kind: str, detail: str, section: Section) -> None:
        super().__init__(kind, detail, section)
        self.kind = kind
        self.detail = detail
        self.section = section


class ResponseParser:
    """Reads the response to one request with `method`, interim responses included.

    `feed` takes octets, `eof` says that there are no more; `next` gives what they say.
    """

    __slots__ = ("_data", "_ended", "_error", "_left", "_method", "_read", "_seen", "_some")

    def __init__(self, method: str) -> None:
        self._method = method
        self._data = bytearray()  # it starts where the next event does
        self._seen = 0  # octets of it in which the end of a head is not
        self._ended = False
        self._some = False  # whether anything has come
        self._left = 0  # octets of the content, or of its chunk, that are still to come
        self._read: Callable[[], _Event | None] = self._head
        self._error: InvalidResponse | None = None

    def feed(self, octets: bytes) -> None:
        """Take octets as they came from the connection."""
        self._some = self._some or bool(octets)
        self._data += octets

    def eof(self) -> None:
        """Note that the upstream has closed its side of the connection."""
        self._ended = True

    def next(self) -> _Event | None:
        """Return the next step; None if more octets are needed, and behind the last one.

        A 101 is the last of HTTP. Raises `InvalidResponse`.
        """
        if self._error is not None:
            raise self._error
        try:
            return self._read()
        except InvalidResponse as error:
            self._error = error
            raise

    def take(self) -> bytes:
        """Return what was fed and not read, and forget it: the octets of another protocol."""
        octets = bytes(self._data)
        self._data.clear()
        return octets

    def _head(self) -> _Event | None:
        self._check_start()
        raw = self._section("http_response_header_section_size")
        if raw is None:
            return None
        text = raw.decode("latin-1")
        line = STATUS_LINE.match(text)
        if line is None:
            first = text.partition("\r\n")[0]
            detail = f"{shown(first)} is no status line of HTTP/1.x"
            raise InvalidResponse("http_protocol_error", detail, _STATUS)
        fields = _fields(text[line.end() :], "http_response_header_size")
        status, reason = int(line[2]), line[3] or ""
        if status < 200:
            self._read = self._behind if status == 101 else self._head
            # "A server MUST NOT send a Content-Length header field in any response with a status
            # code of 1xx" (RFC 9110, 8.6); there is nothing that it could frame.
            return Interim(status, _without(fields, FRAMING), reason, f"HTTP/1.{line[1]}")
        self._read = self._framing(status, line[1], fields)
        return Head(status, fields, reason, f"HTTP/1.{line[1]}")

    def _check_start(self) -> None:
        start = bytes(self._data[: len(_START)])
        if not _START.startswith(start):
            wrong = next(n for n, octet in enumerate(start) if octet != _START[n])
            begin = start[: wrong + 1].decode("latin-1")
            detail = f"it starts with {begin!r}, which is no status line of HTTP/1.x"
            raise InvalidResponse("http_protocol_error", detail, _STATUS)

    def _section(self, too_large: str) -> bytes | None:
        # Takes lines up to an empty one, with that; None if they are not all there.
        data = self._data
        end = data.find(b"\r\n\r\n", self._seen, MAX_HEAD)
        # "a recipient MAY recognize a single LF as a line terminator" (RFC 9112, 2.2): this one,
        # which has to hand the message on, does not.
        bare = _BARE_LF.search(data, self._seen, end if end >= 0 else MAX_HEAD)
        if bare:
            detail = f"a line ends in LF without a CR, after {bare.start()} octets"
            raise InvalidResponse("http_protocol_error", detail, Section(9112, "2.2"))
        if end >= 0:
            self._seen = 0
            return self._cut(end + 4)
        if len(data) >= MAX_HEAD:
            detail = f"there is no end to its fields within {MAX_HEAD} octets"
            raise InvalidResponse(too_large, detail, Section(9110, "5.4"))
        self._seen = max(len(data) - 3, 0)
        self._check_end("within its fields")
        return None

    def _cut(self, count: int) -> bytes:
        octets = bytes(self._data[:count])
        del self._data[:count]
        return octets

    def _check_end(self, where: str) -> None:
        if not self._ended:
            return
        if not self._some:
            detail = "the connection ended before anything of a response came"
            raise InvalidResponse("connection_terminated", detail, Section(9112, "8"))
        detail = f"the connection ended {where}"
        raise InvalidResponse("http_response_incomplete", detail, Section(9112, "8"))

    def _framing(self, status: int, minor: str, fields: Fields) -> Callable[[], _Event | None]:
        # How the content is read (RFC 9112, 6.3).
        if self._method == "HEAD" or status in (204, 304):
            return self._end
        if self._method == "CONNECT" and status < 300:
            return self._end
        coding = _joined(fields, "transfer-encoding")
        if coding is not None:
            _check_coding(coding, minor)
            return self._chunk_size
        length = _joined(fields, "content-length")
        if length is None:
            return self._to_the_end
        try:
            self._left = content_length(length)
        except Refusal as refusal:
            # "If it is in a response message received by a proxy, the proxy MUST close the
            # connection to the server, discard the received response, and send a 502 (Bad Gateway)
            # response to the client" (RFC 9112, 6.3).
            raise InvalidResponse("http_protocol_error", refusal.detail, _FRAMING) from None
        return self._sized if self._left else self._end

    def _end(self) -> _Event | None:
        self._read = self._behind
        return End()

    def _behind(self) -> _Event | None:
        return None

    def _to_the_end(self) -> _Event | None:
        if self._data:
            return Content(self.take())
        return self._end() if self._ended else None

    def _sized(self) -> _Event | None:
        piece = self._piece("the content")
        if not self._left:
            self._read = self._end
        return piece

    def _piece(self, of: str) -> Content | None:
        octets = self._cut(self._left)
        if not octets:
            self._check_end(f"where {self._left} octets of {of} were still to come")
            return None
        self._left -= len(octets)
        return Content(octets)

    def _chunk_size(self) -> _Event | None:
        end = self._data.find(b"\r\n", 0, MAX_LINE)
        if end < 0:
            if len(self._data) >= MAX_LINE:
                detail = f"the line of a chunk's size has over {MAX_LINE} octets"
                raise InvalidResponse("http_response_transfer_coding", detail, _CHUNKED)
            self._check_end("before the last chunk")
            return None
        line = self._cut(end + 2).decode("latin-1")
        digits = line.partition(";")[0].strip().lstrip("0")
        if not CHUNK_LINE.match(line) or len(digits) > MAX_DIGITS:
            detail = f"{shown(line[:-2])} is no size of a chunk"
            raise InvalidResponse("http_response_transfer_coding", detail, _CHUNKED)
        self._left = int(digits or "0", 16)
        self._read = self._chunk_data if self._left else self._trailers
        return self._read()

    def _chunk_data(self) -> _Event | None:
        piece = self._piece("a chunk")
        if not self._left:
            self._read = self._chunk_end
        return piece

    def _chunk_end(self) -> _Event | None:
        after = bytes(self._data[:2])
        if not b"\r\n".startswith(after):
            detail = "a chunk is longer than its size"
            raise InvalidResponse("http_response_transfer_coding", detail, _CHUNKED)
        if len(after) < 2:
            self._check_end("behind a chunk that is not the last one")
            return None
        del self._data[:2]
        self._read = self._chunk_size
        return self._chunk_size()

    def _trailers(self) -> _Event | None:
        if self._data.startswith(b"\r\n"):
            del self._data[:2]
            return self._end()
        raw = self._section("http_response_trailer_section_size")
        if raw is None:
            return None
        self._read = self._behind
        # What would have been needed before the content has no place behind it (RFC 9110, 6.5.1).
        fields = _fields(raw.decode("latin-1"), "http_response_trailer_size")
        return End(_without(fields, NO_TRAILER))


def _fields(text: str, too_large: str) -> Fields:
    # "A proxy MUST remove any such whitespace" between name and colon "from a response message
    # before forwarding the message downstream" (RFC 9112, 5.1).
    found = RESPONSE_FIELD_LINE.findall(text)
    lines = text.split("\r\n")[:-2]
    for line in lines:
        if len(line) > MAX_LINE:
            detail = f"the field {shown(line)} has over {MAX_LINE} octets"
            raise InvalidResponse(too_large, detail, Section(9110, "5.4"))
        if len(found) != len(lines) and not RESPONSE_FIELD_LINE.match(f"{line}\r\n"):
            # A folded line, too: "A proxy or gateway that receives an obs-fold in a response
            # message ... MUST either discard the message and replace it with a 502 (Bad Gateway)
            # response", or unfold it (RFC 9112, 5.2).
            detail = f"{shown(line)} is no field line"
            raise InvalidResponse("http_protocol_error", detail, _FIELDS)
    return tuple(found)


def _joined(fields: Fields, name: str) -> str | None:
    values = [value for key, value in fields if key.lower() == name]
    return ", ".join(values) if values else None


def _without(fields: Fields, names: frozenset[str]) -> Fields:
    return tuple(line for line in fields if line[0].lower() not in names)


def _check_coding(value: str, minor: str) -> None:
    if minor == "0":
        # "A server or client that receives an HTTP/1.0 message containing a Transfer-Encoding
        # header field MUST treat the message as if the framing is faulty" (RFC 9112, 6.1).
        detail = "HTTP/1.0 has no Transfer-Encoding"
        raise InvalidResponse("http_protocol_error", detail, Section(9112, "6.1"))
    codings = [coding for coding in options(value) if coding]
    if codings != ["chunked"]:
        detail = f"its Transfer-Encoding is {shown(value)}, of which chunked alone is known"
        raise InvalidResponse("http_response_transfer_coding", detail, Section(9112, "6.1"))
