"""421: another origin's request, or another origin's connection."""

from __future__ import annotations

import json

import pytest

from pytest_httpcodes import StatusServer
from tests.raw import Raw, message
from tests.scenarios import path_of, play


def status_of(server: StatusServer, path: str, host: str | None, target: str | None = None) -> int:
    """Ask for a path of a host; return the status."""
    with Raw(server.url) as raw:
        version = "HTTP/1.0" if host is None else "HTTP/1.1"
        octets = message("GET", target or path, host=host or "", version=version)
        raw.send(octets.replace(b"Host: \r\n", b"") if host is None else octets)
        return raw.answer().status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("LOCALHOST:{port}", 200),
        ("[::1]:{port}", 200),
        ("192.0.2.7:{port}", 200),
        ("other.example:{port}", 421),
        ("other.example", 421),
        ("127.0.0.1", 421),
        ("[::1]", 421),
        ("localhost:1", 421),
        ("localhost.:{port}", 421),
        (None, 200),
    ],
)
def test_by_host(status_server: StatusServer, host: str | None, status: int) -> None:
    """An address of this machine, or localhost, with the port; HTTP/1.0 need not say."""
    made = status_server.scenario(421)
    port = status_server.url.rpartition(":")[2]
    given = None if host is None else host.format(port=port)

    assert status == status_of(status_server, path_of(made), given)


def test_by_absolute_target(status_server: StatusServer) -> None:
    """It wins over `Host` (RFC 9112, 3.2.2)."""
    made = status_server.scenario(421)
    host = status_server.url.partition("://")[2]
    foreign = f"http://other.example{path_of(made)}"

    assert 421 == status_of(status_server, path_of(made), host, foreign)
    assert 200 == status_of(status_server, path_of(made), "other.example", str(made))


def test_the_refusal_says_why(status_server: StatusServer) -> None:
    """It names the authority, and the section."""
    made = status_server.scenario(421)
    answer = play(status_server, made.trigger)[-1]

    assert "other.example is no origin of this server" == json.loads(answer.content)["detail"]
    assert made.exchanges[0].why.endswith("(RFC 9110, 7.4)")


def test_other_resources_take_any_host(status_server: StatusServer) -> None:
    """Only this scenario has an opinion."""
    assert 200 == status_of(status_server, "/200", "other.example")


def test_by_connection(status_server: StatusServer) -> None:
    """One that was used before is refused, whatever the method; a new one is served."""
    made = status_server.scenario(421, mode="connection")
    assert 2 == len(made.trigger)
    with Raw(status_server.url) as raw:
        first, *others = (raw.request(m, path_of(made)).status for m in ("GET", "GET", "POST"))
    assert (200, [421, 421]) == (first, others)
    assert 200 == play(status_server, made.relief)[-1].status


def test_a_connection_used_for_something_else(status_server: StatusServer) -> None:
    """Is one of another origin, too."""
    made = status_server.scenario(421, mode="connection")
    with Raw(status_server.url) as raw:
        assert 204 == raw.request("GET", "/status/204").status
        assert 421 == raw.request("GET", path_of(made)).status


def test_before_the_content(status_server: StatusServer) -> None:
    """The authority is known from the head: nothing is invited."""
    made = status_server.scenario(421)
    with Raw(status_server.url) as raw:
        lines = ("Expect: 100-continue", "Content-Length: 7")
        raw.send(message("POST", path_of(made), *lines, host="other.example"))
        answer = raw.answer("POST")

    assert (421, []) == (answer.status, answer.interim)
