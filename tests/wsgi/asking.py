"""Requests to a WSGI application, without a server: the environment, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from requests.structures import CaseInsensitiveDict

from pytest_httpcodes import Answer, Request

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
ROOT = "http://wsgi.example"


def environ(request: Request, **more: Any) -> dict[str, Any]:
    """Return the environment of a request, from a server that says where content ends."""
    parts = urlsplit(request.url)
    made: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path, encoding="latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": request.version,
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_HOST": parts.netloc,
        "wsgi.input": BytesIO(request.content),
        "wsgi.input_terminated": True,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        made[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    if request.content and "HTTP_TRANSFER_ENCODING" not in made:
        made["CONTENT_LENGTH"] = str(len(request.content))
    made |= more
    setup_testing_defaults(made)
    return made


def ask(app: Application, request: Request, **more: Any) -> Answer:
    """Send a request to an application that does what PEP 3333 says, and read its whole answer."""
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, fields: list[tuple[str, str]], *error: object) -> Any:
        told.append((status, fields))

    found: Any = validator(_typed(app))(environ(request, **more), start)
    try:
        content = b"".join(found)
    finally:
        found.close()
    ((status, fields),) = told
    return Answer(int(status[:3]), joined(fields), content)


def joined(fields: Iterable[tuple[str, str]]) -> CaseInsensitiveDict[str]:
    """Return field lines by name, several lines of one joined."""
    made: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in fields:
        made[name] = f"{made[name]}, {value}" if name in made else value
    return made


def get(app: Application, path: str, **more: Any) -> Answer:
    """Send a GET."""
    return ask(app, Request("GET", ROOT + path), **more)


def _typed(app: Application) -> Application:
    # The validator wants a type of content that has no octets, too, which nothing else wants: "A
    # sender that generates a message containing content SHOULD generate a Content-Type"
    # (RFC 9110, 8.3).
    def typed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, fields: list[tuple[str, str]]) -> Any:
            given = {name.lower(): value for name, value in fields}
            if given.get("content-length") == "0" and "content-type" not in given:
                fields = [*fields, ("Content-Type", "text/plain")]
            return start_response(status, fields)

        return app(environ, start)

    return typed
