"""421 by server name: two virtual hosts on one certificate (RFC 9110, 7.4)."""

from __future__ import annotations

import json

import pytest

from pytest_httpcodes import TLS, StatusServer
from tests.raw import Answer, Raw
from tests.scenarios import path_of

pytest.importorskip("trustme")


def ask(server: StatusServer, name: str, path: str, *hosts: str) -> list[Answer]:
    """Connect for a name, and ask for some hosts on that connection."""
    port = server.url.rpartition(":")[2]
    with Raw(server.url) as raw:
        raw.secure(server.ca_file, name)
        answers = []
        for host in hosts:
            raw.host = host.format(port=port)
            answers.append(raw.request("GET", path))
        return answers


@pytest.mark.parametrize(
    ("name", "host", "status"),
    [
        ("a.localhost", "a.localhost:{port}", 200),
        ("A.localhost", "a.LOCALHOST:{port}", 200),
        ("a.localhost", "b.localhost:{port}", 421),
        ("a.localhost", "localhost:{port}", 421),
        ("a.localhost", "127.0.0.1:{port}", 421),
        ("a.localhost", "a.localhost", 421),
        ("localhost", "localhost:{port}", 200),
        ("localhost", "a.localhost:{port}", 421),
        # A client does not name an address in its hello.
        ("127.0.0.1", "127.0.0.1:{port}", 200),
        ("127.0.0.1", "localhost:{port}", 200),
        ("127.0.0.1", "a.localhost:{port}", 421),
    ],
)
def test_names(secure_status_server: StatusServer, name: str, host: str, status: int) -> None:
    """That of the handshake and that of the request are the same, or it is misdirected."""
    made = secure_status_server.scenario(421)
    (answer,) = ask(secure_status_server, name, path_of(made), host)

    assert status == answer.status


def test_a_connection_of_its_own(secure_status_server: StatusServer) -> None:
    """What is misdirected on one connection is served on the next, which is for it."""
    made = secure_status_server.scenario(421)
    a, b = "a.localhost:{port}", "b.localhost:{port}"
    first = ask(secure_status_server, "a.localhost", path_of(made), a, b, a)
    second = ask(secure_status_server, "b.localhost", path_of(made), b)

    assert [200, 421, 200, 200] == [answer.status for answer in (*first, *second)]
    assert [1, 1, 1, 2] == [exchange.connection for exchange in made.exchanges]
    port = secure_status_server.url.rpartition(":")[2]
    detail = f"b.localhost:{port} is no origin of this server on a connection for a.localhost"
    assert detail == json.loads(first[1].content)["detail"]
    assert f"{detail} (RFC 9110, 7.4)" == made.exchanges[1].why


def test_other_resources_take_any_host(secure_status_server: StatusServer) -> None:
    """Only this scenario has an opinion."""
    answers = ask(secure_status_server, "a.localhost", "/200", "b.localhost", "other.example")

    assert [200, 200] == [answer.status for answer in answers]


def test_hosts_of_ones_own() -> None:
    """The names of a certificate are the virtual hosts of its server."""
    tls = TLS(names=("one.example", "two.example"))
    with StatusServer(tls=tls) as server:
        made = server.scenario(421)
        one, two = "one.example:{port}", "two.example:{port}"
        answers = ask(server, "one.example", path_of(made), one, two)

    assert [200, 421] == [answer.status for answer in answers]


def test_a_wildcard() -> None:
    """Each name that it stands for is a virtual host of its own."""
    with StatusServer(tls=TLS(names=("*.example.org",))) as server:
        made = server.scenario(421)
        a, b = "a.example.org:{port}", "b.example.org:{port}"
        answers = ask(server, "a.example.org", path_of(made), a, b)

    assert [200, 421] == [answer.status for answer in answers]
