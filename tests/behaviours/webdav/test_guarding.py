"""Which locks each method needs, and what submits their tokens (RFC 4918, 7; RFC 5842, 9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_httpcodes import StatusServer
from tests.behaviours.webdav.locker import (
    CONTENTS,
    Locker,
    hrefs,
    parts,
    refused,
    submit,
)
from tests.raw import Answer

PROPERTIES = (
    b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><N xmlns="urn:n"/></D:prop></D:set>'
    b"</D:propertyupdate>"
)
Send = Callable[..., Answer]
# One request of each kind, by its name.
SENT: dict[str, Send] = {
    "PUT f": lambda client, *fields: client.put("/b/f", *fields),
    "PUT new": lambda client, *fields: client.put("/b/new", *fields),
    "PROPPATCH f": lambda client, *fields: client.ask(
        "PROPPATCH", "/b/f", *fields, content=PROPERTIES
    ),
    "PROPPATCH b": lambda client, *fields: client.ask(
        "PROPPATCH", "/b/", *fields, content=PROPERTIES
    ),
    "MKCOL new": lambda client, *fields: client.ask("MKCOL", "/b/new", *fields),
    "DELETE f": lambda client, *fields: client.ask("DELETE", "/b/f", *fields),
    "DELETE b": lambda client, *fields: client.ask("DELETE", "/b/", *fields),
    "COPY x to f": lambda client, *fields: client.to("COPY", "/x", "/b/f", *fields),
    "COPY x to new": lambda client, *fields: client.to("COPY", "/x", "/b/new", *fields),
    "COPY a to f": lambda client, *fields: client.to("COPY", "/a/", "/b/f", *fields),
    "COPY f to y": lambda client, *fields: client.to("COPY", "/b/f", "/y", *fields),
    "COPY b to y": lambda client, *fields: client.to("COPY", "/b/", "/y/", *fields),
    "MOVE f to y": lambda client, *fields: client.to("MOVE", "/b/f", "/y", *fields),
    "MOVE f to g": lambda client, *fields: client.to("MOVE", "/b/f", "/b/g", *fields),
    "MOVE b to y": lambda client, *fields: client.to("MOVE", "/b/", "/y/", *fields),
    "MOVE x to f": lambda client, *fields: client.to("MOVE", "/x", "/b/f", *fields),
    "MOVE x to new": lambda client, *fields: client.to("MOVE", "/x", "/b/new", *fields),
    "BIND new": lambda client, *fields: client.bind("BIND", "/b/", "new", "/x", *fields),
    "BIND f": lambda client, *fields: client.bind("BIND", "/b/", "f", "/x", *fields),
    "BIND y to f": lambda client, *fields: client.bind("BIND", "/", "y", "/b/f", *fields),
    "UNBIND f": lambda client, *fields: client.bind("UNBIND", "/b/", "f", "", *fields),
    "REBIND new": lambda client, *fields: client.bind("REBIND", "/b/", "new", "/x", *fields),
    "REBIND f": lambda client, *fields: client.bind("REBIND", "/b/", "f", "/x", *fields),
    "REBIND y to f": lambda client, *fields: client.bind("REBIND", "/", "y", "/b/f", *fields),
    "GET f": lambda client, *fields: client.ask("GET", "/b/f", *fields),
    "HEAD f": lambda client, *fields: client.ask("HEAD", "/b/f", *fields),
    "OPTIONS f": lambda client, *fields: client.ask("OPTIONS", "/b/f", *fields),
    "PROPFIND b": lambda client, *fields: client.ask("PROPFIND", "/b/", "Depth: 1", *fields),
}
# Where a lock may be, with its depth.
LOCKS = {
    "f": ("/b/f", "0"),
    "b alone": ("/b/", "0"),
    "b and below": ("/b/", "infinity"),
    "root alone": ("/", "0"),
    "root and below": ("/", "infinity"),
}
ALL = ("f", "b alone", "b and below", "root alone", "root and below")
_ITSELF = ("f", "b and below", "root and below")
_MEMBERS = ("b alone", "b and below", "root and below")
_REMOVED = ("f", "b alone", "b and below", "root and below")
_TOP = ("root alone", "root and below")
# Which of them protects from what: a change of the resource itself, of which members a collection
# has, or of what the root of a lock is mapped to (RFC 4918, 7 and 7.4).
NEEDED = {
    "PUT f": _ITSELF,
    "PUT new": _MEMBERS,
    "PROPPATCH f": _ITSELF,
    "PROPPATCH b": _MEMBERS,
    "MKCOL new": _MEMBERS,
    "DELETE f": _REMOVED,
    "DELETE b": ("b alone", "b and below", *_TOP),
    # "the content and dead properties of resource R would be updated" (RFC 5842, 2.3)
    "COPY x to f": _ITSELF,
    "COPY x to new": _MEMBERS,
    "COPY a to f": _REMOVED,
    # "only one lock token must be submitted (the one for the lock on the destination)" (7.5.1)
    "COPY f to y": _TOP,
    "COPY b to y": _TOP,
    "MOVE f to y": ALL,
    "MOVE f to g": _REMOVED,
    "MOVE b to y": ("b alone", "b and below", *_TOP),
    "MOVE x to f": ALL,
    "MOVE x to new": (*_MEMBERS, "root alone"),
    "BIND new": _MEMBERS,
    "BIND f": _REMOVED,
    "BIND y to f": _TOP,
    "UNBIND f": _REMOVED,
    "REBIND new": (*_MEMBERS, "root alone"),
    "REBIND f": ALL,
    "REBIND y to f": ALL,
    "GET f": (),
    "HEAD f": (),
    "OPTIONS f": (),
    "PROPFIND b": (),
}
# Those of which a member's lock makes a 207.
PARTLY = {("DELETE b", "f"), ("MOVE b to y", "f")}
PAIRS = [(name, lock) for name in SENT for lock in LOCKS if (name, lock) not in PARTLY]


@pytest.mark.parametrize(("name", "lock"), PAIRS)
def test_what_needs_a_lock(status_server: StatusServer, name: str, lock: str) -> None:
    """Without the token 423, with that of the wrong principal, too, and with the right one not."""
    url = status_server.webdav(tree=CONTENTS)
    send, (place, depth) = SENT[name], LOCKS[lock]
    own, other = Locker(url, "jane"), Locker(url, "joe")
    token = own.lock(place, f"Depth: {depth}")
    if lock not in NEEDED[name]:
        assert send(other).status in (200, 201, 204, 207)
        return
    for client, fields in ((other, ()), (own, ()), (other, (submit(token),))):
        answer = send(client, *fields)
        assert (423, "lock-token-submitted") == refused(answer)
        assert [own.path + place] == hrefs(answer, "lock-token-submitted")

    assert send(own, submit(token)).status in (200, 201, 204, 207)
    assert "(RFC 4918, 7.5)" in url.exchanges[-2].why


@pytest.mark.parametrize(("name", "lock"), sorted(PARTLY))
def test_a_locked_member(status_server: StatusServer, name: str, lock: str) -> None:
    """A member that is locked stays, with the collections above it, and only that is told."""
    url = status_server.webdav(tree=CONTENTS)
    client = Locker(url)
    place, depth = LOCKS[lock]
    token = client.lock(place, f"Depth: {depth}")
    assert {f"{client.path}/b/f": ("423", "lock-token-submitted")} == parts(SENT[name](client))
    assert 200 == client.ask("GET", "/b/f").status

    assert SENT[name](client, submit(token)).status in (201, 204)
    assert 404 == client.ask("GET", "/b/f").status


def test_what_else_is_deleted(status_server: StatusServer) -> None:
    """What can be deleted is, beside the member that is locked (RFC 4918, 9.6.1)."""
    url = status_server.webdav(tree={"b/c/f": b"", "b/c/g": b"", "b/h": b"", "b/d/i": b""})
    client = Locker(url)
    client.lock("/b/c/f")
    client.lock("/b/d/", "Depth: 0")
    told = {
        f"{client.path}/b/c/f": ("423", "lock-token-submitted"),
        f"{client.path}/b/d/": ("423", "lock-token-submitted"),
    }

    assert told == parts(client.ask("DELETE", "/b/"))
    left = [client.ask("GET", path).status for path in ("/b/c/f", "/b/c/g", "/b/h", "/b/d/i")]
    assert [200, 404, 404, 200] == left


def test_copy_onto_a_locked_member(status_server: StatusServer) -> None:
    """A COPY does all but what a lock at the destination protects (RFC 4918, 9.8.3)."""
    url = status_server.webdav(
        tree={"a/r/g": b"new", "a/f": b"new", "b/r/g": b"old", "b/s": b"old"}
    )
    client = Locker(url)
    token = client.lock("/b/r/", "Depth: 0")
    answer = client.to("COPY", "/a/", "/b/")
    assert {f"{client.path}/b/r/": ("423", "lock-token-submitted")} == parts(answer)
    assert [b"old", b"new"] == [client.ask("GET", path).content for path in ("/b/r/g", "/b/f")]
    assert 404 == client.ask("GET", "/b/s").status

    assert 204 == client.to("COPY", "/a/", "/b/", submit(token)).status
    assert b"new" == client.ask("GET", "/b/r/g").content


def test_two_locks(status_server: StatusServer) -> None:
    """Where both are locked, the source's token and the destination's are needed (7.5)."""
    url = status_server.webdav(tree=CONTENTS)
    client = Locker(url)
    first, second = client.lock("/a/f"), client.lock("/b/f")
    answer = client.to("MOVE", "/a/f", "/b/f")
    both = [f"{client.path}/a/f", f"{client.path}/b/f"]
    assert both == hrefs(answer, "lock-token-submitted")
    answer = client.to("MOVE", "/a/f", "/b/f", submit(first))
    assert both[1:] == hrefs(answer, "lock-token-submitted")

    tagged = f"If: <{both[0]}>(<{first}>)<{both[1]}>(<{second}>)"
    assert 204 == client.to("MOVE", "/a/f", "/b/f", tagged).status


def test_shared_locks(status_server: StatusServer) -> None:
    """Each of those who share has to submit the token of their own lock, no other one (6.2)."""
    url = status_server.webdav(tree=CONTENTS)
    jane, joe, eve = (Locker(url, name) for name in ("jane", "joe", "eve"))
    tokens = [client.lock("/x", scope="shared") for client in (jane, joe)]
    assert 204 == jane.put("/x", submit(tokens[0])).status
    assert 204 == joe.put("/x", submit(tokens[1])).status
    assert 423 == joe.put("/x", submit(tokens[0])).status

    assert 423 == eve.put("/x", submit(*tokens)).status
