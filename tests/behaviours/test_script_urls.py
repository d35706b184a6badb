"""Scripts in a URL: lists of codes and faults."""

from __future__ import annotations

import json

import pytest

from pytest_httpcodes.behaviours.faults import GARBAGE, KINDS
from pytest_httpcodes.server import StatusServer
from tests.asking import ask
from tests.raw import Raw, exchange, message


def codes(url: str, count: int) -> list[int]:
    """Ask so often; return the codes."""
    return [ask(url).status for _ in range(count)]


def test_by_hand(server: StatusServer) -> None:
    """A list in a URL is a script of its own for each KEY, and at any path below."""
    root = f"{server.url}/script/503%2C201"

    assert [503, 201, 201] == codes(root, 3)
    assert [503, 201] == [ask(f"{root}/k").status, ask(f"{root}/k/a/b").status]
    assert [503, 201] == [ask(f"{root}/other/a").status, ask(f"{root}/other").status]


def test_by_hand_options_stay(server: StatusServer) -> None:
    """Options in a query set the instance; a request without any leaves them, and the count."""
    root = f"{server.url}/script/503,502,201/k"
    first = ask(f"{root}?retry_after=3")
    second = ask(root)
    third = ask(f"{root}?header=X-A:b")

    assert [503, 502, 201] == [first.status, second.status, third.status]
    assert ["3", "3"] == [first.header("Retry-After"), second.header("Retry-After")]
    assert "b" == third.header("X-A")


def test_by_hand_times(server: StatusServer) -> None:
    """`times` in a URL is as in Python."""
    assert [503, 200] == codes(f"{server.url}/script/503?times=1", 2)


@pytest.mark.parametrize(
    ("word", "octets", "end"),
    [("close", b"", "FIN"), ("reset", b"", "RST"), ("garbage", GARBAGE, "FIN")],
)
def test_fault_words(server: StatusServer, word: str, octets: bytes, end: str) -> None:
    """A word for a fault is a reply that breaks before its first octet."""
    url = f"{server.url}/script/{word},200"
    found = exchange(url, message("GET", f"/script/{word},200"))

    assert (octets, end) == found
    assert 200 == ask(url).status


def test_truncate(server: StatusServer) -> None:
    """A truncated reply announces more than it has."""
    octets, end = exchange(server.url, message("GET", "/script/truncate?content=0123456789"))
    head, _, content = octets.partition(b"\r\n\r\n")

    assert (b"01234", "FIN") == (content, end)
    assert b"Content-Length: 10" in head


def test_stall(server: StatusServer) -> None:
    """A reply that stalls keeps the connection open, and other clients get theirs."""
    with Raw(server.url) as raw:
        raw.send(message("GET", "/script/stall,200"))

        assert raw.is_silent()
        assert 200 == ask(f"{server.url}/script/stall,200").status


@pytest.mark.parametrize("word", KINDS)
def test_every_fault_is_a_word(server: StatusServer, word: str) -> None:
    """There is a word for every kind of fault, and the next reply is whole."""
    with Raw(server.url) as raw:
        raw.send(message("GET", f"/script/{word},201/k"))
        _ = raw.is_silent() if word == "stall" else server.journal.wait(1)

    assert 201 == ask(f"{server.url}/script/{word},201/k").status


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        ("/script", 404, "nothing is at '/script'"),
        ("/script/", 404, "nothing is at '/script/'"),
        ("/script/99", 404, "'99' is no reply; there are codes from 100 to 999, close, half-"),
        ("/script/1000", 404, "'1000' is no reply"),
        ("/script/503,,200", 404, "'' is no reply"),
        ("/script/503,Reset", 404, "'Reset' is no reply"),
        ("/script/200?odd=1", 400, "there is no option 'odd' here; there are times, retry_after,"),
        ("/script/200?times=0", 400, "times=0 is no count of requests"),
        ("/script/200?fault=odd", 400, "fault='odd' is none; there are close, half-"),
    ],
)
def test_wrong_url(server: StatusServer, path: str, code: int, expected: str) -> None:
    """A URL that is wrong is answered with what would be right."""
    answer = ask(server.url + path)

    assert code == answer.status
    assert expected in json.loads(answer.content)["detail"]


def test_wrong_option_changes_nothing(server: StatusServer) -> None:
    """What is refused takes no reply, and leaves the options as they were."""
    root = f"{server.url}/script/503,201/k"
    found = [ask(root).status, ask(f"{root}?times=0").status, ask(root).status]

    assert [503, 400, 201] == found
