"""Which resource a request is addressed to."""

from __future__ import annotations

import json

import pytest

from pytest_httpcodes import resource
from pytest_httpcodes.catalogue import Catalogue, key_of, scope_of
from pytest_httpcodes.resource import Resource
from pytest_httpcodes.server import StatusServer
from tests import memory
from tests.asking import ask, statuses
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


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/status/404", ("status", "404", "")),
        ("/status/404/", ("status", "404", "")),
        ("/status/404?times=3", ("status", "404", "")),
        ("/status/404/k", ("status", "404", "k")),
        ("/status/404/k/below/it", ("status", "404", "k")),
        ("/%73tatus/%34%30%34/%6b", ("status", "404", "k")),
        ("/status/404/a%2Fb", ("status", "404", "a/b")),
        ("/status/404/%E2%98%83", ("status", "404", "\u2603")),
        ("/status/404/%FF", ("status", "404", "\udcff")),
        ("/status/404/%00", ("status", "404", "\0")),
        ("/status/404/...", ("status", "404", "...")),
        ("/status/404/k/../x", ("status", "404", "k")),
        ("http://example.org/status/404/k", ("status", "404", "k")),
        ("/redirects/301,302", ("redirects", "")),
        ("/redirects/301%2C302/k", ("redirects", "k")),
        ("/redirects/end/k", ("redirects", "k")),
        ("/script/503,200", ("script", "503,200", "")),
        ("/script/503%2c200/k/below", ("script", "503,200", "k")),
        ("/", ("/",)),
        ("http://example.org", ("/",)),
        ("http://example.org?delay=0", ("/",)),
        ("/journal", ("journal",)),
        ("/journal/status", ("journal",)),
        ("/status", ()),
        ("/status/", ()),
        ("/status//k", ()),
        ("/status/99", ()),
        ("/status/4040", ()),
        ("/status/abc", ()),
        ("/status/404/.", ()),
        ("/status/404/..", ()),
        ("/status/404/%2e%2E/x", ()),
        ("/status/../status/404", ()),
        ("/./status/404", ()),
        ("//status/404", ()),
        ("/STATUS/404", ()),
        ("/script/", ()),
        ("/redirects/301/k/below", ()),
        ("/404", ("404", "shared")),
        ("/404/", ("404", "shared")),
        ("/404/shared", ("404", "shared")),
        ("/404?delay=0", ("404", "shared")),
        ("/%34%30%34/k", ("404", "k")),
        ("/404/k/below/it", ("404", "k")),
        ("/404/a%2Fb", ("404", "a/b")),
        ("http://example.org/404", ("404", "shared")),
        ("/404/.", ()),
        ("/404/%2E.", ()),
        ("/0404", ()),
        ("/resource", ()),
        ("/resource/_1", ()),
        ("/498", ()),
        ("/nowhere", ()),
    ],
)
def test_key(target: str, expected: tuple[str, ...]) -> None:
    """A path names an instance, and whatever is below it belongs to that; or it names none."""
    known = catalogue()
    found = known.find(memory.request(target=target).head)
    again = known.find(memory.request(target=target).head)

    assert expected == found.key == again.key


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ()),
        (["status"], ("status",)),
        (["status", "503"], ("status", "503")),
        (["status", "503", "k"], ("status", "503", "k")),
        (["status", "503", "k", "below"], None),
        (["script", "503,200"], ("script", "503,200")),
        (["redirects", "301,302"], ("redirects", "")),
        (["redirects", "301,302", "k"], ("redirects", "k")),
        (["nowhere"], None),
        (["nowhere", "at"], None),
        (["status", "abc"], None),
    ],
)
def test_scope(words: list[str], expected: tuple[str, ...] | None) -> None:
    """A path is that of the instances at it and below, or of none."""
    assert expected == scope_of(words)


def test_same_instance() -> None:
    """A path leads to one instance, however it is written; another KEY to another."""
    known = catalogue()
    first = find(known, "/status/404/k")

    assert first is find(known, "/status/404/k/below")
    assert first is find(known, "/status/404/%6B?delay=0")
    assert first is find(known, "http://example.org/status/404/k")
    assert first is not find(known, "/status/404/K")
    assert first is not find(known, "/status/404")
    assert first is not find(known, "/status/405/k")


def test_chains_hold_nothing() -> None:
    """A chain written by hand has no state, and is not kept."""
    known = memory.site()
    find(Catalogue(known, lambda query: ROOT), "/redirects/301,302/k")

    assert {} == known.instances


@pytest.mark.parametrize("path", ["", "/k", "/k/below"])
def test_state_of_an_instance(server: StatusServer, path: str) -> None:
    """What is shared counts for all that share it, and options stay until others are given."""
    url = f"{server.url}/status/503{path}"
    found = [ask(f"{url}?times=2").status, *statuses(url, url), ask(f"{url}?times=9").status]

    assert [503, 503, 200, 503] == found


# What the journal is told


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/journal", True),
        ("/journal/", True),
        ("/journal?wait=1", True),
        ("/journal/status", True),
        ("/%6Aournal", True),
        ("http://example.org/journal", True),
        ("/journals", False),
        ("/journal.json", False),
        ("/", False),
        ("/x/journal", False),
        ("/?journal", False),
        ("*", False),
    ],
)
def test_is_journal(target: str, expected: bool) -> None:
    """The journal's own paths are told from those that only look like them."""
    assert expected is catalogue().is_journal(target)


def test_is_no_journal_everywhere() -> None:
    """A script everywhere has the journal's paths too."""
    known = catalogue()
    known.add_everywhere(("script", "200", "_1"), Resource())

    assert not known.is_journal("/journal")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/status/404/k?x", ("status", "404", "k")),
        ("/redirects/301/k", ("redirects", "k")),
        ("/nowhere", ()),
        ("", ()),
        ("*", ()),
        ("x\xff", ()),
    ],
)
def test_key_at(target: str, expected: tuple[str, ...]) -> None:
    """A target of what is no request has a key too, and nothing is made for it."""
    site = memory.site()
    known = Catalogue(site, lambda query: ROOT)

    assert expected == known.key_at(target)
    assert {} == site.instances


def test_key_everywhere() -> None:
    """What no other endpoint has is a script's that is everywhere."""
    known = catalogue()
    known.add(("status", "404", "_1"), Resource())
    known.add_everywhere(("script", "200", "_2"), Resource())

    assert ("status", "404", "_1") == known.key_at("/status/404/_1/below")
    assert ("script", "200", "_2") == known.key_at("/status/404/k") == known.key_at("/x")


def test_malformed_request_of_an_endpoint(server: StatusServer) -> None:
    """What is refused before it was a request belongs to the endpoint that it names."""
    url = server.status(200)
    with Raw(url) as raw:
        path = url.removeprefix(server.url)
        raw.send(f"GET {path} HTTP/1.1\r\nHost: a\r\nX: {'x' * 20_000}\r\n\r\n".encode())
        answer = raw.answer()

    assert 431 == answer.status
    assert [431] == url.statuses


@pytest.mark.parametrize(("path", "expected"), [(["status"], None), (["x", "404"], None)])
def test_key_of_nothing(path: list[str], expected: None) -> None:
    """A family alone, and what is none, name no instance."""
    assert expected is key_of(path)
