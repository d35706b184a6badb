"""A request in octets, and the check that what came back is one whole and right answer."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT = 10.0  # seconds; nothing that works comes near it


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer of 200 carries, and whether its connection goes on."""

    content: bytes
    persistent: bool


class WrongAnswerError(Exception):
    """An answer that is not the one expected, so that its time means nothing."""


def request_for(url: str) -> bytes:
    """Return a GET of `url` with the fields that requests sends."""
    parts = urlsplit(url)
    lines = (
        f"GET {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "User-Agent: python-requests/2.32.3",
        "Accept-Encoding: gzip, deflate",
        "Accept: */*",
        "Connection: keep-alive",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii")


def connect(url: str) -> socket.socket:
    """Return a new connection to the origin of `url`, a literal IPv4 address."""
    parts = urlsplit(url)
    sock = socket.socket()
    sock.settimeout(TIMEOUT)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.connect((parts.hostname or "", parts.port or 80))
    return sock


def probe(url: str) -> bytes:
    """Return the octets of one answer, framed by its `Content-Length`."""
    with connect(url) as sock:
        sock.sendall(request_for(url))
        octets = b""
        while not _is_whole(octets):
            octets += more(sock)
        return octets


def more(sock: socket.socket) -> bytes:
    """Receive something; raises `WrongAnswerError` where the connection ends instead."""
    octets = sock.recv(65_536)
    if not octets:
        raise WrongAnswerError("the connection ended within an answer")
    return octets


def parse(octets: bytes) -> Answer:
    """Read one answer; raises `WrongAnswerError` unless it is a 200, whole and well framed."""
    head, _, content = octets.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    version, status, _ = line.split(b" ", 2)
    if status != b"200":
        raise WrongAnswerError(f"status line {line!r}, expected a 200")
    if _length(fields) != len(content):
        raise WrongAnswerError(f"Content-Length {_length(fields)}, but {len(content)} octets came")
    closes = any(field.lower() == b"connection: close" for field in fields)
    return Answer(content, persistent=version == b"HTTP/1.1" and not closes)


def check(octets: bytes, content: bytes) -> None:
    """Raise `WrongAnswerError` unless this is a 200, well framed, with that content."""
    found = parse(octets).content
    if found != content:
        raise WrongAnswerError(f"content {found!r}, expected {content!r}")


def _is_whole(octets: bytes) -> bool:
    head, end, content = octets.partition(b"\r\n\r\n")
    return bool(end) and len(content) >= _length(head.split(b"\r\n"))


def _length(fields: list[bytes]) -> int:
    lengths = [field[15:] for field in fields if field.lower().startswith(b"content-length:")]
    if len(lengths) != 1:
        raise WrongAnswerError(f"{len(lengths)} Content-Length fields, expected one")
    return int(lengths[0])
