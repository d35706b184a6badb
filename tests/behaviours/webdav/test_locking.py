"""LOCK: what is granted, and what stands against it (RFC 4918, 9.10)."""

from __future__ import annotations

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.webdav import locks
from tests.behaviours.webdav.locker import (
    CONTENTS,
    DAV,
    Locker,
    condition,
    hrefs,
    parts,
    refused,
    root,
    submit,
    token_of,
)
from tests.raw import Answer

CONFLICT = "no-conflicting-lock"


def one(answer: Answer, name: str) -> str | None:
    """Return the text of the only element of a name."""
    (found,) = root(answer).iter(f"{DAV}{name}")
    return found.text


def names(answer: Answer, name: str) -> list[str]:
    """Return the names of what is in each element of a name."""
    return [child.tag for found in root(answer).iter(f"{DAV}{name}") for child in found]


@pytest.mark.parametrize("scope", ["exclusive", "shared"])
@pytest.mark.parametrize(
    ("fields", "depth", "timeout"),
    [
        ((), "infinity", "Second-3600"),
        (("Depth: 0", "Timeout: Second-60"), "0", "Second-60"),
        (("Depth: Infinity", "Timeout: Infinite, Second-5"), "infinity", "Infinite"),
        (("Timeout: Extend",), "infinity", "Second-3600"),
        (("Timeout: Extend", "Timeout: Second-7"), "infinity", "Second-7"),
    ],
)
def test_a_new_lock(
    status_server: StatusServer, fields: tuple[str, ...], scope: str, depth: str, timeout: str
) -> None:
    """All about the lock is in the answer, and its token in the field, too (9.10.1, 9.10.7)."""
    url = status_server.webdav(tree=CONTENTS)
    client = Locker(url)
    answer = client.take("/a/", *fields, scope=scope)
    assert 200 == answer.status
    assert 'application/xml; charset="utf-8"' == answer.header("content-type")
    assert "no-store" == answer.header("cache-control")
    assert f"{DAV}prop" == root(answer).tag
    assert [f"{DAV}lockdiscovery"] == [child.tag for child in root(answer)]
    told = ["lockscope", "locktype", "depth", "timeout", "locktoken", "lockroot"]
    assert [DAV + name for name in told] == names(answer, "activelock")
    assert [DAV + scope] == names(answer, "lockscope")
    assert [f"{DAV}write"] == names(answer, "locktype")
    assert depth == one(answer, "depth")
    assert timeout == one(answer, "timeout")
    assert [token_of(answer)] == hrefs(answer, "locktoken")
    assert [f"{client.path}/a/"] == hrefs(answer, "lockroot")

    assert [token_of(answer)] == client.tokens("/a/")
    assert ([token_of(answer)] if depth == "infinity" else []) == client.tokens("/a/c/g")
    assert "(RFC 4918, 9.10.1)" in url.exchanges[0].why


OWNERS = [
    "<D:owner/>",
    "<D:owner>Jane &amp; Joe</D:owner>",
    "<D:owner><D:href>http://example.org/~ejw/contact.html</D:href></D:owner>",
    '<D:owner xml:lang="en"><x:n xmlns:x="urn:x" x:a="1">x:b</x:n> tail<!-- c --></D:owner>',
]


@pytest.mark.parametrize("owner", OWNERS)
def test_owner(status_server: StatusServer, owner: str) -> None:
    """The server MUST preserve what the client says of the owner (9.10.1)."""
    answer = Locker(status_server.webdav(tree=CONTENTS)).take("/x", owner=owner)

    assert owner.encode() in answer.content


def test_an_unmapped_url(status_server: StatusServer) -> None:
    """An empty resource is created, which stays when the lock goes (7.3, 9.10.4)."""
    url = status_server.webdav(tree=CONTENTS)
    client = Locker(url)
    answer = client.take("/a/new")
    assert 201 == answer.status
    token = token_of(answer)
    assert [token] == hrefs(answer, "locktoken")
    assert "an empty resource was created and locked (RFC 4918, 9.10.4)" == url.exchanges[0].why
    got = client.ask("GET", "/a/new")
    assert (200, "0", b"") == (got.status, got.header("content-length"), got.content)
    assert 423 == client.put("/a/new").status
    assert 405 == client.ask("MKCOL", "/a/new", submit(token)).status
    assert 204 == client.put("/a/new", f"If: (<{token}>)", content=b"content").status

    assert 204 == client.unlock("/a/new", token).status
    assert b"content" == client.ask("GET", "/a/new").content


@pytest.mark.parametrize(
    ("path", "status"), [("/no/new", 409), ("/x/new", 409), ("/new/", 409), ("/x/", 409)]
)
def test_where_nothing_can_be_created(status_server: StatusServer, path: str, status: int) -> None:
    """The server MUST NOT create intermediate collections, and LOCK creates none (9.10.6)."""
    url = status_server.webdav(tree=CONTENTS)
    answer = Locker(url).take(path)

    assert status == answer.status
    assert [] == url.tree.locks()
    assert "new" not in url.tree


def test_no_room_for_an_empty_resource(
    status_server: StatusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are as many resources as there can be, none is created."""
    url = status_server.webdav(tree={"x": b""})
    monkeypatch.setattr("pytest_httpcodes.behaviours.webdav.tree.MAX_NODES", 2)

    assert (507, "sufficient-disk-space") == refused(Locker(url).take("/new"))
    assert 200 == Locker(url).take("/x").status


def test_too_many_locks(status_server: StatusServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an end to locks, too, until some are removed."""
    url = status_server.webdav(tree=CONTENTS)
    client = Locker(url)
    monkeypatch.setattr(locks, "MAX_LOCKS", 1)
    token = client.lock("/x", scope="shared")
    assert 507 == client.take("/x", scope="shared").status
    assert 507 == client.take("/new").status

    assert 204 == client.unlock("/x", token).status
    assert 200 == client.take("/x", scope="shared").status


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize(
    ("current", "asked", "status"),
    [
        ("shared", "shared", 200),
        ("shared", "exclusive", 423),
        ("exclusive", "shared", 423),
        ("exclusive", "exclusive", 423),
    ],
)
@pytest.mark.parametrize(
    ("path", "place"), [("/a/c/g", "/a/c/g"), ("/a/c/g", "/a/"), ("/a/c/", "/a/c/")]
)
def test_compatibility(
    status_server: StatusServer,
    current: str,
    asked: str,
    status: int,
    path: str,
    place: str,
    same: bool,
) -> None:
    """The table of 9.10.5, for direct and indirect locks, of oneself and of another one."""
    url = status_server.webdav(tree=CONTENTS)
    first = Locker(url, "jane")
    second = first if same else Locker(url, "joe")
    token = first.lock(place, scope=current)
    answer = second.take(path, submit(token), "Depth: 0", scope=asked)

    assert status == answer.status
    if status == 423:
        assert CONFLICT == condition(answer)
        assert [url.tree.locks()[0].token] == [token]
        assert [first.path + place] == hrefs(answer, CONFLICT)
        assert "(RFC 4918, 9.10.5)" in url.exchanges[-1].why


def test_a_depth_of_zero_above(status_server: StatusServer) -> None:
    """A lock of depth 0 is on the collection alone: its members can be locked."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    client.lock("/a/", "Depth: 0")

    assert 200 == client.take("/a/f").status


def test_a_new_member_of_a_locked_collection(status_server: StatusServer) -> None:
    """It needs the token of the collection, and is locked with it where that is deep (7.4)."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    token = client.lock("/a/", "Depth: 0")
    answer = client.take("/a/new")
    assert (423, "lock-token-submitted") == refused(answer)
    assert [f"{client.path}/a/"] == hrefs(answer, "lock-token-submitted")
    assert 404 == client.ask("GET", "/a/new").status
    assert 201 == client.take("/a/new", submit(token)).status

    deep = client.lock("/b/")
    assert (423, CONFLICT) == refused(client.take("/b/new", submit(deep)))
    assert 201 == client.put("/b/new", submit(deep)).status
    assert [deep] == client.tokens("/b/new")


def test_a_new_member_of_a_shared_collection(status_server: StatusServer) -> None:
    """What is created below a shared lock may be shared, by who has submitted that."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    token = client.lock("/a/", scope="shared")
    assert (423, "lock-token-submitted") == refused(client.take("/a/new", scope="shared"))

    answer = client.take("/a/new", submit(token), scope="shared")
    assert 201 == answer.status
    assert [token, token_of(answer)] == client.tokens("/a/new")


@pytest.mark.parametrize(
    ("scope", "asked"),
    [("exclusive", "shared"), ("exclusive", "exclusive"), ("shared", "exclusive")],
)
def test_all_or_nothing(status_server: StatusServer, scope: str, asked: str) -> None:
    """A lock with all below fails for a member that is locked, as a whole: 207 (9.10.9)."""
    url = status_server.webdav(tree=CONTENTS)
    client, other = Locker(url), Locker(url, "joe")
    other.lock("/a/c/", scope=scope)
    other.lock("/a/f", "Depth: 0", scope=scope)
    expected = {
        f"{client.path}/a/f": ("423", CONFLICT),
        f"{client.path}/a/c/": ("423", CONFLICT),
        f"{client.path}/": ("424", ""),
    }
    answer = client.take("/", "Depth: infinity", scope=asked)
    assert expected == parts(answer)
    assert answer.header("lock-token") is None
    assert [f"{client.path}/a/f", f"{client.path}/a/c/"] == hrefs(answer, CONFLICT)
    assert 2 == len(url.tree.locks())
    assert "(RFC 4918, 9.10.3)" in url.exchanges[-1].why

    assert 200 == client.take("/", "Depth: 0", scope=asked).status


def test_shared_below(status_server: StatusServer) -> None:
    """Shared locks go with shared ones below."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    client.lock("/a/f", scope="shared")

    assert 200 == client.take("/", scope="shared").status


def lockinfo(**parts: str) -> bytes:
    """Return what a LOCK encloses, with a scope and a type or without."""
    inside = "".join(f"<lock{name}>{content}</lock{name}>" for name, content in parts.items())
    return f'<lockinfo xmlns="DAV:">{inside}</lockinfo>'.encode()


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<", 400),
        (b"no XML", 400),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', 403),
        (b'<x xmlns="DAV:"/>', 422),
        (b"<lockinfo/>", 422),
        (lockinfo(), 422),
        (lockinfo(scope="<exclusive/>"), 422),
        (lockinfo(type="<write/>"), 422),
        (lockinfo(scope="", type="<write/>"), 422),
        (lockinfo(scope="<exclusive/><shared/>", type="<write/>"), 422),
        (lockinfo(scope="<exclusive/>", type="<read/>"), 422),
        # "Unrecognized elements MUST be ignored" (RFC 4918, 17)
        (lockinfo(scope="<x/><exclusive/>", type="<write/><x/>"), 200),
    ],
)
def test_what_is_asked_for(status_server: StatusServer, content: bytes, status: int) -> None:
    """A lockinfo with a scope, exclusive or shared, and the type write (14.11)."""
    url = status_server.webdav(tree=CONTENTS)
    answer = Locker(url).ask("LOCK", "/x", content=content)

    assert status == answer.status
    assert (status == 200) is bool(url.tree.locks())


@pytest.mark.parametrize("depth", ["1", "2", "0, 0", "infinite", "-1"])
def test_depth(status_server: StatusServer, depth: str) -> None:
    """Values other than 0 or infinity MUST NOT be used with LOCK (9.10.3)."""
    url = status_server.webdav(tree=CONTENTS)

    assert 400 == Locker(url).take("/x", f"Depth: {depth}").status
    assert [] == url.tree.locks()


def test_a_timeout(status_server: StatusServer) -> None:
    """When the time is over on the server's clock, the lock is gone (6.6)."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    client.lock("/x", "Timeout: Second-60")
    assert 423 == client.put("/x").status
    status_server.clock.advance(60)

    assert 204 == client.put("/x").status


def test_supportedlock(status_server: StatusServer) -> None:
    """Both scopes, for write (15.10)."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    content = b'<D:propfind xmlns:D="DAV:"><D:prop><D:supportedlock/></D:prop></D:propfind>'
    answer = client.ask("PROPFIND", "/x", "Depth: 0", content=content)

    assert [f"{DAV}exclusive", f"{DAV}shared"] == names(answer, "lockscope")
    assert [f"{DAV}write"] * 2 == names(answer, "locktype")


def test_classes(status_server: StatusServer) -> None:
    """Class 2 is locks (18.2); LOCK is allowed where nothing is, UNLOCK is not."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    assert "2" in (client.ask("OPTIONS", "/x").header("dav") or "").split(", ")
    assert {"LOCK", "UNLOCK"} < set((client.ask("OPTIONS", "/x").header("allow") or "").split(", "))

    allowed = (client.ask("OPTIONS", "/no").header("allow") or "").split(", ")
    assert "LOCK" in allowed
    assert "UNLOCK" not in allowed
