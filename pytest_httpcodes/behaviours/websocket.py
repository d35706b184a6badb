"""WebSocket: the handshake of RFC 6455, 4.2, and a protocol that echoes messages, with wsproto."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from hashlib import sha1
from typing import TYPE_CHECKING

from pytest_httpcodes.extras import need
from pytest_httpcodes.wire.head import options
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Channel, Fields

if TYPE_CHECKING:
    from wsproto.connection import Connection
    from wsproto.events import Event

VERSION = "13"
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3


def accept_of(key: str) -> str:
    """Return the `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key` (RFC 6455, 4.2.2)."""
    digest = sha1((key + _GUID).encode("latin-1"), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def complaint(request: Received) -> str | None:
    """Return what is wrong with a handshake but for its version, None if nothing is."""
    # "the reading of an HTTP request ... an HTTP/1.1 or higher GET request" (RFC 6455, 4.2.1).
    if request.head.method != "GET":
        return f"a WebSocket is opened with GET, not {request.head.method}"
    if "upgrade" not in options(request.field("connection")):
        return "Connection does not list upgrade"
    key = request.field("sec-websocket-key")
    try:
        octets = base64.b64decode(key, validate=True)
    except (ValueError, binascii.Error):
        octets = b""
    if len(octets) != 16:
        return f"Sec-WebSocket-Key is {key!r}, and not the Base64 of 16 octets"
    return None


def subprotocol(request: Received, known: Sequence[str]) -> str | None:
    """Return the first subprotocol that the client offers and that is known (RFC 6455, 4.2.2)."""
    offered = [name.strip() for name in request.field("sec-websocket-protocol").split(",")]
    return next((name for name in offered if name in known), None)


def handshake(request: Received, known: Sequence[str] = ()) -> Fields:
    """Return the fields of the 101 that opens a WebSocket (RFC 6455, 4.2.2)."""
    chosen = subprotocol(request, known)
    return (
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", accept_of(request.field("sec-websocket-key"))),
        *((("Sec-WebSocket-Protocol", chosen),) if chosen else ()),
    )


def frames() -> None:
    """Raise `MissingExtra`, which names the extra, where wsproto is not installed."""
    need("wsproto", "websocket", "WebSocket")


def echo(channel: Channel) -> None:
    """Send each message back, fragment by fragment, until the client closes or breaks the rules."""
    from wsproto.connection import Connection, ConnectionType

    connection = Connection(ConnectionType.SERVER)
    while octets := channel.receive():
        connection.receive_data(octets)
        for event in connection.events():
            if not _answered(event, connection, channel):
                return


def _answered(event: Event, connection: Connection, channel: Channel) -> bool:
    # Returns whether the WebSocket goes on.
    from wsproto.events import CloseConnection, Message, Ping

    if isinstance(event, Message):
        channel.send(connection.send(type(event)(event.data, message_finished=_ends(event))))
    elif isinstance(event, Ping):
        channel.send(connection.send(event.response()))
    elif isinstance(event, CloseConnection):
        # Its answer has the same code; one that wsproto made says what rule was broken.
        channel.send(connection.send(event.response()))
        return False
    return True


def _ends(event: Event) -> bool:
    return bool(event.message_finished) and bool(event.frame_finished)  # type: ignore[attr-defined]
