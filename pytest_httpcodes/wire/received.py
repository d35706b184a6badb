"""A request as it arrived: its head at once, its content when someone asks (RFC 9110, 10.1.1)."""

from __future__ import annotations

import tempfile
from io import BytesIO
from typing import BinaryIO, Protocol

from pytest_httpcodes.wire.head import RequestHead

SPOOL = 1_048_576  # octets of content that are held in memory; more go to a temporary file


class Record(Protocol):
    """What the journal keeps of one exchange, as the wire fills it in."""

    status: int | None
    logged: int | None
    failure: str | None
    why: str
    key: tuple[str, ...]

    def open(
        self, method: str, target: str, version: str, fields: list[tuple[str, str]], raw: bytes
    ) -> None:
        """Note the request line, the fields and the octets of the head."""
        ...

    def received(self, octets: bytes) -> None:
        """Note octets of the request's content."""
        ...

    def said(self, interim: int) -> None:
        """Note an interim response."""
        ...

    def sending(self, octets: bytes) -> None:
        """Note octets that are about to be handed to the kernel."""
        ...

    def waiting(self, waits: bool, /) -> None:
        """Note whether the exchange waits for the client, or for time to pass."""
        ...

    def finish(self) -> None:
        """Note that the exchange is complete."""
        ...

    def gone(self) -> None:
        """Note that the exchange ended because the client went away."""
        ...


class Source(Protocol):
    """Where a request's content comes from."""

    def read(self, request: Received) -> None:
        """Read all of it into the request; raises `Refusal`."""
        ...


class Received:
    """A request that a resource is to answer.

    `head` is there from the start. `receive` reads the content, which sends `100 Continue` first
    if the client waits for it; `content` and `stream` do so too. `base` is the address of the
    origin for a client that names none.
    """

    __slots__ = (
        "_pieces",
        "_source",
        "_spool",
        "base",
        "complete",
        "head",
        "octets",
        "peer",
        "record",
        "trailers",
        "waits",
    )

    def __init__(
        self, head: RequestHead, record: Record, base: str, peer: str, source: Source
    ) -> None:
        self.head = head
        self.record = record
        self.base = base
        self.peer = peer
        self.octets = 0
        self.complete = head.length == 0
        self.trailers: tuple[tuple[str, str], ...] = ()
        # "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore
        # that expectation", and MAY omit the response where there is no content
        # (RFC 9110, 10.1.1).
        self.waits = not self.complete and head.expects_continue
        self._source = source
        self._pieces: list[bytes] = []
        self._spool: BinaryIO | None = None

    def field(self, name: str, default: str = "") -> str:
        """Return the value of a request field; several lines of it are joined with commas."""
        return self.head.known.get(name, default)

    @property
    def root(self) -> str:
        """The origin as the client sees it, from the authority that it named."""
        scheme, _, own = self.base.partition("://")
        return f"{scheme}://{self.head.authority or own}"

    def receive(self) -> None:
        """Read all of the content, once; raises `Refusal` if it is malformed, late or too long."""
        if not self.complete:
            self._source.read(self)

    @property
    def content(self) -> bytes:
        """The whole content."""
        self.receive()
        if self._spool is not None:
            self._spool.seek(0)
            return self._spool.read()
        if len(self._pieces) > 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0] if self._pieces else b""

    @property
    def stream(self) -> BinaryIO:
        """The whole content, as a binary file from its start."""
        self.receive()
        if self._spool is None:
            return BytesIO(self.content)
        self._spool.seek(0)
        return self._spool

    def take(self, octets: bytes) -> None:
        """Keep a piece of the content; for the connection that reads it."""
        self.octets += len(octets)
        self.record.received(octets)
        if self._spool is None and self.octets > SPOOL:
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - `discard` closes it
            self._spool.write(b"".join(self._pieces))
            self._pieces = []
        if self._spool is not None:
            self._spool.write(octets)
        else:
            self._pieces.append(octets)

    def discard(self) -> None:
        """Let go of what is held on disk."""
        if self._spool is not None:
            self._spool.close()
