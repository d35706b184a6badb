"""`status_server.webdav()`: what a test gives, reads and changes."""

from __future__ import annotations

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.webdav.locks import Lock
from tests.behaviours.webdav.locker import Locker, refused
from tests.raw import Raw
from tests.scenarios import path_of


def test_what_was_given(status_server: StatusServer) -> None:
    """Contents of any kind; what a path is below is made, too."""
    made = status_server.webdav({"a/": None, "a/b.txt": b"b", "c/d/ü e": "ü", "j": {"x": 1}})

    assert {
        "a/": None,
        "a/b.txt": b"b",
        "c/": None,
        "c/d/": None,
        "c/d/ü e": "ü".encode(),
        "j": b'{"x": 1}',
    } == made.tree.contents()
    client = Locker(made)
    assert "application/json" == client.ask("GET", "/j").header("content-type")
    assert "ü".encode() == client.ask("GET", "/c/d/%C3%BC%20e").content


def test_the_endpoint(status_server: StatusServer) -> None:
    """It is the collection's URL, and its exchanges are those of the whole tree."""
    made = status_server.webdav({"x": b"1"})
    other = status_server.webdav()
    assert made.endswith("/")
    assert {} == other.tree.contents()
    with Raw(made) as raw:
        raw.request("GET", path_of(made + "x"))
        raw.request("GET", path_of(made).rstrip("/"))
        raw.request("GET", path_of(other))
    assert [200, 200] == made.statuses
    assert [200] == other.statuses


def test_reading(status_server: StatusServer) -> None:
    """What there is, what there is not, and what a client has changed."""
    made = status_server.webdav({"a/b": b"1"}, quota=100)
    tree = made.tree
    assert b"1" == tree["a/b"]
    assert None is tree["a"]
    assert None is tree["a/"]
    assert None is tree[""]
    assert "a/b" in tree
    assert "b" not in tree
    assert (65, 100) == (tree.used, tree.quota)
    with pytest.raises(LookupError, match="nothing is at 'b'; there is a/, a/b"):
        tree["b"]
    Locker(made).put("/a/b", content=b"22")
    assert b"22" == tree["a/b"]
    assert {} == tree.properties("a/b")


def test_changing(status_server: StatusServer) -> None:
    """No quota and no lock stands in the way of the test."""
    made = status_server.webdav({"a/b": b"1"}, quota=10, locked=["a"])
    tree = made.tree
    tree.put("a/b", b"22")
    tree.put("a/new/", None)
    tree.put("a/new", None)
    tree.bind("c", "a")
    tree.bind("a/up", "")
    assert b"22" == tree["c/b"]
    tree.put("a/up/d", "x" * 100)
    assert tree["d"] == b"x" * 100
    assert ["a/", "a/b", "a/new/", "a/up/", "c/", "d"] == sorted(tree.contents())
    tree.delete("a")
    assert b"22" == tree["c/b"]
    assert [] == tree.locks()
    tree.quota = None
    assert None is tree.quota


@pytest.mark.parametrize("path", ["/a", "a//b", "a/../b", ".", "//", "/"])
def test_no_paths(status_server: StatusServer, path: str) -> None:
    """A path that no URL could name is a ValueError."""
    with pytest.raises(ValueError, match="is no path below a tree's root"):
        status_server.webdav({path: b""})


def test_wrong_contents(status_server: StatusServer) -> None:
    """What cannot be is a ValueError in the caller's line, and a lookup that fails is one."""
    with pytest.raises(ValueError, match="'a/b' is not possible: 'a' is a file"):
        status_server.webdav({"a": b"", "a/b": b""})
    with pytest.raises(ValueError, match="'a/' is that of a collection"):
        status_server.webdav({"a/": b"1"})
    with pytest.raises(ValueError, match="'a' is that of a collection"):
        status_server.webdav({"a/b": b"", "a": b""})
    with pytest.raises(ValueError, match="content="):
        status_server.webdav({"a": 7})  # type: ignore[dict-item]
    with pytest.raises(LookupError, match="nothing is at 'b'"):
        status_server.webdav({"a": b""}, locked=["b"])
    for quota in (-1, True, "7"):
        with pytest.raises(ValueError, match=f"quota={quota!r}"):
            status_server.webdav(quota=quota)  # type: ignore[arg-type]
    tree = status_server.webdav({"a": b""}).tree
    with pytest.raises(ValueError, match="root"):
        tree.delete("")
    with pytest.raises(LookupError, match="is in no collection"):
        tree.bind("x/y", "a")
    with pytest.raises(LookupError, match="is in no collection"):
        tree.bind("", "a")
    with pytest.raises(LookupError, match="nothing is at"):
        tree.bind("y", "z")


def test_locks(status_server: StatusServer) -> None:
    """Those of another principal, and those that a client takes out; all can be taken away."""
    made = status_server.webdav({"a/b": b"1", "c": b"2"}, locked=["a/b"])
    client = Locker(made)
    (held,) = made.tree.locks()
    assert isinstance(held, Lock)
    assert (("a", "b"), "someone else", True) == (held.root, held.principal, held.exclusive)
    assert (423, "lock-token-submitted") == refused(client.put("/a/b"))
    client.lock("/c")
    assert 2 == len(made.tree.locks())
    assert 1 == len(made.tree.locks("c"))
    made.tree.unlock("a")
    assert 204 == client.put("/a/b").status


def test_a_lock_goes_with_its_place(status_server: StatusServer) -> None:
    """Also where what is removed was locked at another place."""
    tree = status_server.webdav({"a/b": b"1", "a/c": b"2"}).tree
    tree.bind("other", "a")
    tree.lock("other/b")
    tree.lock("other/c")
    tree.delete("a/b")

    assert [("other", "c")] == [lock.root for lock in tree.locks()]


def test_a_lock_that_expires(status_server: StatusServer) -> None:
    """On the server's clock; as shared or shallow as the test wants it."""
    made = status_server.webdav({"a/b": b"1"})
    client = Locker(made)
    lock = made.tree.lock("a", "admin", exclusive=False, deep=False, timeout=10)
    assert not lock.exclusive
    assert 204 == client.put("/a/b").status
    assert 423 == client.put("/a/new").status
    assert 201 == Locker(made, "admin").put("/a/new", f"If: <{made}a/> (<{lock.token}>)").status
    status_server.clock.advance(11)
    assert 201 == client.put("/a/newer").status


def test_finite(status_server: StatusServer) -> None:
    """403 for all of it."""
    client = Locker(status_server.webdav(finite=True))

    assert (403, "propfind-finite-depth") == refused(client.ask("PROPFIND"))


def test_forgotten(status_server: StatusServer) -> None:
    """It is as it was planted, and the endpoint's tree is that one."""
    made = status_server.webdav({"a": b"1"}, locked=["a"])
    made.tree.put("b", b"2")
    made.tree.unlock("a")
    with Raw(made) as raw:
        raw.request("DELETE", f"/journal{path_of(made)}")

    assert {"a": b"1"} == made.tree.contents()
    assert 1 == len(made.tree.locks())


def test_breaks(status_server: StatusServer) -> None:
    """As any answer does."""
    made = status_server.webdav({"a": b"1"}, fault="close", at="start")
    with Raw(made) as raw:
        raw.send(f"GET {path_of(made)}a HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert (b"", "FIN") == raw.end()
