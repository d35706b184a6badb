"""101: WebSocket with real frames, a protocol of lines, and the ways to get it wrong."""

from __future__ import annotations

import json
import sys
from typing import Any

import httpx
import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Message,
    Ping,
    Pong,
    RejectConnection,
    Request,
    TextMessage,
)

from pytest_httpcodes import Endpoint, StatusServer
from pytest_httpcodes.behaviours.websocket import accept_of, frames
from pytest_httpcodes.extras import MissingExtra
from tests.raw import Answer, Raw, message
from tests.scenarios import path_of

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
FIELDS = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    f"Sec-WebSocket-Key: {KEY}",
    "Sec-WebSocket-Version: 13",
)


def test_the_sample_of_the_specification() -> None:
    """RFC 6455, 1.3."""
    assert "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" == accept_of(KEY)


class WebSocket:
    """A client, with wsproto."""

    def __init__(self, raw: Raw, path: str, subprotocols: tuple[str, ...] = ()) -> None:
        self._raw = raw
        self._connection = WSConnection(ConnectionType.CLIENT)
        self._events: list[Any] = []
        request = Request(host=raw.host, target=path, subprotocols=list(subprotocols))
        self.send(request)
        self.opened = self.next()

    def send(self, event: Any) -> None:
        """Send an event."""
        self._raw.send(self._connection.send(event))

    def next(self) -> Any:
        """Return the next event."""
        while not self._events:
            octets = self._raw.sock.recv(65_536)
            self._connection.receive_data(octets or None)
            self._events += self._connection.events()
        return self._events.pop(0)

    def whole(self) -> str | bytes:
        """Return the next message, whose fragments are joined."""
        parts: list[Any] = []
        while True:
            event = self.next()
            assert isinstance(event, Message)
            parts.append(event.data)
            if event.message_finished:
                joined: str | bytes = parts[0][:0].join(parts)
                return joined


@pytest.fixture
def raw(status_server: StatusServer) -> Any:
    """Return a connection."""
    with Raw(status_server.url) as made:
        yield made


@pytest.mark.parametrize(
    "content", ["text", "", "\u2603" * 1000, b"\x00\xff", b"x" * 200_000, "y" * 70_000]
)
def test_messages_come_back(status_server: StatusServer, raw: Raw, content: str | bytes) -> None:
    """Text and binary, of any size."""
    made = status_server.scenario(101)
    socket = WebSocket(raw, path_of(made))
    assert isinstance(socket.opened, AcceptConnection)
    for _ in range(2):
        socket.send(
            TextMessage(data=content) if isinstance(content, str) else BytesMessage(data=content)
        )
        assert content == socket.whole()


def test_fragments_and_pings(status_server: StatusServer, raw: Raw) -> None:
    """A control frame may come between two fragments, and is answered at once (RFC 6455, 5.4)."""
    socket = WebSocket(raw, path_of(status_server.scenario(101)))
    socket.send(TextMessage(data="frag", message_finished=False))
    socket.send(Ping(payload=b"there?"))
    socket.send(Pong(payload=b"unasked"))
    socket.send(TextMessage(data="ment"))
    events = [socket.next() for _ in range(3)]

    assert b"there?" == next(one.payload for one in events if isinstance(one, Pong))
    assert ["frag", "ment"] == [one.data for one in events if isinstance(one, TextMessage)]


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
def test_the_close_is_answered(status_server: StatusServer, raw: Raw, code: int) -> None:
    """With the same code, and then the connection ends (RFC 6455, 5.5.1)."""
    made = status_server.scenario(101)
    socket = WebSocket(raw, path_of(made))
    socket.send(CloseConnection(code=code, reason="done"))
    event = socket.next()

    assert (CloseConnection, code) == (type(event), event.code)
    assert (b"", "FIN") == raw.end()
    made.wait(1)
    assert [[101]] == [exchange.interim for exchange in made.exchanges]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x01x", 1002),  # not masked
        (b"\x83\x80abcd", 1002),  # an opcode that there is not
        (b"\x81\x81\0\0\0\0\xff", 1007),  # no UTF-8
        (b"\xc1\x81\0\0\0\0x", 1002),  # a bit that nobody asked for
    ],
)
def test_a_client_that_breaks_the_rules(
    status_server: StatusServer, raw: Raw, frame: bytes, code: int
) -> None:
    """Is told by the code of the close (RFC 6455, 7.4.1)."""
    socket = WebSocket(raw, path_of(status_server.scenario(101)))
    raw.send(frame)

    assert code == socket.next().code


def test_a_client_that_leaves(status_server: StatusServer) -> None:
    """Ends the exchange."""
    made = status_server.scenario(101)
    with Raw(status_server.url) as raw:
        WebSocket(raw, path_of(made))
    (exchange,) = made.wait(1)

    assert exchange.finished is not None


def test_subprotocols(status_server: StatusServer, raw: Raw) -> None:
    """The first one that is offered and known is chosen."""
    path = path_of(status_server.scenario(101))
    socket = WebSocket(raw, path, ("unknown", "superchat", "chat"))
    assert "superchat" == socket.opened.subprotocol
    with Raw(status_server.url) as other:
        assert WebSocket(other, path, ("unknown",)).opened.subprotocol is None


@pytest.mark.parametrize(
    ("fields", "status", "detail"),
    [
        ((FIELDS[0], FIELDS[1], FIELDS[2]), 426, "the version of WebSocket"),
        ((*FIELDS[:3], "Sec-WebSocket-Version: 8"), 426, "the version of WebSocket"),
        ((FIELDS[0], *FIELDS[2:]), 400, "Connection does not list upgrade"),
        ((FIELDS[0], FIELDS[1], FIELDS[3]), 400, "Sec-WebSocket-Key is ''"),
        ((*FIELDS[:2], "Sec-WebSocket-Key: AAAA", FIELDS[3]), 400, "Sec-WebSocket-Key is 'AAAA'"),
        ((*FIELDS[:2], f"Sec-WebSocket-Key: {KEY}!", FIELDS[3]), 400, "Sec-WebSocket-Key is"),
    ],
)
def test_a_handshake_that_is_wrong(
    status_server: StatusServer, raw: Raw, fields: tuple[str, ...], status: int, detail: str
) -> None:
    """Is refused, and says what is right (RFC 6455, 4.2)."""
    answer = raw.request("GET", path_of(status_server.scenario(101)), *fields)

    assert status == answer.status
    assert detail in json.loads(answer.content)["detail"]
    if status == 426:
        assert ("13", "websocket", "Upgrade") == tuple(
            answer.header(name) for name in ("Sec-WebSocket-Version", "Upgrade", "Connection")
        )


def test_another_method(status_server: StatusServer, raw: Raw) -> None:
    """A WebSocket is opened with GET; a refusal comes before the content is invited."""
    made = status_server.scenario(101)
    lines = (*FIELDS, "Expect: 100-continue", "Content-Length: 1")
    raw.send(message("POST", path_of(made), *lines))
    answer = raw.answer("POST")

    assert (400, []) == (answer.status, answer.interim)


def opened(raw: Raw, made: Endpoint, *fields: str) -> Answer:
    """Ask with an offer; return the answer."""
    raw.send(message("GET", path_of(made), *fields))
    return raw.answer()


def test_lines(status_server: StatusServer, raw: Raw) -> None:
    """They come back whole; octets that came right behind the head are not lost."""
    made = status_server.scenario(101)
    offer = ("Upgrade: gopher/1.0, echo/1.0", "Connection: keep-alive, Upgrade")
    raw.send(message("GET", path_of(made), *offer) + b"at once\nto be")
    answer = raw.answer()
    assert 101 == answer.status
    assert ("echo/1.0", "Upgrade") == (answer.header("Upgrade"), answer.header("Connection"))
    assert b"at once\n" == raw._until(b"\n")
    assert raw.is_silent(0.02)
    raw.send(b" continu")
    assert raw.is_silent(0.02)
    raw.send(b"ed\n")

    assert b"to be continued\n" == raw._until(b"\n")


def test_the_invitation_comes_first(status_server: StatusServer, raw: Raw) -> None:
    """100 before 101 (RFC 9110, 7.8)."""
    made = status_server.scenario(101)
    lines = ("Upgrade: echo/1.0", "Connection: Upgrade", "Expect: 100-continue")
    raw.send(message("POST", path_of(made), *lines, "Content-Length: 1"))
    assert not raw.is_silent(5)
    raw.send(b"x")
    answer = raw.answer("POST")

    assert ([100], 101) == ([one.status for one in answer.interim], answer.status)


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ((), "HTTP/1.1"),
        (("Upgrade: gopher/1.0", "Connection: Upgrade"), "HTTP/1.1"),
        (("Upgrade: echo/1.0",), "HTTP/1.1"),
        (FIELDS, "HTTP/1.0"),
    ],
)
def test_no_offer(
    status_server: StatusServer, raw: Raw, fields: tuple[str, ...], version: str
) -> None:
    """None, an unknown one, one that `Connection` does not list, or one of HTTP/1.0: 200."""
    path = path_of(status_server.scenario(101))

    assert 200 == raw.request("GET", path, *fields, version=version).status


@pytest.mark.parametrize(
    ("how", "name", "value"),
    [
        ("unoffered", "Upgrade", "gopher/1.0"),
        ("bad-accept", "Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("no-upgrade", "Upgrade", None),
        ("no-connection", "Connection", None),
        ("subprotocol", "Sec-WebSocket-Protocol", "unasked"),
        ("extension", "Sec-WebSocket-Extensions", "x-unasked"),
    ],
)
def test_dishonest(
    status_server: StatusServer, raw: Raw, how: str, name: str, value: str | None
) -> None:
    """One field is wrong, and all others are right."""
    made = status_server.scenario(101, how=how)
    answer = opened(raw, made, *FIELDS)
    with Raw(status_server.url) as other:
        honest = opened(other, status_server.scenario(101), *FIELDS)

    assert (101, value) == (answer.status, answer.header(name))
    rest = [{f for f in one.fields if f[0] != name} for one in (answer, honest)]
    assert rest[0] == rest[1]


def test_unasked(status_server: StatusServer, raw: Raw) -> None:
    """Nobody offered anything, but HTTP/1.0 is spared even that."""
    made = status_server.scenario(101, how="unasked")
    assert 200 == raw.request("GET", path_of(made), version="HTTP/1.0").status
    with Raw(status_server.url) as other:
        assert 101 == opened(other, made).status
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(made)


def test_in_clear(status_server: StatusServer, raw: Raw) -> None:
    """HTTP goes on where frames are expected."""
    made = status_server.scenario(101, how="http")
    assert 101 == opened(raw, made, *FIELDS).status

    assert b"in clear\n" == raw.answer().content


def test_a_client_refuses_what_is_wrong(status_server: StatusServer, raw: Raw) -> None:
    """A library that follows RFC 6455, 4.1 sees it."""
    path = path_of(status_server.scenario(101, how="subprotocol"))
    with pytest.raises(Exception, match="unrecognized subprotocol"):
        WebSocket(raw, path, ("chat",))
    with Raw(status_server.url) as other:
        plain = WebSocket(other, path_of(status_server.scenario(200)))
        assert isinstance(plain.opened, RejectConnection)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra that has it."""
    monkeypatch.setitem(sys.modules, "wsproto", None)
    with pytest.raises(MissingExtra, match=r"install 'pytest-httpcodes\[websocket\]'"):
        frames()


def test_lines_need_no_library(server: StatusServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a WebSocket is a fault that names the extra; the other protocol is spoken."""
    monkeypatch.setitem(sys.modules, "wsproto", None)
    path = path_of(server.scenario(101))
    with Raw(server.url) as raw:
        answer = raw.request("GET", path, *FIELDS)
        assert 590 == answer.status
        assert b"pip install 'pytest-httpcodes[websocket]'" in answer.content
    with Raw(server.url) as raw:
        raw.send(message("GET", path, "Upgrade: echo/1.0", "Connection: Upgrade") + b"line\n")
        assert 101 == raw.answer().status
        assert b"line\n" == raw._until(b"\n")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ((*FIELDS[:3], "Sec-WebSocket-Version: 13, 8"), 426),
        ((*FIELDS[:3], "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"), 426),
        ((*FIELDS, f"Sec-WebSocket-Key: {KEY}"), 400),
        ((*FIELDS[:2], f"Sec-WebSocket-Key: {KEY.rstrip('=')}", FIELDS[3]), 400),
        ((*FIELDS[:2], "Sec-WebSocket-Key: \u00e9", FIELDS[3]), 400),
        (("Upgrade: WebSocket", "Connection: keep-alive, upgrade", *FIELDS[2:]), 101),
        (("Upgrade: gopher/1.0", "Upgrade: websocket", *FIELDS[1:]), 101),
        (("Upgrade: websocket/2", *FIELDS[1:]), 200),
    ],
)
def test_handshakes_in_other_words(
    status_server: StatusServer, raw: Raw, fields: tuple[str, ...], status: int
) -> None:
    """Several lines of a field, lists, and letters of either case (RFC 6455, 4.2.1)."""
    raw.send(message("GET", path_of(status_server.scenario(101)), *fields))

    assert status == raw.answer().status


@pytest.mark.parametrize(
    ("how", "name", "value"),
    [
        ("unoffered", "Upgrade", "gopher/1.0"),
        ("no-upgrade", "Upgrade", None),
        ("no-connection", "Connection", None),
    ],
)
def test_dishonest_about_lines(
    status_server: StatusServer, raw: Raw, how: str, name: str, value: str | None
) -> None:
    """What is no matter of WebSocket; HTTP/1.0 is still spared."""
    made = status_server.scenario(101, how=how)
    offer = ("Upgrade: echo/1.0", "Connection: Upgrade")
    assert 200 == raw.request("GET", path_of(made), *offer, version="HTTP/1.0").status
    with Raw(status_server.url) as other:
        answer = opened(other, made, *offer)

    assert (101, value) == (answer.status, answer.header(name))


def test_the_journal_has_no_final_status(status_server: StatusServer, raw: Raw) -> None:
    """There is none: the request is answered in the other protocol."""
    made = status_server.scenario(101)
    opened(raw, made, "Upgrade: echo/1.0", "Connection: Upgrade")
    raw.send(b"line\n")
    raw._until(b"\n")
    raw.sock.shutdown(1)
    assert (b"", "FIN") == raw.end()
    (found,) = made.wait(1)

    assert ([101], None, None) == (found.interim, found.status, found.failure)
    assert found.sent.endswith(b"\r\n\r\nline\n")
    assert "the connection goes on with echo/1.0 (RFC 9110, 15.2.2)" == found.why
