"""Locks that there are: how they are refreshed and removed (RFC 4918, 9.10.2 and 9.11)."""

from __future__ import annotations

import pytest

from pytest_httpcodes import StatusServer
from tests.behaviours.webdav.locker import (
    CONTENTS,
    DAV,
    Locker,
    condition,
    hrefs,
    refused,
    root,
    token_of,
)
from tests.raw import Answer

MATCHES = "lock-token-matches-request-uri"


def one(answer: Answer, name: str) -> str | None:
    """Return the text of the only element of a name."""
    (found,) = root(answer).iter(f"{DAV}{name}")
    return found.text


def test_refresh(status_server: StatusServer) -> None:
    """A LOCK without content starts the time again; there is no Lock-Token then (9.10.2)."""
    url = status_server.webdav(tree=CONTENTS)
    client = Locker(url)
    token = client.lock("/a/", "Timeout: Second-60")
    status_server.clock.advance(50)
    answer = client.ask("LOCK", "/a/", f"If: (<{token}>)", "Depth: 1")
    assert 200 == answer.status
    assert answer.header("lock-token") is None
    assert "Second-60" == one(answer, "timeout")
    assert "the lock was refreshed (RFC 4918, 9.10.2)" == url.exchanges[-1].why
    status_server.clock.advance(50)
    assert [token] == client.tokens("/a/")
    # "to the URL of a resource within the scope of the lock"
    answer = client.ask("LOCK", "/a/c/g", f"If: (<{token}>)", "Timeout: Second-5")
    assert "Second-5" == one(answer, "timeout")
    assert [f"{client.path}/a/"] == hrefs(answer, "lockroot")

    status_server.clock.advance(5)
    assert [] == client.tokens("/a/")
    assert 204 == client.put("/a/f").status
    answer = client.ask("LOCK", "/a/", f"If: (<{token}>)")
    assert (412, MATCHES) == refused(answer)


def test_refresh_of_one_that_is_shared(status_server: StatusServer) -> None:
    """Other locks are unaffected, and told all the same (9.10.2)."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    first, second = (client.lock("/x", "Timeout: Second-60", scope="shared") for _ in range(2))
    status_server.clock.advance(30)
    answer = client.ask("LOCK", "/x", f"If: (<{first}>)(Not <DAV:no-lock>)", "Timeout: Second-90")

    assert [first, second] == hrefs(answer, "locktoken")
    left = [found.text for found in root(answer).iter(f"{DAV}timeout")]
    assert "Second-90" == left[0]
    assert "Second-90" != left[1]


def test_the_first_one_told(status_server: StatusServer) -> None:
    """The lock that was asked for comes before others, for clients that look at no more."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    first = client.lock("/x", scope="shared")
    answer = client.take("/x", scope="shared")
    second = token_of(answer)
    assert [second, first] == hrefs(answer, "locktoken")
    assert [first, second] == client.tokens("/x")

    answer = client.ask("LOCK", "/x", f"If: (<{first}>)")
    assert [first, second] == hrefs(answer, "locktoken")


@pytest.mark.parametrize(
    ("fields", "status", "name"),
    [
        ((), 400, ""),
        (('If: (["v1"])',), 400, ""),
        (("If: (Not <DAV:no-lock>)",), 400, ""),
        (("If: (<{token}> <urn:a>)",), 400, ""),
        (("If: (<{token}>) (<urn:a>)",), 400, ""),
        (("If: <{token}>",), 400, ""),
        (("If: (<urn:a>)",), 412, MATCHES),
        (('If: (<{token}> ["v1"])',), 412, ""),
        (("If: (Not <{token}>)",), 412, ""),
        (("If: </a/f>(<{token}>)",), 412, ""),
        (("If: <{url}/x>(<{token}>)",), 200, ""),
        (("If: <{path}/x>(<{token}>)",), 200, ""),
    ],
)
def test_which_lock_is_refreshed(
    status_server: StatusServer, fields: tuple[str, ...], status: int, name: str
) -> None:
    """That is said by the If field with a single token, which is a condition, too (9.10.2)."""
    url = status_server.webdav(tree=CONTENTS)
    client = Locker(url)
    token = client.lock("/x")
    given = {"token": token, "url": client.url, "path": client.path}
    answer = client.ask("LOCK", "/x", *(line.format(**given) for line in fields))

    assert (status, name) == (answer.status, condition(answer) if status >= 400 else "")


@pytest.mark.parametrize("path", ["/b/f", "/no", "/"])
def test_refresh_outside_of_the_scope(status_server: StatusServer, path: str) -> None:
    """The Request-URI has to be in the scope of the lock (9.10.6)."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    token = client.lock("/a/")

    assert (412, MATCHES) == refused(client.ask("LOCK", path, f"If: (<{token}>)"))


def test_refresh_by_another_principal(status_server: StatusServer) -> None:
    """The creator alone has the privilege (6.4)."""
    url = status_server.webdav(tree=CONTENTS)
    token = Locker(url, "jane").lock("/x")

    assert 403 == Locker(url, "joe").ask("LOCK", "/x", f"If: (<{token}>)").status
    assert 403 == Locker(url).ask("LOCK", "/x", f"If: (<{token}>)").status


@pytest.mark.parametrize("path", ["/a/", "/a", "/a/f", "/a/c/g"])
def test_unlock(status_server: StatusServer, path: str) -> None:
    """The lock goes as a whole, at whatever URL in its scope that is asked for (9.11)."""
    url = status_server.webdav(tree=CONTENTS)
    client = Locker(url)
    token = client.lock("/a/")
    answer = client.unlock(path, token)
    assert (204, b"") == (answer.status, answer.content)
    assert "the lock was removed (RFC 4918, 9.11)" == url.exchanges[-1].why
    assert [] == url.tree.locks()

    assert (409, MATCHES) == refused(client.unlock(path, token))


@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("X: y", 400),
        ("Lock-Token:", 400),
        ("Lock-Token: {token}", 400),
        ("Lock-Token: (<{token}>)", 400),
        ("Lock-Token: <{token}>, <{token}>", 400),
        ("Lock-Token: <urn:uuid:1>", 409),
        ("Lock-Token: <DAV:no-lock>", 409),
        ("Lock-Token: <{token}>", 204),
    ],
)
def test_what_is_unlocked(status_server: StatusServer, field: str, status: int) -> None:
    """A token in angle brackets, that of a lock on the resource (9.11.1)."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    token = client.lock("/x")
    answer = client.ask("UNLOCK", "/x", field.format(token=token))

    assert status == answer.status
    assert ([] if status == 204 else [token]) == client.tokens("/x")


@pytest.mark.parametrize(("path", "status"), [("/b/f", 409), ("/", 409), ("/no", 404)])
def test_unlock_outside_of_the_scope(status_server: StatusServer, path: str, status: int) -> None:
    """The Request-URI MUST identify a resource within the scope of the lock (9.11)."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    token = client.lock("/a/")
    answer = client.unlock(path, token)

    assert (status, MATCHES if status == 409 else "") == (answer.status, condition(answer))
    assert [token] == client.tokens("/a/")


def test_unlock_by_another_principal(status_server: StatusServer) -> None:
    """403: the principal does not have permission to remove the lock (9.11.1)."""
    url = status_server.webdav(tree=CONTENTS)
    jane = Locker(url, "jane")
    token = jane.lock("/x")
    assert 403 == Locker(url, "joe").unlock("/x", token).status
    assert 403 == Locker(url).unlock("/x", token).status

    assert 204 == jane.unlock("/x", token).status


def test_unlock_on_a_condition(status_server: StatusServer) -> None:
    """The If field has "its normal meaning as a conditional header" there (9.11)."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    token = client.lock("/x")
    assert 412 == client.unlock("/x", token, 'If: (["v1"])').status

    assert 204 == client.unlock("/x", token, f"If: (<{token}>)").status
