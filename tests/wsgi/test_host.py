"""The application behind WSGI: what it answers, what it cannot, and what it remembers."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any
from unittest.mock import patch

import pytest

from pytest_httpcodes import Request
from pytest_httpcodes.resource import Resource, Rule, Stage
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Head, Reply
from pytest_httpcodes.wsgi import make_app
from pytest_httpcodes.wsgi.host import Host
from tests.wsgi.asking import ROOT, Application, ask, environ, get


@pytest.fixture
def app() -> Application:
    """Return an application of its own."""
    return make_app()


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("/status/103", "it takes an interim response"),
        ("/status/444", "it takes a connection that closes within the answer"),
        ("/status/426", "it takes the field Upgrade"),
        ("/status/407", "it takes the field Proxy-Authenticate"),
        ("/script/reset", "it takes a connection that is reset"),
        ("/script/stall", "it takes a connection that stalls"),
        ("/script/garbage", "it takes octets that are no part of a message"),
        ("/status/503?fault=close", "it takes an answer that breaks (fault)"),
        ("/404/mine?delay=0&fault", "it takes an answer that breaks (fault)"),
        ("/414", "the server in front parses the request"),
    ],
)
def test_what_wsgi_cannot_carry(app: Application, path: str, needed: str) -> None:
    """It is a 501 that says what it needs, and what has it."""
    answer = get(app, path)

    problem = json.loads(answer.content)
    assert (501, "application/problem+json") == (answer.status, answer.headers["Content-Type"])
    assert f"WSGI cannot carry this: {needed}; httpcodes serve can" == problem["detail"]
    (exchange,) = json.loads(get(app, "/journal").content)["exchanges"]
    assert (501, 501) == (exchange["status"], exchange["logged"])
    assert exchange["why"].endswith("(RFC 9110, 15.6.2)")


def test_a_script_goes_on_behind_what_cannot_be_carried(app: Application) -> None:
    """The n-th request got the n-th reply, though it could not be sent."""
    assert [503, 501, 200] == [get(app, "/script/503,reset,200").status for _ in range(3)]


def test_http10_misses_no_interim_response(app: Application) -> None:
    """It never gets one, so that the rest is all there is to carry."""
    answer = ask(app, Request("GET", f"{ROOT}/status/103", version="HTTP/1.0"))

    assert 200 == answer.status


def test_below_a_path(app: Application) -> None:
    """Addresses start at the root of an origin, so the application has to be there."""
    answer = get(app, "/status/404", SCRIPT_NAME="/codes", PATH_INFO="/status/404")

    assert 501 == answer.status
    assert b"at the root of an origin, not at '/codes'" in answer.content


def test_a_mistaken_url(app: Application) -> None:
    """It is a 404, or a 400, that says what there is."""
    assert [404, 400] == [get(app, path).status for path in ("/no", "/status/404?x=1")]


def test_methods(app: Application) -> None:
    """Those of the whole server, and those that it has nothing for."""
    told: list[str] = []
    for method, target in (("OPTIONS", "*"), ("CONNECT", "a.example:1"), ("FROBNICATE", "/")):
        made = environ(Request(method, ROOT), RAW_URI=target, PATH_INFO=target)
        app(made, lambda status, fields: told.append(status[:3]))

    assert ["204", "405", "501"] == told


def test_cors() -> None:
    """With the option, pages of other origins may read every answer."""
    answer = get(make_app(cors=True), "/status/404", HTTP_ORIGIN="http://page.example")

    assert "http://page.example" == answer.headers["Access-Control-Allow-Origin"]


@pytest.mark.parametrize("given", [{"max_content": -1}, {"keep_octets": 1.5}])
def test_wrong_options(given: dict[str, Any]) -> None:
    """A mistake is told where the application is made."""
    with pytest.raises(ValueError, match=r"=.* is out of range; use 0 or more octets"):
        make_app(**given)


def test_journal(app: Application) -> None:
    """It has each exchange, and is not in itself; a reader may wait, and make it forget."""
    get(app, "/status/503?retry_after=5", REMOTE_ADDR="192.0.2.7")
    ask(app, Request("POST", f"{ROOT}/404/mine", (), b"content"))
    told = json.loads(get(app, "/journal?wait=2").content)

    first, second = told["exchanges"]
    assert (True, [503, 404], [1]) == (told["complete"], told["statuses"], told["early"])
    assert ["Retry-After", "5"] in first["response_headers"]
    assert "503 was asked for (RFC 9110, 15.6.4)" == first["why"]
    assert [1, 2] == [first["connection"], second["connection"]]
    assert not json.loads(get(app, "/journal?wait=3&timeout=0").content)["complete"]
    assert 204 == ask(app, Request("DELETE", f"{ROOT}/journal")).status
    assert [] == json.loads(get(app, "/journal").content)["exchanges"]


def test_the_peer_is_who_the_server_says(app: Application) -> None:
    """Limits that count per address have one to go by."""
    statuses = [get(app, "/429/k", REMOTE_ADDR=f"192.0.2.{n}").status for n in (1, 1, 2)]

    assert [200, 429, 200] == statuses


def test_each_process_has_its_own(app: Application) -> None:
    """What is made before a fork is not shared behind it."""
    get(app, "/status/404")
    with patch("os.getpid", return_value=1):
        assert [] == json.loads(get(app, "/journal").content)["exchanges"]

    assert 1 == len(json.loads(get(app, "/journal").content)["exchanges"])


def test_the_import_is_cheap() -> None:
    """Whatever a server does before it forks, none of the rest is there yet."""
    code = (
        "import sys, pytest_httpcodes.wsgi; "
        "print(sorted(m for m in sys.modules if m.startswith(('werkzeug', 'pytest_httpcodes'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "['pytest_httpcodes', 'pytest_httpcodes.wsgi']" == done.stdout.strip()


def test_a_server_that_refuses_the_answer() -> None:
    """Its exception is its own; what the exchange holds is let go of all the same."""
    host = Host(False, 100, 100)
    ended: list[bool] = []

    def make(request: Received) -> Reply:
        request.at_end(lambda: ended.append(True))
        return (Head(204), End())

    def start(status: str, fields: list[tuple[str, str]]) -> None:
        raise TypeError(status)

    host._application.catalogue.add(("resource", "x"), Resource(Rule(Stage.RESULT, make)))
    with pytest.raises(TypeError, match="204 No Content"):
        host.answer(environ(Request("GET", f"{ROOT}/resource/x")), start)

    assert [True] == ended
