"""What was there once and will not be again: 410."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from pytest_httpcodes import Request, StatusServer, scenarios
from pytest_httpcodes.behaviours.gone import gone
from tests.asking import ask, ask_json, statuses
from tests.raw import Raw
from tests.scenarios import SENDERS, by_raw, path_of, play


@pytest.mark.parametrize("client", SENDERS)
def test_gone(status_server: StatusServer, client: str) -> None:
    """410: for good, which it says; only what is about the resource is answered."""
    url = status_server.scenario(410)
    answer = SENDERS[client](Request("GET", url))
    methods = ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "GET")
    found = [SENDERS[client](Request(method, url)).status for method in methods]
    said = json.loads(answer.content)

    assert (410, False) == (answer.status, said["temporary"])
    assert [410, 410, 410, 410, 200, 200, 410] == found
    assert "RFC 9110, 15.5.11" in url.exchanges[0].why
    assert () == url.relief


@pytest.mark.parametrize("client", SENDERS)
def test_after(status_server: StatusServer, client: str) -> None:
    """The first so many GETs succeed, without a word of when it ends."""
    url = status_server.scenario(410, after=2)
    answers = play(status_server, url.trigger, SENDERS[client])

    assert [200, 200, 410] == [answer.status for answer in answers]
    assert [] == [answer for answer in answers if "sunset" in answer.headers]


def test_head_does_not_count(status_server: StatusServer) -> None:
    """A HEAD is answered as the next GET will be, and leaves it to come."""
    url = status_server.scenario(410, after=1)
    methods = ("HEAD", "HEAD", "OPTIONS", "GET", "HEAD", "GET")
    found = [ask(url, method=method).status for method in methods]

    assert [200, 200, 200, 200, 410, 410] == found


def test_head(status_server: StatusServer) -> None:
    """HEAD has the fields of a GET, and nothing follows it."""
    url = status_server.scenario(410)
    with Raw(url) as raw:
        got = raw.request("GET", path_of(url))
        head = raw.request("HEAD", path_of(url))
        silent = raw.is_silent(0.01)

    assert (410, b"", True) == (head.status, head.content, silent)
    assert str(len(got.content)) == head.header("Content-Length")


def test_by_hand(status_server: StatusServer) -> None:
    """`?after=` sets the instance; what has succeeded stays counted, until it is forgotten."""
    url = status_server.url_for("/410/mine")
    first = statuses(url, f"{url}?after=2", url, url, f"{url}?after=3", url)
    ask(status_server.url_for("/journal/410/mine"), method="DELETE")
    second = statuses(url, url, url, url)

    assert [410, 200, 200, 410, 200, 410] == first
    assert [200, 200, 200, 410] == second
    assert [410] == statuses(status_server.url_for("/410/yours"))


def test_relief_by_hand(status_server: StatusServer) -> None:
    """What gets past it by hand is the option; in Python a query is the client's."""
    made = status_server.scenario(410)
    app = status_server._app()
    url = status_server.url_for("/410/mine")
    by_hand = scenarios.find(410)(app.site, ("410", "mine"), {})
    requests = (*by_hand.trigger(url), *by_hand.relief(url))

    assert [410, 200] == [answer.status for answer in play(status_server, requests)]
    assert [410] == statuses(f"{made}?after=1")


def test_deleted(status_server: StatusServer) -> None:
    """A DELETE makes it gone at once, and nothing makes it come back."""
    url = status_server.scenario(410, after=9)
    methods = ("GET", "PUT", "DELETE", "GET", "PUT", "DELETE")
    found = [ask(url, method=method).status for method in methods]

    assert [200, 405, 204, 410, 410, 410] == found


def test_never_there(status_server: StatusServer) -> None:
    """404: what never was there is not gone."""
    url = status_server.scenario(410)

    assert [410, 404] == statuses(url, f"{url}/never")
    assert 404 == ask(f"{url}/never", method="PUT").status


def test_not_invited(status_server: StatusServer) -> None:
    """Content that is refused whatever it is has no 100 Continue."""
    url = status_server.scenario(410)
    with Raw(url) as raw:
        answer = raw.request("PUT", path_of(url), "Expect: 100-continue", "Content-Length: 5")

    assert (410, []) == (answer.status, answer.interim)


def test_page(status_server: StatusServer) -> None:
    """It is a page for a browser."""
    answer = ask(status_server.scenario(410), "Accept: text/html")

    assert (410, "text/html; charset=utf-8") == (answer.status, answer.header("Content-Type"))
    assert b"The condition is permanent." in answer.content


def test_together(status_server: StatusServer) -> None:
    """However many come at once, so many succeed and no more."""
    url = status_server.scenario(410, after=10)
    ready = threading.Barrier(8)
    found: list[int] = []

    def get() -> None:
        ready.wait()
        found.extend(statuses(*[url] * 5))

    threads = [threading.Thread(target=get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (10, 30) == (found.count(200), found.count(410))


@pytest.mark.parametrize("after", [-1, 1.5, "x", 1_000_001, None])
def test_wrong_option(status_server: StatusServer, after: Any) -> None:
    """A wrong number is refused in Python at once, and by hand with a 400 that names it."""
    wanted = "is no whole number from 0 to 1000000"
    with pytest.raises(ValueError, match=wanted):
        status_server.scenario(410, after=after)
    with pytest.raises(ValueError, match=wanted):
        gone(after)
    said = ask_json(status_server.url_for(f"/410/key?after={after}"))

    assert (400, f"after='{after}' {wanted}") == (said["status"], said["detail"])


def test_rule(status_server: StatusServer) -> None:
    """As a rule of any resource, with a number or a function that returns it."""
    left = [1]
    made = [
        status_server.resource(b"here", gone()),
        status_server.resource(b"here", gone(1)),
        status_server.resource(b"here", gone(lambda: left[0])),
        status_server.resource(None, gone()),
    ]
    found = [statuses(url, url) for url in made]
    left[0] = 2

    assert [[410, 410], [200, 410], [200, 410], [404, 404]] == found
    assert [200, 410] == statuses(made[2], made[2])
    by_raw(Request("DELETE", status_server.url_for("/journal/resource")))
    assert [200, 200, 410] == statuses(*[made[2]] * 3)
