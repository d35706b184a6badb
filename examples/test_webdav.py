"""A client of WebDAV, against a tree in which others lock and the space ends.

The client is a few lines on httpx, as the code under test: it locks a file, changes it, and unlocks
it. `status_server.webdav()` makes the tree: what is in it, which of that somebody else has locked,
and how many octets it may hold. Its `tree` reads and changes what there is. Needs the extra
`webdav`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from pytest_httpcodes import StatusServer

LOCK = b"""<?xml version="1.0" encoding="utf-8"?>
<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>
"""


class InUseError(Exception):
    """Somebody else has locked the file."""


class FullError(Exception):
    """There is no room for the file."""


class Editor:
    """Changes files on a WebDAV server, of which it holds a lock meanwhile."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def edit(self, url: str, change: Callable[[bytes], bytes]) -> None:
        """Get a file, change it and put it back; raises `InUseError` or `FullError`."""
        with self.locked(url) as token:
            content = change(self.client.get(url).raise_for_status().content)
            answer = self.client.put(url, content=content, headers={"If": f"({token})"})
            if answer.status_code == 507:
                raise FullError(url)
            answer.raise_for_status()

    @contextmanager
    def locked(self, url: str) -> Iterator[str]:
        """Hold a lock of at most a minute, and return its token with the brackets."""
        fields = {"Depth": "0", "Timeout": "Second-60", "Content-Type": "application/xml"}
        answer = self.client.request("LOCK", url, content=LOCK, headers=fields)
        if answer.status_code == 423:
            raise InUseError(url)
        token = answer.raise_for_status().headers["Lock-Token"]
        try:
            yield token
        finally:
            self.client.request("UNLOCK", url, headers={"Lock-Token": token}).raise_for_status()


@pytest.fixture
def editor() -> Iterator[Editor]:
    """Return an editor with a client of its own."""
    with httpx.Client() as client:
        yield Editor(client)


def test_it_locks_edits_and_unlocks(status_server: StatusServer, editor: Editor) -> None:
    """What it did is in the journal, what came of it in the tree."""
    url = status_server.webdav(tree={"notes/today.txt": b"milk\n"})
    editor.edit(f"{url}notes/today.txt", lambda content: content + b"bread\n")

    assert ["LOCK", "GET", "PUT", "UNLOCK"] == [exchange.method for exchange in url.exchanges]
    assert b"milk\nbread\n" == url.tree["notes/today.txt"]
    assert [] == url.tree.locks()


def test_a_file_that_somebody_else_has_locked(status_server: StatusServer, editor: Editor) -> None:
    """It is left as it is, and not asked for again and again."""
    url = status_server.webdav(tree={"a.txt": b"a"}, locked=["a.txt"])
    with pytest.raises(InUseError):
        editor.edit(f"{url}a.txt", bytes.upper)

    assert [423] == url.statuses
    assert b"a" == url.tree["a.txt"]


def test_the_other_one_is_done(status_server: StatusServer, editor: Editor) -> None:
    """The test may remove a lock, or let its time go by on the server's clock."""
    url = status_server.webdav(tree={"a.txt": b"a"})
    url.tree.lock("a.txt", timeout=3600)
    status_server.clock.advance(3600)
    editor.edit(f"{url}a.txt", bytes.upper)

    assert b"A" == url.tree["a.txt"]


def test_a_lock_that_was_lost_meanwhile(status_server: StatusServer, editor: Editor) -> None:
    """Its token is no lock's any more: the PUT fails with a 412, and overwrites nothing."""
    url = status_server.webdav(tree={"a.txt": b"a"})

    def take_a_long_time(content: bytes) -> bytes:
        status_server.clock.advance(61)
        url.tree.put("a.txt", b"somebody else's")
        return content.upper()

    with pytest.raises(httpx.HTTPStatusError):
        editor.edit(f"{url}a.txt", take_a_long_time)

    assert [200, 200, 412, 409] == url.statuses
    assert b"somebody else's" == url.tree["a.txt"]


def test_no_room(status_server: StatusServer, editor: Editor) -> None:
    """507: nothing is changed, the lock is gone all the same, and it is not tried again.

    "the request MUST NOT be repeated until it is requested by a separate user action" (RFC 4918,
    11.5).
    """
    url = status_server.webdav(tree={"a.txt": b"a" * 10}, quota=15)
    with pytest.raises(FullError):
        editor.edit(f"{url}a.txt", lambda content: content * 2)

    assert ["LOCK", "GET", "PUT", "UNLOCK"] == [exchange.method for exchange in url.exchanges]
    assert 507 == url.exchanges[2].status
    assert b"a" * 10 == url.tree["a.txt"]
    assert [] == url.tree.locks()

    url.tree.quota = 20
    editor.edit(f"{url}a.txt", lambda content: content * 2)
    assert b"a" * 20 == url.tree["a.txt"]
