"""COPY and MOVE: which code when, and what becomes of what is there (RFC 4918, 9.8 and 9.9)."""

from __future__ import annotations

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.webdav.trees import TreeEndpoint
from tests.behaviours.webdav.locker import Locker, parts, refused, submit
from tests.behaviours.webdav.test_propfind import values

CONTENTS = {"x": b"x", "y": b"y", "a/b": b"b", "a/c/d": b"d", "e/b": b"old", "e/z": b"z"}


@pytest.fixture
def made(status_server: StatusServer) -> TreeEndpoint:
    """Return a tree with files and collections."""
    return status_server.webdav(CONTENTS)


# method, source, destination, more fields, the code
TABLE: list[tuple[str, str, str, tuple[str, ...], int]] = [
    *(
        row
        for method in ("COPY", "MOVE")
        for row in (
            (method, "/x", "/new", (), 201),
            (method, "/x", "/a/new", (), 201),
            (method, "/x", "/y", (), 204),
            (method, "/x", "/y", ("Overwrite: T",), 204),
            (method, "/x", "/y", ("Overwrite: t",), 204),
            (method, "/x", "/y", ("Overwrite: F",), 412),
            (method, "/x", "/new", ("Overwrite: F",), 201),
            (method, "/x", "/y", ("Overwrite: maybe",), 400),
            (method, "/x", "/a", (), 204),
            (method, "/x", "/a/", (), 204),
            (method, "/x", "/new/", (), 201),
            (method, "/x", "/none/new", (), 409),
            (method, "/x", "/y/new", (), 409),
            (method, "/x", "/x", (), 403),
            (method, "/a", "/a/", (), 403),
            (method, "/a", "/new", (), 201),
            (method, "/a/", "/new/", (), 201),
            (method, "/a", "/x", (), 204),
            (method, "/a", "/e", (), 204),
            (method, "/a", "/e", ("Overwrite: F",), 412),
            (method, "/a/c", "/a", (), 204),
            (method, "/a", "/new", ("Depth: infinity",), 201),
            (method, "/a", "/new", ("Depth: 1",), 400),
            (method, "/x", "/new", ("Depth: 1",), 201),
            (method, "/none", "/new", (), 404),
            (method, "/x", "/a/%2E%2e/new", (), 400),
            (method, "/x", "/a/../new", (), 400),
            (method, "/x", "/a//", (), 403),
            (method, "/x", "", (), 403),
            (method, "/x", "/", (), 403),
        )
    ),
    ("COPY", "/a", "/new", ("Depth: 0",), 201),
    ("MOVE", "/a", "/new", ("Depth: 0",), 400),
    ("COPY", "/a", "/a/c/new", (), 201),
    ("MOVE", "/a", "/a/c/new", (), 403),
    ("MOVE", "/a", "/a/b", (), 403),
    ("COPY", "/a", "/", (), 204),
    ("MOVE", "/a", "/", (), 403),
    ("COPY", "/", "/new", (), 201),
    ("MOVE", "/", "/new", (), 403),
]


@pytest.mark.parametrize(("method", "source", "destination", "fields", "status"), TABLE)
def test_status(
    client: Locker,
    made: TreeEndpoint,
    method: str,
    source: str,
    destination: str,
    fields: tuple[str, ...],
    status: int,
) -> None:
    """Which code when; what is refused changes nothing, and 201 says where it is."""
    before = made.tree.contents()
    answer = client.to(method, source, destination, *fields)

    assert status == answer.status
    if status >= 400:
        assert before == made.tree.contents()
    elif status == 201:
        location = answer.header("location") or ""
        assert made.tree[location.removeprefix(made)] == before.get(source[1:])


@pytest.mark.parametrize(
    ("destination", "status"),
    [
        ("http://{host}{path}/new", 201),
        ("HTTP://{host}{path}/new", 201),
        ("{path}/new?query", 201),
        ("{path}/a%20b", 201),
        ("http://other.example{path}/new", 502),
        ("https://{host}{path}/new", 502),
        ("http://127.0.0.1:1{path}/new", 502),
        ("http://127.0.0.1:99999{path}/new", 400),
        ("http://{host}/elsewhere", 502),
        ("http://{host}", 502),
        ("/207/KEY/new", 502),
        ("ftp://other/x", 502),
        ("http://[::1/x", 400),
        ("http://other:port/x", 400),
        ("//{host}{path}/new", 400),
        ("new", 400),
        ("", 400),
        ("{path}/new#part", 400),
        ("{path}/a b", 400),
        ("{path}/%zz", 400),
        ("{path}/\xe4", 400),
    ],
)
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_destination(client: Locker, method: str, destination: str, status: int) -> None:
    """It names a place in this tree, by a URL or a path; 502 for any other (RFC 4918, 9.8.5)."""
    host = client.url.removeprefix("http://").partition("/")[0]
    value = destination.format(host=host, path=client.path)
    answer = client.ask(method, "/x", f"Destination: {value}")

    assert status == answer.status


def test_no_destination(client: Locker) -> None:
    """400: it "MUST be present" (RFC 4918, 9.8)."""
    assert (400, "") == refused(client.ask("COPY", "/x"))


def test_copy(client: Locker, made: TreeEndpoint) -> None:
    """All of it is there twice then, and each is a resource of its own."""
    client.to("COPY", "/a", "/new")
    client.put("/new/b", content=b"changed")

    assert {"new/": None, "new/b": b"changed", "new/c/": None, "new/c/d": b"d"} == {
        path: content for path, content in made.tree.contents().items() if path[:3] == "new"
    }
    assert b"b" == made.tree["a/b"]


def test_shallow_copy(client: Locker, made: TreeEndpoint) -> None:
    """The collection without its members."""
    client.to("COPY", "/a", "/new", "Depth: 0")

    assert ["new/"] == [path for path in made.tree.contents() if path[:3] == "new"]


def test_move(client: Locker, made: TreeEndpoint) -> None:
    """It is somewhere else then, and is what it was."""
    before = values(client, "/a/b", "resource-id", "creationdate")
    client.to("MOVE", "/a", "/new")

    assert before == values(client, "/new/b", "resource-id", "creationdate")
    assert "a" not in made.tree
    assert b"d" == made.tree["new/c/d"]


@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_membership(client: Locker, made: TreeEndpoint, method: str) -> None:
    """What is overwritten has the members of the source, and no others (RFC 4918, 9.8.4)."""
    client.to(method, "/a", "/e")

    found = made.tree.contents()
    assert {"e/": None, "e/b": b"b", "e/c/": None, "e/c/d": b"d"} == {
        path: content for path, content in found.items() if path.startswith("e/")
    }


@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_dead_properties(client: Locker, made: TreeEndpoint, method: str) -> None:
    """They go with the resource (RFC 4918, 9.8.2 and 9.9.1)."""
    update = b'<propertyupdate xmlns="DAV:"><set><prop><x xmlns="u">1</x></prop></set>%b'
    client.ask("PROPPATCH", "/x", content=update % b"</propertyupdate>")
    client.to(method, "/x", "/y")

    assert {"{u}x": '<x xmlns="u">1</x>'} == made.tree.properties("y")


@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_last_modified(
    status_server: StatusServer, client: Locker, made: TreeEndpoint, method: str
) -> None:
    """It does not go back where something older comes to a URL (RFC 4918, 8.8)."""
    status_server.clock.advance(10)
    made.tree.put("y", b"new")
    status_server.clock.advance(10)
    before = client.ask("HEAD", "/y").header("last-modified")
    client.to(method, "/x", "/y")

    answer = client.ask("GET", "/y", f"If-Modified-Since: {before}")
    assert (200, b"x") == (answer.status, answer.content)


def test_copy_becomes(client: Locker) -> None:
    """What is overwritten by a COPY of its kind is the same resource as before (RFC 5842, 2.3)."""
    before = values(client, "/y", "resource-id", "creationdate")
    client.to("COPY", "/x", "/y")
    assert before == values(client, "/y", "resource-id", "creationdate")

    source = values(client, "/x", "resource-id")
    client.to("MOVE", "/x", "/y")
    assert source == values(client, "/y", "resource-id")


def test_copy_over_a_locked_member(client: Locker, made: TreeEndpoint) -> None:
    """207 names what stays, and the rest is copied."""
    made.tree.lock("e/b")
    made.tree.put("e/c/q", b"q")
    made.tree.lock("e/c/q")
    answer = client.to("COPY", "/a", "/e")

    locked = ("423", "lock-token-submitted")
    assert {f"{client.path}/e/b": locked, f"{client.path}/e/c/q": locked} == parts(answer)
    found = {path: body for path, body in made.tree.contents().items() if path[:2] == "e/"}
    assert {"e/": None, "e/b": b"old", "e/c/": None, "e/c/d": b"d", "e/c/q": b"q"} == found


def test_copy_of_another_kind(client: Locker, made: TreeEndpoint) -> None:
    """A collection with a locked member is not replaced by a file, nor one within by another."""
    made.tree.lock("e/z")
    answer = client.to("COPY", "/x", "/e")
    assert [f"{client.path}/e/z"] == list(parts(answer))
    assert b"old" == made.tree["e/b"]
    made.tree.put("f/e", b"a file")
    made.tree.put("g/e/z", b"in a collection")
    made.tree.lock("g/e/z")
    assert [f"{client.path}/g/e/z"] == list(parts(client.to("COPY", "/f", "/g")))
    made.tree.unlock("g")
    assert 204 == client.to("COPY", "/f", "/g").status
    assert b"a file" == made.tree["g/e"]


@pytest.mark.parametrize("locked", ["a/c/d", "e/z"])
def test_move_is_atomic(client: Locker, made: TreeEndpoint, locked: str) -> None:
    """Nothing is moved where something of it, or of what is replaced, is locked (RFC 5842, 2.5)."""
    made.tree.lock(locked)
    before = made.tree.contents()
    answer = client.to("MOVE", "/a", "/e")

    assert {f"{client.path}/{locked}": ("423", "lock-token-submitted")} == parts(answer)
    assert before == made.tree.contents()


def test_locks_stay_behind(client: Locker, made: TreeEndpoint) -> None:
    """Neither COPY nor MOVE takes a lock along (RFC 4918, 7.6)."""
    made.tree.lock("x")
    client.to("COPY", "/x", "/copied")
    made.tree.unlock("x")
    token = client.lock("/x")
    assert 201 == client.to("MOVE", "/x", "/moved", f"If: (<{token}>)").status
    assert [] == made.tree.locks()


def test_lock_at_the_destination(client: Locker, made: TreeEndpoint) -> None:
    """It stays, and is on what comes there; one below what was replaced is gone."""
    token = client.lock("/e", "Depth: 0")
    below = client.lock("/e/z")
    assert 204 == client.to("MOVE", "/a", "/e", submit(token, below)).status
    assert [token] == [lock.token for lock in made.tree.locks()]


def test_copy_over_the_quota(status_server: StatusServer) -> None:
    """507, and nothing of it is there."""
    made = status_server.webdav({"a/b": b"x" * 10, "c": b"y"}, quota=100)
    client = Locker(made)
    before = made.tree.contents()
    assert (507, "quota-not-exceeded") == refused(client.to("COPY", "/a", "/d"))
    assert before == made.tree.contents()
    assert 201 == client.to("COPY", "/a/b", "/d").status
    assert 201 == client.to("MOVE", "/a", "/e").status
    made.tree.quota = 0
    # What makes it smaller is always possible.
    assert 204 == client.to("COPY", "/c", "/d").status


def test_copy_of_a_loop(client: Locker, made: TreeEndpoint) -> None:
    """It is copied once, and loops in itself (RFC 5842, 2.3.1)."""
    made.tree.bind("a/c/up", "a")
    assert 201 == client.to("COPY", "/a", "/new").status
    made.tree.put("new/only", b"here")
    assert b"here" == made.tree["new/c/up/only"]
    assert "a/only" not in made.tree


def test_move_by_another_way(client: Locker, made: TreeEndpoint) -> None:
    """Nor can a collection be moved below itself by a way that leads through it."""
    made.tree.bind("a/c/top", "")
    assert 403 == client.to("MOVE", "/a", "/a/c/top/a/c/new").status
    assert 403 == client.to("MOVE", "/a/c/top/a", "/a/new").status
    assert 403 == client.to("MOVE", "/a/c/top/a", "/a/c/top/new").status
    assert 201 == client.to("MOVE", "/a/c/top/a", "/new").status
    assert b"b" == made.tree["new/b"]
