"""What happened once: a request as received, its answer as sent, and why."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from pytest_httpcodes.clock import Clock

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

Key: TypeAlias = "tuple[str, ...]"


_HEAD = 65_536  # octets of an answer that are kept in any case


class Log(Protocol):
    """What an exchange needs of the journal that it is in."""

    clock: Clock
    log: Callable[[Exchange], None] | None

    def changed(self) -> None:
        """Wake those who wait for something in the journal."""
        ...

    def keeps(self, octets: int) -> None:
        """Note that so many more octets are kept."""
        ...


class NotKept(RuntimeError):  # noqa: N818 - it says what it is
    """Something was asked of the journal that it did not keep, to bound its memory."""


class Exchange:
    """One request and what was answered.

    Times are those of `time.monotonic`, in seconds. `finished` is None while the answer is not
    complete; then `status` may be known already. `octets_after` is how many octets of content, or
    behind it, came after the answer was out.
    """

    __slots__ = (
        "_at_end",
        "_at_start",
        "_content",
        "_content_size",
        "_fields",
        "_first",
        "_journal",
        "_keep",
        "_open",
        "_opened",
        "_sent",
        "_sent_size",
        "_shed",
        "connection",
        "failure",
        "finished",
        "interim",
        "key",
        "logged",
        "method",
        "number",
        "octets_after",
        "place",
        "raw_head",
        "started",
        "status",
        "target",
        "version",
        "why",
    )

    def __init__(
        self, journal: Log, connection: int, number: int, started: float, keep: int
    ) -> None:
        self._journal = journal
        self._keep = keep
        self._open = True
        self._at_start = journal.clock.at(started)
        self._at_end = 0.0
        self._content: list[bytes] = []
        self._content_size = 0
        self._sent: list[bytes] = []
        self._sent_size = 0
        self._shed = False
        self._fields: list[tuple[str, str]] = []
        self.key: Key = ()
        self.place = 0
        self.connection = connection
        self.number = number
        self.method = self.target = self.version = self.why = ""
        self.raw_head: bytes | None = None
        self.interim: list[int] = []
        self.status: int | None = None
        self.logged: int | None = None
        self.started = started
        self.finished: float | None = None
        self.failure: str | None = None
        self.octets_after = 0
        self._opened = 0.0
        self._first: float | None = None

    def __repr__(self) -> str:
        return (
            f"<Exchange {self.connection}.{self.number} {self.method} {self.target} "
            f"-> {self.status or self.failure or 'no answer yet'}>"
        )

    @property
    def headers(self) -> Headers:
        """The request's fields."""
        from werkzeug.datastructures import Headers

        return Headers(self._fields)

    @property
    def waited(self) -> float | None:
        """How long the client waited with its content for `100 Continue`, in seconds.

        It is from its head to the first octet of its content, so next to nothing if it did not
        wait. None if it did not announce to wait (RFC 9110, 10.1.1), or sent no content.
        """
        if self._first is None or "100-continue" not in self.headers.get("Expect", "").lower():
            return None
        return self._first - self._opened

    @property
    def content(self) -> bytes:
        """The request's content as far as it was read.

        Raises `NotKept` where it has more octets than the server keeps.
        """
        return self._whole(self._content, self._content_size, "content of the request")

    @property
    def sent(self) -> bytes:
        """All octets of the answer, interim responses included, as they went to the wire.

        Raises `NotKept` where they are more than the server keeps.
        """
        return self._whole(self._sent, self._sent_size, "answer")

    @property
    def response_headers(self) -> Headers:
        """The fields of the final response as sent; empty where none was."""
        from werkzeug.datastructures import Headers

        octets = b"".join(self._sent)
        while octets.startswith(b"HTTP/1.1 1"):
            octets = octets.partition(b"\r\n\r\n")[2]
        lines = octets.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines[1:])
        return Headers([(name, value.strip(" \t")) for name, colon, value in pairs if colon])

    def _whole(self, pieces: list[bytes], size: int, what: str) -> bytes:
        kept = b"".join(pieces)
        if len(kept) < size:
            hint = (
                "a journal lets go of the oldest when all of it is too much"
                if self._shed
                else f"StatusServer(keep_octets={size}) keeps it"
            )
            raise NotKept(f"the {what} has {size} octets and was not kept; {hint}")
        return kept

    # What follows is for the wire, which knows it as `Record`.

    def open(
        self, method: str, target: str, version: str, fields: list[tuple[str, str]], raw: bytes
    ) -> None:
        """Note the request line, the fields and the octets of the head."""
        self.method = method
        self.target = target
        self.version = version
        self._fields = fields
        self.raw_head = raw
        self._opened = time.monotonic()

    def received(self, octets: bytes) -> None:
        """Note octets of the request's content."""
        if not self._content_size:
            self._first = time.monotonic()
        if self.finished is not None:
            self.octets_after += len(octets)
        self._content_size += len(octets)
        if self._content_size <= self._keep:
            self._content.append(octets)
            self._journal.keeps(len(octets))

    def discarded(self, octets: int) -> None:
        """Note octets that came behind an answer which closes the connection."""
        self.octets_after += octets

    def said(self, interim: int) -> None:
        """Note an interim response."""
        self.interim.append(interim)

    def sending(self, octets: bytes) -> None:
        """Note octets that are about to be handed to the kernel."""
        self._sent_size += len(octets)
        if not self._sent:
            # The head is kept whatever follows it.
            self._sent.append(octets if len(octets) <= self._keep else octets[:_HEAD])
        elif self._sent_size <= self._keep:
            self._sent.append(octets)
        else:
            return
        self._journal.keeps(len(octets))

    def shed(self) -> None:
        """Let go of the content and of what was sent but for its head; for the journal."""
        self._content = []
        self._sent = [b"".join(self._sent)[:_HEAD]]
        self._shed = True

    def waiting(self, waits: bool, /) -> None:
        """Note whether the exchange waits for the client, or for time to pass."""
        self._open = not waits and self.finished is None
        if waits:
            self._journal.changed()

    def finish(self) -> None:
        """Note that the exchange is complete."""
        if self.finished is not None:
            return
        self.finished = time.monotonic()
        self._at_end = self._journal.clock.now()
        self._open = False
        journal = self._journal
        journal.changed()
        if journal.log is not None:
            journal.log(self)

    def gone(self) -> None:
        """Note that the exchange ended because the client went away."""
        if self.failure is None:
            self.failure = "the client closed the connection before it had the whole answer"
        if self.status is None and self.logged is None:
            self.logged = 499
        self.finish()

    @property
    def is_open(self) -> bool:
        """Whether its answer is being made: neither complete nor waiting for anything."""
        return self._open

    def came_early(self, previous: Exchange) -> bool:
        """Tell whether it came sooner than the previous answer's `Retry-After` allowed."""
        value = previous.response_headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            # More digits than these are longer than any time, and than Python likes to convert.
            return self._at_start < previous._at_end + int(value.lstrip("0")[:15] or "0")
        from werkzeug.http import parse_date

        date = parse_date(value)
        return date is not None and self._at_start < date.timestamp()
