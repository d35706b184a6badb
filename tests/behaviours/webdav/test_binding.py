"""BIND, UNBIND and REBIND: which code when, and with which condition (RFC 5842, 4 to 6)."""

from __future__ import annotations

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.webdav.trees import TreeEndpoint
from tests.behaviours.webdav.locker import Locker, refused, submit
from tests.behaviours.webdav.test_propfind import values

CONTENTS = {"file": b"12345", "other": b"o", "a/b": b"b", "a/c/d": b"d"}


@pytest.fixture
def made(status_server: StatusServer) -> TreeEndpoint:
    """Return a tree with files and collections."""
    return status_server.webdav(CONTENTS)


# method, target, segment, source, more fields, the code, the condition
TABLE: list[tuple[str, str, str, str, tuple[str, ...], int, str]] = [
    *(
        row
        for method, word in (("BIND", "bind"), ("REBIND", "rebind"))
        for row in (
            (method, "/a/", "new", "/file", (), 201, ""),
            (method, "/a", "new", "/file", (), 201, ""),
            (method, "/", "new", "/a/c", (), 201, ""),
            (method, "/", "new", "/a/c/", (), 201, ""),
            (method, "/a/", "b", "/file", (), 204, ""),
            (method, "/a/", "c", "/file", ("Overwrite: T",), 204, ""),
            (method, "/a/", "b", "/file", ("Overwrite: F",), 412, "can-overwrite"),
            (method, "/a/", "new", "/file", ("Overwrite: F",), 201, ""),
            (method, "/a/", "b", "/file", ("Overwrite: 1",), 400, ""),
            (method, "/", "file", "/file", (), 204, ""),
            (method, "/file", "new", "/other", (), 403, f"{word}-into-collection"),
            (method, "/none", "new", "/other", (), 404, ""),
            (method, "/a/", "new", "/none", (), 409, f"{word}-source-exists"),
            (method, "/a/", "", "/file", (), 403, "name-allowed"),
            (method, "/a/", ".", "/file", (), 403, "name-allowed"),
            (method, "/a/", "%2e.", "/file", (), 403, "name-allowed"),
            (method, "/a/", "x/y", "/file", (), 403, "name-allowed"),
            (method, "/a/", "new", "/../../elsewhere/x", (), 400, ""),
            (method, "/a/", "new", " x", (), 400, ""),
        )
    ),
    ("BIND", "/a/", "self", "/a/", (), 201, ""),
    ("BIND", "/a/c/", "up", "/", (), 201, ""),
    ("REBIND", "/a/", "self", "/a/", (), 403, "cycle-allowed"),
    ("REBIND", "/a/c/", "new", "/a/", (), 403, "cycle-allowed"),
    ("REBIND", "/a/c/", "new", "/", (), 403, ""),
    ("UNBIND", "/", "file", "", (), 204, ""),
    ("UNBIND", "/", "a", "", (), 204, ""),
    ("UNBIND", "/a", "b", "", (), 204, ""),
    ("UNBIND", "/a", "none", "", (), 409, "unbind-source-exists"),
    ("UNBIND", "/a", "..", "", (), 403, "name-allowed"),
    ("UNBIND", "/file", "b", "", (), 403, "unbind-from-collection"),
    ("UNBIND", "/none", "b", "", (), 404, ""),
]


@pytest.mark.parametrize(
    ("method", "path", "segment", "source", "fields", "status", "condition"), TABLE
)
def test_status(
    client: Locker,
    made: TreeEndpoint,
    method: str,
    path: str,
    segment: str,
    source: str,
    fields: tuple[str, ...],
    status: int,
    condition: str,
) -> None:
    """Which code when; what is refused changes nothing."""
    before = made.tree.contents()
    answer = client.bind(method, path, segment, source, *fields)

    assert status == answer.status
    if status >= 400:
        assert (status, condition) == refused(answer)
        assert before == made.tree.contents()
    if status == 201:
        slash = "" if source == "/file" else "/"
        where = f"{made.removesuffix('/')}{path.rstrip('/')}/{segment}{slash}"
        assert where == answer.header("location")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("", 400),
        ("<D:bind>", 400),
        ('<D:unbind xmlns:D="DAV:"/>', 422),
        ('<D:bind xmlns:D="DAV:"/>', 400),
        ('<D:bind xmlns:D="DAV:"><D:segment>x</D:segment></D:bind>', 400),
        ('<D:bind xmlns:D="DAV:"><D:href>/x</D:href></D:bind>', 400),
        ('<D:bind xmlns:D="DAV:"><D:segment/><D:segment/><D:href>/x</D:href></D:bind>', 400),
        (
            '<D:bind xmlns:D="DAV:"><D:segment>x</D:segment><D:href>http://other/x</D:href></D:bind>',
            403,
        ),
        ('<D:bind xmlns:D="DAV:"><D:segment>x</D:segment><D:href>/207/x</D:href></D:bind>', 403),
    ],
)
def test_content(client: Locker, content: str, status: int) -> None:
    """What it has to be: one segment and one href, of this server."""
    answer = client.ask("BIND", "/", content=content.encode())

    assert (status, "cross-server-binding" if status == 403 else "") == refused(answer)


def test_two_ways_to_one(client: Locker, made: TreeEndpoint) -> None:
    """What is written at one place is read at the other, until one of them is removed."""
    client.bind("BIND", "/a/", "a%20b", "/file")
    assert values(client, "/file", "resource-id") == values(client, "/a/a%20b", "resource-id")
    client.put("/a/a%20b", content=b"new")
    assert b"new" == client.ask("GET", "/file").content
    client.ask("DELETE", "/file")
    assert b"new" == made.tree["a/a b"]


def test_rebind(client: Locker, made: TreeEndpoint) -> None:
    """It is at the new place, and no longer at the old one."""
    before = values(client, "/a", "resource-id")
    client.bind("REBIND", "/", "new", "/a")

    assert before == values(client, "/new", "resource-id")
    assert {"file", "other", "new/", "new/b", "new/c/", "new/c/d"} == set(made.tree.contents())


def test_rebind_onto_what_it_is_in(client: Locker, made: TreeEndpoint) -> None:
    """The rest of that is gone."""
    assert 204 == client.bind("REBIND", "/", "a", "/a/c").status
    assert {"file", "other", "a/", "a/d"} == set(made.tree.contents())


def test_rebind_by_another_way(client: Locker, made: TreeEndpoint) -> None:
    """A collection that would be below itself alone would be nowhere."""
    made.tree.bind("a/c/top", "")
    answer = client.bind("REBIND", "/a/c/top/a/c", "new", "/a")

    assert (403, "cycle-allowed") == refused(answer)


@pytest.mark.parametrize(
    ("locked", "sent"),
    [
        ("a", ("BIND", "/a/", "new", "/file")),
        ("a/b", ("BIND", "/a/", "b", "/file")),
        ("a/c/d", ("BIND", "/a/", "c", "/file")),
        ("a/b", ("UNBIND", "/a/", "b", "")),
        ("a/c/d", ("UNBIND", "/", "a", "")),
        ("a/b", ("REBIND", "/", "new", "/a/b")),
        ("a/c/d", ("REBIND", "/", "new", "/a")),
        ("file", ("REBIND", "/a/", "b", "/file")),
        ("a", ("REBIND", "/", "new", "/a/b")),
    ],
)
def test_locked(
    client: Locker, made: TreeEndpoint, locked: str, sent: tuple[str, str, str, str]
) -> None:
    """Nothing changes without the token; with it the lock goes with its place (RFC 5842, 4-6)."""
    before = made.tree.contents()
    token = client.lock(f"/{locked}")
    assert (423, "lock-token-submitted") == refused(client.bind(*sent))
    assert before == made.tree.contents()
    assert client.bind(*sent, submit(token)).status in (201, 204)


def test_a_locked_source(client: Locker, made: TreeEndpoint) -> None:
    """BIND changes nothing at its source, which may be locked."""
    made.tree.lock("file")
    assert 201 == client.bind("BIND", "/a/", "new", "/file").status
    assert (423, "lock-token-submitted") == refused(client.put("/a/new"))


def test_options(client: Locker) -> None:
    """The class "bind" is in DAV (RFC 5842, 8.1), whatever is there."""
    for path in ("/", "/file", "/none"):
        assert "1, 2, 3, bind" == client.ask("OPTIONS", path).header("dav")
