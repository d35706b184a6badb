"""Locks on resources that are at several places (RFC 5842, 6.2 and 9)."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from pytest_httpcodes import StatusServer
from tests.behaviours.webdav.locker import Locker, condition, hrefs, refused, submit
from tests.raw import Answer

CONFLICT = "no-conflicting-lock"


@pytest.fixture
def client(status_server: StatusServer) -> Locker:
    """Return a client of the tree of 9.1: R is at /CollX/test and at /CollY/test."""
    url = status_server.webdav(tree={"CollX/test": b"R", "CollY/other": b""})
    url.tree.bind("CollY/test", "CollX/test")
    return Locker(url)


# Each by the binding that it is about, in the collection /CollX/ or /CollY/.
NEEDING: dict[str, Callable[[Locker, str], Answer]] = {
    "PUT X": lambda client, field: client.put("/CollX/test", field),
    "PUT Y": lambda client, field: client.put("/CollY/test", field),
    "PROPPATCH Y": lambda client, field: client.ask(
        "PROPPATCH",
        "/CollY/test",
        field,
        content=b'<propertyupdate xmlns="DAV:"><set><prop><x/></prop></set></propertyupdate>',
    ),
    "COPY to Y": lambda client, field: client.to("COPY", "/CollY/other", "/CollY/test", field),
    "DELETE X": lambda client, field: client.ask("DELETE", "/CollX/test", field),
    "UNBIND X": lambda client, field: client.bind("UNBIND", "/CollX/", "test", "", field),
    "UNBIND CollX": lambda client, field: client.bind("UNBIND", "/", "CollX", "", field),
    "MOVE X": lambda client, field: client.to("MOVE", "/CollX/test", "/new", field),
    "REBIND X": lambda client, field: client.bind("REBIND", "/", "new", "/CollX/test", field),
    "MOVE to X": lambda client, field: client.to("MOVE", "/CollY/other", "/CollX/test", field),
    "BIND to X": lambda client, field: client.bind(
        "BIND", "/CollX/", "test", "/CollY/other", field
    ),
}
FREE: dict[str, Callable[[Locker], Answer]] = {
    "DELETE Y": lambda client: client.ask("DELETE", "/CollY/test"),
    "DELETE CollY": lambda client: client.ask("DELETE", "/CollY/"),
    "UNBIND Y": lambda client: client.bind("UNBIND", "/CollY/", "test", ""),
    "UNBIND CollY": lambda client: client.bind("UNBIND", "/", "CollY", ""),
    "MOVE Y": lambda client: client.to("MOVE", "/CollY/test", "/new"),
    "REBIND Y": lambda client: client.bind("REBIND", "/", "new", "/CollY/test"),
    "MOVE to Y": lambda client: client.to("MOVE", "/CollY/other", "/CollY/test"),
    "BIND to Y": lambda client: client.bind("BIND", "/CollY/", "test", "/CollY/other"),
    "BIND new": lambda client: client.bind("BIND", "/", "new", "/CollX/test"),
    "COPY Y": lambda client: client.to("COPY", "/CollY/test", "/new"),
}


@pytest.mark.parametrize("name", NEEDING)
def test_what_needs_the_token(client: Locker, name: str) -> None:
    """R is locked at whatever URL, and the URL of the lock's root is protected (9.1)."""
    token = client.lock("/CollX/test", "Depth: 0")
    answer = NEEDING[name](client, "X: y")
    assert (423, "lock-token-submitted") == refused(answer)
    assert [f"{client.path}/CollX/test"] == hrefs(answer, "lock-token-submitted")

    assert NEEDING[name](client, submit(token)).status in (201, 204, 207)


@pytest.mark.parametrize("name", FREE)
def test_what_does_not_need_it(client: Locker, name: str) -> None:
    """What affects neither R nor the root of the lock is free, and leaves the lock (9.1)."""
    token = client.lock("/CollX/test", "Depth: 0")
    assert FREE[name](client).status in (201, 204)

    assert [token] == client.tokens("/CollX/test")


def test_at_either_url(client: Locker) -> None:
    """The lock is told, refreshed and removed "through any URI mapped to resource R" (9.1)."""
    token = client.lock("/CollX/test")
    assert [token] == client.tokens("/CollY/test")
    assert (423, CONFLICT) == refused(client.take("/CollY/test"))
    answer = client.ask("LOCK", "/CollY/test", f"If: (<{token}>)")
    assert [f"{client.path}/CollX/test"] == hrefs(answer, "lockroot")
    assert 204 == client.put("/CollX/test", f"If: <{client.path}/CollY/test> (<{token}>)").status

    assert 204 == client.unlock("/CollY/test", token).status
    assert [] == client.tokens("/CollX/test")


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/CollX/test"), ("DELETE", "/CollX/"), ("UNBIND", "/CollX/")]
)
def test_the_root_goes(client: Locker, method: str, path: str) -> None:
    """A lock goes with its root, though the resource stays at another place (4918, 6.1)."""
    token = client.lock("/CollX/test")
    if method == "UNBIND":
        assert 204 == client.bind(method, path, "test", "", submit(token)).status
    else:
        assert 204 == client.ask(method, path, submit(token)).status

    assert [] == client.tokens("/CollY/test")
    assert 204 == client.put("/CollY/test").status


def test_deep_through_a_binding(status_server: StatusServer) -> None:
    """All that is below a collection is locked with it, at whatever place that is, too."""
    url = status_server.webdav(tree={"a/c/f": b"", "b": None})
    url.tree.bind("b/c", "a/c")
    client = Locker(url)
    token = client.lock("/a/")
    assert (423, "lock-token-submitted") == refused(client.put("/b/c/f"))
    assert (423, "lock-token-submitted") == refused(client.put("/b/c/new"))
    assert (423, "lock-token-submitted") == refused(client.ask("DELETE", "/b/c/f"))
    assert [token] == client.tokens("/b/c/f")

    assert 204 == client.ask("DELETE", "/b/c").status
    assert [token] == client.tokens("/a/c/f")


def test_deep_in_a_loop(status_server: StatusServer) -> None:
    """A REBIND out of a loop below a lock, and into one again, as in the example of 6.2."""
    url = status_server.webdav(tree={"CollW/CollX": None, "CollW/CollY/y.gif": b"R2"})
    url.tree.bind("CollW/CollY/CollZ", "CollW")
    client = Locker(url)
    token = client.lock("/CollW/")
    rebind = ("REBIND", "/CollW/CollX", "CollA", "/CollW/CollY/CollZ")
    assert (423, "lock-token-submitted") == refused(client.bind(*rebind))
    assert 201 == client.bind(*rebind, f"If: (<{token}>)").status

    assert 404 == client.ask("GET", "/CollW/CollY/CollZ/").status
    places = ("/CollW/", "/CollW/CollX/", "/CollW/CollX/CollA/CollY/y.gif")
    assert [[token]] * 3 == [client.tokens(place) for place in places]


@pytest.mark.parametrize("scope", ["exclusive", "shared"])
@pytest.mark.parametrize("held", ["exclusive", "shared"])
@pytest.mark.parametrize("method", ["BIND", "REBIND", "MOVE"])
def test_two_locks_on_one(client: Locker, method: str, held: str, scope: str) -> None:
    """A member that comes into a locked collection has no lock in conflict with that (6.1)."""
    own = client.lock("/CollX/test", scope=held)
    token = client.lock("/CollY/", "Depth: 0", scope=scope)
    deep = client.ask("MKCOL", "/deep").status
    assert 201 == deep
    over = client.lock("/deep/", scope=scope)
    submitted = submit(own, token, over)
    if method == "MOVE":
        answer = client.to("MOVE", "/CollY/test", "/deep/new", submitted)
    else:
        answer = client.bind(method, "/deep/", "new", "/CollY/test", submitted)

    if (held, scope) == ("shared", "shared"):
        assert 201 == answer.status
        assert [own, over] == client.tokens("/deep/new")
    else:
        assert (423, CONFLICT) == (answer.status, condition(answer))
        assert [f"{client.path}/CollX/test"] == hrefs(answer, CONFLICT)
        assert 404 == client.ask("GET", "/deep/new").status


@pytest.mark.parametrize("method", ["REBIND", "MOVE"])
def test_a_lock_that_stays_behind(client: Locker, method: str) -> None:
    """A lock whose root is moved goes, and so conflicts with none (RFC 4918, 7.6)."""
    client.bind("UNBIND", "/CollY/", "test", "")
    own, over = client.lock("/CollX/test"), client.lock("/CollY/")
    submitted = submit(own, over)
    if method == "MOVE":
        answer = client.to("MOVE", "/CollX/test", "/CollY/new", submitted)
    else:
        answer = client.bind(method, "/CollY/", "new", "/CollX/test", submitted)

    assert 201 == answer.status
    assert [over] == client.tokens("/CollY/new")


def test_a_root_that_is_replaced(client: Locker) -> None:
    """A lock stays on its root, and what is bound there gets it (RFC 4918, 7.6)."""
    token = client.lock("/CollY/other")
    assert 204 == client.to("MOVE", "/CollX/test", "/CollY/other", submit(token)).status
    assert [token] == client.tokens("/CollY/other")
    assert [token] == client.tokens("/CollY/test")

    own = client.lock("/CollX/", "Depth: 0")
    assert 201 == client.put("/CollX/f", submit(own)).status
    other = client.lock("/CollX/f")
    answer = client.bind("BIND", "/CollX/", "f", "/CollY/test", submit(own, other, token))
    assert (423, CONFLICT) == refused(answer)


@pytest.mark.parametrize(("depth", "status"), [("0", 204), ("infinity", 423)])
def test_a_root_that_gets_members(status_server: StatusServer, depth: str, status: int) -> None:
    """A lock of depth 0 is on the collection alone that comes to its root, not on the members."""
    url = status_server.webdav(tree={"a/f": b"", "x": b"", "y": None})
    url.tree.bind("y/f", "a/f")
    client = Locker(url)
    own, there = client.lock("/y/f"), client.lock("/x", f"Depth: {depth}")

    assert status == client.to("MOVE", "/a/", "/x", submit(own, there)).status


PLACES = ("/a", "/a/b", "/a/c", "/a/b/c", "/b", "/b/a", "/b/a/c")


def send_one(client: Locker, chance: random.Random, tokens: list[str]) -> Answer:
    """Send some request that may change what is where, or lock it."""
    path, other = chance.choice(PLACES), chance.choice(PLACES)
    field = submit(*tokens, "urn:uuid:none")
    method = chance.choice(
        ["MKCOL", "PUT", "DELETE", "COPY", "MOVE", "BIND", "UNBIND", "REBIND", "LOCK"]
    )
    if method in ("BIND", "UNBIND", "REBIND"):
        collection, _, name = path.rpartition("/")
        source = "" if method == "UNBIND" else other
        return client.bind(method, f"{collection}/", name, source, field)
    if method in ("COPY", "MOVE"):
        return client.to(method, path, other, field)
    if method == "LOCK":
        depth = chance.choice(["Depth: 0", "Depth: infinity"])
        return client.take(path, depth, field, scope=chance.choice(["exclusive", "shared"]))
    return client.put(path, field) if method == "PUT" else client.ask(method, path, field)


@pytest.mark.parametrize("seed", range(6))
def test_what_always_holds(status_server: StatusServer, seed: int) -> None:
    """Whatever is done, each lock's root is mapped, and no resource has two that conflict (6.1)."""
    chance = random.Random(seed)
    url = status_server.webdav(tree={"a/b/c": b"", "b/a": None})
    client = Locker(url)
    statuses = set()
    for _ in range(100):
        locks = url.tree.locks()
        held = chance.sample(locks, chance.randint(0, len(locks)))
        statuses.add(send_one(client, chance, [lock.token for lock in held]).status)
        assert all("/".join(lock.root) in url.tree for lock in url.tree.locks())
        for scopes in client.scopes():
            assert len(scopes) < 2 or "exclusive" not in scopes
    assert {201, 204, 423} < statuses
    assert not statuses & {412, 500, 590}
