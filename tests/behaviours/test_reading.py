"""The journal over HTTP: what a client in any language sees of what it did."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from pytest_httpcodes.behaviours import reading
from pytest_httpcodes.journal import Selection, View
from pytest_httpcodes.server import StatusServer
from tests.asking import ask, ask_json, statuses
from tests.raw import Raw, exchange, message

MEMBERS = ["complete", "statuses", "gaps", "early", "exchanges"]


OF_AN_EXCHANGE = [
    "connection",
    "number",
    "method",
    "target",
    "version",
    "headers",
    "interim",
    "status",
    "logged",
    "response_headers",
    "why",
    "started",
    "finished",
    "failure",
    "content",
]


def read(server: StatusServer, path: str = "", query: str = "") -> dict[str, Any]:
    """Read the journal of what happened below a path."""
    return ask_json(f"{server.url}/journal{path}?{query}")


def forget(server: StatusServer, path: str = "") -> int:
    """Forget what happened below a path; return the code."""
    return ask(f"{server.url}/journal{path}", method="DELETE").status


def test_empty(server: StatusServer) -> None:
    """A journal in which nothing is has the same members as any other."""
    answer = ask(f"{server.url}/journal")
    found = json.loads(answer.content)

    assert (200, "application/json") == (answer.status, answer.header("Content-Type"))
    assert "no-store" == answer.header("Cache-Control")
    assert MEMBERS == list(found)
    assert [True, [], [], [], []] == list(found.values())


def test_exchange(server: StatusServer) -> None:
    """An exchange has what Python sees of it."""
    url = f"{server.url}/status/503/k?retry_after=2"
    ask(url, "X-Why: \xe9", method="POST", content="caf\xe9".encode())
    ask(url)
    found = read(server)
    first, second = found["exchanges"]
    known = server.journal[0]

    assert OF_AN_EXCHANGE == list(first) == list(second)
    assert ([503, 503], [1]) == (found["statuses"], found["early"])
    assert ["POST", "/status/503/k?retry_after=2", "HTTP/1.1"] == [
        first["method"],
        first["target"],
        first["version"],
    ]
    assert [["Host", known.headers["Host"]], ["X-Why", "\xe9"], ["Content-Length", "5"]] == first[
        "headers"
    ]
    assert (503, 503, [], None, "caf\xe9") == (
        first["status"],
        first["logged"],
        first["interim"],
        first["failure"],
        first["content"],
    )
    assert ["Retry-After", "2"] in first["response_headers"]
    assert "503 was asked for (RFC 9110, 15.6.4)" == first["why"]
    assert first["started"] <= first["finished"] <= second["started"]
    assert [second["started"] - first["finished"]] == found["gaps"]


def test_documented() -> None:
    """Every member is in the module's own description, and no other is."""
    text = reading.__doc__ or ""

    assert all(f"`{name}`" in text for name in (*MEMBERS, *OF_AN_EXCHANGE))
    assert "`content_base64`" in text
    assert "`content_not_kept`" in text


def test_interim_and_no_answer(server: StatusServer) -> None:
    """Interim codes are listed; where no answer was sent, its status is null."""
    ask(f"{server.url}/status/103")
    exchange(server.url, message("GET", "/status/444"))
    exchange(server.url, message("GET", "/script/reset"))
    found = read(server)

    assert [200, None, None] == found["statuses"]
    assert [[103], [], []] == [each["interim"] for each in found["exchanges"]]
    assert [200, 444, None] == [each["logged"] for each in found["exchanges"]]


def test_answer_that_never_was_complete(server: StatusServer) -> None:
    """The gap behind an answer that is not complete is null, and so is its end."""
    with Raw(server.url) as raw:
        raw.send(message("GET", "/script/stall,200"))
        raw.is_silent()
        ask(f"{server.url}/script/stall,200")
        found = read(server)

    assert ([None, 200], [None]) == (found["statuses"], found["gaps"])
    assert found["exchanges"][0]["finished"] is None


def test_binary_content(server: StatusServer) -> None:
    """Content that is no UTF-8 is in Base64."""
    ask(f"{server.url}/status/200", method="PUT", content=b"\xff\x00")
    (entry,) = read(server)["exchanges"]

    assert "/wA=" == entry["content_base64"]
    assert "content" not in entry


def test_content_that_was_not_kept() -> None:
    """Content that is too large says so in its place, and how to keep it."""
    with StatusServer(keep_octets=3) as server:
        ask(f"{server.url}/status/200", method="PUT", content=b"1234")
        (entry,) = read(server)["exchanges"]

    assert "StatusServer(keep_octets=4) keeps it" in entry["content_not_kept"]
    assert "content" not in entry


# Waiting


def test_wait_for_what_comes(server: StatusServer) -> None:
    """`wait` answers once so many exchanges have finished."""
    found: list[dict[str, Any]] = []
    asking = threading.Thread(target=lambda: found.append(read(server, "/status/503", "wait=2")))
    asking.start()
    statuses(f"{server.url}/status/404", f"{server.url}/status/503", f"{server.url}/status/503/k")
    asking.join(5)

    assert [(True, [503, 503])] == [(each["complete"], each["statuses"]) for each in found]


@pytest.mark.parametrize("timeout", ["0", "0.0", "0.15"])
def test_wait_in_vain(server: StatusServer, timeout: str) -> None:
    """What has not come in time is said, with what has."""
    ask(f"{server.url}/status/404")
    found = read(server, "", f"wait=2&timeout={timeout}")

    assert (False, [404]) == (found["complete"], found["statuses"])


def test_wait_for_what_has_come(server: StatusServer) -> None:
    """What is there already is not waited for; neither is nothing."""
    ask(f"{server.url}/status/404")

    assert read(server, "", "wait=1&timeout=0")["complete"]
    assert read(server, "", "wait=0")["complete"]


def test_wait_after_head(server: StatusServer) -> None:
    """HEAD is answered as GET is, without the content."""
    with Raw(server.url) as raw:
        raw.request("GET", "/status/404")
        answer = raw.request("HEAD", "/journal?wait=1")
        whole = raw.request("GET", "/journal?wait=1")

    assert (200, b"") == (answer.status, answer.content)
    assert f"{len(whole.content)}" == answer.header("Content-Length")


def test_wait_ends_with_the_server(server: StatusServer) -> None:
    """A reader that waits does not hold up the server's end."""
    with Raw(server.url) as raw:
        raw.send(message("GET", "/journal?wait=1&timeout=60"))

        assert raw.is_silent()
        begun = time.monotonic()
        server.stop()
        assert 0.5 > time.monotonic() - begun
        assert b"" == raw.end()[0]


# Of methods, options, limits


def test_other_methods(server: StatusServer) -> None:
    """Other methods are refused, and OPTIONS says which are not."""
    refused = ask(f"{server.url}/journal", method="POST", content=b"")
    told = ask(f"{server.url}/journal", method="OPTIONS")

    assert (405, 204) == (refused.status, told.status)
    assert "GET, HEAD, DELETE, OPTIONS" == refused.header("Allow") == told.header("Allow")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("odd=1", "there is no option 'odd' here; there are wait, timeout, delay, fault, at"),
        ("wait=x", "wait='x' is no count of exchanges; use 0 or more"),
        ("wait=-1", "wait='-1' is no count"),
        ("wait=", "wait='' is no count"),
        ("wait=1.5", "wait='1.5' is no count"),
        ("wait=1&timeout=x", "timeout='x' is out of range; use 0 to 60 seconds"),
        ("wait=1&timeout=61", "timeout='61' is out of range"),
        ("wait=1&timeout=nan", "timeout='nan' is out of range"),
        ("wait=1&timeout=-1", "timeout='-1' is out of range"),
        ("wait=1&wait=2", "the option 'wait' is given twice"),
        ("delay=x", "delay='x' is no number"),
        ("at=start", "at='start' is the place of a fault"),
    ],
)
@pytest.mark.parametrize("path", ["", "/status/503"])
def test_wrong_option(server: StatusServer, path: str, query: str, expected: str) -> None:
    """An option that does not exist, or is out of range, is a 400 that says what there is."""
    answer = ask(f"{server.url}/journal{path}?{query}")

    assert 400 == answer.status
    assert expected in json.loads(answer.content)["detail"]


def test_delay_and_fault(server: StatusServer) -> None:
    """The journal too comes later, or breaks, when it is asked to."""
    ask(f"{server.url}/journal?delay=0.001")
    octets, how = exchange(server.url, message("GET", "/journal?wait=0&fault=reset&at=content:3"))

    assert octets.endswith(b"\r\n\r\n{\n ")
    assert "RST" == how


def test_journal_that_was_full(server: StatusServer) -> None:
    """A journal that did not keep everything says so, until all is forgotten."""
    ask(f"{server.url}/status/404")
    server.journal.dropped = 3
    full = ask(f"{server.url}/journal")
    waited = ask(f"{server.url}/journal/status?wait=1")
    forget(server, "/status")
    still = ask(f"{server.url}/journal")
    forget(server)

    assert [410, 410, 410] == [full.status, waited.status, still.status]
    assert "DELETE /journal starts a new one" in json.loads(full.content)["detail"]
    assert 200 == ask(f"{server.url}/journal").status


def test_summary_is_of_one_moment(server: StatusServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes while the journal is being read is not in half of it."""
    url = server.script(503, retry_after=9)
    statuses(url, url)
    selection = Selection(server.journal, lambda exchange: True)
    asked = vars(View)["statuses"].fget

    def later(self: View) -> list[int | None]:
        statuses(url)
        return list(asked(self))

    monkeypatch.setattr(View, "statuses", property(later))
    found = reading.summary(selection, complete=True)

    assert (2, 1, [1], 2) == (
        len(found["statuses"]),
        len(found["gaps"]),
        found["early"],
        len(found["exchanges"]),
    )
