"""What is accepted, and acted upon later: 202."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from pytest_httpcodes import Answer, Request, StatusServer
from pytest_httpcodes.behaviours import document
from tests.asking import ask, ask_json, statuses
from tests.following import location
from tests.raw import Raw
from tests.scenarios import SENDERS, path_of, play


def hand_in(url: str, content: bytes = b"work") -> str:
    """Hand in a job; return the address of its monitor."""
    return location(ask(url, "Content-Type: text/plain", method="POST", content=content))


@pytest.mark.parametrize("client", SENDERS)
def test_accepted(status_server: StatusServer, client: str) -> None:
    """202: the answer names the monitor, twice, and says when it is worth asking."""
    url = status_server.scenario(202)
    answer = play(status_server, url.trigger, SENDERS[client])[-1]
    monitor = f"{url}/job-1"

    assert (202, monitor, "1") == (
        answer.status,
        answer.headers["Location"],
        answer.headers["Retry-After"],
    )
    assert {"state": "accepted", "monitor": monitor} == json.loads(answer.content)
    assert "application/json" == answer.headers["Content-Type"]
    assert "the job is accepted, and not done yet (RFC 9110, 15.3.3)" == url.exchanges[0].why


@pytest.mark.parametrize("client", SENDERS)
def test_until_it_is_done(status_server: StatusServer, client: str) -> None:
    """The monitor answers 200 twice, and then 303 to the result, which is what was done."""
    url = status_server.scenario(202)
    answers = play(status_server, url.relief, SENDERS[client])
    done = json.loads(answers[-1].content)

    assert [202, 200, 200, 303, 200] == [answer.status for answer in answers]
    assert f"{url}/result-1" == answers[3].headers["Location"]
    assert ("done", "POST", "to be worked on\n") == (done["state"], done["method"], done["content"])
    assert ["the job is not done yet (RFC 9110, 15.3.3)"] * 2 == [
        exchange.why for exchange in url.exchanges[1:3]
    ]
    assert "the job is done (RFC 9110, 15.4.4)" == url.exchanges[3].why


def test_it_says_when_to_come_again(status_server: StatusServer) -> None:
    """A client that heeds Retry-After is never early."""
    url = status_server.scenario(202)
    pauses = [request.pause for request in walk(url.relief, url)]

    assert [None, 1.0, 1.0, 1.0, None] == pauses


def walk(elements: tuple[Any, ...], url: str) -> list[Request]:
    """Return requests as they are for a monitor's answers."""
    content = json.dumps({"monitor": f"{url}/job-1"}).encode()
    answer = Answer(200, {"Retry-After": "1", "Location": f"{url}/result-1"}, content)
    return [element(answer) if callable(element) else element for element in elements]


def test_monitor(status_server: StatusServer) -> None:
    """The monitor says that the job is running, and is not for keeping."""
    url = status_server.scenario(202)
    monitor = hand_in(url)
    answer = ask(monitor)

    assert {"state": "running", "monitor": monitor} == json.loads(answer.content)
    assert ("no-store", "1") == (answer.header("Cache-Control"), answer.header("Retry-After"))
    assert (None, None) == (answer.header("ETag"), answer.header("Last-Modified"))


def test_redirect_to_the_result(status_server: StatusServer) -> None:
    """303: with a note that links to the result, and not for keeping either."""
    url = status_server.scenario(202, polls=0)
    answer = ask(hand_in(url))

    assert (303, "no-store") == (answer.status, answer.header("Cache-Control"))
    assert f'<a href="{url}/result-1">'.encode() in answer.content
    assert [303, 303] == statuses(f"{url}/job-1", f"{url}/job-1")


def test_result(status_server: StatusServer) -> None:
    """404: before the job is done there is no result; then there is one, which stays the same."""
    url = status_server.scenario(202, polls=1)
    monitor = hand_in(url)
    result = f"{url}/result-1"
    before = statuses(monitor, result)
    ask(monitor)
    first = ask(result)
    ask(monitor)
    again = ask(result, f"If-None-Match: {first.header('ETag')}")

    assert [200, 404] == before
    assert (200, 304) == (first.status, again.status)


def test_result_is_as_old_as_the_end_of_the_job(status_server: StatusServer) -> None:
    """Its date is when the job was done, however long the server has been there."""
    url = status_server.scenario(202, polls=0)
    monitor = hand_in(url)
    status_server.clock.advance(3600)
    date = ask(location(ask(monitor))).header("Last-Modified")

    assert date == ask(url).header("Date")


def test_jobs_do_not_mix(status_server: StatusServer) -> None:
    """Each job has a monitor and a result, whatever the others do."""
    url = status_server.scenario(202)
    first, second = hand_in(url, b"one"), hand_in(url, b"two")
    found = statuses(first, second, first, first, second, second)
    contents = [ask_json(f"{url}/result-{number}")["content"] for number in (1, 2)]

    assert [200, 200, 200, 303, 200, 303] == found
    assert ["one", "two"] == contents


def test_jobs_at_once(status_server: StatusServer) -> None:
    """Jobs that are handed in at the same moment are different ones."""
    url = status_server.scenario(202, polls=0)
    found: dict[str, str] = {}

    def work(text: str) -> None:
        monitor = hand_in(url, text.encode())
        found[text] = ask_json(location(ask(monitor)))["content"]

    threads = [threading.Thread(target=work, args=(f"job {n}",)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {f"job {n}": f"job {n}" for n in range(12)} == found


def test_polls_at_once(status_server: StatusServer) -> None:
    """However many ask at the same moment, two are told to wait."""
    url = status_server.scenario(202)
    monitor = hand_in(url)
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(ask(monitor).status)) for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [200] * 2 + [303] * 8 == sorted(found)


def test_head_polls_too(status_server: StatusServer) -> None:
    """A HEAD is answered as a GET would be, and counts as one."""
    url = status_server.scenario(202, polls=1)
    monitor = hand_in(url)
    with Raw(url) as raw:
        first = raw.request("HEAD", path_of(monitor))
        second = raw.request("HEAD", path_of(monitor))
        silent = raw.is_silent(0.01)

    assert (200, 303, b"", b"", True) == (
        first.status,
        second.status,
        first.content,
        second.content,
        silent,
    )


@pytest.mark.parametrize("polls", [0, 1])
def test_other_methods_do_not_poll(status_server: StatusServer, polls: int) -> None:
    """Of a monitor, only what asks for its state is counted and redirected."""
    url = status_server.scenario(202, polls=polls)
    monitor = hand_in(url)
    methods = ("OPTIONS", "POST", "PUT", "DELETE", "TRACE")
    found = [ask(monitor, method=method).status for method in methods]

    assert [200, 405, 405, 405, 405] == found
    assert [200] * polls + [303] == statuses(*[monitor] * (polls + 1))


def test_a_condition_comes_after_the_redirect(status_server: StatusServer) -> None:
    """A redirect wins over a condition (RFC 9110, 13.2.1), which before it is of no harm."""
    url = status_server.scenario(202, polls=1)
    monitor = hand_in(url)
    found = [ask(monitor, 'If-None-Match: "x"', "If-Match: *").status for _ in range(2)]

    assert [200, 303] == found


def test_nothing_else_is_taken(status_server: StatusServer) -> None:
    """The resource itself can be looked at, and nothing but handed work."""
    url = status_server.scenario(202)
    found = [ask(url, method=method).status for method in ("GET", "OPTIONS", "PUT", "DELETE")]

    assert [200, 200, 405, 405] == found
    assert 404 == ask(f"{url}/job-9", method="PUT").status


def test_by_hand(status_server: StatusServer) -> None:
    """`?polls=` sets the instance at any time; jobs are counted anew once it is forgotten."""
    url = status_server.url_for("/202/mine")
    monitor = hand_in(f"{url}?polls=1")
    found = statuses(monitor, f"{monitor}?polls=3", monitor, monitor)
    ask(status_server.url_for("/journal/202/mine"), method="DELETE")

    assert [200, 200, 200, 303] == found
    assert [404, 404] == statuses(monitor, f"{url}/result-1")
    assert monitor == hand_in(url)
    assert 404 == ask(status_server.url_for("/202/yours/job-1")).status


@pytest.mark.parametrize("polls", ["-1", "1001", "x", "", "1.0"])
def test_wrong_options(status_server: StatusServer, polls: str) -> None:
    """What is no number of polls says which are."""
    answer = ask(status_server.url_for(f"/202/mine?polls={polls}"), "Accept: text/plain")

    assert 400 == answer.status
    assert f"polls='{polls}' is no whole number from 0 to 1000".encode() in answer.content
    with pytest.raises(ValueError, match=r"is no whole number from 0 to 1000"):
        status_server.scenario(202, polls=polls)


def test_the_oldest_job_makes_room(
    status_server: StatusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only so many jobs and results are kept."""
    monkeypatch.setattr(document, "MAX_MEMBERS", 2)
    url = status_server.scenario(202)
    jobs = [hand_in(url) for _ in range(3)]

    assert [404, 200, 200] == statuses(*jobs)


def test_address_of_the_client(status_server: StatusServer) -> None:
    """The monitor and the result are on the origin that the client has named."""
    url = status_server.localhost + path_of(status_server.scenario(202, polls=0))
    monitor = hand_in(url)

    assert (f"{url}/job-1", f"{url}/result-1") == (monitor, location(ask(monitor)))
