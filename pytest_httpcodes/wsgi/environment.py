"""A WSGI environment as a received request (PEP 3333): its head, and its content when asked for."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal, RequestHead
from pytest_httpcodes.wire.received import Received

_PIECE = 65_536
# What a request line may have as its target (RFC 9112, 3.2); a fragment is none of it.
_TARGET = re.compile(r"[!-\"$-~]+")
_PATH = "!$&'()*+,-./:;=@_~"
_QUERY = f'{_PATH}?%"<>[\\]^`{{|}}'
_OWN_KEYS = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}


def head_of(environ: dict[str, Any]) -> RequestHead:
    """Return the head of a request; `interpret` is the caller's to do.

    The spelling and the order of the fields are lost, and several lines of one are one line.
    """
    return RequestHead(
        environ["REQUEST_METHOD"],
        _target(environ),
        environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        _fields(environ),
        b"",
    )


def base_of(environ: dict[str, Any]) -> str:
    """Return the origin's address for a client that named none (PEP 3333, URL Reconstruction)."""
    scheme, host, port = (environ[key] for key in ("wsgi.url_scheme", "SERVER_NAME", "SERVER_PORT"))
    name = f"[{host}]" if ":" in host and host[0] != "[" else host
    usual = {"http": "80", "https": "443"}.get(scheme)
    return f"{scheme}://{name}" if port in (usual, "") else f"{scheme}://{name}:{port}"


def _target(environ: dict[str, Any]) -> str:
    # The one on the wire, from a server that hands it on; unless something in between has
    # rewritten the path.
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    for key in ("RAW_URI", "REQUEST_URI"):
        raw = environ.get(key, "")
        if _TARGET.fullmatch(raw) and (
            environ["REQUEST_METHOD"] == "CONNECT" or _names(raw) == (path or "/")
        ):
            return str(raw)
    # What is no ASCII there stands for one octet a character.
    target = quote(path or "/", safe=_PATH, encoding="latin-1")
    query = quote(environ.get("QUERY_STRING", ""), safe=_QUERY, encoding="latin-1")
    return f"{target}?{query}" if query else target


def _names(target: str) -> str:
    # The path that a target names, as WSGI writes it: percent-decoded, a character an octet.
    path = target.partition("?")[0]
    if "://" in path and not path.startswith("/"):
        path = "/" + path.partition("://")[2].partition("/")[2]
    return unquote(path, encoding="latin-1")


def _fields(environ: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for key, value in environ.items():
        name = _OWN_KEYS.get(key)
        if name is None and key.startswith("HTTP_") and key[5:] not in _OWN_KEYS:
            name = key[5:].replace("_", "-").title()
        # "CONTENT_LENGTH ... May be empty or absent" (PEP 3333), and so may the type.
        if name is not None and (value or key not in _OWN_KEYS):
            found.append((name, value))
    return found


class Input:
    """The content of a request, of at most `limit` octets; read when it is asked for."""

    def __init__(self, environ: dict[str, Any], limit: int) -> None:
        self._environ = environ
        self._limit = limit

    def read(self, request: Received) -> None:
        """Read all of the content into the request; raises `Refusal`."""
        length = request.head.length
        if length is None and not self._environ.get("wsgi.input_terminated"):
            # A server whose input ends with the content says so; another one would block, or hand
            # on the chunks themselves.
            raise Refusal(
                501,
                "the server in front does not say where content in chunks ends "
                "(wsgi.input_terminated); Content-Length would",
                Section(9110, "15.6.2"),
            )
        request.record.waiting(True)
        try:
            self._read(request, length)
        finally:
            request.record.waiting(False)
        request.complete = True

    def forgo(self, request: Received) -> None:
        """Do nothing: by then the server has invited the content, and no client waits with it."""

    def _read(self, request: Received, length: int | None) -> None:
        left = length
        while left is None or left > 0:
            piece = self._piece(request, _PIECE if left is None else min(left, _PIECE))
            if not piece and left is None:
                return
            if not piece:
                detail = (
                    f"the content ends after {request.octets} octets, {left} short of its length"
                )
                raise Refusal(400, detail, Section(9112, "8"))
            if request.octets + len(piece) > self._limit:
                detail = f"the content has over {self._limit} octets (max_content)"
                raise Refusal(413, detail, Section(9110, "15.5.14"))
            request.take(piece)
            left = None if left is None else left - len(piece)

    def _piece(self, request: Received, size: int) -> bytes:
        try:
            piece: bytes = self._environ["wsgi.input"].read(size)
        except Exception as error:
            # Each server has its own for chunks that are malformed, and for a client that is gone.
            detail = f"the content breaks off after {request.octets} octets: {error!r}"
            raise Refusal(400, detail, Section(9112, "8")) from error
        return piece
