"""What the wire refuses, at an address of its own: 414 431 494 501 505; and 444."""

from __future__ import annotations

import json

import pytest

from pytest_httpcodes import StatusServer, scenarios
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


@pytest.mark.parametrize("code", [code for code in scenarios.codes() if code not in (421, 444)])
def test_501_before_all_else(status_server: StatusServer, code: int) -> None:
    """Whatever a resource would say, and without an invitation (RFC 9110, 9.1)."""
    made = status_server.scenario(code)
    fields = ("Expect: 100-continue", "Content-Length: 7")
    for path in (path_of(made), f"{path_of(made)}/below/it"):
        with Raw(status_server.url) as raw:
            raw.send(message("FROBNICATE", path, *fields))
            answer = raw.answer()

        assert (501, []) == (answer.status, answer.interim)
        assert answer.header("allow") is None


@pytest.mark.parametrize(("length", "status"), [(100, 200), (101, 414)])
def test_the_longest_target(length: int, status: int) -> None:
    """Is the last one that is served."""
    with StatusServer(max_target=100) as server, Raw(server.url) as raw:
        target = "/414/" + "k" * (length - 5)
        assert status == raw.request("GET", target).status


def test_the_data_of_a_long_target(status_server: StatusServer) -> None:
    """The same in a POST is stored (RFC 9110, 15.5.15: it "has improperly converted a POST")."""
    made = status_server.scenario(414)
    data = "x" * 10_000
    with Raw(status_server.url) as raw:
        assert 201 == raw.request("POST", path_of(made), content=data.encode()).status
        assert 414 == raw.request("GET", f"{path_of(made)}?{data}").status


@pytest.mark.parametrize(
    ("target", "cookie", "status", "logged"),
    [
        ("/414/mine?" + "x" * 8000, 20_000, 414, 414),
        ("/431/mine?" + "x" * 8000, 20_000, 414, 414),
        ("/494/mine?" + "x" * 8000, 20_000, 414, 414),
        ("/414/mine", 20_000, 431, 431),
        ("/431/mine", 20_000, 431, 431),
        ("/494/mine", 20_000, 400, 494),
        ("/nowhere", 20_000, 431, 431),
        ("/status/431", 10, 431, 431),
        ("/status/494", 10, 494, 494),
    ],
)
def test_which_of_them(
    status_server: StatusServer, target: str, cookie: int, status: int, logged: int
) -> None:
    """What comes first is refused first; nginx's 494 is one in the log alone, unless asked for."""
    with Raw(status_server.url) as raw:
        raw.send(message("GET", target, f"Cookie: {'x' * cookie}"))

        assert status == raw.answer().status
    assert [(status, logged)] == [(one.status, one.logged) for one in status_server.journal]


@pytest.mark.parametrize(
    ("limits", "fields", "status"),
    [
        ({"max_field": 100}, ["X: " + "x" * 97], 200),
        ({"max_field": 100}, ["X: " + "x" * 98], 431),
        ({"max_fields": 3}, ["A: a", "B: b"], 200),
        ({"max_fields": 3}, ["A: a", "B: b", "C: c"], 431),
        ({"max_head": 100, "max_field": 90, "max_target": 90}, ["X: " + "x" * 76], 200),
        ({"max_head": 100, "max_field": 90, "max_target": 90}, ["X: " + "x" * 77], 431),
    ],
)
def test_the_largest_head(limits: dict[str, int], fields: list[str], status: int) -> None:
    """Is the last one that is served: a field without its CRLF, all of them with theirs."""
    with StatusServer(**limits) as server, Raw(server.url) as raw:  # type: ignore[arg-type]
        raw.send(message("GET", "/431", *fields))

        assert status == raw.answer().status


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


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        # The preface of HTTP/2 (RFC 9113, 3.4); what is behind it is no request.
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", 505),
        (b"GET /nowhere HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"OPTIONS * HTTP/3.0\r\n\r\n", 505),
        (b"CONNECT a:1 HTTP/2.0\r\n\r\n", 505),
        (b"frobnicate /505 HTTP/2.0\r\n\r\n", 505),
        # No versions: "HTTP-version = HTTP-name "/" DIGIT "." DIGIT" (RFC 9112, 2.3).
        (b"GET /505 HTTP/1.10\r\nHost: a\r\n\r\n", 400),
        (b"GET /505 HTTP/2\r\nHost: a\r\n\r\n", 400),
        (b"GET /505 HTTP/01.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /505 http/1.1\r\nHost: a\r\n\r\n", 400),
        # HTTP/0.9 has none.
        (b"GET /505\r\n", 400),
    ],
)
def test_versions_in_octets(status_server: StatusServer, octets: bytes, status: int) -> None:
    """One complete answer in HTTP/1.1, and the connection closes."""
    with Raw(status_server.url) as raw:
        raw.send(octets)
        answer = raw.answer()
        assert (b"", "FIN") == raw.end()

    assert (status, "close", "HTTP/1.1") == (
        answer.status,
        answer.header("connection"),
        answer.version,
    )
    assert [(status, status)] == [(one.status, one.logged) for one in status_server.journal]


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
