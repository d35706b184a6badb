"""A proxy reaches this process's own origins alone, however it is asked (RFC 9110, 9.3.6)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.wire import own
from pytest_httpcodes.wire.listener import Listener
from pytest_httpcodes.wire.own import is_own, is_own_port
from tests.raw import Raw, message
from tests.test_proxy import through

Look = Callable[..., list[tuple[Any, ...]]]
EVERY = "0.0.0.0"  # noqa: S104 - nothing is bound to it but for an origin that says so
# Ways to write 127.0.0.1, all of which the C library knows.
SPELLINGS = (
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1",
    "017700000001", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost", "LOCALHOST",
)  # fmt: skip
# Ways to write other addresses of the machine, or what is none.
OTHERS = (
    "127.0.0.2", "127.2", "2130706434", "0x7f000002", "0177.0.0.2", "[::ffff:127.0.0.2]",
    "[::ffff:7f00:2]", EVERY, "0", "[::1]", "[::]", "[::ffff:0:0]",
)  # fmt: skip


@pytest.fixture
def foreign() -> Iterator[int]:
    """Return the port of a server that belongs to somebody else, and sees no connection."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_server(("127.0.0.2", listening.getsockname()[1])),
    ):
        listening.setblocking(False)
        yield listening.getsockname()[1]
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize(
    "spelling", [*SPELLINGS, *OTHERS, "localhost.", "127.0.0.1.", "%31%32%37.0.0.1"]
)
@pytest.mark.parametrize("method", ["GET", "CONNECT"])
def test_another_server_is_forbidden(
    status_server: StatusServer, foreign: int, spelling: str, method: str
) -> None:
    """In the absolute-form and in CONNECT, by each way to write its address."""
    authority = f"{spelling}:{foreign}"
    target = authority if method == "CONNECT" else f"http://{authority}/"

    assert 403 == through(status_server.proxy, target, method=method)
    assert status_server.proxy.journal[-1].why.startswith(f"{authority} is no origin of this")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_our_own_server_is_not(status_server: StatusServer, spelling: str) -> None:
    """By whatever spelling: what counts is the address that is connected to."""
    port = status_server.url.rpartition(":")[2]

    assert 200 == through(status_server.proxy, f"http://{spelling}:{port}/status/200")


@pytest.mark.parametrize("spelling", OTHERS)
@pytest.mark.parametrize("method", ["GET", "CONNECT"])
def test_another_address_with_a_port_of_ours(
    status_server: StatusServer, spelling: str, method: str
) -> None:
    """It may be anybody's."""
    authority = f"{spelling}:{status_server.url.rpartition(':')[2]}"
    target = authority if method == "CONNECT" else f"http://{authority}/"
    found = through(status_server.proxy, target, method=method)

    # A machine without IPv6 may not even look its addresses up.
    assert found in ((403, 502) if "[" in spelling else (403,))
    assert [] == [*status_server.journal]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("http://127.0.0.1@127.0.0.1:{}/", 400),
        ("http://127.0.0.1:{own}@127.0.0.1:{}/", 400),
        ("http://127.0.0.1:{own}\\@127.0.0.1:{}/", 400),
        ("http://127.0.0.1:{}:{own}/", 400),
        ("http://127.0.0.1:{}?http://127.0.0.1:{own}/", 403),
        ("http://127.0.0.1:{}/http://127.0.0.1:{own}/", 403),
        ("https://127.0.0.1:{}/", 501),
        ("//127.0.0.1:{}/", 400),
    ],
)
def test_nothing_else_gets_past_it(
    status_server: StatusServer, foreign: int, target: str, code: int
) -> None:
    """Userinfo, several ports, and addresses in other places."""
    own_port = status_server.url.rpartition(":")[2]

    assert code == through(status_server.proxy, target.format(foreign, own=own_port))


def test_the_host_field_is_not_asked(status_server: StatusServer, foreign: int) -> None:
    """Neither that of a good one, nor that of another one, has a say (RFC 9112, 3.2.2)."""
    own_host = status_server.url.split("/")[2]
    with Raw(status_server.proxy.url) as raw:
        raw.send(message("GET", f"http://127.0.0.1:{foreign}/", host=own_host))
        bad = raw.answer()
        raw.send(message("GET", f"{status_server.url}/status/200", host=f"127.0.0.1:{foreign}"))
        good = raw.answer()

    assert (403, 200) == (bad.status, good.status)


def test_a_portal_is_no_way_past_it(status_server: StatusServer, foreign: int) -> None:
    """Nor is a Host that it takes for a target."""
    proxy = status_server.proxy_for(mode="captive")
    with Raw(proxy.url) as raw:
        assert 200 == raw.request("POST", "/login", content=b"").status
        raw.send(message("GET", "/", host=f"127.0.0.1:{foreign}"))
        assert 403 == raw.answer().status


@pytest.fixture
def look_up(monkeypatch: pytest.MonkeyPatch) -> Callable[[Look], None]:
    """Return a function that has names looked up otherwise."""
    real = socket.getaddrinfo

    def use(look: Look) -> None:
        def either(host: str, port: int, *more: Any, **options: Any) -> list[tuple[Any, ...]]:
            # The test's own client looks its proxy up, too.
            if host == "127.0.0.1":
                return list(real(host, port, *more, **options))
            return look(host, port)

        monkeypatch.setattr("pytest_httpcodes.wire.upstream.socket.getaddrinfo", either)

    return use


def _found(host: str, port: int) -> tuple[Any, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))


def test_a_name_that_resolves_elsewhere(
    status_server: StatusServer, look_up: Callable[[Look], None]
) -> None:
    """The address decides, though its port is one of ours."""
    look_up(lambda host, port: [_found("192.0.2.1", port)])
    port = status_server.url.rpartition(":")[2]

    assert 403 == through(status_server.proxy, f"http://localhost:{port}/")
    assert 403 == through(status_server.proxy, f"localhost:{port}", method="CONNECT")


def test_a_name_with_several_addresses(
    status_server: StatusServer, look_up: Callable[[Look], None]
) -> None:
    """Only those that are ours are connected to."""
    hosts = ("192.0.2.1", "127.0.0.1", "::ffff:127.0.0.1", "192.0.2.2")
    look_up(lambda host, port: [_found(each, port) for each in hosts])
    port = status_server.url.rpartition(":")[2]

    assert 200 == through(status_server.proxy, f"http://a.example:{port}/status/200")
    assert f"a.example:{port}" == status_server.journal[-1].headers["Host"]


def test_a_name_is_looked_up_once(
    status_server: StatusServer, look_up: Callable[[Look], None]
) -> None:
    """What it resolves to next time is of no interest."""
    answers = ["127.0.0.1", "192.0.2.1"]
    look_up(lambda host, port: [_found(answers.pop(0), port)])
    port = status_server.url.rpartition(":")[2]

    assert 200 == through(status_server.proxy, f"http://a.example:{port}/status/200")
    assert ["192.0.2.1"] == answers


def test_names_of_others_are_not_looked_up(
    status_server: StatusServer, look_up: Callable[[Look], None]
) -> None:
    """Where no port of ours is meant, nobody is asked for an address."""
    asked: list[str] = []
    look_up(lambda host, port: asked.append(host) or [])  # type: ignore[func-returns-value]

    assert 403 == through(status_server.proxy, "http://a.example/")
    assert 403 == through(status_server.proxy, "http://a.example:1/")
    assert [] == asked


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name not known"), 502, "dns_error"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), 504, "dns_timeout"),
        (UnicodeError("label too long"), 502, "dns_error"),
    ],
)
def test_names_that_have_no_address(
    status_server: StatusServer,
    look_up: Callable[[Look], None],
    error: Exception,
    code: int,
    kind: str,
) -> None:
    """Are a 502, or a 504 where nobody knows yet (RFC 9209, 2.3.1 and 2.3.2)."""

    def fails(host: str, port: int) -> list[tuple[Any, ...]]:
        raise error

    look_up(fails)
    port = status_server.url.rpartition(":")[2]
    with Raw(status_server.proxy.url) as raw:
        answer = raw.request("GET", f"http://a.example:{port}/")

    assert code == answer.status
    assert f"; error={kind}; " in (answer.header("Proxy-Status") or "")


def test_a_server_that_has_stopped(status_server: StatusServer) -> None:
    """Its port may be anybody's."""
    with StatusServer() as other:
        url = other.url
        assert 200 == through(status_server.proxy, f"{url}/status/200")

    assert 403 == through(status_server.proxy, f"{url}/status/200")


def test_each_origin_of_the_process(status_server: StatusServer) -> None:
    """Whoever has opened it, by whatever address it has."""
    proxy = status_server.proxy
    with StatusServer("localhost") as named, StatusServer(EVERY) as every:
        port = every.url.rpartition(":")[2]
        assert 200 == through(proxy, f"{named.url}/status/200")
        assert 200 == through(proxy, f"{status_server.origin().url}/status/200")
        assert 200 == through(proxy, f"http://127.0.0.1:{port}/status/200")
        assert 200 == through(proxy, f"http://127.9.9.9:{port}/status/200")
        assert 403 == through(proxy, f"http://192.0.2.1:{port}/status/200")


class _Sock:
    # A listening socket of which nothing but its name is asked.

    def __init__(self, *name: object) -> None:
        self._name = name

    def getsockname(self) -> tuple[object, ...]:
        return self._name


@pytest.mark.parametrize(
    ("listening", "address", "expected"),
    [
        (("127.0.0.1", 80), ("127.0.0.1", 80), True),
        (("127.0.0.1", 80), ("127.0.0.1", 81), False),
        (("127.0.0.1", 80), ("127.0.0.2", 80), False),
        (("127.0.0.1", 80), (EVERY, 80), False),
        ((EVERY, 80), ("127.0.0.1", 80), True),
        ((EVERY, 80), (EVERY, 80), True),
        ((EVERY, 80), ("192.0.2.1", 80), False),
        ((EVERY, 80), ("::1", 80), False),
        (("::1", 80, 0, 0), ("::1", 80, 0, 0), True),
        (("::1", 80, 0, 0), ("127.0.0.1", 80), False),
    ],
)
def test_whose_an_address_is(
    monkeypatch: pytest.MonkeyPatch,
    listening: tuple[Any, ...],
    address: tuple[Any, ...],
    expected: bool,
) -> None:
    """One of ours if an origin listens there, or at each address of the machine."""
    made = Listener()
    made._origins = {1: (_Sock(*listening), lambda sock, peer: None)}  # type: ignore[dict-item]
    monkeypatch.setattr(own, "listener", lambda: made)

    assert expected == is_own(address)
    assert (address[1] == 80) == is_own_port(address[1])
