"""101 with WebSocket: every kind of frame over a raw socket, and through other people's clients."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes import StatusServer
from tests.raw import Raw, message
from tests.scenarios import path_of

MASK = b"\x01\x02\x03\x04"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
FIELDS = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)


def frame(opcode: int, content: bytes = b"", *, last: bool = True) -> bytes:
    """Return a client's frame (RFC 6455, 5.2)."""
    size = len(content)
    head = bytes([opcode | 0x80 * last, 0x80 | min(size, 126)])
    if size >= 126:
        head += struct.pack("!H", size)
    return head + MASK + bytes(octet ^ MASK[at % 4] for at, octet in enumerate(content))


def closing(code: int, reason: bytes = b"") -> bytes:
    """Return the content of a frame that closes."""
    return struct.pack("!H", code) + reason


class Frames:
    """A connection whose WebSocket is open, and the server's frames on it."""

    def __init__(self, raw: Raw, path: str, more: bytes = b"") -> None:
        self._raw = raw
        raw.send(message("GET", path, *FIELDS) + more)
        answer = raw.answer()
        assert (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == (
            answer.status,
            answer.header("sec-websocket-accept"),
        )

    def send(self, octets: bytes) -> None:
        """Send octets."""
        self._raw.send(octets)

    def next(self) -> tuple[int, bool, bytes]:
        """Return the opcode of the next frame, whether it is a message's last, and its content."""
        first, size = self._raw._exactly(2)
        assert not size & 0x80  # "A server MUST NOT mask any frames" (RFC 6455, 5.1)
        if size == 126:
            (size,) = struct.unpack("!H", self._raw._exactly(2))
        return first & 0x0F, bool(first & 0x80), self._raw._exactly(size)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (frame(TEXT, b"text"), [(TEXT, True, b"text")]),
        (frame(TEXT), [(TEXT, True, b"")]),
        (frame(BINARY, b"\x00\xff"), [(BINARY, True, b"\x00\xff")]),
        (frame(BINARY, bytes(200)), [(BINARY, True, bytes(200))]),
        (
            frame(TEXT, b"fr", last=False) + frame(0, b"ag", last=False) + frame(0, b"ment"),
            [(TEXT, False, b"fr"), (0, False, b"ag"), (0, True, b"ment")],
        ),
        (
            # A control frame between two fragments, and a letter that is cut in two.
            frame(TEXT, b"\xc3", last=False) + frame(PING, b"?") + frame(0, b"\xbc"),
            [(TEXT, False, b""), (PONG, True, b"?"), (0, True, "\u00fc".encode())],
        ),
        (frame(PING), [(PONG, True, b"")]),
        (frame(PING, bytes(125)), [(PONG, True, bytes(125))]),
        (frame(PONG, b"unasked") + frame(TEXT, b"x"), [(TEXT, True, b"x")]),
        (frame(TEXT, b"a") + frame(TEXT, b"b"), [(TEXT, True, b"a"), (TEXT, True, b"b")]),
    ],
)
@pytest.mark.parametrize("at_once", [False, True])
def test_frames(
    status_server: StatusServer,
    sent: bytes,
    expected: list[tuple[int, bool, bytes]],
    at_once: bool,
) -> None:
    """They come back as they were; also if they were sent right behind the blank line."""
    with Raw(status_server.url) as raw:
        path = path_of(status_server.scenario(101))
        frames = Frames(raw, path, sent if at_once else b"")
        frames.send(b"" if at_once else sent)

        assert expected == [frames.next() for _ in expected]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(CLOSE, closing(1000, b"done")), 1000),
        (frame(CLOSE, closing(1001)), 1001),
        (frame(CLOSE, closing(3000)), 3000),
        (frame(CLOSE, closing(4999)), 4999),
        (frame(CLOSE), None),
        # What follows is against the rules (RFC 6455, 5.4, 5.5, 7.4.1 and 8.1).
        (frame(CLOSE, b"\x03"), 1002),
        (frame(CLOSE, closing(999)), 1002),
        (frame(CLOSE, closing(1004)), 1002),
        (frame(CLOSE, closing(1005)), 1002),
        (frame(CLOSE, closing(1006)), 1002),
        (frame(CLOSE, closing(1015)), 1002),
        (frame(CLOSE, closing(2999)), 1002),
        (frame(CLOSE, closing(5000)), 1002),
        (frame(CLOSE, closing(1000, b"\xff")), 1007),
        (frame(TEXT, b"\xc3\x28"), 1007),
        (frame(TEXT, b"\xc3"), 1007),
        (frame(PING, bytes(126)), 1002),
        (frame(PING, b"", last=False), 1002),
        (frame(0, b"of nothing"), 1002),
        (frame(TEXT, b"a", last=False) + frame(TEXT, b"b"), 1002),
        (frame(3), 1002),
        (frame(11), 1002),
        (b"\x81\x01x", 1002),
        (b"\xc1\x80" + MASK, 1002),
        (b"\x82\xff\xff" + bytes(7) + MASK, 1002),
    ],
)
def test_closing(status_server: StatusServer, sent: bytes, code: int | None) -> None:
    """The frame that closes is answered with its code, or with that of what was wrong."""
    made = status_server.scenario(101)
    with Raw(status_server.url) as raw:
        frames = Frames(raw, path_of(made))
        frames.send(sent)
        opcode, content = 0, b""
        while opcode != CLOSE:
            opcode, _, content = frames.next()

        assert code == (struct.unpack("!H", content[:2])[0] if content else None)
        assert (b"", "FIN") == raw.end()
    assert [([101], None)] == [(one.interim, one.failure) for one in made.wait(1)]


@given(
    messages=st.lists(
        st.one_of(
            st.text(max_size=50).map(lambda text: (TEXT, text.encode())),
            st.tuples(st.just(BINARY), st.binary(max_size=300)),
            st.tuples(st.just(PING), st.binary(max_size=125)),
        ),
        max_size=5,
    ),
    cuts=st.lists(st.integers(0, 500), max_size=4),
)
@settings(max_examples=25, deadline=None)
def test_any_messages(messages: list[tuple[int, bytes]], cuts: list[int]) -> None:
    """Wherever the octets are cut, each message comes back whole and in order."""
    sent = b"".join(frame(*one) for one in messages) + frame(CLOSE, closing(1000))
    places = sorted({0, *(cut for cut in cuts if cut < len(sent)), len(sent)})
    with StatusServer() as server, Raw(server.url) as raw:
        frames = Frames(raw, path_of(server.scenario(101)))
        for start, stop in itertools.pairwise(places):
            frames.send(sent[start:stop])
        received: list[tuple[int, bytes]] = []
        held: tuple[int, bytes] | None = None
        while True:
            opcode, last, content = frames.next()
            if opcode == CLOSE:
                break
            if opcode == PONG:
                received.append((PING, content))
                continue
            held = (opcode, content) if held is None else (held[0], held[1] + content)
            if last:
                received.append(held)
                held = None

    control = [one for one in received if one[0] == PING]
    assert [one for one in messages if one[0] == PING] == control
    assert [one for one in messages if one[0] != PING] == [o for o in received if o[0] != PING]


def test_a_stop_ends_it() -> None:
    """Though nobody says that the WebSocket closes."""
    with StatusServer() as server:
        raw = Raw(server.url)
        Frames(raw, path_of(server.scenario(101)))
    with raw:
        assert (b"", "FIN") == raw.end()


@pytest.mark.parametrize("secure", [False, True])
def test_aiohttp(status_server: StatusServer, request: pytest.FixtureRequest, secure: bool) -> None:
    """A client of other people's: text, binary, large ones, a ping, a subprotocol, and a close."""
    aiohttp = pytest.importorskip("aiohttp")
    server = status_server
    if secure:
        pytest.importorskip("trustme")
        if sys.version_info < (3, 11):
            pytest.skip("there, asyncio warns of a TLS transport that the server has closed")
        server = request.getfixturevalue("secure_status_server")
    made = server.scenario(101)
    sockets: list[socket.socket] = []

    def opened(address: tuple[int, int, int, str, object]) -> socket.socket:
        sockets.append(socket.socket(*address[:3]))
        return sockets[-1]

    async def talk_and_close() -> list[object]:
        said = await talk()
        # What TLS still has to say is said behind the session's back.
        while any(sock.fileno() >= 0 for sock in sockets):
            await asyncio.sleep(0.001)
        return said

    async def talk() -> list[object]:
        from tests.secure import trusting

        connector = aiohttp.TCPConnector(socket_factory=opened)
        async with aiohttp.ClientSession(connector=connector) as session:
            options = {"ssl": trusting()} if secure else {}
            protocols = ("odd", "superchat")
            async with session.ws_connect(made, protocols=protocols, **options) as web:
                said: list[object] = [web.protocol]
                await web.send_str("text")
                said.append(await web.receive_str())
                for content in (b"\x00", bytes(200_000)):
                    await web.send_bytes(content)
                    whole = b""
                    while len(whole) < len(content):
                        whole += await web.receive_bytes()
                    said.append(whole)
                await web.ping(b"there?")
                await web.close(code=4000)
                return [*said, web.close_code]

    assert ["superchat", "text", b"\x00", bytes(200_000), 4000] == asyncio.run(talk_and_close())
    assert [[101]] == [one.interim for one in made.wait(1)]


@pytest.mark.parametrize("how", ["bad-accept", "no-upgrade", "no-connection", "unoffered", "http"])
def test_aiohttp_of_what_is_dishonest(status_server: StatusServer, how: str) -> None:
    """It refuses the handshake (RFC 6455, 4.1), or what then is no frame."""
    aiohttp = pytest.importorskip("aiohttp")
    made = status_server.scenario(101, how=how)

    async def talk() -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(made, protocols=("chat",)) as web,
        ):
            await web.send_str("text")
            await web.receive_str()

    with pytest.raises((aiohttp.ClientError, TypeError)):
        asyncio.run(talk())
