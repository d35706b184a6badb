"""The members of a resource, and those who write one at the same moment."""

from __future__ import annotations

import threading

import pytest

from pytest_httpcodes import Received, Stage, StatusServer, rule
from pytest_httpcodes.behaviours import document
from pytest_httpcodes.behaviours.document import METHODS, Document, document_of
from tests import memory
from tests.asking import ask, statuses
from tests.raw import Raw, message
from tests.scenarios import path_of


def test_members(status_server: StatusServer) -> None:
    """A member has the methods of its document but for POST, and takes no members itself."""
    url = status_server.resource(b"x")
    ask(f"{url}/a", method="PUT", content=b"1")
    methods = (*METHODS, "PATCH")
    found = [ask(f"{url}/a", method=method).status for method in methods if method != "DELETE"]
    allow = ask(f"{url}/a", method="OPTIONS").header("Allow")

    assert [200, 200, 405, 204, 200, 200, 405] == found
    assert "GET, HEAD, PUT, DELETE, OPTIONS, TRACE" == allow
    assert [404, 404] == statuses(f"{url}/a/b", f"{url}/b")
    assert 204 == ask(f"{url}/a", method="DELETE").status
    assert 404 == ask(f"{url}/a").status


def test_members_of_what_cannot_be_put(status_server: StatusServer) -> None:
    """A document that allows no PUT has only the members that were posted."""
    url = status_server.resource(b"x", methods=["GET", "POST"])
    put = ask(f"{url}/a", method="PUT", content=b"1")
    ask(url, method="POST", content=b"2")

    assert (404, 405) == (put.status, ask(f"{url}/1", method="PUT").status)
    assert b"2" == ask(f"{url}/1").content


@pytest.mark.parametrize("name", ["a%20b", "%E2%98%83", "%FF", "a%2Fb", "%3F", "..."])
def test_names(status_server: StatusServer, name: str) -> None:
    """A name may have any octets, which its address has too."""
    url = status_server.resource(b"x")
    ask(f"{url}/{name}", method="PUT", content=b"1")

    assert b"1" == ask(f"{url}/{name}").content


def test_names_that_are_taken(status_server: StatusServer) -> None:
    """POST makes a name that there is not, and never one that it made before."""
    url = status_server.resource(b"x")
    ask(f"{url}/2", method="PUT", content=b"mine")
    where = [ask(url, method="POST").header("Location") for _ in range(2)]
    for path in where:
        ask(path or "", method="DELETE")
    where += [ask(url, method="POST").header("Location")]

    assert [f"{url}/1", f"{url}/3", f"{url}/4"] == where
    assert b"mine" == ask(f"{url}/2").content


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_oldest_member_makes_room(
    status_server: StatusServer, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Only so many are kept; its name is never that of another one."""
    monkeypatch.setattr(document, "MAX_MEMBERS", 3)
    url = status_server.resource(b"x")
    for number in range(1, 5):
        where = url if method == "POST" else f"{url}/{number}"
        assert 201 == ask(where, method=method, content=b"x").status

    assert [404, 200, 200, 200] == statuses(*[f"{url}/{number}" for number in range(1, 5)])
    ask(f"{url}/2", method="PUT", content=b"y")
    assert [404, 200, 200, 200] == statuses(*[f"{url}/{number}" for number in range(1, 5)])


def test_what_is_refused_takes_no_room(
    status_server: StatusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PUT that creates nothing pushes nothing out."""
    monkeypatch.setattr(document, "MAX_MEMBERS", 1)
    url = status_server.resource(b"x")
    ask(f"{url}/kept", method="PUT", content=b"x")
    found = [
        ask(f"{url}/a", "Content-Range: bytes 0-0/1", method="PUT", content=b"x").status,
        ask(f"{url}/b", "If-Match: *", method="PUT", content=b"x").status,
        ask(f"{url}/c", method="DELETE").status,
    ]

    assert [400, 412, 404] == found
    assert 200 == ask(f"{url}/kept").status


def test_members_have_the_rules() -> None:
    """The rules of a document hold for its members, and know which one they are asked about."""
    seen: list[tuple[str, str, Document | None]] = []

    @rule(Stage.IDENTITY)
    def look(request: Received) -> None:
        found = document_of(request)
        seen.append((found.path, found.name, found.owner))

    made = Document(memory.site(), "/x/k", None, look)
    memory.steps(made.answer(memory.request()))
    memory.steps(made.member("a b").answer(memory.request()))

    assert [("/x/k", "", None), ("/x/k/a%20b", "a b", made)] == seen


# Conditions, and writers at once


def test_of_two_writers_one_wins(status_server: StatusServer) -> None:
    """Whoever is second finds another version than the one it wanted to replace: 412."""
    url = status_server.resource(b"x")
    etag = ask(url).header("ETag")
    found = _at_once(*[(url, f"If-Match: {etag}", f"{number}".encode()) for number in range(8)])

    assert [204] + [412] * 7 == sorted(found)


@pytest.mark.parametrize("below", ["", "/new"])
def test_of_two_creators_one_wins(status_server: StatusServer, below: str) -> None:
    """Whoever is second finds that there is one: 412."""
    url = status_server.resource(b"x" if below else None)
    found = _at_once(*[(url + below, "If-None-Match: *", b"%d" % n) for n in range(8)])

    assert [201] + [412] * 7 == sorted(found)
    assert 200 == ask(url + below).status


def test_it_is_created_once(status_server: StatusServer) -> None:
    """Of those who create one at once, one is told that it has."""
    url = status_server.resource(b"x")
    found = _at_once(*[(f"{url}/new", "X-A: b", b"%d" % number) for number in range(8)])

    assert [201] + [204] * 7 == sorted(found)


def _at_once(*wanted: tuple[str, str, bytes]) -> list[int]:
    # All heads are there, and let through, before any content is.
    found: list[int] = []
    ready = threading.Barrier(len(wanted))

    def put(url: str, field: str, content: bytes) -> None:
        with Raw(url) as raw:
            fields = (field, "Expect: 100-continue", f"Content-Length: {len(content)}")
            raw.send(message("PUT", path_of(url), *fields))
            raw._until(b"\r\n\r\n")
            ready.wait(5)
            raw.send(content)
            found.append(raw.answer().status)

    threads = [threading.Thread(target=put, args=each) for each in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_what_vanishes_meanwhile(status_server: StatusServer) -> None:
    """404: what was there when the head came is deleted before the content comes."""
    url = status_server.resource(b"x")
    with Raw(url) as raw:
        raw.send(message("DELETE", path_of(url), "Expect: 100-continue", "Content-Length: 1"))
        raw._until(b"\r\n\r\n")
        ask(url, method="DELETE")
        raw.send(b"x")
        answer = raw.answer()

    assert 404 == answer.status
