"""GET, PUT, DELETE and MKCOL: which code when (RFC 4918, 9.3 to 9.7)."""

from __future__ import annotations

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.webdav.trees import TreeEndpoint
from tests.behaviours.webdav.locker import Locker, condition, parts, refused, submit
from tests.raw import Raw, message
from tests.scenarios import path_of

CONTENTS = {"readme": "some text\n", "a/b": b"b", "a/c/d": b"d", "empty/": None}


@pytest.fixture
def made(status_server: StatusServer) -> TreeEndpoint:
    """Return a tree with files and collections."""
    return status_server.webdav(CONTENTS)


TABLE = [
    ("GET", "/readme", 200),
    ("HEAD", "/readme", 200),
    ("GET", "/a/", 200),
    ("GET", "/a", 200),
    ("GET", "/", 200),
    ("GET", "", 200),
    ("HEAD", "/a/", 200),
    ("GET", "/none", 404),
    ("GET", "/none/", 404),
    ("GET", "/readme/", 404),
    ("GET", "/readme/x", 404),
    ("GET", "//readme", 404),
    ("GET", "/a//b", 404),
    ("GET", "/./readme", 404),
    ("GET", "/a/..", 404),
    ("GET", "/%2e%2e/readme", 404),
    ("PUT", "/new", 201),
    ("PUT", "/readme", 204),
    ("PUT", "/a/new", 201),
    ("PUT", "/none/new", 409),
    ("PUT", "/readme/new", 409),
    ("PUT", "/a/", 405),
    ("PUT", "/a", 405),
    ("PUT", "/", 405),
    ("PUT", "", 405),
    ("PUT", "/new/", 409),
    ("PUT", "/readme/", 409),
    ("PUT", "/a/%2E", 403),
    ("PUT", "/a/..", 403),
    ("PUT", "/a//new", 409),
    ("PUT", "/a//", 409),
    ("MKCOL", "/new", 201),
    ("MKCOL", "/new/", 201),
    ("MKCOL", "/a/new/", 201),
    ("MKCOL", "/a", 405),
    ("MKCOL", "/a/", 405),
    ("MKCOL", "/readme", 405),
    ("MKCOL", "/readme/", 405),
    ("MKCOL", "/", 405),
    ("MKCOL", "/none/new", 409),
    ("MKCOL", "/readme/new", 409),
    ("MKCOL", "/a/../", 403),
    ("MKCOL", "/a//", 403),
    ("DELETE", "/readme", 204),
    ("DELETE", "/a/", 204),
    ("DELETE", "/a", 204),
    ("DELETE", "/empty/", 204),
    ("DELETE", "/none", 404),
    ("DELETE", "/readme/", 404),
    ("DELETE", "/", 403),
    ("OPTIONS", "/none", 200),
    ("OPTIONS", "/readme", 200),
    ("TRACE", "/readme", 200),
    ("POST", "/", 405),
    ("POST", "/readme", 405),
    ("POST", "/none", 404),
    ("PATCH", "/readme", 405),
    ("BREW", "/readme", 405),
    ("SMURF", "/readme", 501),
    ("M-GET", "/readme", 510),
]


@pytest.mark.parametrize(("method", "path", "status"), TABLE)
def test_status(client: Locker, method: str, path: str, status: int) -> None:
    """Which code when; an error says why in XML, and a HEAD has no content."""
    content = b"new" if method == "PUT" else None
    answer = client.ask(method, path, content=content)

    assert status == answer.status
    if status >= 400:
        assert 'application/xml; charset="utf-8"' == answer.header("content-type")
        assert "" == condition(answer)


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_http_10(made: TreeEndpoint, version: str) -> None:
    """A client of HTTP/1.0 gets the same."""
    for method, path, status in (("GET", "readme", 200), ("DELETE", "a", 204), ("GET", "a", 404)):
        with Raw(made) as raw:
            assert status == raw.request(method, path_of(made) + path, version=version).status


def test_put_and_get(client: Locker, made: TreeEndpoint) -> None:
    """What was stored comes back with its type, coding and language, and with validators."""
    fields = ("Content-Type: text/x", "Content-Encoding: gzip", "Content-Language: de, en")
    stored = client.ask("PUT", "/new", *fields, content=b"\x1f\x8b")
    found = client.ask("GET", "/new")

    assert (200, b"\x1f\x8b") == (found.status, found.content)
    for line in fields:
        name, _, value = line.partition(": ")
        assert value == found.header(name)
    for name in ("ETag", "Last-Modified"):
        assert stored.header(name) == found.header(name)
    assert b"\x1f\x8b" == made.tree["new"]


def test_put_keeps_dead_properties(client: Locker, made: TreeEndpoint) -> None:
    """They are "not otherwise affected" (RFC 4918, 9.7.1)."""
    update = b'<propertyupdate xmlns="DAV:"><set><prop><x xmlns="u">1</x></prop></set>%b'
    client.ask("PROPPATCH", "/readme", content=update % b"</propertyupdate>")
    client.put("/readme")

    assert ["{u}x"] == list(made.tree.properties("readme"))


def test_without_a_type(client: Locker) -> None:
    """Content without one is octets."""
    with Raw(client.url) as raw:
        raw.request("PUT", f"{client.path}/new", content=b"1")

    assert "application/octet-stream" == client.ask("GET", "/new").header("content-type")


@pytest.mark.parametrize("name", ["a b", "ü", "%", "a/b", "?", "#", "\udcff", "\x01", "<&>", ";="])
def test_names(client: Locker, made: TreeEndpoint, name: str) -> None:
    """Any name can be that of a member, percent-encoded, in a listing and a multistatus as well."""
    from urllib.parse import quote

    path = "/" + quote(name, safe="", errors="surrogateescape")
    assert 201 == client.put(path, content=b"here").status
    assert b"here" == client.ask("GET", path).content
    assert 200 == client.ask("GET", "/").status
    found = client.ask("PROPFIND", "/", "Depth: 1")
    assert 207 == found.status
    usual = quote(name, safe="!$&'()*+,;=:@", errors="surrogateescape").replace("&", "&amp;")
    assert f"<D:href>{client.path}/{usual}</D:href>".encode() in found.content
    assert 204 == client.ask("DELETE", path).status


def test_after_a_delete(client: Locker) -> None:
    """A GET and a PROPFIND "MUST return 404" (RFC 4918, 9.6), also of all that was below."""
    assert 204 == client.ask("DELETE", "/a").status
    for path in ("/a", "/a/", "/a/b", "/a/c/d"):
        assert 404 == client.ask("GET", path).status
        assert 404 == client.ask("PROPFIND", path).status


@pytest.mark.parametrize(("depth", "status"), [("infinity", 204), ("0", 400), ("1", 400)])
def test_depth_of_a_delete(client: Locker, depth: str, status: int) -> None:
    """Nothing but infinity for a collection; for a file it is ignored (RFC 4918, 9.6.1, 10.2)."""
    assert status == client.ask("DELETE", "/a", f"Depth: {depth}").status
    assert 204 == client.ask("DELETE", "/readme", f"Depth: {depth}").status


def test_delete_with_a_locked_member(client: Locker, made: TreeEndpoint) -> None:
    """207 names that member alone; it stays with what it is in, and the rest goes."""
    made.tree.put("a/c/e", b"e")
    made.tree.put("a/x/y", b"y")
    made.tree.lock("a/c/d")
    answer = client.ask("DELETE", "/a")

    path = f"{client.path}/a/c/d"
    assert {path: ("423", "lock-token-submitted")} == parts(answer)
    assert {"readme", "a/", "a/c/", "a/c/d", "empty/"} == set(made.tree.contents())


def test_delete_keeps_what_is_below_a_locked_collection(client: Locker, made: TreeEndpoint) -> None:
    """A locked collection stays as it is."""
    made.tree.lock("a/c", deep=False)
    assert 207 == client.ask("DELETE", "/a").status
    assert {"readme", "a/", "a/c/", "a/c/d", "empty/"} == set(made.tree.contents())


def test_delete_leaves_what_is_elsewhere(client: Locker, made: TreeEndpoint) -> None:
    """A collection that is bound twice keeps its members, where not all can go (RFC 5842, 2.4)."""
    made.tree.put("a/twice/inner", b"1")
    made.tree.bind("other", "a/twice")
    made.tree.put("a/twice/held", b"1")
    made.tree.lock("a/twice/held")
    assert 207 == client.ask("DELETE", "/a").status
    assert b"1" == made.tree["other/inner"]
    assert "a/b" not in made.tree


def test_delete_with_the_token(client: Locker, made: TreeEndpoint) -> None:
    """All of it goes if the token is submitted, and the lock with it."""
    token = client.lock("/a/b")
    assert 207 == client.ask("DELETE", "/a").status
    assert 204 == client.ask("DELETE", "/a", submit(token)).status
    assert [] == made.tree.locks()
    assert 201 == client.put("/a").status


@pytest.mark.parametrize("method", ["DELETE", "MKCOL", "COPY", "MOVE", "UNLOCK"])
@pytest.mark.parametrize("framing", ["Content-Length: 3", "Transfer-Encoding: chunked"])
def test_content_that_is_not_expected(client: Locker, method: str, framing: str) -> None:
    """415, announced or in chunks (RFC 4918, 8.4)."""
    path = "/new" if method == "MKCOL" else "/readme"
    fields = (f"Destination: {client.path}/x", "Lock-Token: <urn:x>", framing)
    content = b"abc" if framing.startswith("Content") else b"3\r\nabc\r\n0\r\n\r\n"
    with Raw(client.url) as raw:
        raw.send(message(method, client.path + path, *fields) + content)
        answer = raw.answer()

    assert (415, None) == (answer.status, answer.header("accept"))


def test_content_that_is_not_expected_is_not_invited(client: Locker) -> None:
    """The 415 comes in place of the 100."""
    fields = ("Expect: 100-continue", "Content-Length: 3")
    with Raw(client.url) as raw:
        raw.send(message("MKCOL", f"{client.path}/new", *fields))
        answer = raw.answer()

    assert (415, []) == (answer.status, answer.interim)


def test_no_content_at_all(client: Locker) -> None:
    """Chunks without any octets are no content."""
    with Raw(client.url) as raw:
        fields = ("Transfer-Encoding: chunked",)
        raw.send(message("MKCOL", f"{client.path}/new", *fields) + b"0\r\n\r\n")

        assert 201 == raw.answer().status


def test_part_of_a_put(client: Locker) -> None:
    """Content-Range is a 400, as for any resource (RFC 9110, 14.5)."""
    answer = client.put("/readme", "Content-Range: bytes 0-0/1")

    assert (400, "") == refused(answer)


QUOTA = [
    ("PUT", "/new", b"x" * 90, 201),
    ("PUT", "/new", b"x" * 91, 507),
    ("PUT", "/old", b"x" * 100, 204),
    ("PUT", "/old", b"x" * 101, 507),
    ("MKCOL", "/new", None, 201),
]


@pytest.mark.parametrize(("method", "path", "content", "status"), QUOTA)
def test_quota(
    status_server: StatusServer, method: str, path: str, content: bytes | None, status: int
) -> None:
    """What is replaced makes room; the code for too much is 507 with its condition."""
    made = status_server.webdav({"old": b"x" * 10}, quota=100)
    answer = Locker(made).ask(method, path, content=content)

    assert status == answer.status
    assert (status == 507) == (b"quota-not-exceeded" in answer.content)
    assert made.tree.used <= 100


def test_quota_of_chunks(status_server: StatusServer) -> None:
    """What does not say how long it is is refused once that is known, and nothing is stored."""
    made = status_server.webdav(quota=2)
    with Raw(made) as raw:
        fields = ("Transfer-Encoding: chunked",)
        raw.send(message("PUT", f"{path_of(made)}a", *fields) + b"3\r\nabc\r\n0\r\n\r\n")
        assert 507 == raw.answer().status
        raw.send(message("PUT", f"{path_of(made)}a", *fields) + b"2\r\nab\r\n0\r\n\r\n")
        assert 201 == raw.answer().status

    assert {"a": b"ab"} == made.tree.contents()


def test_quota_before_100(status_server: StatusServer) -> None:
    """Content that there is no room for is not invited; what there is room for is."""
    made = status_server.webdav(quota=2)
    for length, expected in ((3, [507]), (2, [100, 201])):
        with Raw(made) as raw:
            fields = ("Expect: 100-continue", f"Content-Length: {length}")
            raw.send(message("PUT", f"{path_of(made)}a", *fields))
            found = raw._head()
            statuses = [found.status]
            if found.status == 100:
                raw.send(b"ab")
                statuses.append(raw.answer().status)
        assert expected == statuses


def test_mkcol_over_the_quota(status_server: StatusServer) -> None:
    """A collection counts, too."""
    client = Locker(status_server.webdav(quota=127))
    assert 201 == client.ask("MKCOL", "/a").status
    assert (507, "quota-not-exceeded") == refused(client.ask("MKCOL", "/b"))


def test_too_many(status_server: StatusServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an end of resources as well, with the other condition of RFC 4331, 6."""
    monkeypatch.setattr("pytest_httpcodes.behaviours.webdav.tree.MAX_NODES", 2)
    client = Locker(status_server.webdav())
    assert 201 == client.put("/a").status
    assert (507, "sufficient-disk-space") == refused(client.put("/b"))
    assert (507, "sufficient-disk-space") == refused(client.ask("MKCOL", "/c"))
    assert 204 == client.put("/a").status
    client.put("/a", content=b"1")
    assert (507, "sufficient-disk-space") == refused(client.to("COPY", "/a", "/b"))
    assert 201 == client.to("MOVE", "/a", "/b").status
