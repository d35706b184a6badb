"""A raw client: octets out, octets in, and how the connection ended."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from typing_extensions import Self

TIMEOUT = 5.0  # seconds; nothing that works comes near it


@dataclass
class Answer:
    """A response as read from the wire, by the framing rules of RFC 9112, 6.3."""

    status: int
    reason: str
    version: str
    fields: list[tuple[str, str]]
    content: bytes = b""
    interim: list[Answer] = field(default_factory=list)
    trailers: list[tuple[str, str]] = field(default_factory=list)
    octets: bytes = b""

    def header(self, name: str) -> str | None:
        """Return a field's value, several lines joined; None where there is none."""
        values = [value for key, value in self.fields if key.lower() == name.lower()]
        return ", ".join(values) if values else None


class Raw:
    """One connection to a server, given its URL."""

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self.sock = socket.create_connection((parts.hostname or "", parts.port or 80), timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.sock.close()

    def secure(self, ca_file: str, name: str = "127.0.0.1") -> None:
        """Go on under TLS, with a server that has to have a certificate for the name.

        An end without the closure alert is none: it raises `ssl.SSLError`.
        """
        context = ssl.create_default_context(cafile=ca_file)
        self.sock = context.wrap_socket(self.sock, server_hostname=name, suppress_ragged_eofs=False)

    def send(self, octets: bytes) -> None:
        """Send all of the octets."""
        self.sock.sendall(octets)

    def request(
        self,
        method: str,
        target: str,
        *fields: str,
        content: bytes | None = None,
        version: str = "HTTP/1.1",
    ) -> Answer:
        """Send a well-formed request and read its answer."""
        self.send(
            message(method, target, *fields, content=content, version=version, host=self.host)
        )
        return self.answer(method)

    def end(self) -> tuple[bytes, str]:
        """Read until the connection ends; return the octets, and "FIN" or "RST"."""
        octets = self._held
        self._held = b""
        while True:
            try:
                piece = self.sock.recv(65_536)
            except ConnectionResetError:
                return octets, "RST"
            if not piece:
                return octets, "FIN"
            octets += piece

    def is_silent(self, seconds: float = 0.1) -> bool:
        """Tell whether the connection is open and nothing comes for a while."""
        if self._held:
            return False
        self.sock.settimeout(seconds)
        try:
            self._held = self.sock.recv(65_536)
        except TimeoutError:
            return True
        finally:
            self.sock.settimeout(TIMEOUT)
        return False

    def is_interim(self) -> bool:
        """Tell whether what came while it was to be silent is an interim response."""
        return self._held.startswith(b"HTTP/1.1 1")

    def answer(self, method: str = "GET") -> Answer:
        """Read one answer with its interim responses; raises `EOFError` where it breaks off."""
        interim = []
        while True:
            found = self._head()
            if not 100 <= found.status <= 199 or found.status == 101:
                break
            interim.append(found)
        found.interim = interim
        before = found.octets
        found.content, found.trailers, body = self._body(found, method)
        found.octets = before + body
        return found

    def _head(self) -> Answer:
        octets = self._until(b"\r\n\r\n")
        lines = octets[:-4].decode("latin-1").split("\r\n")
        version, status, reason = lines[0].split(" ", 2)
        assert version == "HTTP/1.1"
        assert len(status) == 3
        fields = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            assert colon, line
            assert name == name.strip(), line
            fields.append((name, value.strip(" \t")))
        return Answer(int(status), reason, version, fields, octets=octets)

    def _body(self, head: Answer, method: str) -> tuple[bytes, list[tuple[str, str]], bytes]:
        tunnel = method == "CONNECT" and head.status < 300
        if method == "HEAD" or head.status in (101, 204, 304) or tunnel:
            return b"", [], b""
        if head.header("transfer-encoding") == "chunked":
            return self._chunks()
        length = head.header("content-length")
        if length is not None:
            content = self._exactly(int(length))
            return content, [], content
        content, how = self.end()
        assert how == "FIN"
        return content, [], content

    def _chunks(self) -> tuple[bytes, list[tuple[str, str]], bytes]:
        content = octets = b""
        while True:
            line = self._until(b"\r\n")
            octets += line
            size = int(line.split(b";")[0], 16)
            if not size:
                break
            piece = self._exactly(size + 2)
            assert piece.endswith(b"\r\n")
            content += piece[:-2]
            octets += piece
        trailers = []
        while (line := self._until(b"\r\n")) != b"\r\n":
            name, _, value = line[:-2].decode("latin-1").partition(":")
            trailers.append((name, value.strip()))
            octets += line
        return content, trailers, octets + line

    def _more(self) -> None:
        piece = self.sock.recv(65_536)
        if not piece:
            raise EOFError(f"the connection ended after {self._held!r}")
        self._held += piece

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._held:
            self._more()
        found, _, self._held = self._held.partition(mark)
        return found + mark

    def _exactly(self, count: int) -> bytes:
        while len(self._held) < count:
            self._more()
        found, self._held = self._held[:count], self._held[count:]
        return found


def message(
    method: str,
    target: str,
    *fields: str,
    content: bytes | None = None,
    version: str = "HTTP/1.1",
    host: str = "example.org",
) -> bytes:
    """Return the octets of a request; `fields` are whole lines such as `"Accept: */*"`."""
    lines = [f"{method} {target} {version}", f"Host: {host}", *fields]
    if content is not None:
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (content or b"")


def exchange(url: str, octets: bytes) -> tuple[bytes, str]:
    """Send octets on a connection of their own; return all that comes, and how it ended."""
    with Raw(url) as raw:
        raw.send(octets)
        return raw.end()


def until(condition: Callable[[], object]) -> None:
    """Block until something is the case that nobody tells of."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, "it never was"
        time.sleep(0)
