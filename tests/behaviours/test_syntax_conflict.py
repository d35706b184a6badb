"""JSON content that conflicts with the state of its resource: 409."""

from __future__ import annotations

import json
import threading

import pytest

from pytest_httpcodes import Request, StatusServer
from tests.asking import ask, ask_json
from tests.behaviours.test_syntax import TYPE, problem, send
from tests.scenarios import SENDERS, play


@pytest.mark.parametrize("client", SENDERS)
def test_conflict(status_server: StatusServer, client: str) -> None:
    """409: what was made from an old revision is refused, with the current one; nothing changes."""
    url = status_server.scenario(409)
    before = ask_json(url)
    answer = SENDERS[client](
        Request("PUT", url, {"Content-Type": "application/json"}, b'{"rev": 1}')
    )
    said = json.loads(answer.content)

    assert (409, before["rev"], True) == (answer.status, said["rev"], said["temporary"])
    assert "made from rev 1, and the current rev is 2" in said["detail"]
    assert before == ask_json(url)
    assert "RFC 9110, 15.5.10" in url.exchanges[1].why


@pytest.mark.parametrize("client", SENDERS)
def test_resolved(status_server: StatusServer, client: str) -> None:
    """What was made from the current revision is taken, before a conflict and after one."""
    url = status_server.scenario(409)
    requests = (*url.relief, *url.trigger, *url.relief)
    answers = play(status_server, requests, SENDERS[client])

    assert [200, 204, 409, 200, 204] == [answer.status for answer in answers]
    assert {"rev": 4, "text": "mine"} == ask_json(url)


def test_current_revision(status_server: StatusServer) -> None:
    """The current revision is replaced, and counted; it has a new entity tag, for GET to tell."""
    url = status_server.scenario(409)
    first = ask(url)
    answer = send(url, '{"rev": 2, "text": "mine", "more": [1.5]}', method="PUT")
    again = send(url, '{"rev": 2, "text": "late"}', method="PUT")
    now = ask(url)

    assert [204, 409] == [answer.status, again.status]
    assert {"rev": 3, "text": "mine", "more": [1.5]} == json.loads(now.content)
    assert "application/json" == now.header("Content-Type")
    # RFC 9110, 9.3.4: no validators where what was stored is not what was sent.
    assert (None, None) == (answer.header("ETag"), answer.header("Last-Modified"))
    assert first.header("ETag") != now.header("ETag")


@pytest.mark.parametrize(
    "content",
    ["{}", '{"rev": "2"}', '{"rev": true}', '{"rev": 2.0}', '{"rev": null}', '{"rev": [2]}'],
)
def test_no_revision(status_server: StatusServer, content: str) -> None:
    """422: without a whole number as its revision, nobody knows what it was made from."""
    url = status_server.scenario(409)
    answer = send(url, content, method="PUT")

    assert (422, 2) == (answer.status, ask_json(url)["rev"])
    assert ["#/rev"] == [error["pointer"] for error in problem(answer)["errors"]]


@pytest.mark.parametrize("content", ["[]", '"rev"', "2", '{"rev": 2, "a": 1e400}'])
def test_no_document(status_server: StatusServer, content: str) -> None:
    """422: what is no object, or cannot be shown again, is wrong as a whole."""
    answer = send(status_server.scenario(409), content, method="PUT")

    assert (422, "#") == (answer.status, problem(answer)["errors"][0]["pointer"])


@pytest.mark.parametrize("rev", [-1, 0, 3, 2**53, 10**30])
def test_any_other_revision(status_server: StatusServer, rev: int) -> None:
    """409: a revision that is none, or not yet, is no better than an old one."""
    answer = send(status_server.scenario(409), json.dumps({"rev": rev}), method="PUT")

    assert (409, 2) == (answer.status, problem(answer)["rev"])


def test_conditions_come_first(status_server: StatusServer) -> None:
    """412: a conflict of entity tags is one of conditions, and wins over that of revisions."""
    url = status_server.scenario(409)
    tag = ask(url).header("ETag")
    stale = send(url, '{"rev": 1}', TYPE, 'If-Match: "stale"', method="PUT")
    current = send(url, '{"rev": 1}', TYPE, f"If-Match: {tag}", method="PUT")
    both = send(url, '{"rev": 2}', TYPE, f"If-Match: {tag}", method="PUT")

    assert [412, 409, 204] == [stale.status, current.status, both.status]


def test_removed(status_server: StatusServer) -> None:
    """The count goes on while there is no representation: an old revision stays old."""
    url = status_server.scenario(409)
    removed = ask(url, method="DELETE")
    old = send(url, '{"rev": 2}', method="PUT")
    created = send(url, json.dumps({"rev": problem(old)["rev"]}), method="PUT")

    assert [204, 409, 201] == [removed.status, old.status, created.status]
    assert {"rev": 4} == ask_json(url)


def test_members_of_revisions(status_server: StatusServer) -> None:
    """A member has revisions of its own, and none to start with."""
    url = f"{status_server.scenario(409)}/member"
    found = [send(url, f'{{"rev": {rev}}}', method="PUT").status for rev in (2, 0, 0, 1)]

    assert [409, 201, 409, 204] == found
    assert {"rev": 2} == ask_json(url)


def test_part_of_revision(status_server: StatusServer) -> None:
    """400: a part of a document is none (RFC 9110, 14.5)."""
    url = status_server.scenario(409)
    answer = send(url, '{"rev": 2}', TYPE, "Content-Range: bytes 0-9/10", method="PUT")

    assert (400, 2) == (answer.status, ask_json(url)["rev"])


def test_only_one_wins(status_server: StatusServer) -> None:
    """Of writers who all made theirs from the same revision, one gets a 204, the others a 409."""
    url = status_server.scenario(409)
    ready = threading.Barrier(8)
    found: list[int] = []

    def write(rev: int) -> None:
        ready.wait()
        found.append(send(url, json.dumps({"rev": rev}), method="PUT").status)

    for rev in range(2, 12):
        threads = [threading.Thread(target=write, args=(rev,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert (10, 70) == (found.count(204), found.count(409))
    assert 12 == ask_json(url)["rev"]
