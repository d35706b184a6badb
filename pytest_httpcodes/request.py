"""A request as a value, which a test sends through any client to earn a code or get past it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from pytest_httpcodes.wire.steps import Fields, FieldsLike, fields


class Answer(NamedTuple):
    """What a client was answered: the little of it that the next request may depend on.

    `headers` may be any mapping; the one that HTTP libraries return ignores the case of names.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to be sent, through whatever client is tested.

    `headers` has the fields that matter, without `Host` and `Content-Length`, which every
    client adds; with `Transfer-Encoding` among them the content is sent in chunks. `via` is the
    URL of the proxy to send it through. `pause` is how long to wait before the content is sent,
    in seconds, or before all of it where there is none. `raw` are the octets to send instead
    where no client can send the like; `octets` are those in any case.
    """

    method: str
    url: str
    headers: Fields = ()
    content: bytes = b""
    version: str = "HTTP/1.1"
    via: str | None = None
    pause: float | None = None
    raw: bytes | None = None

    if TYPE_CHECKING:
        # What is given may be more than what is then held.
        def __init__(
            self,
            method: str,
            url: str,
            headers: FieldsLike = (),
            content: bytes = b"",
            version: str = "HTTP/1.1",
            via: str | None = None,
            pause: float | None = None,
            raw: bytes | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", fields(self.headers))
        object.__setattr__(self, "url", str(self.url))
        if not isinstance(self.content, bytes):
            raise TypeError(f"content={self.content!r} is none; use bytes, encoded if it is text")

    @property
    def octets(self) -> bytes:
        """The request as octets for a connection to its server, or to its proxy."""
        if self.raw is not None:
            return self.raw
        # Neither userinfo nor fragment is sent (RFC 9110, 4.2.4 and 7.1).
        parts = urlsplit(self.url)
        authority = parts.netloc.rpartition("@")[2]
        target = f"{parts.scheme}://{authority}" if self.via else ""
        target += (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        names = {name.lower() for name, _ in self.headers}
        host = () if "host" in names else (f"Host: {authority}",)
        lines = [
            f"{self.method} {target} {self.version}",
            *host,
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        # "A user agent SHOULD send Content-Length in a request when the method defines a meaning
        # for enclosed content" (RFC 9110, 8.6).
        has_meaning = self.content or self.method in ("POST", "PUT", "PATCH")
        if has_meaning and not names & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(self.content)}")
        content = _chunks(self.content) if "transfer-encoding" in names else self.content
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def _chunks(content: bytes) -> bytes:
    # All of it in one chunk, if there is any (RFC 9112, 7.1).
    chunk = b"%x\r\n%b\r\n" % (len(content), content) if content else b""
    return chunk + b"0\r\n\r\n"


# One of several requests that belong together; it may depend on the answer to the one before.
Element: TypeAlias = "Request | Callable[[Answer], Request]"
