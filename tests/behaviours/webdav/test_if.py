"""The If field of requests to a tree, and whose tokens it has (RFC 4918, 6.4 and 10.4)."""

from __future__ import annotations

import pytest
import requests

from pytest_httpcodes import StatusServer
from tests.behaviours.webdav.locker import CONTENTS, INFO, Locker, submit
from tests.raw import Raw, message


@pytest.mark.parametrize(
    "credentials",
    ["Basic !", "Basic", "Digest username=jane", "Bearer token", "Basic am9l", "", "Basic  "],
)
def test_no_principal(status_server: StatusServer, credentials: str) -> None:
    """Whoever has no credentials of Basic is the same, the one without any."""
    url = status_server.webdav(tree=CONTENTS)
    client = Locker(url)
    token = client.lock("/x")

    line = f"Authorization: {credentials}"
    assert 204 == client.put("/x", submit(token), line).status
    assert 423 == Locker(url, "joe").put("/x", submit(token)).status


CONDITIONS = [
    ("/x", "(<{token}>)", 204),
    ("/x", "(<{token}> {etag})", 204),
    ("/x", "(<{token}> [W/{etag_}])", 204),
    ("/x", "(<{token}> Not {etag})", 412),
    ("/x", '(<{token}> ["no"])', 412),
    ("/x", "({etag})", 423),
    ("/x", "(Not <DAV:no-lock>)", 423),
    ("/x", "(<urn:uuid:1>)", 412),
    ("/x", "(<urn:uuid:1>)(<{token}>)", 204),
    ("/x", "(Not <{token}>)", 412),
    ("/x", "(Not <{token}>) (Not <DAV:no-lock>)", 204),
    ("/x", "<{url}/x> (<{token}>)", 204),
    ("/x", "<{path}/%78?a> (<{token}>)", 204),
    ("/x", "<{path}/no> (<{token}>)", 412),
    ("/x", "<{path}/a/../x> (<{token}>)", 412),
    ("/x", "<http://example.org{path}/x> (<{token}>)", 412),
    ("/x", "</other/x> (<{token}>)", 412),
    ("/x", "<{path}/no> (Not <{token}>) <{path}/> (Not <{token}>)", 204),
    # "treat as if the URL identified a resource that exists but does not have the specified state"
    ("/new", "(<{token}>)", 412),
    ("/new", '(Not ["v1"])', 201),
    ("/new", '(["v1"])', 412),
    ("/x", "(<{token}>", 400),
    ("/x", "<{token}>", 400),
    ("/x", "", 400),
]


@pytest.mark.parametrize(("path", "value", "status"), CONDITIONS)
def test_the_condition(status_server: StatusServer, path: str, value: str, status: int) -> None:
    """A PUT is made if the If field is true and has the token (10.4)."""
    url = status_server.webdav(tree=CONTENTS)
    client = Locker(url)
    token = client.lock("/x")
    etag = client.ask("GET", "/x").header("etag") or ""
    given = {"token": token, "etag": f"[{etag}]", "etag_": etag, "url": client.url}
    answer = client.put(path, "If: " + value.format(path=client.path, **given))

    assert status == answer.status
    assert (b"changed" if status == 204 else b"x") == client.ask("GET", "/x").content


@pytest.mark.parametrize("method", ["GET", "HEAD", "PROPFIND", "DELETE", "OPTIONS", "UNLOCK"])
def test_the_condition_of_other_methods(status_server: StatusServer, method: str) -> None:
    """Whatever the method, it is made only if the If field is true (10.4.1)."""
    client = Locker(status_server.webdav(tree=CONTENTS))

    assert 412 == client.ask(method, "/x", "If: (<urn:uuid:1>)").status


def test_lines_of_the_condition(status_server: StatusServer) -> None:
    """The field has one line (10.4.2)."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    token = client.lock("/x")

    assert 400 == client.put("/x", f"If: (<{token}>)", "If: (<urn:uuid:1>)").status


def test_a_collection_has_an_entity_tag(status_server: StatusServer) -> None:
    """It is that of the listing, and so changes with the members."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    etag = client.ask("GET", "/a/").header("etag")
    condition = f"If: <{client.path}/a/> ([{etag}])"
    assert 201 == client.put("/a/new", condition).status

    assert 412 == client.put("/a/more", condition).status


def test_before_the_content_is_invited(status_server: StatusServer) -> None:
    """What a lock protects is refused instead of a 100 (RFC 9110, 10.1.1)."""
    url = status_server.webdav(tree=CONTENTS, locked=["x"])
    client = Locker(url)
    with Raw(url) as raw:
        raw.send(message("PUT", f"{client.path}/x", "Expect: 100-continue", "Content-Length: 5"))
        answer = raw.answer("PUT")

    assert (423, []) == (answer.status, [interim.status for interim in answer.interim])


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/x", ("If: (",), 400),
        ("/x", ("Depth: 1",), 400),
        ("/no/new", (), 409),
        ("/new/", (), 409),
    ],
)
def test_before_the_content_of_a_lock_is_invited(
    status_server: StatusServer, path: str, fields: tuple[str, ...], status: int
) -> None:
    """What is wrong with a LOCK whatever it encloses is said instead of a 100."""
    client = Locker(status_server.webdav(tree=CONTENTS))
    waiting = ("Expect: 100-continue", "Content-Length: 5", *fields)
    with Raw(client.url) as raw:
        raw.send(message("LOCK", client.path + path, *waiting))
        answer = raw.answer("LOCK")

    assert (status, []) == (answer.status, answer.interim)


@pytest.mark.parametrize(("scheme", "status"), [("https", 204), ("http", 412)])
def test_a_url_of_another_scheme(
    secure_status_server: StatusServer, scheme: str, status: int
) -> None:
    """Over TLS a URL is one of https; the same with http is that of another origin."""
    url = f"{secure_status_server.webdav(tree=CONTENTS)}x"
    trust = secure_status_server.ca_file
    with requests.Session() as session:
        session.trust_env = False
        content = INFO.format(scope="exclusive", owner="")
        fields = {"Content-Type": "application/xml"}
        locked = session.request("LOCK", url, data=content, headers=fields, verify=trust, timeout=5)
        lists = f"<{scheme}{url.removeprefix('https')}> ({locked.headers['Lock-Token']})"
        answer = session.put(url, b"changed", headers={"If": lists}, verify=trust, timeout=5)

    assert status == answer.status_code
