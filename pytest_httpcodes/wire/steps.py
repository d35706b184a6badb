"""What an answer is made of: steps, in the order in which they happen on the wire.

Rule 1: a step is a value. It touches no socket, and two equal steps do the same.
Rule 2: when something happens is its place in the sequence, never a field.
Rule 3: `Raw` is sent untouched; every other step that carries octets is framed by the rules of
RFC 9112, unless its own fields already say how.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeAlias, TypeGuard

from pytest_httpcodes.wire.effects import FOREVER as FOREVER
from pytest_httpcodes.wire.effects import At as At
from pytest_httpcodes.wire.effects import Close as Close
from pytest_httpcodes.wire.effects import HalfClose as HalfClose
from pytest_httpcodes.wire.effects import Pace as Pace
from pytest_httpcodes.wire.effects import Pause as Pause
from pytest_httpcodes.wire.effects import Raw as Raw
from pytest_httpcodes.wire.effects import Reset as Reset
from pytest_httpcodes.wire.effects import Stall as Stall
from pytest_httpcodes.wire.lines import FRAMING, NO_TRAILER, check_octets, check_reason, refuse
from pytest_httpcodes.wire.lines import Fields as Fields
from pytest_httpcodes.wire.lines import FieldsLike as FieldsLike
from pytest_httpcodes.wire.lines import fields as fields

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from pytest_httpcodes.wire.head import Refusal, RequestHead
    from pytest_httpcodes.wire.tls import Terms
    from pytest_httpcodes.wire.upstream import Upstream, UpstreamError


@dataclass(frozen=True, slots=True)
class Interim:
    """Send an interim response, 100 to 199; an HTTP/1.0 client never sees it (RFC 9110, 15.2).

    `headers` may be a mapping or pairs. `version` is the one that an intermediary received it in;
    what is sent has its own. Raises `ValueError` for another status, for a field that could not be
    sent, and for one that frames content, since there is none.
    """

    status: int
    headers: Fields = ()
    reason: str | None = None
    version: str = field(default="HTTP/1.1", repr=False, compare=False)

    if TYPE_CHECKING:
        # What is given may be more than what is then held; so it is in the other steps.
        def __init__(
            self,
            status: int,
            headers: FieldsLike = (),
            reason: str | None = None,
            version: str = "HTTP/1.1",
        ) -> None: ...

    def __post_init__(self) -> None:
        if not 100 <= self.status <= 199:
            raise ValueError(f"{self.status} is no interim status; those are 100 to 199")
        object.__setattr__(self, "headers", fields(self.headers))
        refuse(self.headers, FRAMING, "an interim response")
        check_reason(self.reason)


@dataclass(frozen=True, slots=True)
class Head:
    """Send the head of the final response, 200 to 999.

    `reason` is the phrase of the status line, that of the status code if it is None. `Date`,
    `Server`, `Connection` and the framing are added, unless `headers` has a field of that name.
    A `Content-Length` of one's own is sent as it is; if it turns out to be false, the connection
    closes behind the answer, whose end the client cannot know. `headers` may be a mapping or
    pairs. Raises `ValueError` for another status, and for a field that could not be sent.
    """

    status: int
    headers: Fields = ()
    reason: str | None = None
    version: str = field(default="HTTP/1.1", repr=False, compare=False)

    if TYPE_CHECKING:

        def __init__(
            self,
            status: int,
            headers: FieldsLike = (),
            reason: str | None = None,
            version: str = "HTTP/1.1",
        ) -> None: ...

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 999:
            raise ValueError(
                f"{self.status} is no final status; those are 200 to 999 (for 100 to 199 there is "
                f"Interim, and a final response after it)"
            )
        object.__setattr__(self, "headers", fields(self.headers))
        check_reason(self.reason)


@dataclass(frozen=True, slots=True)
class Content:
    """Send octets of the final response's content, framed as its head said.

    Raises `TypeError` for text, which has to be encoded first.
    """

    data: bytes

    def __post_init__(self) -> None:
        check_octets(self.data, "Content")


@dataclass(frozen=True, slots=True)
class End:
    """End the content, which is sent in chunks if there are trailer fields.

    An HTTP/1.0 client has no chunks, and never sees them. `trailers` may be a mapping or pairs;
    a `Trailer` field in the head announces their names. Raises `ValueError` for a field that
    could not be sent, or that is needed before the content (RFC 9110, 6.5.1).
    """

    trailers: Fields = ()

    if TYPE_CHECKING:

        def __init__(self, trailers: FieldsLike = ()) -> None: ...

    def __post_init__(self) -> None:
        if self.trailers:
            object.__setattr__(self, "trailers", fields(self.trailers))
            refuse(self.trailers, NO_TRAILER, "a trailer section")


class Channel(Protocol):
    """A connection after it left HTTP: what a `Switch` hands to its protocol."""

    def receive(self) -> bytes:
        """Return the next octets, those read behind the head first; `b""` at the end."""
        ...

    def send(self, octets: bytes) -> None:
        """Send all of `octets`."""
        ...


@dataclass(frozen=True, slots=True)
class Switch:
    """Hand the connection to another protocol, which owns it until it returns (RFC 9110, 7.8).

    The 101 itself is an `Interim` before this step. The connection closes afterwards.
    """

    protocol: Callable[[Channel], None]


@dataclass(frozen=True, slots=True)
class Secure:
    """Go on under TLS on the same connection, once the client has done its handshake.

    The 101 itself is an `Interim` before this step. What comes behind it, and every later request
    of the connection, is inside TLS; a handshake that fails ends the connection (RFC 2817, 3.3).
    """

    terms: Terms


class Enclosing(Protocol):
    """A request whose content may still be on its way; `Received` is one."""

    head: RequestHead
    complete: bool
    patience: float | None
    trailers: tuple[tuple[str, str], ...]
    waits: bool

    @property
    def stream(self) -> BinaryIO:
        """The whole content, once it is there."""
        ...


@dataclass(frozen=True, slots=True)
class Forward:
    """Send a request to an upstream, and what that answers to the client, as it comes.

    `request` is the one received, of which the content and its framing are taken; the rule that
    answers with this step has called its `hand_on`. `method`, `target` and `headers` are those of
    the request that is sent, without what frames it or is for one connection only. `upgrade` are
    protocols that may be switched to, "" for none. `amend` gets the answer's steps, interim
    responses too, as they come, and returns those to perform. `failed` returns the answer where
    none has begun to come. What breaks off in the midst breaks off for the client, too.
    """

    request: Enclosing
    to: Upstream
    method: str
    target: str
    headers: Fields
    failed: Callable[[UpstreamError | Refusal], Reply]
    amend: Callable[[Iterator[Step]], Iterable[Step]]
    upgrade: str = ""


@dataclass(frozen=True, slots=True)
class Tunnel:
    """Connect to an upstream, send a head, and relay octets both ways (RFC 9110, 9.3.6).

    That goes on until both sides have closed. `failed` returns the answer where there is no
    connection.
    """

    to: Upstream
    head: Head
    failed: Callable[[UpstreamError | Refusal], Reply]


Step: TypeAlias = (
    Interim | Head | Content | End | Pause | Pace | At | Raw
    | Close | HalfClose | Reset | Stall | Switch | Secure | Forward | Tunnel
)  # fmt: skip
STEPS: tuple[type, ...] = (
    Interim, Head, Content, End, Pause, Pace, At, Raw, Close, HalfClose, Reset, Stall, Switch,
    Secure, Forward, Tunnel,
)  # fmt: skip


def is_step(value: object) -> TypeGuard[Step]:
    """Tell whether a value is a step."""
    return isinstance(value, STEPS)


def is_response(value: object) -> TypeGuard[Response]:
    """Tell whether a value is a Werkzeug Response, without importing Werkzeug."""
    return hasattr(value, "get_wsgi_response")


# After one of these, how much content follows cannot be told beforehand.
OPEN_ENDED: frozenset[type] = frozenset(
    (Raw, Close, HalfClose, Reset, Stall, Switch, Forward, Tunnel)
)


class Steps:
    """A reply in steps; a Werkzeug `Response` among them stands for its head, content and end.

    `Steps(Interim(103), Pause(0.2), Response("late"))`. Raises `TypeError` for anything else, and
    `ValueError` for no step at all, which would answer nothing and keep the client waiting.
    """

    __slots__ = ("parts",)

    def __init__(self, *parts: Step | Response) -> None:
        if not parts:
            raise ValueError("a reply needs at least one step; use Stall() to answer nothing")
        for part in parts:
            if not is_step(part) and not is_response(part):
                raise TypeError(
                    f"{part!r} is no step; use steps such as Interim(103), Pause(0.2) or Reset(), "
                    f"and Werkzeug Responses"
                )
        self.parts = parts

    def __iter__(self) -> Iterator[Step | Response]:
        return iter(self.parts)

    def __repr__(self) -> str:
        return f"Steps({', '.join(map(repr, self.parts))})"


Reply: TypeAlias = "Response | Steps | Step | Iterable[Step]"
