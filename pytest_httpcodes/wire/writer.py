"""Honest framing: steps become octets by the rules of RFC 9112, 6 and 7; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, cast

from pytest_httpcodes.wire.grammar import DIGITS
from pytest_httpcodes.wire.head import RequestHead, options
from pytest_httpcodes.wire.lines import MAX_DIGITS
from pytest_httpcodes.wire.steps import (
    OPEN_ENDED,
    Content,
    End,
    Fields,
    Head,
    Interim,
    Reply,
    Step,
    Steps,
    is_response,
    is_step,
)

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

SERVER = b"Server: pytest-httpcodes\r\n"
# No content follows these (RFC 9110, 15.3.5, 15.3.6 and 15.4.5).
WITHOUT_CONTENT = frozenset((204, 205, 304))


def lower(reply: Reply) -> Iterable[Step]:
    """Turn a reply into steps alone: each Response becomes its head, content and end.

    What is known beforehand is returned as a tuple or list, so that its length can be announced;
    where a Response streams, the steps are a generator, which closes the Response at its end.
    """
    if isinstance(reply, tuple):
        return reply
    if is_step(reply):
        return (reply,)
    if is_response(reply):
        reply = Steps(reply)
    if not isinstance(reply, Steps):
        return cast("Iterable[Step]", reply)
    if any(is_response(part) and not part.is_sequence for part in reply):
        return _one_by_one(reply)
    return tuple(chain.from_iterable(map(_whole, reply)))


def _whole(part: Step | Response) -> tuple[Step, ...]:
    if is_step(part):
        return (part,)
    response = cast("Response", part)
    data = response.get_data()
    response.close()
    return (_head(response, len(data)), Content(data), End())


def _one_by_one(reply: Steps) -> Iterator[Step]:
    try:
        for part in reply:
            if is_step(part):
                yield part
            else:
                yield from _pieces(cast("Response", part))
    finally:
        for part in reply:
            if is_response(part):
                part.close()


def _pieces(response: Response) -> Iterator[Step]:
    yield _head(response, None)
    for piece in response.iter_encoded():
        if piece:
            yield Content(piece)
    yield End()


def _head(response: Response, length: int | None) -> Head:
    code = response.status_code
    phrase = response.status.partition(" ")[2]
    fields = response.headers.to_wsgi_list()
    if code == 304:
        from werkzeug.http import remove_entity_headers

        # "the sender SHOULD NOT generate representation metadata other than the above listed
        # fields" (RFC 9110, 15.4.5).
        remove_entity_headers(fields)
    kept = []
    for name, value in fields:
        kind = name.lower()
        # Werkzeug notes the length of what it was given; here the writer announces it. Another
        # length than that was chosen by whoever made the response.
        if kind == "content-length" and value == f"{length}":
            continue
        if kind in ("location", "content-location") and not value.isascii():
            from werkzeug.urls import iri_to_uri

            value = iri_to_uri(value)  # as Werkzeug does when it sends
        kept.append((name, value))
    return Head(code, tuple(kept), None if phrase == _werkzeug_phrase(code) else phrase)


@cache
def _werkzeug_phrase(code: int) -> str:
    # What Werkzeug writes for a bare code: in capitals, and by an older table than ours. A phrase
    # that is not this one was chosen by whoever made the response.
    from werkzeug.wrappers import Response

    return Response(status=code).status.partition(" ")[2]


# What the writer adds to a head that has no such field of its own.
_ADDED = frozenset(("connection", "content-length", "date", "server", "transfer-encoding"))


@lru_cache(maxsize=1024)
def _start(status: int, phrase: str, headers: Fields) -> tuple[bytes, frozenset[str]]:
    # The octets of a status line and its fields, and which of those the writer would add are
    # among them. Most answers of a server have a head that was sent before.
    lines = [f"HTTP/1.1 {status:d} {phrase}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in headers]
    return "".join(lines).encode("latin-1"), _ADDED & {name.lower() for name, _ in headers}


class Framer:
    """Frames the steps of one answer, for the request that it answers.

    `partial` is what is known of a request that is none: method, target and version. `http10` is
    whether the client speaks HTTP/1.0. `close` says, once the answer was framed, whether the
    connection closes behind it; `left` how many octets are to come by a length of one's own.
    `server` is the line that is added to a head without such a field.
    """

    __slots__ = ("_body", "_chunked", "_method", "_phrases", "close", "http10", "left", "server")

    def __init__(
        self,
        request: RequestHead | None,
        phrases: Mapping[int, str],
        partial: tuple[str, str, str] = ("", "", ""),
    ) -> None:
        self._phrases = phrases
        self.server = SERVER
        if request is not None:
            self.http10 = request.http10
            self._method = request.method
            self.close = not request.persistent
        else:
            self._method, _, version = partial
            self.http10 = version == "HTTP/1.0"
            self.close = True
        self._body = False
        self._chunked = False
        self.left: int | None = None

    @property
    def has_content(self) -> bool:
        """Whether octets of content follow the head that was framed."""
        return self._body

    @property
    def ends_with_connection(self) -> bool:
        """Whether nothing but the end of the connection ends the content."""
        return self._body and not self._chunked and self.left is None

    @property
    def complete(self) -> bool:
        """Whether the content has as many octets as its own `Content-Length` says."""
        return self.left == 0

    def interim(self, step: Interim) -> bytes:
        """Frame an interim response; nothing for a client that must not get one."""
        # "A server MUST NOT send a 1xx response to an HTTP/1.0 client" (RFC 9110, 15.2).
        if self.http10:
            return b""
        phrase = self._phrase(step.status, step.reason)
        return _start(step.status, phrase, step.headers)[0] + b"\r\n"

    def head(self, step: Head, length: int | None, date: bytes) -> bytes:
        """Frame the final response's head; `length` is its content's in octets, if known."""
        status, headers = step.status, step.headers
        octets, own = _start(status, self._phrase(status, step.reason), headers)
        # What follows a 2xx to CONNECT is the tunnel, and no content (RFC 9110, 9.3.6).
        tunnel = self._method == "CONNECT" and status < 300
        self._body = not (status in WITHOUT_CONTENT or self._method == "HEAD" or tunnel)
        if own:
            octets = self._with_own(step, own, length, date, tunnel=tunnel)
        else:
            framing = b"" if tunnel else self._framing(status, length)
            # "A server that does not support persistent connections MUST send the "close"
            # connection option in every response message that does not have a 1xx" (RFC 9112, 9.3).
            close = b"Connection: close\r\n" if self.close else b""
            octets = b"%bDate: %b\r\n%b%b%b\r\n" % (octets, date, self.server, framing, close)
        self.close = self.close or tunnel
        return octets

    def _with_own(
        self, step: Head, own: frozenset[str], length: int | None, date: bytes, *, tunnel: bool
    ) -> bytes:
        # A head that has some of the fields which are added to others.
        status, headers = step.status, step.headers
        if "transfer-encoding" in own and (tunnel or self.http10 or status in (204, 205)):
            # "A server MUST NOT send a response containing Transfer-Encoding unless the
            # corresponding request indicates HTTP/1.1 (or later minor revisions)"; nor in a 204,
            # nor in a 2xx to CONNECT (RFC 9112, 6.1).
            headers = tuple(f for f in headers if f[0].lower() != "transfer-encoding")
        octets, own = _start(status, self._phrase(status, step.reason), headers)
        lines = [octets]
        if "date" not in own:
            lines.append(b"Date: %b\r\n" % date)
        if "server" not in own:
            lines.append(self.server)
        if "content-length" in own or "transfer-encoding" in own:
            self._trust(headers, status)
        elif not tunnel:
            lines.append(self._framing(status, length))
        given = ", ".join(v for name, v in headers if name.lower() == "connection")
        if "close" in options(given):
            self.close = True
        elif self.close:
            lines.append(b"Connection: close\r\n")
        lines.append(b"\r\n")
        return b"".join(lines)

    def _framing(self, status: int, length: int | None) -> bytes:
        # "A server MUST NOT send a Content-Length header field in any response with a status code
        # of 1xx (Informational) or 204 (No Content)"; a 304 has the length that the 200 would
        # have, or none (RFC 9110, 8.6).
        if status in (204, 304):
            return b""
        if status == 205:
            # "Since the 205 status code implies that no additional content will be provided, a
            # server MUST NOT generate content in a 205 response" (RFC 9110, 15.3.6), and the
            # framing must say so: the code is not among those that end at the empty line
            # (RFC 9112, 6.3).
            return b"Content-Length: 0\r\n"
        if length is not None:
            return b"Content-Length: %d\r\n" % length
        if self.http10:
            self.close = True
            return b""
        self._chunked = True
        return b"Transfer-Encoding: chunked\r\n"

    def _trust(self, headers: Fields, status: int) -> None:
        # The head says itself how the content is framed.
        own = {name.lower(): value for name, value in headers}
        coding = own.get("transfer-encoding")
        if coding is not None:
            self._chunked = options(coding)[-1] == "chunked"
            # "If any transfer coding other than chunked is applied to a response's content, the
            # sender MUST either apply chunked as the final transfer coding or terminate the
            # message by closing the connection" (RFC 9112, 6.1).
            self.close = self.close or not self._chunked
        elif self._body or status == 205:
            length = own["content-length"]
            is_number = DIGITS.match(length) and len(length) <= MAX_DIGITS
            self.left = int(length) if is_number else -1

    def content(self, data: bytes) -> bytes:
        """Frame a piece of content; nothing where the response has none."""
        if not self._body or not data:
            return b""
        if self._chunked:
            return b"%x\r\n%b\r\n" % (len(data), data)
        if self.left is not None:
            self.left -= len(data)
        return data

    def end(self, trailers: Fields) -> bytes:
        """Frame the end of the content."""
        if self.left:
            self.close = True  # the client does not know where the next answer starts
        if not self._body or not self._chunked:
            return b""
        lines = "".join(f"{name}: {value}\r\n" for name, value in trailers)
        return b"0\r\n%b\r\n" % lines.encode("latin-1")

    def _phrase(self, status: int, reason: str | None) -> str:
        return self._phrases.get(status, "") if reason is None else reason


def announced(steps: Iterable[Step]) -> int | None:
    """Return the length of the content before its end, None if it cannot be announced.

    That is so where it is not known beforehand, and where trailer fields need chunks.
    """
    if not isinstance(steps, (tuple, list)):
        return None
    length = 0
    for step in steps:
        kind = type(step)
        if kind is Content:
            length += len(step.data)
        elif kind is End:
            return None if step.trailers else length
        elif kind in OPEN_ENDED:
            return None
    return length
