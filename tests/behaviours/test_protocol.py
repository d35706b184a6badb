"""What the wire refuses, at an address of its own: 414 431 494 501 505; and 444."""

from __future__ import annotations

import json

import pytest

from pytest_httpcodes import StatusServer
from tests.raw import Raw, exchange, message
from tests.scenarios import by_raw, path_of, play


@pytest.mark.parametrize("code", [414, 431, 505])
def test_the_connection_closes(status_server: StatusServer, code: int) -> None:
    """The answer says so, and belongs to the instance."""
    made = status_server.scenario(code)
    answer = play(status_server, made.trigger)[-1]

    assert (code, "close") == (answer.status, answer.headers["Connection"])
    assert [code] == made.statuses
    assert code == json.loads(answer.content)["status"]


def test_501_goes_on(status_server: StatusServer) -> None:
    """An unknown method is framed like any other (RFC 9112, 6)."""
    path = path_of(status_server.scenario(501))
    with Raw(status_server.url) as raw:
        assert 501 == raw.request("FROBNICATE", path, content=b"content").status
        assert 200 == raw.request("GET", path).status


@pytest.mark.parametrize(("length", "status"), [(100, 200), (101, 414)])
def test_the_longest_target(length: int, status: int) -> None:
    """Is the last one that is served."""
    with StatusServer(max_target=100) as server, Raw(server.url) as raw:
        target = "/414/" + "k" * (length - 5)
        assert status == raw.request("GET", target).status


def test_431_names_the_field(status_server: StatusServer) -> None:
    """And must not be stored (RFC 6585, 5)."""
    made = status_server.scenario(431)
    answer = play(status_server, made.trigger)[-1]

    assert "the field 'Cookie' has over 16384 octets" in json.loads(answer.content)["detail"]
    assert "no-store" == answer.headers["Cache-Control"]
    assert 200 == by_raw(made.relief[0]).status  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        [f"X-{number}: {'x' * 1000}" for number in range(70)],
        [f"X-{number}: x" for number in range(1001)],
    ],
)
@pytest.mark.parametrize(("code", "status"), [(431, 431), (494, 400)])
def test_a_head_that_is_too_large(
    status_server: StatusServer, code: int, status: int, fields: list[str]
) -> None:
    """As a whole, or in the number of its fields."""
    made = status_server.scenario(code)
    with Raw(status_server.url) as raw:
        assert status == raw.request("GET", path_of(made), *fields).status
    assert [code] == [one.logged for one in made.exchanges]


def test_494_is_a_400_on_the_wire(status_server: StatusServer) -> None:
    """In nginx's words; the journal has what nginx logs."""
    made = status_server.scenario(494)
    answer = play(status_server, made.trigger)[-1]

    assert 400 == answer.status
    assert "text/html" == answer.headers["Content-Type"]
    assert b"<title>400 Request Header Or Cookie Too Large</title>" in answer.content
    assert ("close", "no-store") == (
        answer.headers["Connection"],
        answer.headers["Cache-Control"],
    )
    assert [(400, 494)] == [(one.status, one.logged) for one in made.exchanges]


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/3.0", "HTTP/0.9"])
def test_505_names_what_is_spoken(status_server: StatusServer, version: str) -> None:
    """In a complete answer of HTTP/1.1 (RFC 9110, 15.6.6)."""
    with Raw(status_server.url) as raw:
        answer = raw.request("GET", "/505", version=version)

    assert (505, "HTTP/1.1") == (answer.status, answer.version)
    assert (
        f"{version} is not spoken here; HTTP/1.1 and HTTP/1.0 are"
        == (json.loads(answer.content)["detail"])
    )


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.2", "HTTP/1.9"])
def test_the_same_major_version(status_server: StatusServer, version: str) -> None:
    """Is spoken, whatever the minor one is (RFC 9110, 6.2)."""
    with Raw(status_server.url) as raw:
        assert 200 == raw.request("GET", "/505", version=version).status


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (b"", "FIN")),
        ({"how": "reset"}, (b"", "RST")),
        ({"octets": 8}, (b"HTTP/1.1", "FIN")),
        ({"octets": 17}, (b"HTTP/1.1 200 OK\r\n", "FIN")),
        ({"octets": 8, "how": "reset"}, (b"HTTP/1.1", "RST")),
    ],
)
def test_444(
    status_server: StatusServer, options: dict[str, object], expected: tuple[bytes, str]
) -> None:
    """No octet, or so many of a status line, then FIN or RST; any method, known or not."""
    made = status_server.scenario(444, **options)
    for method in ("GET", "POST", "FROBNICATE"):
        assert expected == exchange(status_server.url, message(method, path_of(made)))

    assert [(None, 444)] * 3 == [(one.status, one.logged) for one in made.exchanges]


def test_444_on_a_connection_in_use(status_server: StatusServer) -> None:
    """As a connection that went stale."""
    made = status_server.scenario(444)
    with Raw(status_server.url) as raw:
        assert 204 == raw.request("GET", "/status/204").status
        raw.send(message("GET", path_of(made)))
        assert (b"", "FIN") == raw.end()


def test_444_before_the_content(status_server: StatusServer) -> None:
    """Nobody is invited to send it."""
    made = status_server.scenario(444)
    octets = message("POST", path_of(made), "Expect: 100-continue", "Content-Length: 7")

    assert (b"", "FIN") == exchange(status_server.url, octets)
    assert () == made.relief
    assert "FIN" == exchange(status_server.url, made.trigger[0].octets)[1]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "options", [{"octets": 18}, {"octets": -1}, {"how": "loudly"}, {"size": 1}]
)
def test_444_with_wrong_options(status_server: StatusServer, options: dict[str, object]) -> None:
    """Says what would be right."""
    with pytest.raises(ValueError, match="0 to 17|close, reset|there are how, octets, delay"):
        status_server.scenario(444, **options)
