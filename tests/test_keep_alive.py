"""Persistent connections under control: how many requests they serve, and how they end."""

from __future__ import annotations

import pytest
import requests

from pytest_httpcodes import StatusServer
from tests.raw import Raw, message
from tests.scenarios import path_of


def test_only_so_many_requests() -> None:
    """The last answer says that it is that, and the connection closes."""
    with StatusServer(max_requests=3) as server, Raw(server.url) as raw:
        answers = [raw.request("GET", "/status/200") for _ in range(3)]
        assert [None, None, "close"] == [answer.header("Connection") for answer in answers]
        assert (b"", "FIN") == raw.end()
        raw.sock.close()


def test_what_is_pipelined_behind_the_last_one() -> None:
    """Is not answered (RFC 9112, 9.6)."""
    with StatusServer(max_requests=1) as server, Raw(server.url) as raw:
        raw.send(message("GET", "/status/200") * 2)
        assert "close" == raw.answer().header("Connection")
        assert (b"", "FIN") == raw.end()
        assert [200] == server.journal.statuses


def test_a_client_opens_another_connection() -> None:
    """The journal tells which exchange was on which."""
    with StatusServer(max_requests=2) as server, requests.Session() as session:
        for _ in range(5):
            assert 200 == session.get(server.url_for("/status/200")).status_code
        places = [(one.connection, one.number) for one in server.journal.exchanges]

    assert [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)] == places


@pytest.mark.parametrize("number", [-1, True, 1.5, "3"])
def test_no_number_of_requests(number: object) -> None:
    """Says what would be right."""
    with pytest.raises(ValueError, match="use 1 or more, or 0 for no limit"):
        StatusServer(max_requests=number)  # type: ignore[arg-type]


def test_an_unsolicited_408() -> None:
    """Comes on a connection that has rested for too long, and belongs to no exchange."""
    with StatusServer(idle_timeout=0.02, unsolicited_408=True) as server:
        with Raw(server.url) as raw:
            answer = raw.answer()
            assert (408, "close", b"") == (
                answer.status,
                answer.header("Connection"),
                answer.content,
            )
            assert (b"", "FIN") == raw.end()
        assert [] == server.journal.exchanges


def test_idle_after_an_answer() -> None:
    """As well, unless it is to be silent."""
    for unsolicited, status in ((True, b"HTTP/1.1 408 "), (False, b"")):
        made = StatusServer(idle_timeout=0.05, unsolicited_408=unsolicited)
        with made as server, Raw(server.url) as raw:
            assert 204 == raw.request("GET", "/status/204").status
            assert status == raw.end()[0][:13]


def test_a_second_origin_is_the_same() -> None:
    """It has all the options of the first."""
    with StatusServer(max_requests=1, unsolicited_408=True) as server:
        other = server.origin()
        assert other.unsolicited_408
        with Raw(other.url) as raw:
            assert "close" == raw.request("GET", "/200").header("Connection")


def test_kept_in_words_alone(status_server: StatusServer) -> None:
    """The connection closes behind an answer that did not say so: the stale-connection race."""
    made = status_server.status(200, fault="close", at="end")
    with Raw(status_server.url) as raw:
        answer = raw.request("GET", path_of(made))
        assert (200, None) == (answer.status, answer.header("Connection"))
        assert (b"", "FIN") == raw.end()


def test_closed_unasked(status_server: StatusServer) -> None:
    """An answer may say so at any time."""
    made = status_server.status(200, headers={"Connection": "close"})
    with Raw(status_server.url) as raw:
        assert "close" == raw.request("GET", path_of(made)).header("Connection")
        assert (b"", "FIN") == raw.end()


def test_by_hand_all_of_it(status_server: StatusServer) -> None:
    """The same from a URL."""
    with Raw(status_server.url) as raw:
        answer = raw.request("GET", "/200/mine?fault=close&at=end")
        assert (200, b"200 OK\n") == (answer.status, answer.content)
        assert (b"", "FIN") == raw.end()
    assert "broken by close at end" in status_server.journal[0].why
    assert [200] == status_server.journal.statuses
