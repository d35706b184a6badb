"""A client of a tree for tests of locks: one request each, over a raw socket."""

from __future__ import annotations

import base64
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

from tests.raw import Answer, Raw

DAV = "{DAV:}"
INFO = (
    '<?xml version="1.0" encoding="utf-8"?>\n<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:{scope}/>'
    "</D:lockscope><D:locktype><D:write/></D:locktype>{owner}</D:lockinfo>"
)
XML = 'Content-Type: application/xml; charset="utf-8"'


class Locker:
    """Sends requests to the tree at a URL, as a principal, "" for none."""

    def __init__(self, url: str, principal: str = "") -> None:
        self.url = url.rstrip("/")
        self.path = urlsplit(self.url).path
        self.principal = principal

    def ask(
        self, method: str, path: str = "/", *fields: str, content: bytes | None = None
    ) -> Answer:
        """Send a request about a path below the tree's root."""
        lines = list(fields)
        if self.principal:
            lines.append(basic(self.principal))
        if content is not None and not any(line.startswith("Content-Type") for line in lines):
            lines.append(XML)
        with Raw(self.url) as raw:
            return raw.request(method, self.path + path, *lines, content=content)

    def put(self, path: str, *fields: str, content: bytes = b"changed") -> Answer:
        """Send content."""
        return self.ask("PUT", path, "Content-Type: text/plain", *fields, content=content)

    def to(self, method: str, path: str, destination: str, *fields: str) -> Answer:
        """COPY or MOVE what is at a path to another one."""
        return self.ask(method, path, f"Destination: {self.path}{destination}", *fields)

    def take(self, path: str, *fields: str, scope: str = "exclusive", owner: str = "") -> Answer:
        """Ask for a new lock."""
        content = INFO.format(scope=scope, owner=owner).encode()
        return self.ask("LOCK", path, *fields, content=content)

    def lock(self, path: str, *fields: str, scope: str = "exclusive") -> str:
        """Take out a lock, and return its token."""
        answer = self.take(path, *fields, scope=scope)
        assert answer.status in (200, 201), answer
        return token_of(answer)

    def unlock(self, path: str, token: str, *fields: str) -> Answer:
        """Remove a lock."""
        return self.ask("UNLOCK", path, f"Lock-Token: <{token}>", *fields)

    def bind(self, method: str, path: str, segment: str, source: str, *fields: str) -> Answer:
        """BIND, UNBIND or REBIND a name in the collection at a path."""
        href = f"<D:href>{self.path}{source}</D:href>" if source else ""
        name = method.lower()
        content = f'<D:{name} xmlns:D="DAV:"><D:segment>{segment}</D:segment>{href}</D:{name}>'
        return self.ask(method, path, *fields, content=content.encode())

    def tokens(self, path: str) -> list[str]:
        """Return the tokens of the locks on what is at a path, as PROPFIND tells them."""
        return hrefs(self.discover(path, "Depth: 0"), "locktoken")

    def scopes(self) -> list[list[str]]:
        """Return the scopes of the locks on each resource that there is."""
        answer = self.discover("/", "Depth: infinity", "DAV: bind")
        return [
            [next(iter(scope)).tag.removeprefix(DAV) for scope in response.iter(f"{DAV}lockscope")]
            for response in root(answer).iter(f"{DAV}response")
        ]

    def discover(self, path: str, *fields: str) -> Answer:
        """Ask for the locks on what is at a path, or also below it."""
        content = b'<D:propfind xmlns:D="DAV:"><D:prop><D:lockdiscovery/></D:prop></D:propfind>'
        return self.ask("PROPFIND", path, *fields, content=content)


def basic(principal: str) -> str:
    """Return the field with a principal's credentials."""
    return "Authorization: Basic " + base64.b64encode(f"{principal}:password".encode()).decode()


def submit(*tokens: str) -> str:
    """Return the field that submits tokens, whatever is true of them."""
    lists = "".join(f"(<{token}>)" for token in tokens)
    return f"If: {lists}(Not <DAV:no-lock>)"


def token_of(answer: Answer) -> str:
    """Return the token of a Lock-Token field."""
    match = re.fullmatch("<(.*)>", answer.header("lock-token") or "")
    assert match, answer
    return match[1]


def root(answer: Answer) -> ElementTree.Element:
    """Return the root of an answer's content."""
    return ElementTree.fromstring(answer.content)  # noqa: S314 - it is our own


def hrefs(answer: Answer, name: str) -> list[str]:
    """Return the addresses in each element of a name."""
    found = root(answer).iter(f"{DAV}{name}")
    return [href.text or "" for element in found for href in element.iter(f"{DAV}href")]


def condition(answer: Answer) -> str:
    """Return the name of the condition in an error, "" for none."""
    names = [child.tag.removeprefix(DAV) for child in root(answer) if child.tag.startswith(DAV)]
    return names[0] if names else ""


def refused(answer: Answer) -> tuple[int, str]:
    """Return the status of an error and the condition in it."""
    return answer.status, condition(answer)


def parts(answer: Answer) -> dict[str, tuple[str, str]]:
    """Return the status of each resource in a 207, and the condition that failed."""
    assert answer.status == 207, answer
    found = {}
    for response in root(answer).iter(f"{DAV}response"):
        href = response.findtext(f"{DAV}href") or ""
        status = (response.findtext(f"{DAV}status") or "").split(" ")[1]
        error = response.find(f"{DAV}error")
        name = "" if error is None else next(iter(error)).tag.removeprefix(DAV)
        found[href] = (status, name)
    return found


CONTENTS = {"x": b"x", "a/f": b"f", "a/c/g": b"g", "b/f": b"f"}
