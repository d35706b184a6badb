"""One request to a URL, on a connection of its own."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from tests.raw import Answer, Raw


def ask(url: str, *fields: str, method: str = "GET", content: bytes | None = None) -> Answer:
    """Send a request as a client does that knows nothing but the URL; `fields` are lines."""
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="", fragment="").geturl()
    with Raw(url) as raw:
        return raw.request(method, target or "/", *fields, content=content)


def ask_json(url: str, *fields: str, method: str = "GET") -> dict[str, Any]:
    """Send a request and return the JSON of its answer."""
    return dict(json.loads(ask(url, *fields, method=method).content))


def statuses(*urls: str) -> list[int]:
    """Ask for each URL in turn; return the codes."""
    return [ask(url).status for url in urls]
