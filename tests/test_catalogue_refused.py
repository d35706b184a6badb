"""What nothing is at, options that do not exist, methods that are not known."""

from __future__ import annotations

import json
from typing import NoReturn

import pytest

from pytest_httpcodes import Scenario, resource, scenarios
from pytest_httpcodes.behaviours.common import METHODS
from pytest_httpcodes.catalogue import FAMILIES, HINT, Catalogue
from pytest_httpcodes.resource import Resource
from pytest_httpcodes.server import StatusServer
from tests import memory
from tests.asking import ask
from tests.raw import Answer, Raw

ROOT = Resource()


def catalogue() -> Catalogue:
    """Return a catalogue of a site of its own."""
    return Catalogue(memory.site(), lambda query: ROOT)


def find(known: Catalogue, target: str, method: str = "GET") -> resource.Resource:
    """Return what is at a target."""
    return known.find(memory.request(method, target).head).resource


def detail(answer: Answer) -> str:
    """Return what an error says."""
    return str(json.loads(answer.content)["detail"])


@pytest.mark.parametrize("method", ["GET", "POST", "PROPFIND", "OPTIONS"])
def test_unknown_path(server: StatusServer, method: str) -> None:
    """An unknown path is a 404 that says what there is, to any known method."""
    answer = ask(f"{server.url}/nowhere", method=method)

    assert 404 == answer.status
    assert f"nothing is at '/nowhere'; {HINT}" == detail(answer)
    assert all(usage in HINT for usage in ("/ (the catalogue)", "/journal", "KEY"))


def test_hint_shows_addresses(server: StatusServer) -> None:
    """The examples that an unknown path is told of are there."""
    for family in FAMILIES.values():
        assert f"{family.usage} such as {family.example}" in HINT
        assert "nothing is at" not in ask(server.url + family.example).content.decode()


@pytest.mark.parametrize("path", ["/498", "/999/k", "/599"])
def test_bare_code(server: StatusServer, path: str) -> None:
    """A code without a scenario is told where that code is always answered."""
    code = path[1:4]
    answer = ask(server.url + path)

    assert f"nothing is at {path!r}; /status/{code} always answers {code}; there is" in detail(
        answer
    )


def test_long_path(server: StatusServer) -> None:
    """A message shows the start of a path, and no control character."""
    answer = ask(f"{server.url}/%0D%0A{'x' * 5000}")

    assert 404 == answer.status
    assert "nothing is at '/\\r\\nxxx" in detail(answer)
    assert len(detail(answer)) < 600


def test_no_option_of_nowhere(server: StatusServer) -> None:
    """Nothing is wrong with the options of what is not there."""
    assert 404 == ask(f"{server.url}/nowhere?odd=1").status


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/?odd=1", "odd"),
        ("/status/404?odd", "odd"),
        ("/status/404/k/below?x=1&delay=0", "x"),
        ("/redirects/301?odd=1", "odd"),
        ("/redirects/end?odd=1", "odd"),
        ("/script/503,200?Times=1", "Times"),
        ("/journal?odd=1", "odd"),
        ("/journal/status?times=1", "times"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_option(server: StatusServer, path: str, name: str, method: str) -> None:
    """An unknown option is a 400 that names it and says what there is."""
    answer = ask(server.url + path, method=method)

    assert 400 == answer.status
    assert f"there is no option {name!r} here; there are " in detail(answer)
    assert "delay" in detail(answer).partition("there are")[2]


@pytest.mark.parametrize(
    "path",
    ["/", "/status/404", "/redirects/301", "/redirects/end", "/script/404", "/journal"],
)
def test_delay_and_fault_everywhere(server: StatusServer, path: str) -> None:
    """Every URL takes `delay`, and `fault` with `at`."""
    answer = ask(f"{server.url}{path}?delay=0.001")
    with Raw(server.url) as raw:
        raw.send(f"GET {path}?fault=close&at=content:1 HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        octets, how = raw.end()

    assert (answer.status, "FIN") == (int(octets[9:12]), how)
    assert 1 == len(octets.partition(b"\r\n\r\n")[2])


# Methods


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/status/200",
        "/redirects/301",
        "/redirects/end",
        "/script/200",
        "/journal",
        "/nowhere",
        "/status/200?odd=1",
    ],
)
@pytest.mark.parametrize("method", ["FROB", "get", "M-FROB", "CONNECTED"])
def test_unknown_method(server: StatusServer, path: str, method: str) -> None:
    """An unknown method is a 501, on any path."""
    assert 501 == ask(server.url + path, method=method).status


@pytest.mark.parametrize("method", sorted(METHODS - {"CONNECT"}))
def test_known_method(server: StatusServer, method: str) -> None:
    """A known method is that on any path."""
    with Raw(server.url) as raw:
        found = [
            raw.request(method, path).status
            for path in (
                "/status/299",
                "/script/299",
                "/nowhere",
                "/redirects/end",
                "/journal",
                "/",
            )
        ]

    assert [299, 299, 404, 200] == found[:4]
    assert all(code in (200, 204, 405) for code in found[4:])


@pytest.mark.parametrize("authority", ["example.org:443", "status:80", "127.0.0.1:1"])
def test_connect(server: StatusServer, authority: str) -> None:
    """CONNECT is known, and an origin has no tunnels; the connection ends."""
    with Raw(server.url) as raw:
        answer = raw.request("CONNECT", authority)

    assert (405, "close") == (answer.status, answer.header("Connection"))
    assert "CONNECT" not in (answer.header("Allow") or "CONNECT")


def test_connect_of_a_path() -> None:
    """CONNECT never finds what another method has found at the same target."""
    known = catalogue()
    find(known, "/status/200")
    head = memory.request(target="/status/200").head
    head.method = "CONNECT"

    assert () == known.find(head).key


def test_options_of_the_server(server: StatusServer) -> None:
    """`OPTIONS *` is about the server as a whole."""
    with Raw(server.url) as raw:
        answer = raw.request("OPTIONS", "*")
        path = raw.request("OPTIONS", "/status/404")

    assert (204, 404) == (answer.status, path.status)
    assert "PROPFIND" in (answer.header("Allow") or "")


def test_scheme_that_is_not_spoken(server: StatusServer) -> None:
    """An absolute target of another scheme is misdirected, wherever it leads."""
    with Raw(server.url) as raw:
        found = [
            raw.request("GET", f"{scheme}://example.org/status/404").status
            for scheme in ("https", "ftp", "HTTP")
        ]

    assert [421, 421, 404] == found


@pytest.mark.parametrize("error", [ValueError("of its own"), KeyError("of its own")])
def test_a_scenario_that_fails(
    server: StatusServer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Is a fault of ours, and no mistake in the URL."""

    def begin(scenario: Scenario) -> NoReturn:
        raise error

    monkeypatch.setattr(scenarios.find(404), "begin", begin)
    answer = ask(f"{server.url}/404/mine")

    assert 590 == answer.status
    assert b"a scenario cannot be made: " in answer.content
