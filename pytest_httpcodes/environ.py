"""A received request as a WSGI environment (PEP 3333), for Werkzeug's Request."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote_to_bytes

from pytest_httpcodes.wire.head import RequestHead
from pytest_httpcodes.wire.received import Received

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

_KEYS = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def environ(request: Received) -> dict[str, Any]:
    """Return the WSGI environment of a request; its content is read when it is asked for."""
    head = request.head
    scheme, _, authority = request.root.partition("://")
    host, port = _host_and_port(authority)
    made: dict[str, Any] = {
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(head.path).decode("latin-1"),
        "QUERY_STRING": head.query,
        "REQUEST_URI": head.target,
        "RAW_URI": head.target,
        "REMOTE_ADDR": request.peer,
        "SERVER_NAME": host,
        "SERVER_PORT": port or ("443" if scheme == "https" else "80"),
        "SERVER_PROTOCOL": head.version,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": _Late(request),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    return made | _fields(head)


def _fields(head: RequestHead) -> dict[str, str]:
    made: dict[str, str] = {}
    # "X_Y" and "X-Y" have the same key there; the one with the underscore, which is rarely meant
    # and has been used to forge the other, gives way.
    for name in sorted(head.known, key=lambda name: "_" in name):
        key = _KEYS.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        made.setdefault(key, head.known[name])
    # "Transfer-Encoding overrides the Content-Length" (RFC 9112, 6.3), which may also be given
    # twice.
    if made.pop("CONTENT_LENGTH", None) is not None and head.length is not None:
        made["CONTENT_LENGTH"] = str(head.length)
    return made


def _host_and_port(authority: str) -> tuple[str, str]:
    host, colon, port = authority.rpartition(":")
    # Without a port, the last colon may be one of an IPv6 address in its brackets.
    return (host, port) if colon and not port.endswith("]") else (authority, "")


def werkzeug_request(request: Received) -> Request:
    """Return Werkzeug's view of a request."""
    from werkzeug.wrappers import Request

    return Request(environ(request))


class _Late:
    # The content as a file (PEP 3333): what is not asked for is not invited either.

    def __init__(self, request: Received) -> None:
        self._request = request
        self._opened: BinaryIO | None = None

    @property
    def _stream(self) -> BinaryIO:
        if self._opened is None:
            self._opened = self._request.stream
        return self._opened

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)

    def readline(self, size: int = -1) -> bytes:
        return self._stream.readline(size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        return self._stream.readlines(hint)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)
