"""Ports, and the one thread that accepts on all of them."""

from __future__ import annotations

import errno
import itertools
import os
import queue
import resource
import selectors
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.wire import listener as module
from pytest_httpcodes.wire.listener import Listener, PortInUseError, bind
from tests.raw import Raw, exchange, message, until
from tests.wire.children import FORKS, QUIET, IdleChild, in_child

HOST = "127.0.0.1"


class Accepted:
    """What a listener accepts."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[socket.socket, str]] = queue.SimpleQueue()
        self.peer = ""

    def __call__(self, sock: socket.socket, peer: str) -> None:
        """Take a connection."""
        self._queue.put((sock, peer))

    def get(self) -> socket.socket:
        """Return the next connection, once it is there."""
        sock, self.peer = self._queue.get(timeout=5)
        return sock


@pytest.fixture(
    params=["DefaultSelector", "SelectSelector", *(["PollSelector"] if os.name != "nt" else [])]
)
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    """Return a listener of its own, for each way to wait."""
    made = Listener(getattr(selectors, request.param))
    yield made
    for sock, _ in list(made._origins.values()):
        made.close(sock)
    made.shut_down()


def port_of(sock: socket.socket) -> int:
    """Return the port that a socket is bound to."""
    port = sock.getsockname()[1]
    assert isinstance(port, int)
    return port


class TestBind:
    """A listening socket, or a reason for a person."""

    def test_a_free_port_is_taken(self) -> None:
        """Port 0 is any of them."""
        with bind(HOST, 0) as sock:
            assert HOST == sock.getsockname()[0]
            assert 0 < port_of(sock)

    def test_a_port_of_ones_choice(self) -> None:
        """One that was just given up, even while its connections linger in the kernel."""
        with bind(HOST, 0) as sock:
            port = port_of(sock)
            with socket.create_connection((HOST, port)) as client:
                accepted, _ = sock.accept()
                accepted.close()
                assert b"" == client.recv(1)

        with bind(HOST, port) as sock:
            assert port == port_of(sock)

    def test_a_busy_port_is_an_error(self) -> None:
        """It names the port, and the way out."""
        with bind(HOST, 0) as sock:
            port = port_of(sock)

            with pytest.raises(PortInUseError) as caught:
                bind(HOST, port)
        assert errno.EADDRINUSE == caught.value.errno
        expected = f"cannot listen on 127.0.0.1 port {port}: Address already in use; port 0 takes"
        assert expected in str(caught.value)

    @pytest.mark.parametrize("port", [65_536, 70_000, -1])
    def test_a_port_that_there_is_not(self, port: int) -> None:
        """Never is another one, modulo something."""
        with pytest.raises(ValueError, match=rf"port={port} is no port; those are 0 to 65535"):
            bind(HOST, port)

    @pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1", "a..b", "a\0b"])
    def test_a_host_that_is_not_here(self, host: str) -> None:
        """Port 0 is no way out of that."""
        with pytest.raises(PortInUseError, match="cannot listen on .* port 0: ") as caught:
            bind(host, 0)
        assert "free one" not in str(caught.value)

    def test_a_retired_port_is_not_given_out_again(
        self, monkeypatch: pytest.MonkeyPatch, listener: Listener
    ) -> None:
        """Soon, at least."""
        ports = set()
        for _ in range(300):
            sock = bind(HOST, 0)
            ports.add(port_of(sock))
            listener.open(sock, Accepted())
            listener.close(sock)

        assert 300 == len(ports)

    def test_the_port_that_retired_first_is_better_than_none(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the system offers no other."""
        with bind(HOST, 0) as sock:
            free = port_of(sock)
        monkeypatch.setattr(module, "_TRIES", 3)
        offered: list[int] = []

        class Everything(dict[int, int]):
            def __contains__(self, port: object) -> bool:
                assert isinstance(port, int)
                offered.append(port)
                return True

        monkeypatch.setattr(module, "_retired", Everything({free: 7}))
        with bind(HOST, 0) as sock:
            assert 3 == len(set(offered))
            assert port_of(sock) in offered

    def test_no_more_ports_are_retired_than_some(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One that retires again is the last in the row."""
        monkeypatch.setattr(module, "_retired", {})
        monkeypatch.setattr(module, "RETIRED", 3)
        for port in (1, 2, 3, 1, 4):
            module._retire(port)

        assert [3, 1, 4] == list(module._retired)
        assert sorted(module._retired.values()) == list(module._retired.values())


class TestListener:
    """One thread for many origins, whatever it waits with."""

    def test_what_connects_is_accepted(self, listener: Listener) -> None:
        """By the origin that it connects to."""
        origins = [(bind(HOST, 0), Accepted()) for _ in range(3)]
        for sock, accepted in origins:
            listener.open(sock, accepted)
        for sock, accepted in origins:
            with socket.create_connection(sock.getsockname()) as client:
                with accepted.get() as ours:
                    assert client.getsockname() == ours.getpeername()
                assert HOST == accepted.peer

    def test_an_origin_that_opens_later_is_seen(self, listener: Listener) -> None:
        """While the thread waits already."""
        first, accepted = bind(HOST, 0), Accepted()
        listener.open(first, accepted)
        for _ in range(20):
            sock = bind(HOST, 0)
            listener.open(sock, accepted)
            with socket.create_connection(sock.getsockname()), accepted.get():
                pass
            listener.close(sock)

    def test_a_closed_origin_accepts_no_more(self, listener: Listener) -> None:
        """Its port is free, and the others go on."""
        closed, accepted = bind(HOST, 0), Accepted()
        other = bind(HOST, 0)
        address = closed.getsockname()
        listener.open(closed, accepted)
        listener.open(other, accepted)
        listener.close(closed)

        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)
        with socket.create_connection(other.getsockname()), accepted.get():
            pass

    def test_many_origins_have_one_thread(self, listener: Listener) -> None:
        """Which ends with them."""
        before = set(threading.enumerate())
        socks = [bind(HOST, 0) for _ in range(200)]
        for sock in socks:
            listener.open(sock, Accepted())
        assert {listener._acceptor} == set(threading.enumerate()) - before
        for sock in socks:
            listener.close(sock)
        listener.shut_down()

        assert set(threading.enumerate()) <= before

    def test_a_burst_is_accepted(self, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
        """All 300 of it, which is less than the backlog, however slow the thread is."""
        sock, accepted = bind(HOST, 0), Accepted()
        monkeypatch.setattr(module, "BACKLOG", 100)  # in one turn
        clients = []
        for _ in range(300):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(sock.getsockname())
            clients.append(client)
        listener.open(sock, accepted)
        for _ in range(300):
            accepted.get().close()
        for client in clients:
            client.close()

    def test_an_origin_that_fails_leaves_the_others_alone(
        self, listener: Listener, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The connection is closed, and the error told."""

        def fail(sock: socket.socket, peer: str) -> None:
            raise ValueError("of mine")

        sock, other, accepted = bind(HOST, 0), bind(HOST, 0), Accepted()
        listener.open(sock, fail)
        listener.open(other, accepted)
        with socket.create_connection(sock.getsockname()) as client:
            assert b"" == client.recv(1)

        with socket.create_connection(other.getsockname()), accepted.get():
            pass
        assert "ValueError: of mine" in capsys.readouterr().err

    def test_it_does_so_even_if_nobody_can_be_told(
        self, listener: Listener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A process may have no standard error."""
        monkeypatch.setattr("sys.stderr", None)
        sock = bind(HOST, 0)
        listener.open(sock, lambda accepted, peer: 1 // 0)  # type: ignore[arg-type]
        for _ in range(2):
            with socket.create_connection(sock.getsockname()) as client:
                assert b"" == client.recv(1)


class TestThread:
    """The accepting thread comes and goes."""

    def test_shutting_down_lets_go_of_everything(self) -> None:
        """No thread and no descriptor is left; opening begins anew."""
        listener = Listener()
        for _ in range(2):
            before = descriptors()
            sock, accepted = bind(HOST, 0), Accepted()
            listener.open(sock, accepted)
            thread = listener._acceptor
            with socket.create_connection(sock.getsockname()), accepted.get():
                pass
            listener.close(sock)
            listener.shut_down()

            assert thread is not None
            assert not thread.is_alive()
            assert before == descriptors()
        listener.shut_down()

    def test_shutting_down_leaves_open_origins_alone(self) -> None:
        """Someone else may need them."""
        listener = Listener()
        sock, accepted = bind(HOST, 0), Accepted()
        listener.open(sock, accepted)
        listener.shut_down()
        with socket.create_connection(sock.getsockname()), accepted.get():
            pass
        listener.close(sock)
        listener.shut_down()

    def test_a_thread_without_origins_ends_by_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """After a while, in which the next origin may come."""
        monkeypatch.setattr(module, "KEEP", 0.02)
        listener = Listener()
        sock = bind(HOST, 0)
        listener.open(sock, Accepted())
        thread = listener._acceptor
        assert thread is not None
        thread.join(0.05)
        assert thread.is_alive()
        listener.close(sock)
        thread.join(5)

        assert not thread.is_alive()
        assert listener._acceptor is None

    def test_a_thread_that_cannot_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Is told to who opens, and the next one is tried anew."""
        listener = Listener()
        sock = bind(HOST, 0)
        before = descriptors()
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", _no_thread)
            with pytest.raises(RuntimeError, match="can't start new thread"):
                listener.open(sock, Accepted())
        assert before == descriptors()

        accepted = Accepted()
        listener.open(sock, accepted)
        with socket.create_connection(sock.getsockname()), accepted.get():
            pass
        listener.close(sock)
        listener.shut_down()

    def test_descriptors_that_run_out_are_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a busy loop, and nobody is lost."""
        naps: list[float] = []
        sock, accepted = Full(bind(HOST, 0), times=3), Accepted()
        monkeypatch.setattr("pytest_httpcodes.wire.listener.time.sleep", naps.append)
        listener = Listener()
        listener.open(sock, accepted)  # type: ignore[arg-type]
        with socket.create_connection(sock.getsockname()), accepted.get():
            pass
        listener.close(sock)  # type: ignore[arg-type]
        listener.shut_down()

        assert [0.05] * 3 == naps

    def test_a_socket_that_closes_in_this_moment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Is no error of the accepting thread, and no reason to rest."""
        naps: list[float] = []
        monkeypatch.setattr("pytest_httpcodes.wire.listener.time.sleep", naps.append)
        listener = Listener()
        keep, accepted = bind(HOST, 0), Accepted()
        listener.open(keep, accepted)
        thread = listener._acceptor
        assert thread is not None
        gone = bind(HOST, 0)
        fd = gone.fileno()
        gone.close()
        listener._origins[fd] = (gone, accepted)
        thread._accept(fd)
        del listener._origins[fd]
        thread._accept(fd)

        assert [] == naps
        listener.close(keep)
        listener.shut_down()

    def test_a_socket_of_another_listener(self) -> None:
        """A forked child may have one of its parent: it is closed, and that is all."""
        sock = bind(HOST, 0)
        Listener().close(sock)
        Listener().close(sock)

        assert -1 == sock.fileno()

    def test_a_wait_that_fails_is_begun_again(self) -> None:
        """As it does where a socket is closed under a `select` that waits for it."""

        class Failing(selectors.SelectSelector):
            failures = itertools.count()

            def select(self, timeout: float | None = None) -> Any:
                if next(self.failures) < 3:
                    raise OSError(errno.EBADF, "Bad file descriptor")
                return super().select(timeout)

        listener = Listener(Failing)
        sock, accepted = bind(HOST, 0), Accepted()
        listener.open(sock, accepted)
        with socket.create_connection(sock.getsockname()), accepted.get():
            pass
        listener.close(sock)
        listener.shut_down()

    def test_telling_the_thread_never_blocks(self) -> None:
        """However often it is told before it listens."""
        listener = Listener()
        sock = bind(HOST, 0)
        listener.open(sock, Accepted())
        thread = listener._acceptor
        assert thread is not None
        with listener._lock:  # the thread cannot go on
            for _ in range(100_000):
                thread._interrupt()
        listener.close(sock)
        listener.shut_down()


def _no_thread(thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


class Full:
    """A listening socket of a process that has no descriptors left, so many times."""

    def __init__(self, sock: socket.socket, times: int) -> None:
        self._sock = sock
        self._times = times

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept, in the end."""
        if self._times:
            self._times -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return self._sock.accept()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def descriptors() -> list[str]:
    """Return the process's open descriptors."""
    folder = "/dev/fd" if sys.platform == "darwin" else "/proc/self/fd"
    return sorted(os.listdir(folder))


@FORKS
@QUIET
class TestFork:
    """A forked child has all descriptors of its parent, and none of its threads."""

    def test_a_child_serves_on_its_own(self) -> None:
        """And its parent goes on."""

        def act() -> None:  # pragma: no cover - in a child
            with StatusServer() as own:
                assert 204 == get(own.url)

        with StatusServer() as server:
            assert 204 == get(server.url)

            assert 0 == in_child(act)
            assert 204 == get(server.url)

    def test_a_child_does_not_hold_the_port(self) -> None:
        """Once the parent has closed it, nobody is there, and it can be had again."""
        with StatusServer() as server:
            child = IdleChild()
            port = int(server.url.rpartition(":")[2])

        with child:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((HOST, port))
            bind(HOST, port).close()

    def test_a_child_may_stop_what_it_inherits(self) -> None:
        """Which does nothing to its parent, whose connections go on too."""
        with StatusServer() as server, Raw(server.url) as raw:
            assert 204 == raw.request("GET", "/status/204").status

            assert 0 == in_child(server.stop)
            assert 204 == raw.request("GET", "/status/204").status
            assert 204 == get(server.url)


def get(url: str) -> int:
    """Ask for a 204; return what came."""
    with Raw(url) as raw:
        return raw.request("GET", "/status/204").status


def test_descriptors_run_out(tmp_path: object) -> None:
    """A real process without any left rests, and serves once there are some."""
    program = """
import os, resource, socket, time
from pytest_httpcodes import StatusServer
from tests.raw import Raw, until
with StatusServer() as server:
    with Raw(server.url) as raw:
        assert raw.request("GET", "/status/204").status == 204
    until(lambda: not server._streams)
    client = socket.socket()
    held = []
    try:
        while True:
            held.append(os.dup(0))
    except OSError:
        pass
    client.connect(("127.0.0.1", int(server.url.rpartition(":")[2])))
    client.sendall(b"GET /status/204 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
    client.settimeout(0.2)
    before = time.process_time()
    try:
        client.recv(1)
        raise SystemExit("it had no descriptor for this")
    except TimeoutError:
        pass
    spent = time.process_time() - before
    for fd in held:
        os.close(fd)
    client.settimeout(5)
    assert client.recv(100).startswith(b"HTTP/1.1 204 ")
    assert spent < 0.1, spent
"""

    def limit() -> None:  # pragma: no cover - in a child
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        preexec_fn=limit,
    )

    assert (0, "") == (done.returncode, done.stderr)


def test_the_process_has_one_listener() -> None:
    """Which all its origins share."""
    assert module.listener() is module.listener()


def test_many_servers_have_no_threads() -> None:
    """A server that nobody asks costs a port, and is gone at once."""
    with StatusServer():
        before = set(threading.enumerate())
        servers = [StatusServer().start() for _ in range(200)]
        assert set(threading.enumerate()) <= before
        urls = [server.url for server in servers]
        for server in servers:
            server.stop()

    assert 200 == len(set(urls))


def test_a_burst_of_clients_is_answered() -> None:
    """300 at once, each on a connection of its own."""
    with StatusServer() as server:
        raws = [Raw(server.url) for _ in range(300)]
        for raw in raws:
            raw.send(message("GET", "/status/204", "Connection: close"))
        for raw in raws:
            with raw:
                assert 204 == raw.answer().status

        assert [204] * 300 == server.journal.statuses


def test_nothing_is_left_of_a_server() -> None:
    """Once its threads are let go, no descriptor is."""
    module.listener().shut_down()
    before = descriptors()
    with StatusServer() as server:
        exchange(server.url, message("GET", "/status/204", "Connection: close"))
    shared = module.listener()
    shared.shut_down()
    until(lambda: not list(shared.pool.threads()))

    assert before == descriptors()
