"""A client that sends one request as octets, and reads one answer (RFC 9112, 6.3)."""

from __future__ import annotations

import contextlib
import re
import socket
from dataclasses import dataclass, field

from pytest_httpcodes.wire.grammar import CHUNK_LINE, DIGITS
from pytest_httpcodes.wire.head import options
from pytest_httpcodes.wire.steps import Fields

# RFC 9112, 4: status-line = HTTP-version SP status-code SP [ reason-phrase ]
_STATUS_LINE = re.compile(r"HTTP/[0-9]\.[0-9] ([1-9][0-9]{2})(?: .*)?\Z")
_MOST = 16_777_216  # octets that are read of an answer
_MAX_DIGITS = 18  # of a length or a chunk's size: more are never reached


@dataclass(slots=True)
class Heard:
    """What came back: as octets, and what they say.

    `interim` are the codes of interim responses, `status` and `fields` those of the final one, None
    and empty where none came; `content` is without its framing. `failure` says why the answer is
    not whole, "" where it is.
    """

    octets: bytes = b""
    interim: list[int] = field(default_factory=list)
    status: int | None = None
    fields: Fields = ()
    content: bytes = b""
    failure: str = ""

    def header(self, name: str) -> str:
        """Return a field's value, several lines of it joined; "" where there is none."""
        return ", ".join(value for key, value in self.fields if key.lower() == name.lower())


class _Broken(Exception):  # noqa: N818 - it is the answer's affair
    """The answer is not whole; the text says why."""


def ask(
    host: str,
    port: int,
    method: str,
    head: bytes,
    content: bytes = b"",
    *,
    pause: float = 0.0,
    timeout: float = 10.0,
) -> Heard:
    """Send a request on a connection of its own, and return what came back.

    The content waits for `pause` seconds, or until something comes; a final response is reason
    not to send it. The answer fails if nothing comes for `timeout` seconds. Raises `OSError` if
    there is no connection.
    """
    heard = Heard()
    with socket.create_connection((host, port), timeout) as sock:
        reader = _Reader(sock)
        try:
            # Whoever refuses an upload may close before it has all of it, and have answered.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                if pause:
                    sock.sendall(head)
                    if not reader.hears_final(pause, timeout):
                        sock.sendall(content)
                else:
                    sock.sendall(head + content)
            _read(reader, method, heard)
        except _Broken as reason:
            heard.failure = str(reason)
        except TimeoutError:
            heard.failure = f"nothing came for {timeout:g} s"
        except OSError as error:
            heard.failure = f"the connection broke: {error}"
        heard.octets = bytes(reader.octets)
    return heard


class _Reader:
    """The octets of a connection as they come."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._at = 0
        self.octets = bytearray()

    def hears_final(self, pause: float, timeout: float) -> bool:
        """Wait for what comes first; tell whether it is a final response."""
        self._sock.settimeout(pause)
        try:
            self._more()
        except TimeoutError:
            return False
        finally:
            self._sock.settimeout(timeout)
        return not self.octets.startswith(b"HTTP/1.1 1")

    def until(self, mark: bytes) -> bytes:
        """Return what comes before a mark, and go past it."""
        while (end := self.octets.find(mark, self._at)) < 0:
            self._more()
        found = bytes(self.octets[self._at : end])
        self._at = end + len(mark)
        return found

    def first(self, count: int) -> bytes:
        """Return so many octets."""
        while len(self.octets) < self._at + count:
            self._more()
        found = bytes(self.octets[self._at : self._at + count])
        self._at += count
        return found

    def rest(self) -> bytes:
        """Return all that comes until the connection ends."""
        with contextlib.suppress(_EndedError):
            while True:
                self._more()
        return bytes(self.octets[self._at :])

    def _more(self) -> None:
        if len(self.octets) > _MOST:
            raise _Broken(f"the answer has over {_MOST} octets")
        piece = self._sock.recv(65_536)
        if not piece:
            raise _EndedError(f"the connection ended after {len(self.octets)} octets")
        self.octets += piece


class _EndedError(_Broken):
    """The connection ended."""


def _read(reader: _Reader, method: str, heard: Heard) -> None:
    while True:
        status, fields = _head(reader)
        # "A client MUST be able to parse one or more 1xx responses received prior to a final
        # response" (RFC 9110, 15.2); 101 is the last in HTTP.
        if not 100 <= status <= 199 or status == 101:
            break
        heard.interim.append(status)
    heard.status, heard.fields = status, fields
    tunnel = method == "CONNECT" and 200 <= status <= 299
    # "Any response to a HEAD request and any response with a 1xx (Informational), 204 (No
    # Content), or 304 (Not Modified) status code is always terminated by the first empty line
    # after the header fields" (RFC 9112, 6.3).
    if not (method == "HEAD" or status in (101, 204, 304) or tunnel):
        _content(reader, heard)


def _head(reader: _Reader) -> tuple[int, Fields]:
    line, *lines = reader.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
    match = _STATUS_LINE.match(line)
    if not match:
        raise _Broken(f"it starts with {line[:80]!r}, which is no status line")
    pairs = (each.partition(":") for each in lines)
    return int(match[1]), tuple((name, value.strip(" \t")) for name, _, value in pairs)


def _content(reader: _Reader, heard: Heard) -> None:
    coding, length = heard.header("transfer-encoding"), heard.header("content-length")
    if coding:
        # "If a message is received with both a Transfer-Encoding and a Content-Length header
        # field, the Transfer-Encoding overrides the Content-Length" (RFC 9112, 6.3).
        if options(coding)[-1] == "chunked":
            _chunks(reader, heard)
        else:
            heard.content = reader.rest()
    elif length:
        values = {value.strip() for value in length.split(",")}
        number = values.pop()
        if values or not DIGITS.match(number) or len(number) > _MAX_DIGITS:
            raise _Broken(f"its Content-Length is {length!r}")
        heard.content = reader.first(int(number))
    else:
        heard.content = reader.rest()


def _chunks(reader: _Reader, heard: Heard) -> None:
    pieces: list[bytes] = []
    try:
        while size := _size(reader.until(b"\r\n").decode("latin-1")):
            pieces.append(reader.first(size))
            if reader.first(2) != b"\r\n":
                raise _Broken("a chunk is longer than its size")
    finally:
        heard.content = b"".join(pieces)
    while reader.until(b"\r\n"):
        pass  # trailer fields are in the octets, and nobody here asks for them


def _size(line: str) -> int:
    size = line.partition(";")[0].strip(" \t")
    if not CHUNK_LINE.match(f"{line}\r\n") or len(size) > _MAX_DIGITS:
        raise _Broken(f"it has {line[:80]!r} for the size of a chunk")
    return int(size, 16)
