"""408: heads and content that stall, over a raw socket."""

from __future__ import annotations

import json

import pytest

from pytest_httpcodes import StatusServer
from tests.raw import Raw, message
from tests.scenarios import path_of, play


def test_content_that_stalls(status_server: StatusServer) -> None:
    """The answer says how far it came, and the connection closes."""
    made = status_server.scenario(408, timeout=0.02)
    with Raw(status_server.url) as raw:
        raw.send(message("POST", path_of(made), "Content-Length: 10") + b"abc")
        answer = raw.answer("POST")
        assert (b"", "FIN") == raw.end()

    assert (408, "close") == (answer.status, answer.header("Connection"))
    problem = json.loads(answer.content)
    assert "the content stalled for 0.02 s after 3 octets" == problem["detail"]
    assert problem["temporary"] is True
    assert (408, b"abc") == (made.exchanges[0].status, made.exchanges[0].content)


def test_chunks_that_stall(status_server: StatusServer) -> None:
    """Within one of them."""
    made = status_server.scenario(408, timeout=0.02)
    with Raw(status_server.url) as raw:
        head = message("POST", path_of(made), "Transfer-Encoding: chunked")
        raw.send(head + b"5\r\nab")
        assert 408 == raw.answer("POST").status


@pytest.mark.parametrize("tail", [b"", b"Host: a\r\n", b"Host: a\r\nX-Half"])
def test_a_head_that_stalls(status_server: StatusServer, tail: bytes) -> None:
    """Once its request line is read, it is known whose it is."""
    made = status_server.scenario(408, timeout=0.02)
    with Raw(status_server.url) as raw:
        raw.send(b"GET %b HTTP/1.1\r\n" % path_of(made).encode() + tail)
        answer = raw.answer()

    assert 408 == answer.status
    assert "the head took over 0.02 s" == json.loads(answer.content)["detail"]
    assert [408] == made.statuses


def test_a_head_that_drips(status_server: StatusServer) -> None:
    """An octet now and then is no more time for it: it has so long as a whole."""
    made = status_server.scenario(408, timeout=0.1)
    with Raw(status_server.url) as raw:
        raw.send(b"GET %b HTTP/1.1\r\nX: " % path_of(made).encode())
        while raw.is_silent(0.02):
            raw.send(b"x")

        assert 408 == raw.answer().status


def test_the_second_request_on_a_connection(status_server: StatusServer) -> None:
    """Its time starts with its first octet, not with the connection's."""
    made = status_server.scenario(408, timeout=0.05)
    with Raw(status_server.url) as raw:
        assert 200 == raw.request("GET", path_of(made)).status
        assert raw.is_silent(0.07)
        raw.send(b"GET %b HTTP/1.1\r\n" % path_of(made).encode())

        assert 408 == raw.answer().status
    assert [(1, 200), (2, 408)] == [(one.number, one.status) for one in made.exchanges]


def test_by_hand(status_server: StatusServer) -> None:
    """An instance that only the request line names is made for it."""
    with Raw(status_server.url) as raw:
        raw.send(b"GET /408/mine?timeout=0.02 HTTP/1.1\r\nHost: a\r\n")
        assert 408 == raw.answer().status


@pytest.mark.parametrize("line", [b"GET /408", b"GET /408/_1 HTTP/1."])
def test_what_is_no_line_yet(line: bytes) -> None:
    """Has the time that any head has."""
    with StatusServer(head_timeout=0.02) as server, Raw(server.url) as raw:
        server.scenario(408, timeout=60)
        raw.send(line)
        answer = raw.answer()

    assert 408 == answer.status
    assert b"the head took over 0.02 s (head_timeout)" in answer.content


@pytest.mark.parametrize("target", ["/200", "nowhere", "/status/204?times=0", "*"])
def test_others_have_their_time(target: str) -> None:
    """So has what is refused later, for what it is."""
    with StatusServer(head_timeout=0.02) as server, Raw(server.url) as raw:
        raw.send(f"GET {target} HTTP/1.1\r\n".encode())
        assert 408 == raw.answer().status


def test_a_connection_that_idles() -> None:
    """Between two requests it closes in silence."""
    with StatusServer(idle_timeout=0.05) as server, Raw(server.url) as raw:
        assert 200 == raw.request("GET", "/408").status
        assert (b"", "FIN") == raw.end()


def test_an_invitation_that_nobody_takes(status_server: StatusServer) -> None:
    """The client was told to send, and does not."""
    made = status_server.scenario(408, timeout=0.02)
    with Raw(status_server.url) as raw:
        lines = ("Expect: 100-continue", "Content-Length: 4")
        raw.send(message("POST", path_of(made), *lines))
        answer = raw.answer("POST")

    assert ([100], 408) == ([one.status for one in answer.interim], answer.status)


def test_in_time(status_server: StatusServer) -> None:
    """What arrives piece by piece is as good as any other; the connection goes on."""
    made = status_server.scenario(408)
    octets = message("POST", path_of(made), "Content-Length: 4") + b"abcd"
    with Raw(status_server.url) as raw:
        for octet in octets:
            raw.send(bytes([octet]))
        assert 201 == raw.answer("POST").status
        assert 200 == raw.request("GET", path_of(made)).status
    assert 201 == play(status_server, made.relief)[-1].status
