"""What a test holds: lifetime, addresses, options, and who is told of mistakes."""

from __future__ import annotations

import socket
import threading
import time
import warnings
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest

import pytest_httpcodes
from pytest_httpcodes import Clock, PortInUseError, Raw, ServerFault, StatusServer, Steps
from pytest_httpcodes.wire.listener import listener
from tests.raw import Raw as RawClient
from tests.raw import exchange, message


def path(endpoint: str) -> str:
    """Return an endpoint's path."""
    return urlsplit(endpoint).path


def test_a_server_is_a_context_manager() -> None:
    """It listens inside, and no longer afterwards."""
    with StatusServer() as server:
        address = ("127.0.0.1", urlsplit(server.url).port)
        with RawClient(server.url) as raw:
            assert 200 == raw.request("GET", "/status/200").status

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_a_server_starts_and_stops_by_hand() -> None:
    """Starting or stopping twice does nothing, and it can start again."""
    server = StatusServer()
    assert server is server.start()
    url = server.url
    assert url == server.start().url
    server.stop()
    server.stop()
    server.start()

    with RawClient(server.url) as raw:
        assert 204 == raw.request("GET", "/status/204").status
    server.stop()


def test_a_server_that_was_not_started_has_no_address() -> None:
    """The error says what to do."""
    with pytest.raises(RuntimeError, match=r"no address yet; use it in a with, or start\(\) it"):
        _ = StatusServer().url


def test_a_busy_port_is_an_error() -> None:
    """Never an exit of the process; the message names host, port and the way out."""
    with StatusServer() as server:
        port = urlsplit(server.url).port
        assert port

        with pytest.raises(PortInUseError, match=f"cannot listen on 127.0.0.1 port {port}: .*0"):
            StatusServer(port=port).start()


def test_addresses() -> None:
    """No trailing slash, a second name for the same port, and URLs below."""
    with StatusServer() as server:
        port = urlsplit(server.url).port

        assert f"http://127.0.0.1:{port}" == server.url
        assert f"http://localhost:{port}" == server.localhost
        assert f"http://127.0.0.1:{port}/any/path" == server.url_for("/any/path")
        with pytest.raises(ValueError, match="'any' is no path; it has to start with /"):
            server.url_for("any")


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_ipv6_address_is_bracketed() -> None:
    """A URL has its literal in brackets (RFC 3986, 3.2.2)."""
    try:
        server = StatusServer("::1").start()
    except PortInUseError:
        pytest.skip("this machine has no IPv6 loopback")
    with server, RawClient(server.url) as raw:
        assert server.url.startswith("http://[::1]:")
        assert 200 == raw.request("GET", "/status/200").status


def test_each_server_has_a_port_of_its_own() -> None:
    """And a journal; a second origin stops with the first and shares its clock."""
    with StatusServer() as server:
        other = server.origin()
        with RawClient(other.url) as raw:
            raw.request("GET", "/status/200")
        server.clock.advance(10)

        assert server.url != other.url
        assert [] == list(server.journal)
        assert [200] == other.journal.statuses
        assert server.clock is other.clock
        assert [server, other] == server.servers
        address = ("127.0.0.1", urlsplit(other.url).port)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_a_second_origin_has_the_limits_of_the_first() -> None:
    """Options are those of the server that opened it."""
    with StatusServer(max_target=50) as server, RawClient(server.origin().url) as raw:
        raw.send(message("GET", "/" + "a" * 50))

        assert 414 == raw.answer().status


def test_stopping_ends_idle_connections_at_once() -> None:
    """A client sees the FIN; nobody waits for a time limit."""
    with StatusServer(idle_timeout=60) as server:
        raws = [RawClient(server.url) for _ in range(20)]
        for raw in raws:
            raw.request("GET", "/status/200")

    for raw in raws:
        with raw:
            assert (b"", "FIN") == raw.end()


def test_stopping_ends_what_waits() -> None:
    """A stall and a pause end with their server."""
    with StatusServer() as server:
        raws = [RawClient(server.url) for _ in range(2)]
        for raw, endpoint in zip(
            raws,
            (server.script(pytest_httpcodes.Stall()), server.status(200, delay=60)),
            strict=True,
        ):
            raw.send(message("GET", path(endpoint)))
        server.journal.settle(quiet=0.05)

    for raw in raws:
        with raw:
            assert (b"", "FIN") == raw.end()


def test_a_stopped_server_takes_no_connection_on_the_way(server: StatusServer) -> None:
    """One that was accepted in the very moment of the stop is closed."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        theirs = socket.create_connection(listening.getsockname())
        ours, _ = listening.accept()
    server.stop()
    server._accept(ours, "")

    assert b"" == theirs.recv(1)
    theirs.close()


def test_a_connection_that_is_dead_on_arrival_is_closed(server: StatusServer) -> None:
    """A socket without options, as some systems have it after a reset, is no fault of ours."""
    ours, theirs = socket.socketpair()  # no TCP, so that TCP_NODELAY is an error
    server._accept(ours, "")

    assert b"" == theirs.recv(1)
    theirs.close()


def test_a_connection_without_a_thread_is_closed(server: StatusServer) -> None:
    """Nobody waits for it, neither its client nor the stop."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        theirs = socket.create_connection(listening.getsockname())
        ours, _ = listening.accept()
    with patch.object(listener().pool, "run", side_effect=RuntimeError("no more threads")):
        with pytest.raises(RuntimeError, match="no more threads"):
            server._accept(ours, "")

        assert b"" == theirs.recv(1)
    theirs.close()
    assert not server._streams


def test_no_thread_is_left_behind() -> None:
    """Once its threads are dismissed, nothing of a server remains."""
    before = set(threading.enumerate())
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        with StatusServer() as server:
            for _ in range(5):
                exchange(server.url, message("GET", "/status/200", "Connection: close"))
    listener().shut_down()
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith("httpcodes"):
            thread.join(5)

    assert not [
        thread
        for thread in set(threading.enumerate()) - before
        if thread.name.startswith("httpcodes")
    ]


@pytest.mark.parametrize(
    ("options", "request_", "status", "detail"),
    [
        ({"max_target": 20}, message("GET", "/" + "a" * 20), 414, b"max_target"),
        ({"max_field": 50}, message("GET", "/", "X-Long: " + "a" * 50), 431, b"'X-Long'"),
        ({"max_head": 100}, message("GET", "/", *["A: b"] * 30), 431, b"max_head"),
        ({"max_fields": 5}, message("GET", "/", *["A: b"] * 6), 431, b"max_fields"),
        (
            {"max_content": 5},
            message("POST", "/status/200", "Content-Length: 999999"),
            413,
            b"max_content",
        ),
        ({"strict": True}, message("GET", "/a|b"), 400, b"percent-encode"),
    ],
)
def test_limits_are_options(
    options: dict[str, int], request_: bytes, status: int, detail: bytes
) -> None:
    """Each has its own status and says which option it was; the connection closes."""
    with StatusServer(**options) as server:  # type: ignore[arg-type]
        octets, how = exchange(server.url, request_)

    assert octets.startswith(b"HTTP/1.1 %d " % status)
    assert detail in octets
    assert b"\r\nConnection: close\r\n" in octets
    assert "FIN" == how


@pytest.mark.parametrize(
    ("option", "value", "what"),
    [
        ("max_target", 0, "1 or more octets"),
        ("max_field", -1, "1 or more octets"),
        ("max_head", 1.5, "1 or more octets"),
        ("max_fields", True, "1 or more"),
        ("max_content", -1, "0 or more octets"),
        ("keep_octets", -1, "0 or more octets"),
        ("max_connections", 0, "1 or more"),
        ("head_timeout", 0, "seconds above 0"),
        ("idle_timeout", float("nan"), "seconds above 0"),
    ],
)
def test_a_limit_out_of_range_is_refused(option: str, value: object, what: str) -> None:
    """At once, in the caller's line, with what would be right."""
    with pytest.raises(ValueError, match=f"{option}={value!r} is out of range; use .*{what}"):
        StatusServer(**{option: value})  # type: ignore[arg-type]


def test_a_tolerated_target_is_refused_when_strict(server: StatusServer) -> None:
    """Browsers send some characters bare that RFC 3986 wants encoded; the default serves them."""
    with RawClient(server.url) as raw:
        raw.send(message("GET", "/status/404/a?b=[1]|{2}"))

        # 400 for the unknown option, not for the target.
        assert b"no option 'b'" in raw.answer().content


def test_a_fault_in_a_reply_is_raised_by_check(server: StatusServer) -> None:
    """It is a 590 on the wire, and never a plausible status; it is raised once."""

    def broken(request: object) -> int:
        raise LookupError("of mine")

    endpoint = server.script(broken)
    with RawClient(server.url) as raw:
        answer = raw.request("GET", path(endpoint))

    assert (590, "Httpcodes Fault") == (answer.status, answer.reason)
    assert "close" == answer.header("connection")
    with pytest.raises(ServerFault, match="GET /script/reply/_1 failed: LookupError: of mine"):
        server.check()
    server.check()


def test_leaving_the_context_checks() -> None:
    """Without pytest, the end of the with is the end of the test."""
    with pytest.raises(AssertionError, match="did not use it up"), StatusServer() as server:
        server.script(200, exact=True)


def test_an_error_inside_the_context_is_not_hidden() -> None:
    """The test's own error comes first."""

    def test() -> None:
        with StatusServer() as server:
            server.script(200, exact=True)
            raise KeyError

    with pytest.raises(KeyError):
        test()


def test_what_a_second_origin_got_wrong_is_found(server: StatusServer) -> None:
    """The check goes through all origins."""
    server.origin().script(200, exact=True)

    with pytest.raises(AssertionError, match="did not use it up"):
        server.check()


@pytest.mark.parametrize(
    ("call", "message_"),
    [
        (lambda s: s.status(99), "99 is no status code"),
        (lambda s: s.status(1000), "1000 is no status code"),
        (lambda s: s.status(204, content=b"x"), "a 204 has no content"),
        (lambda s: s.status(200, headers={"Content-Length": "3"}), "the server's own"),
        (lambda s: s.status(200, headers={"X": "a\r\nb"}), "a field has no CR, LF or NUL"),
        (lambda s: s.status(200, delay=61), "use 0 to 60 seconds"),
        (lambda s: s.redirects(200), "200 redirects nowhere"),
        (lambda s: s.redirects(), "a chain has at least one code"),
        (lambda s: s.redirects(302, form="round"), "no form of Location"),
        (lambda s: s.script(), "a script has at least one reply"),
        (lambda s: s.script(200, at="head"), "say which with fault="),
    ],
)
def test_a_wrong_call_fails_at_once(server: StatusServer, call: object, message_: str) -> None:
    """In the caller's line, with a message that says what would be right."""
    with pytest.raises(ValueError, match=message_):
        call(server)  # type: ignore[operator]


def test_the_clock_is_the_servers_time(server: StatusServer) -> None:
    """`Date` follows it."""
    server.clock.advance(86_400 * 365)
    with RawClient(server.url) as raw:
        answer = raw.request("GET", "/status/200")

    year = time.gmtime(time.time() + 86_400 * 365).tm_year
    assert f" {year} " in (answer.header("date") or "")


def test_a_clock_can_be_shared() -> None:
    """Two servers may live in one time."""
    clock = Clock()
    with StatusServer(clock=clock) as first, StatusServer(clock=clock) as second:
        assert first.clock is second.clock is clock


def test_names_are_handed_on_lazily() -> None:
    """All public names are there, and only those."""
    for name in pytest_httpcodes.__all__:
        assert getattr(pytest_httpcodes, name) is not None
        assert name in dir(pytest_httpcodes)
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        _ = pytest_httpcodes.Nonsense


def test_raw_octets_reach_the_wire_untouched(server: StatusServer) -> None:
    """What a test wants sent is sent."""
    octets = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"
    endpoint = server.script(Steps(Raw(octets), pytest_httpcodes.Close()))

    assert (octets, "FIN") == exchange(server.url, message("GET", path(endpoint)))
