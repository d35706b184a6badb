"""What was found is found again, and what was forgotten is not."""

from __future__ import annotations

import threading

import pytest

from pytest_httpcodes import resource
from pytest_httpcodes.catalogue import Catalogue
from pytest_httpcodes.resource import Resource
from pytest_httpcodes.server import StatusServer
from tests import memory
from tests.asking import ask, statuses

ROOT = Resource()


def catalogue() -> Catalogue:
    """Return a catalogue of a site of its own."""
    return Catalogue(memory.site(), lambda query: ROOT)


def find(known: Catalogue, target: str, method: str = "GET") -> resource.Resource:
    """Return what is at a target."""
    return known.find(memory.request(method, target).head).resource


def test_cache_after_delete(server: StatusServer) -> None:
    """DELETE starts an instance again that was found before, and keeps it."""
    url = f"{server.url}/script/503,200/k"
    before = statuses(url, url)
    ask(f"{server.url}/journal", method="DELETE")

    assert [503, 200, 503, 200] == before + statuses(url, url)


def test_cache_after_new_endpoint(server: StatusServer) -> None:
    """A new endpoint takes its place from what was found there before."""
    url = f"{server.url}/status/404/_1"
    before = statuses(url, url)
    made = server.status(404, headers={"X-Why": "made"})

    assert made == url
    assert ([404, 404], "made") == (before, ask(url).header("X-Why"))
    assert [404] == made.statuses[2:]


def test_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more targets are remembered than fit, and each leads where it did."""
    monkeypatch.setattr("pytest_httpcodes.catalogue._FOUND", 3)
    known = catalogue()
    first = find(known, "/status/404")
    for number in range(10):
        assert first is find(known, "/status/404") is find(known, f"/status/404//{number}")
        assert len(known._found) <= 3


def test_queries_are_not_cached() -> None:
    """A request with options sets them each time; one without leaves them."""
    known = catalogue()
    find(known, "/status/503/k?times=1")
    find(known, "/redirects/301/k")
    find(known, "/nowhere")

    assert [] == list(known._found)


def test_memory_of_instances(server: StatusServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instances that a URL names are bounded; those of a test stay, with their counts."""
    monkeypatch.setattr(resource, "MAX_INSTANCES", 3)
    made = [server.script(503, 502, 200), server.status(503, times=1)]
    statuses(*made)
    for number in range(8):
        ask(f"{server.url}/script/503,200/{number}")

    assert [502, 200] == statuses(*made)
    assert [200, 503] == statuses(
        f"{server.url}/script/503,200/7", f"{server.url}/script/503,200/0"
    )


def test_evicted_instance_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What made room is not found any more, by the cache neither."""
    monkeypatch.setattr(resource, "MAX_INSTANCES", 1)
    known = catalogue()
    first = find(known, "/status/404/a")
    find(known, "/status/404/a")
    find(known, "/status/404/b")

    assert first is not find(known, "/status/404/a")


def test_concurrent_first_requests() -> None:
    """However many come first, there is one instance for all."""
    known = catalogue()
    ready = threading.Barrier(8, timeout=5)
    found: list[set[int]] = [set() for _ in range(200)]

    def look() -> None:
        ready.wait()
        for number, seen in enumerate(found):
            seen.add(id(find(known, f"/status/404/{number}")))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert [1] * 200 == [len(seen) for seen in found]
