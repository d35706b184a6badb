"""One end of a TCP connection, with the other in the test's hands."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from pytest_httpcodes.wire import stream as module
from pytest_httpcodes.wire.stream import Stream
from tests.wire.children import FORKS, QUIET, IdleChild

FAR = 30.0  # seconds; nothing that works comes near it


@pytest.fixture
def client() -> Iterator[socket.socket]:
    """Return the other end of the connection."""
    with socket.socket() as made:
        made.settimeout(5)
        yield made


@pytest.fixture
def stream(client: socket.socket) -> Iterator[Stream]:
    """Return the server's end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client.connect(listening.getsockname())
        accepted, address = listening.accept()
    made = Stream(accepted, address[0], FAR)
    yield made
    made.close()


def reset(sock: socket.socket) -> None:
    """Close with an RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def meanwhile(act: Callable[[], object]) -> threading.Thread:
    """Run something on a thread of its own."""
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_octets_come_and_go(stream: Stream, client: socket.socket) -> None:
    """And small ones are not held back (TCP_NODELAY)."""
    client.sendall(b"abc")
    assert b"abc" == stream.receive(FAR)
    stream.send(b"de")

    assert b"de" == client.recv(100)
    assert "127.0.0.1" == stream.peer
    assert (False, None) == (stream.secured, stream.server_name)
    assert stream._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_silence_has_a_limit(stream: Stream) -> None:
    """Each receiving has its own."""
    for timeout in (0.01, 0.02):
        with pytest.raises(TimeoutError):
            stream.receive(timeout)


def test_the_end_is_nothing(stream: Stream, client: socket.socket) -> None:
    """After all octets before it."""
    client.sendall(b"abc")
    client.close()

    assert [b"abc", b"", b""] == [stream.receive(FAR) for _ in range(3)]


def test_a_reset_is_an_end(stream: Stream, client: socket.socket) -> None:
    """For who receives; who sends is told."""
    reset(client)

    assert b"" == stream.receive(FAR)
    with pytest.raises(OSError, match="reset|pipe"):
        stream.send(b"abc")
    assert not stream.has_octets()
    assert stream.wait(FAR)


def test_much_is_sent_to_a_client_that_takes_its_time(
    stream: Stream, client: socket.socket
) -> None:
    """However short the limit was for what was received before, and for a wait."""
    content = os.urandom(8_000_000)
    with pytest.raises(TimeoutError):
        stream.receive(0.001)
    assert not stream.has_octets()
    assert not stream.wait(0.001)
    sending = meanwhile(lambda: stream.send(content))
    received = bytearray()
    while len(received) < len(content):
        received += client.recv(1_000_000)
    sending.join()

    assert content == received


def test_a_client_that_takes_nothing_is_gone(
    stream: Stream, client: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while, which begins anew with all that it takes."""
    monkeypatch.setattr(module, "PATIENCE", 0.02)

    with pytest.raises(TimeoutError):
        stream.send(bytes(50_000_000))
    client.recv(1)


@pytest.fixture(params=["told", "untold"])
def told(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run with a system that tells of a FIN behind octets, and with one that does not."""
    if request.param == "untold":
        monkeypatch.setattr(module, "_CLOSED", 0)
    elif not module._CLOSED:  # pragma: no cover - not so on Linux
        pytest.skip("this system does not")
    return bool(request.param == "told")


@pytest.mark.usefixtures("told")
class TestWait:
    """Waiting, but not for longer than the client does."""

    def test_it_lasts_as_long_as_asked(self, stream: Stream) -> None:
        """And not at all for nothing."""
        start = time.monotonic()
        assert not stream.wait(0)
        assert not stream.wait(0.02)

        assert 0.02 <= time.monotonic() - start < FAR

    @pytest.mark.parametrize("leave", [socket.socket.close, reset])
    def test_it_ends_with_the_client(
        self, stream: Stream, client: socket.socket, leave: Callable[[socket.socket], None]
    ) -> None:
        """Whichever way that leaves."""
        leaving = meanwhile(lambda: leave(client))

        assert stream.wait(FAR)
        leaving.join()

    def test_it_leaves_octets_where_they_are(self, stream: Stream, client: socket.socket) -> None:
        """A pipelined request does not end it."""
        client.sendall(b"abc")
        assert stream.has_octets()
        start = time.monotonic()

        assert not stream.wait(0.02)
        assert 0.02 <= time.monotonic() - start < FAR
        assert b"abc" == stream.receive(FAR)

    @pytest.mark.parametrize("octets", [b"", b"abc"])
    def test_it_ends_with_the_server(
        self, stream: Stream, client: socket.socket, octets: bytes
    ) -> None:
        """Whether or not something came meanwhile."""
        client.sendall(octets)
        stopping = meanwhile(stream.abort)

        assert stream.wait(FAR)
        stopping.join()


@pytest.mark.skipif(not module._CLOSED, reason="this system does not tell")
def test_a_client_that_closes_behind_a_pipelined_request(
    stream: Stream, client: socket.socket
) -> None:
    """It has left all the same, where the system tells."""
    client.sendall(b"abc")
    client.close()

    assert stream.wait(FAR)
    assert b"abc" == stream.receive(FAR)


def test_what_is_there_can_be_seen(stream: Stream, client: socket.socket) -> None:
    """Without taking it, and without waiting for it."""
    assert not stream.has_octets()
    client.sendall(b"abc")
    assert not stream.wait(0.01)

    assert stream.has_octets()
    assert b"abc" == stream.receive(FAR)
    client.close()
    assert b"" == stream.receive(FAR)
    assert not stream.has_octets()


def test_half_closing_leaves_the_other_half(stream: Stream, client: socket.socket) -> None:
    """And may be done twice."""
    stream.half_close()
    stream.half_close()
    assert b"" == client.recv(1)
    client.sendall(b"abc")

    assert b"abc" == stream.receive(FAR)


def test_closing_is_a_fin_and_resetting_an_rst(stream: Stream, client: socket.socket) -> None:
    """What came before it is read first."""
    stream.send(b"abc")
    stream.close()
    assert b"abc" == client.recv(100)
    assert b"" == client.recv(100)


def test_resetting_is_an_rst(stream: Stream, client: socket.socket) -> None:
    """Whatever is done to it afterwards is done to nothing."""
    stream.reset()
    with pytest.raises(ConnectionResetError):
        client.recv(1)

    stream.reset()
    stream.half_close()
    stream.abort()
    stream.close()
    assert b"" == stream.receive(FAR)
    assert not stream.has_octets()


def test_aborting_wakes_who_receives(stream: Stream, client: socket.socket) -> None:
    """And who sends; the client sees the end."""
    assert not stream.aborted
    stopping = meanwhile(stream.abort)
    assert b"" == stream.receive(FAR)
    stopping.join()

    assert stream.aborted
    assert b"" == client.recv(1)
    with pytest.raises(OSError, match="pipe|shut"):
        stream.send(b"abc")


def test_aborting_wakes_who_sends(stream: Stream) -> None:
    """To a client that takes nothing."""
    errors = []

    def send() -> None:
        try:
            while True:
                stream.send(bytes(1_000_000))
        except OSError as error:
            errors.append(error)

    sending = meanwhile(send)
    stream.abort()
    sending.join(5)

    assert 1 == len(errors)


@FORKS
@QUIET
def test_a_forked_child_holds_nothing_open(stream: Stream, client: socket.socket) -> None:
    """Its parent's closing is seen by the client while the child lives."""
    with IdleChild():
        stream.reset()

        with pytest.raises(ConnectionResetError):
            client.recv(1)
