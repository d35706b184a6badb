"""Chains of redirects, followed by hand."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

from tests.asking import ask
from tests.raw import Answer


def location(answer: Answer) -> str:
    """Return the one `Location` of an answer."""
    (value,) = (value for name, value in answer.fields if name == "Location")
    return value


def walk(url: str, limit: int = 20) -> list[tuple[int, str]]:
    """Follow a chain by hand; return the code and the address of each hop."""
    hops: list[tuple[int, str]] = []
    while len(hops) < limit:
        answer = ask(url)
        hops.append((answer.status, url))
        if answer.header("Location") is None:
            break
        url = urljoin(url, location(answer))
    return hops


def arrived(answer: Answer) -> dict[str, Any]:
    """Return what the end of a chain says of what arrived."""
    assert 200 == answer.status
    return dict(json.loads(answer.content))
