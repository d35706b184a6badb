"""A client that sends one request as octets, and reads one answer (RFC 9112, 6.3)."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass, field

from pytest_httpcodes.wire.response import InvalidResponse, ResponseParser
from pytest_httpcodes.wire.steps import Content, End, Fields, Head, Interim

_MOST = 16_777_216  # octets that are read of an answer


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
        reader = _Reader(sock, method)
        try:
            # Whoever refuses an upload may close before it has all of it, and have answered.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                if pause:
                    sock.sendall(head)
                    if not reader.hears_final(pause, timeout):
                        sock.sendall(content)
                else:
                    sock.sendall(head + content)
            reader.read(heard)
        except InvalidResponse as reason:
            heard.failure = reason.detail
        except _TooMuch:
            heard.failure = f"the answer has over {_MOST} octets"
        except TimeoutError:
            heard.failure = f"nothing came for {timeout:g} s"
        except OSError as error:
            heard.failure = f"the connection broke: {error}"
        heard.octets, heard.content = bytes(reader.octets), bytes(reader.content)
    return heard


class _TooMuch(Exception):  # noqa: N818 - it is the answer's affair
    """An answer is not read to its end."""


class _Reader:
    """Reads the answer as it comes."""

    def __init__(self, sock: socket.socket, method: str) -> None:
        self._sock = sock
        self._parser = ResponseParser(method)
        self.octets = bytearray()
        self.content = bytearray()

    def hears_final(self, pause: float, timeout: float) -> bool:
        """Wait for what comes first; tell whether it is a final response, or the end."""
        self._sock.settimeout(pause)
        try:
            self._more()
        except TimeoutError:
            return False
        finally:
            self._sock.settimeout(timeout)
        return not self.octets.startswith(b"HTTP/1.1 1")

    def read(self, heard: Heard) -> None:
        """Read all of the answer; raises `InvalidResponse`."""
        while True:
            match self._parser.next():
                case None:
                    self._more()
                case Interim(status) if status != 101:
                    heard.interim.append(status)
                case Head(status, fields):
                    heard.status, heard.fields = status, fields
                case Content(octets):
                    self.content += octets
                case Interim(status, fields):  # the last one in HTTP
                    heard.status, heard.fields = status, fields
                    return
                case End():  # pragma: no branch - there are no others
                    return

    def _more(self) -> None:
        if len(self.octets) > _MOST:
            raise _TooMuch
        piece = self._sock.recv(65_536)
        self.octets += piece
        if piece:
            self._parser.feed(piece)
        else:
            self._parser.eof()
