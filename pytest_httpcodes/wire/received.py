"""A request as it arrived: its head at once, its content when someone asks (RFC 9110, 10.1.1)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO, NamedTuple, Protocol

from pytest_httpcodes.wire.head import RequestHead
from pytest_httpcodes.wire.steps import Reply

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
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

    def discarded(self, octets: int) -> None:
        """Note octets that came behind an answer which closes the connection."""
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


class Foreseen(NamedTuple):
    """What is known of a request by its request line alone.

    `patience` is how long its head may take, in seconds; `reply` answers it at once, for the
    reason `why`. None leaves it to what holds anywhere. `key` names the instance.
    """

    patience: float | None = None
    reply: Reply | None = None
    why: str = ""
    key: tuple[str, ...] = ()


class Source(Protocol):
    """Where a request's content comes from."""

    def read(self, request: Received) -> None:
        """Read all of it into the request; raises `Refusal`."""
        ...

    def forgo(self, request: Received) -> None:
        """Take what comes next for a request, if nothing of the content has come."""
        ...


class Received:
    """A request that a resource is to answer.

    `head` is there from the start. `receive` reads the content, which sends `100 Continue` first
    if the client waits for it; `content` and `stream` do so too. `base` is the address of the
    origin for a client that names none. `resource` is the target resource (RFC 9110, 7.1) once it
    is asked, and `selected` the representation that negotiation selected (RFC 9110, 3.2), if any.
    `invitation` is what is sent to a client that waits with its content, `b""` for nothing;
    `patience` is how long the content may stall, in seconds, None for as long as anywhere.
    `handed_on` is whether the answer takes the content itself.
    `secured` is whether it came under TLS, and `server_name` the name of this server that the
    client asked for there, in lower case, None where it asked for none or for another's.
    """

    __slots__ = (
        "_checks",
        "_ends",
        "_pieces",
        "_source",
        "_spool",
        "base",
        "complete",
        "handed_on",
        "head",
        "invitation",
        "octets",
        "patience",
        "peer",
        "record",
        "resource",
        "secured",
        "selected",
        "server_name",
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
        self.resource: object = None
        self.selected: object = None
        self.secured = False
        self.server_name: str | None = None
        self.octets = 0
        self.complete = head.length == 0
        self.handed_on = False
        self.trailers: tuple[tuple[str, str], ...] = ()
        # "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore
        # that expectation", and MAY omit the response where there is no content
        # (RFC 9110, 10.1.1).
        self.waits = not self.complete and head.expects_continue
        self.invitation = CONTINUE
        self.patience: float | None = None
        self._source = source
        self._checks: tuple[Callable[[Received], None], ...] = ()
        self._ends: tuple[Callable[[], None], ...] = ()
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

    def forgo(self) -> None:
        """Do without the content that a client waits with, since the answer says not to send it.

        The connection goes on with the next request. If some of the content is there already, it
        is read as that of any request.
        """
        if self.waits:
            self._source.forgo(self)

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

    def hand_on(self) -> None:
        """Leave the content to the answer, which forwards it as it comes."""
        self.handed_on = True

    def watch(self, check: Callable[[Received], None]) -> None:
        """Call something with the request after each piece of its content.

        It may raise `Refusal`, which ends the reading. `octets` counts those of the piece, too.
        """
        self._checks += (check,)

    def at_end(self, call: Callable[[], None]) -> None:
        """Call something when the exchange is over, however it ends."""
        self._ends += (call,)

    def take(self, octets: bytes) -> None:
        """Keep a piece of the content; for the connection that reads it."""
        self.octets += len(octets)
        self.record.received(octets)
        for check in self._checks:
            check(self)
        if self._spool is None and self.octets > SPOOL:
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - `discard` closes it
            self._spool.write(b"".join(self._pieces))
            self._pieces = []
        if self._spool is not None:
            self._spool.write(octets)
        else:
            self._pieces.append(octets)

    def discard(self) -> None:
        """Let go of what is held on disk, since the exchange is over; for the connection."""
        for call in self._ends:
            call()
        if self._spool is not None:
            self._spool.close()
