"""Another protocol on the same connection: 101 (RFC 9110, 7.8 and 15.2.2)."""

from __future__ import annotations

from pytest_httpcodes.behaviours.option import Option, one_of
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.behaviours.websocket import (
    VERSION,
    complaint,
    echo,
    frames,
    handshake,
)
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage, refuse, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import options
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import (
    Channel,
    Close,
    Fields,
    Interim,
    Raw,
    Reply,
    Switch,
)

HONESTY = (
    "honest",
    "unasked",
    "unoffered",
    "bad-accept",
    "no-upgrade",
    "no-connection",
    "subprotocol",
    "extension",
    "http",
)
HOW = Option("how", "honest", one_of(*HONESTY), "how the 101 is made; the others test clients")
SUBPROTOCOLS = ("chat", "superchat")
ECHO = "echo/1.0"
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # the sample of RFC 6455, 1.3
_IN_CLEAR = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nin clear\n"


class SwitchingProtocols(Scenario):
    """101: the connection goes on with WebSocket or with `echo/1.0`, if that was offered.

    "A server MUST NOT switch to a protocol that was not indicated by the client in the
    corresponding request's Upgrade header field" (RFC 9110, 7.8): as `how`, `unasked` does so to a
    request without one, `unoffered` names another, `no-upgrade` and `no-connection` leave a field
    out, `bad-accept`, `subprotocol` and `extension` break the handshake of RFC 6455, 4.1, and
    `http` goes on in HTTP.
    """

    code = 101
    options = (HOW,)
    on_wire = "the connection changes its protocol"

    def begin(self) -> Resource:
        """Return a document, for those who offer nothing."""
        return self.document(
            "offer websocket or echo/1.0 with Upgrade\n",
            Rule(Stage.UPGRADE, self._handshake),
            Rule(Stage.SWITCH, self._switch),
        )

    def _handshake(self, request: Received) -> Reply | None:
        # What is wrong with the handshake is known before any content is invited.
        if _offered(request) != "websocket":
            return None
        if request.field("sec-websocket-version").strip() != VERSION:
            # RFC 6455, 4.2.2: "abort the WebSocket handshake and send an appropriate HTTP error
            # code (such as 426 Upgrade Required) and a |Sec-WebSocket-Version| header field".
            fields = (
                ("Upgrade", "websocket"),
                ("Connection", "Upgrade"),
                ("Sec-WebSocket-Version", VERSION),
            )
            detail = f"the version of WebSocket that is spoken here is {VERSION}"
            return refuse(request, 426, detail, Section(6455, "4.2.2"), fields)
        wrong = complaint(request)
        return refuse(request, 400, wrong, Section(6455, "4.2.1")) if wrong else None

    def _switch(self, request: Received) -> Reply | None:
        how = self.option(HOW)
        offered = _offered(request)
        if how == "unasked" and not offered and not request.head.http10:
            offered = ECHO
        if not offered:
            return None
        if offered == "websocket":
            frames()
            fields, protocol = handshake(request, SUBPROTOCOLS), echo
        else:
            fields, protocol = (("Upgrade", ECHO), ("Connection", "Upgrade")), echo_lines
        request.record.why = why(f"the connection goes on with {offered}", Section(9110, "15.2.2"))
        first = Interim(101, _dishonest(fields, how))
        return (first, Raw(_IN_CLEAR), Close()) if how == "http" else (first, Switch(protocol))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Offer WebSocket."""
        fields = (
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", _KEY),
            ("Sec-WebSocket-Version", VERSION),
        )
        return (Request("GET", url, fields),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Offer nothing."""
        return (Request("GET", url),)


def _offered(request: Received) -> str:
    # What is spoken here of what the client offers, in its order; "" for nothing. "A server MUST
    # ignore an Upgrade header field that is received in an HTTP/1.0 request" (RFC 9110, 7.8), and
    # it is the sender's to list it in Connection.
    if request.head.http10:
        return ""
    offers = [name.strip().lower() for name in request.field("upgrade").split(",")]
    listed = "upgrade" in options(request.field("connection"))
    known = ("websocket", ECHO) if listed else ("websocket",)
    return next((name for name in offers if name in known), "")


def _dishonest(fields: Fields, how: str) -> Fields:
    # The fields of a 101, as a server would have them that breaks the rules.
    changed = dict(fields)
    match how:
        case "unoffered":
            changed["Upgrade"] = "gopher/1.0"
        case "bad-accept":
            changed["Sec-WebSocket-Accept"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
        case "no-upgrade":
            del changed["Upgrade"]
        case "no-connection":
            del changed["Connection"]
        case "subprotocol":
            changed["Sec-WebSocket-Protocol"] = "unasked"
        case "extension":
            changed["Sec-WebSocket-Extensions"] = "x-unasked"
    return tuple(changed.items())


def echo_lines(channel: Channel) -> None:
    """Send each line back once it is complete, until the client closes."""
    held = b""
    while octets := channel.receive():
        lines, newline, held = (held + octets).rpartition(b"\n")
        if newline:
            channel.send(lines + newline)
