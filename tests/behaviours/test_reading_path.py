"""The journal of an instance or a path, and how it is forgotten."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from pytest_httpcodes.server import StatusServer
from tests.asking import ask, ask_json, statuses
from tests.raw import Raw, message


def read(server: StatusServer, path: str = "", query: str = "") -> dict[str, Any]:
    """Read the journal of what happened below a path."""
    return ask_json(f"{server.url}/journal{path}?{query}")


def forget(server: StatusServer, path: str = "") -> int:
    """Forget what happened below a path; return the code."""
    return ask(f"{server.url}/journal{path}", method="DELETE").status


@pytest.fixture
def busy(server: StatusServer) -> StatusServer:
    """Start a server and let some things happen in it, ten in all."""
    root = server.url
    for path in (
        "/status/503/a",
        "/status/503/b/below",
        "/status/404",
        "/script/503,200/a",
        "/script/503,200/a/below",
        "/script/503,200/b",
        "/nowhere/at/all",
        "/status/503?odd=1",
        "/status/404/a%2Fb",
    ):
        ask(root + path)
    with Raw(root) as raw:
        raw.request("GET", "http://example.org/status/404")
    return server


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", [503, 503, 404, 503, 200, 503, 404, 400, 404, 404]),
        ("/", [503, 503, 404, 503, 200, 503, 404, 400, 404, 404]),
        ("/status", [503, 503, 404, 400, 404, 404]),
        ("/status/", [503, 503, 404, 400, 404, 404]),
        ("/status/503", [503, 503, 400]),
        ("/status/503/a", [503]),
        ("/status/503/b", [503]),
        ("/status/503/b/below", [503]),
        ("/status/503/b/other", []),
        ("/status/503/c", []),
        ("/status/404", [404, 404, 404]),
        ("/status/404/a%2Fb", [404]),
        ("/status/404/a/b", []),
        ("/script", [503, 200, 503]),
        ("/script/503,200", [503, 200, 503]),
        ("/script/503%2C200/a", [503, 200]),
        ("/script/503,200/a/below", [200]),
        ("/script/503", []),
        ("/nowhere", [404]),
        ("/nowhere/at", [404]),
        ("/now", []),
        ("/journal", []),
    ],
)
def test_path(busy: StatusServer, path: str, expected: list[int]) -> None:
    """A path in the journal's URL is what happened there and below."""
    assert expected == read(busy, path)["statuses"]


@pytest.mark.parametrize("key", ["/k", "/a%2Fb", "/%E2%98%83", "/%FF"])
def test_chain(server: StatusServer, key: str) -> None:
    """All hops of a chain are its own, whichever link one asks for."""
    ask(f"{server.url}/redirects/301,302{key}")
    ask(f"{server.url}/redirects/302{key}")
    ask(f"{server.url}/redirects/end{key}")
    ask(f"{server.url}/redirects/301,302/other")

    for link in ("301,302", "end", "300"):
        assert [301, 302, 200] == read(server, f"/redirects/{link}{key}")["statuses"]


def test_chain_of_a_test(server: StatusServer) -> None:
    """So it is with a chain that a test made."""
    url = server.redirects(301, 302)
    ask(url)
    ask(url.replace("/301,302/", "/end/"))
    server.redirects(301, 302)

    assert [301, 200] == read(server, urlsplit(url).path)["statuses"]


def test_chain_without_a_key(server: StatusServer) -> None:
    """Chains without a KEY are one."""
    statuses(f"{server.url}/redirects/301", f"{server.url}/redirects/end")

    assert [301, 200] == read(server, "/redirects/301")["statuses"]
    assert [301, 200] == read(server, "/redirects")["statuses"]


@pytest.mark.parametrize(
    "target", ["/journal", "/journal/", "/journal?wait=0", "/journal/x", "/journal?odd=1"]
)
def test_not_in_itself(server: StatusServer, target: str) -> None:
    """What is asked of the journal is not in it, whatever the answer."""
    ask(server.url + target)

    assert [] == list(server.journal)


@pytest.mark.parametrize("target", ["/journals", "/journal.json", "/journalx/y", "/x/journal"])
def test_other_paths_are_in_it(server: StatusServer, target: str) -> None:
    """A path that only looks like the journal's is in it."""
    assert 404 == ask(server.url + target).status
    assert [404] == server.journal.statuses


# Forgetting


def test_forget_all(busy: StatusServer) -> None:
    """DELETE forgets all exchanges, and the counts of all scripts."""
    made = busy.script(503, 200)
    ask(made)
    answer = ask(f"{busy.url}/journal", method="DELETE")

    assert (204, b"") == (answer.status, answer.content)
    assert [] == list(busy.journal)
    assert [503, 503] == statuses(made, f"{busy.url}/script/503,200/a")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", [503, 503, 503, 503, 503, 503]),
        ("/", [503, 503, 503, 503, 503, 503]),
        ("/status", [503, 503, 200, 200, 200, 503]),
        ("/status/503", [503, 503, 200, 200, 200, 503]),
        ("/status/503/", [503, 503, 200, 200, 200, 503]),
        ("/status/503/a", [200, 503, 200, 200, 200, 200]),
        ("/status/503/a/below", [200, 200, 200, 200, 200, 200]),
        ("/script", [200, 200, 503, 503, 503, 200]),
        ("/script/503,200", [200, 200, 503, 503, 200, 200]),
        ("/script/503%2C200/a", [200, 200, 503, 200, 200, 200]),
        ("/script/503,200/a/below", [200, 200, 200, 200, 200, 200]),
        ("/script/503", [200, 200, 200, 200, 200, 200]),
        ("/script/503,201,200", [200, 200, 200, 200, 503, 200]),
        ("/nowhere", [200, 200, 200, 200, 200, 200]),
        ("/redirects", [200, 200, 200, 200, 200, 200]),
    ],
)
def test_forget_below(server: StatusServer, path: str, expected: list[int]) -> None:
    """DELETE of a path starts the counts of the instances there and below again."""
    made = server.status(503, times=1)
    root = server.url
    urls = (
        f"{root}/status/503",
        f"{root}/status/503/a",
        f"{root}/script/503,200/a",
        f"{root}/script/503,200",
        f"{root}/script/503,201,200/a",
        str(made),
    )
    ask(f"{urls[0]}?times=1")
    ask(f"{urls[1]}?times=1")
    statuses(*urls[2:], urls[4])
    assert 204 == forget(server, path)

    assert expected == statuses(*urls)


def test_forget_exchanges_below(busy: StatusServer) -> None:
    """DELETE of a path forgets what happened there, and nothing else."""
    forget(busy, "/status")

    assert [503, 200, 503, 404] == busy.journal.statuses


def test_forget_of_an_endpoint(server: StatusServer) -> None:
    """An endpoint of a test has nothing then, and goes on noting."""
    url = server.script(503, 502, 200)
    statuses(url, url)
    forget(server, urlsplit(url).path)
    statuses(url)

    assert [503] == url.statuses


def test_forget_an_open_exchange(server: StatusServer) -> None:
    """What is not finished yet is forgotten too."""
    with Raw(server.url) as raw:
        raw.send(message("GET", "/script/stall"))
        raw.is_silent()
        forget(server)

    assert [] == list(server.journal)
