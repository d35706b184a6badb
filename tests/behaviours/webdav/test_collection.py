"""A tree in the pipeline: conditions, ranges, slashes, and what comes before what."""

from __future__ import annotations

import threading

import pytest
import requests

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.webdav.trees import TreeEndpoint
from tests.behaviours.webdav.locker import Locker, refused
from tests.raw import Raw, message
from tests.scenarios import path_of

XML = 'application/xml; charset="utf-8"'


@pytest.fixture
def made(status_server: StatusServer) -> TreeEndpoint:
    """Return a tree with files and a collection."""
    return status_server.webdav({"file": b"0123456789", "a/b": b"b"})


CONDITIONS = [
    ("GET", "/file", "If-None-Match: {etag}", 304),
    ("HEAD", "/file", "If-None-Match: *", 304),
    ("GET", "/file", "If-Modified-Since: {date}", 304),
    ("GET", "/file", 'If-Match: "other"', 412),
    ("GET", "/a/", "If-None-Match: *", 304),
    ("GET", "/none", "If-Match: *", 404),
    ("PUT", "/file", "If-Match: {etag}", 204),
    ("PUT", "/file", 'If-Match: "other"', 412),
    ("PUT", "/file", "If-None-Match: *", 412),
    ("PUT", "/new", "If-None-Match: *", 201),
    ("PUT", "/new", "If-Match: *", 412),
    ("PUT", "/new", 'If: (["x"])', 412),
    ("PUT", "/new", 'If: (Not ["x"])', 201),
    ("PUT", "/file", "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT", 412),
    ("DELETE", "/file", 'If-Match: "other"', 412),
    ("DELETE", "/file", "If-Match: {etag}", 204),
    ("DELETE", "/file", "If: ([{etag}])", 204),
    ("DELETE", "/file", 'If: (["other"])', 412),
    ("MKCOL", "/new", "If-Match: *", 412),
    ("MKCOL", "/new", "If-None-Match: *", 201),
    ("COPY", "/file", 'If-Match: "other"', 412),
    ("MOVE", "/file", "If-Match: {etag}", 201),
    ("GET", "/file", 'If: (["other"])', 412),
    ("OPTIONS", "/file", 'If-Match: "other"', 200),
]


@pytest.mark.parametrize(("method", "path", "field", "status"), CONDITIONS)
def test_conditions(client: Locker, method: str, path: str, field: str, status: int) -> None:
    """Conditional requests are as for any resource (RFC 4918, 12.1; RFC 9110, 13)."""
    head = client.ask("HEAD", "/file")
    line = field.format(etag=head.header("etag"), date=head.header("last-modified"))
    destination = f"Destination: {client.path}/to"
    content = b"new" if method == "PUT" else None
    answer = client.ask(method, path, line, destination, content=content)

    assert status == answer.status
    if status >= 400 and method != "HEAD":
        assert XML == answer.header("content-type")


@pytest.mark.parametrize(
    ("fields", "status", "content"),
    [
        (("Range: bytes=2-4",), 206, b"234"),
        (("Range: bytes=20-",), 416, None),
        (("Range: bytes=2-4", "If-Range: {etag}"), 206, b"234"),
        (("Range: bytes=2-4", 'If-Range: "other"'), 200, b"0123456789"),
        (("Range: bytes=2-4", "If-Range: {date}"), 206, b"234"),
        ((), 200, b"0123456789"),
    ],
)
def test_ranges(
    client: Locker, fields: tuple[str, ...], status: int, content: bytes | None
) -> None:
    """So are ranges (RFC 9110, 14); what is planted never had another representation."""
    head = client.ask("HEAD", "/file")
    lines = [f.format(etag=head.header("etag"), date=head.header("last-modified")) for f in fields]
    answer = client.ask("GET", "/file", *lines)

    assert status == answer.status
    if content is not None:
        assert content == answer.content


def test_range_of_a_listing(client: Locker) -> None:
    """A collection's listing has parts, too."""
    assert 206 == client.ask("GET", "/", "Range: bytes=0-14").status
    assert b"<!doctype html>" == client.ask("GET", "/", "Range: bytes=0-14").content


@pytest.mark.parametrize(
    ("method", "path", "located"),
    [
        ("GET", "", "/"),
        ("GET", "/a", "/a/"),
        ("HEAD", "/a", "/a/"),
        ("PROPFIND", "/a", "/a/"),
        ("GET", "/a/", None),
        ("GET", "/file", None),
        ("OPTIONS", "/a", None),
        ("GET", "/none", None),
    ],
)
def test_content_location(
    client: Locker, made: TreeEndpoint, method: str, path: str, located: str | None
) -> None:
    """A collection without its slash says where it has one (RFC 4918, 5.2)."""
    answer = client.ask(method, path, "Depth: 0")

    expected = None if located is None else made.removesuffix("/") + located
    assert expected == answer.header("content-location")


def test_content_location_of_an_error(client: Locker) -> None:
    """An error has none."""
    assert None is client.ask("GET", "/a", 'If-Match: "x"').header("content-location")


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/file", "GET, HEAD, PUT, DELETE, BIND"),
        ("/a", "GET, HEAD, DELETE, BIND"),
        ("/none", "PUT, MKCOL, LOCK"),
        ("/file/", "GET, PUT"),
    ],
)
def test_allow(client: Locker, path: str, allow: str) -> None:
    """What is allowed depends on what is there; a 405 says the same as OPTIONS."""
    found = (client.ask("OPTIONS", path).header("allow") or "").split(", ")
    assert set(allow.split(", ")) <= set(found)
    assert ("MKCOL" in found) == (path == "/none")
    assert ("PUT" in found) == (path != "/a")
    refused = client.ask("PUT" if path == "/a" else "PATCH", path)
    if refused.status == 405:
        assert found == (refused.header("allow") or "").split(", ")


@pytest.mark.parametrize("accept", ["text/html", "application/json", "text/plain", "*/*;q=0"])
def test_errors_are_xml(client: Locker, accept: str) -> None:
    """Whatever is accepted, and with no Vary for it."""
    for method, path in (("GET", "/none"), ("PUT", "/a"), ("SMURF", "/a"), ("MOVE", "/file")):
        answer = client.ask(method, path, f"Accept: {accept}")
        assert XML == answer.header("content-type")
        assert None is answer.header("vary")


def test_too_much_content(made: TreeEndpoint) -> None:
    """413, in the same form."""
    with Raw(made) as raw:
        raw.send(message("PUT", path_of(made) + "x", f"Content-Length: {10**12}"))
        answer = raw.answer()

    assert (413, XML) == (answer.status, answer.header("content-type"))


def test_malformed_content(made: TreeEndpoint) -> None:
    """400 where the framing is broken, and nothing is stored."""
    with Raw(made) as raw:
        raw.send(message("PUT", path_of(made) + "x", "Transfer-Encoding: chunked") + b"xyz\r\n")
        answer = raw.answer()

    assert (400, XML, "close") == (
        answer.status,
        answer.header("content-type"),
        answer.header("connection"),
    )
    assert "x" not in made.tree


def test_head(client: Locker) -> None:
    """The fields of a GET, without content, also of an error."""
    for path in ("/file", "/a/", "/none"):
        get, head = client.ask("GET", path), client.ask("HEAD", path)
        assert (get.status, b"") == (head.status, head.content)
        own = [line for line in get.fields if line[0] not in ("Date", "Content-Length")]
        assert own == [line for line in head.fields if line[0] not in ("Date", "Content-Length")]


def test_what_changes_while_content_comes(made: TreeEndpoint, client: Locker) -> None:
    """What was true before the content came is asked again: here the parent is gone by then."""
    with Raw(made) as raw:
        raw.send(
            message("PUT", path_of(made) + "a/new", "Content-Length: 2", "Expect: 100-continue")
        )
        assert 100 == raw._head().status
        client.ask("DELETE", "/a")
        raw.send(b"ok")
        assert 409 == raw.answer().status
        raw.send(
            message("PUT", path_of(made) + "file", "Content-Length: 2", "Expect: 100-continue")
        )
        assert 100 == raw._head().status
        client.ask("DELETE", "/file")
        client.ask("MKCOL", "/file")
        raw.send(b"ok")
        assert 405 == raw.answer().status
        raw.send(message("PUT", path_of(made) + "n", "Content-Length: 2", "Expect: 100-continue"))
        assert 100 == raw._head().status
        made.tree.put("n", b"")
        made.tree.lock("n")
        raw.send(b"ok")
        assert (423, "lock-token-submitted") == refused(raw.answer())


def test_what_goes_before_a_condition(made: TreeEndpoint, client: Locker) -> None:
    """A resource that is removed while a PROPPATCH comes is a 404."""
    with Raw(made) as raw:
        fields = ("Content-Type: text/xml", "Content-Length: 4", "Expect: 100-continue")
        raw.send(message("PROPPATCH", path_of(made) + "file", *fields))
        assert 100 == raw._head().status
        client.ask("DELETE", "/file")
        raw.send(b"<a/>")
        assert 404 == raw.answer().status


def test_one_of_two_wins(made: TreeEndpoint) -> None:
    """Of many that create the same at once one does."""
    statuses: list[int] = []

    def create() -> None:
        with Raw(made) as raw:
            target = path_of(made) + "one"
            statuses.append(raw.request("PUT", target, "If-None-Match: *", content=b"1").status)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [201, *[412] * 7] == sorted(statuses)


def test_trace(client: Locker) -> None:
    """TRACE is what it is anywhere."""
    answer = client.ask("TRACE", "/file")

    assert answer.content.startswith(f"TRACE {client.path}/file HTTP/1.1\r\n".encode())


def test_absolute_form(made: TreeEndpoint) -> None:
    """A target in absolute form names the same place."""
    with Raw(made) as raw:
        assert 200 == raw.request("GET", f"{made}file").status
        assert 404 == raw.request("GET", f"{made}none").status


def test_a_key_that_is_encoded(status_server: StatusServer) -> None:
    """A KEY of any characters has a tree; addresses in it come back as they can be used."""
    client = Locker(status_server.url_for("/207/a%20k%2Fey"))
    answer = client.ask("PROPFIND", "/", "Depth: 1")
    assert b"<D:href>/207/a%20k%2Fey/readme.txt</D:href>" in answer.content
    assert 201 == client.to("COPY", "/readme.txt", "/copy").status
    assert 200 == client.ask("GET", "/copy").status


def test_journal(client: Locker, made: TreeEndpoint) -> None:
    """Each exchange says which rule answered."""
    client.ask("GET", "/file")
    client.ask("DELETE", "/file")
    client.ask("MKCOL", "/file/x")

    assert [
        "the whole representation (RFC 4918, 9.4)",
        "the resource was removed (RFC 4918, 9.6)",
    ] == [exchange.why for exchange in made.exchanges[:2]]
    assert "(RFC 4918, 9.7.1)" in made.exchanges[2].why


def test_over_tls(secure_status_server: StatusServer) -> None:
    """Addresses have the scheme of the server."""
    made = secure_status_server.webdav({"file": b"1"})
    with requests.Session() as session:
        session.trust_env = False
        session.verify = secure_status_server.ca_file
        for destination, status in ((f"{made}copy", 201), (f"http{made[5:]}copy", 502)):
            answer = session.request("COPY", f"{made}file", headers={"Destination": destination})
            assert status == answer.status_code
        assert f"{made}" == session.get(made.rstrip("/")).headers["Content-Location"]
    assert {"file": b"1", "copy": b"1"} == made.tree.contents()
