"""What an answer is made of: steps, in the order in which they happen on the wire.

Rule 1: a step is a value. It touches no socket, and two equal steps do the same.
Rule 2: when something happens is its place in the sequence, never a field.
Rule 3: `Raw` is sent untouched; every other step that carries octets is framed by the rules of
RFC 9112, unless its own fields already say how.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeGuard

from pytest_httpcodes.wire.grammar import METHOD

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

Fields: TypeAlias = tuple[tuple[str, str], ...]
FieldsLike: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]

FOREVER = 86_400.0  # seconds

# "Field values containing CR, LF, or NUL characters are invalid and dangerous ... Field values
# containing other CTL characters are also invalid" (RFC 9110, 5.5); HTAB is not one of them here.
_FORBIDDEN = re.compile(r"[\x00-\x08\n-\x1f\x7f]|[^\x00-\xff]")
_FRAMING = frozenset(("content-length", "transfer-encoding"))
# What a recipient needs before the content: framing, routing, control and the content's format
# (RFC 9110, 6.5.1). Such a field never is a trailer field.
_NO_TRAILER = _FRAMING | {
    "authorization", "cache-control", "connection", "content-encoding", "content-range",
    "content-type", "date", "expires", "host", "location", "proxy-authenticate", "retry-after",
    "set-cookie", "te", "trailer", "upgrade", "vary", "www-authenticate",
}  # fmt: skip


def fields(headers: FieldsLike) -> Fields:
    """Return field lines as pairs of name and value, from a mapping or from pairs.

    Raises `ValueError` for a name that is no token, and for a value with a control character or
    a character beyond U+00FF, which no octet stands for.
    """
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    made = tuple((str(name), str(value)) for name, value in pairs)
    for name, value in made:
        if not METHOD.match(name):
            raise ValueError(f"{name!r} is no field name; use letters, digits and hyphens")
        if _FORBIDDEN.search(value):
            raise ValueError(
                f"the value of {name} is {value!r}; a field has no CR, LF or NUL, no other control "
                f"character, and no character beyond U+00FF (for malformed octets, use Raw)"
            )
    return made


def _check_reason(reason: str | None) -> None:
    if reason is not None and _FORBIDDEN.search(reason):
        raise ValueError(
            f"the reason phrase is {reason!r}; it has no control character, such as CR or LF, and "
            f"no character beyond U+00FF (for malformed octets, use Raw)"
        )


def _refuse(found: Fields, names: frozenset[str], what: str) -> None:
    for name, _ in found:
        if name.lower() in names:
            raise ValueError(f"{name} is no field for {what}; to send it all the same, use Raw")


def _check_octets(octets: object, what: str) -> None:
    if not isinstance(octets, bytes):
        raise TypeError(f"{what} takes bytes, and this is {octets!r}")


@dataclass(frozen=True, slots=True)
class Interim:
    """Send an interim response, 100 to 199; an HTTP/1.0 client never sees it (RFC 9110, 15.2).

    `headers` may be a mapping or pairs. Raises `ValueError` for another status, for a field that
    could not be sent, and for one that frames content, since there is none.
    """

    status: int
    headers: Fields = ()
    reason: str | None = None

    if TYPE_CHECKING:
        # What is given may be more than what is then held; so it is in the other steps.
        def __init__(
            self, status: int, headers: FieldsLike = (), reason: str | None = None
        ) -> None: ...

    def __post_init__(self) -> None:
        if not 100 <= self.status <= 199:
            raise ValueError(f"{self.status} is no interim status; those are 100 to 199")
        object.__setattr__(self, "headers", fields(self.headers))
        _refuse(self.headers, _FRAMING, "an interim response")
        _check_reason(self.reason)


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

    if TYPE_CHECKING:

        def __init__(
            self, status: int, headers: FieldsLike = (), reason: str | None = None
        ) -> None: ...

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 999:
            raise ValueError(
                f"{self.status} is no final status; those are 200 to 999 (for 100 to 199 there is "
                f"Interim, and a final response after it)"
            )
        object.__setattr__(self, "headers", fields(self.headers))
        _check_reason(self.reason)


@dataclass(frozen=True, slots=True)
class Content:
    """Send octets of the final response's content, framed as its head said.

    Raises `TypeError` for text, which has to be encoded first.
    """

    data: bytes

    def __post_init__(self) -> None:
        _check_octets(self.data, "Content")


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
            _refuse(self.trailers, _NO_TRAILER, "a trailer section")


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for a while, in seconds; ends early when the client closes or the server stops.

    Raises `ValueError` for a time that is negative or over a day.
    """

    seconds: float

    def __post_init__(self) -> None:
        if not 0 <= self.seconds <= FOREVER:
            raise ValueError(f"{self.seconds!r} is no pause; use 0 to {FOREVER:g} seconds")


@dataclass(frozen=True, slots=True)
class Raw:
    """Send these octets, valid or not. Raises `TypeError` for text."""

    octets: bytes

    def __post_init__(self) -> None:
        _check_octets(self.octets, "Raw")


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection at once with a FIN; what comes after it in the sequence is not done."""


@dataclass(frozen=True, slots=True)
class HalfClose:
    """Send a FIN and go on reading what the client sends, until it closes too.

    That is the end of the answer: what comes after it in the sequence is not done.
    """


@dataclass(frozen=True, slots=True)
class Reset:
    """Close the connection with a real RST, which discards what was not yet delivered.

    What comes after it in the sequence is not done.
    """


@dataclass(frozen=True, slots=True)
class Stall:
    """Keep the connection open and silent until the client closes it or the server stops.

    What comes after it in the sequence is not done.
    """


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


Step: TypeAlias = (
    Interim | Head | Content | End | Pause | Raw | Close | HalfClose | Reset | Stall | Switch
)
STEPS: tuple[type, ...] = (
    Interim, Head, Content, End, Pause, Raw, Close, HalfClose, Reset, Stall, Switch,
)  # fmt: skip


def is_step(value: object) -> TypeGuard[Step]:
    """Tell whether a value is a step."""
    return isinstance(value, STEPS)


def is_response(value: object) -> TypeGuard[Response]:
    """Tell whether a value is a Werkzeug Response, without importing Werkzeug."""
    return hasattr(value, "get_wsgi_response")


# After one of these, how much content follows cannot be told beforehand.
OPEN_ENDED: frozenset[type] = frozenset((Raw, Close, HalfClose, Reset, Stall, Switch))


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
