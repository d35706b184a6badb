"""PROPFIND: which properties a resource has, and what becomes of each one that is asked for."""

from __future__ import annotations

import re

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.webdav.trees import TreeEndpoint
from tests.behaviours.webdav.locker import DAV, Locker, refused, root
from tests.raw import Answer, Raw, message

CONTENTS = {"file": b"12345", "a/b": b"b", "a/c/d": b"d"}
USUAL = {
    "creationdate",
    "getcontentlength",
    "getcontenttype",
    "getetag",
    "getlastmodified",
    "lockdiscovery",
    "resourcetype",
    "supportedlock",
}
FILE = {*USUAL, "parent-set", "resource-id"}


@pytest.fixture
def made(status_server: StatusServer) -> TreeEndpoint:
    """Return a tree with files and collections."""
    return status_server.webdav(CONTENTS)


def propfind(*inside: str) -> bytes:
    """Return the content of a PROPFIND."""
    return f'<D:propfind xmlns:D="DAV:">{"".join(inside)}</D:propfind>'.encode()


def ask_for(*names: str) -> bytes:
    """Return the content that asks for properties by their names in the namespace DAV:."""
    return propfind("<D:prop>", *(f"<D:{name}/>" for name in names), "</D:prop>")


def found(answer: Answer) -> dict[str, dict[str, list[str]]]:
    """Return the names of the properties by their status, for each address in a 207."""
    assert answer.status == 207, answer
    responses = {}
    for response in root(answer).iter(f"{DAV}response"):
        statuses = {
            (propstat.findtext(f"{DAV}status") or "").split(" ")[1]: [
                child.tag.removeprefix(DAV) for child in propstat.iterfind(f"{DAV}prop/*")
            ]
            for propstat in response.iter(f"{DAV}propstat")
        }
        responses[response.findtext(f"{DAV}href") or ""] = statuses
    return responses


def values(client: Locker, path: str, *names: str) -> dict[str, str]:
    """Return the text of properties, that of the elements in them included."""
    answer = client.ask("PROPFIND", path, "Depth: 0", content=ask_for(*names))
    prop = root(answer).find(f"{DAV}response/{DAV}propstat/{DAV}prop")
    assert prop is not None
    return {child.tag.removeprefix(DAV): "".join(child.itertext()) for child in prop}


@pytest.mark.parametrize(
    ("path", "fields", "paths"),
    [
        ("/", ("Depth: 0",), ["/"]),
        ("/", ("Depth: 1",), ["/", "/file", "/a/"]),
        ("/", ("Depth: infinity",), ["/", "/file", "/a/", "/a/b", "/a/c/", "/a/c/d"]),
        ("/", ("Depth: Infinity",), ["/", "/file", "/a/", "/a/b", "/a/c/", "/a/c/d"]),
        ("/", (), ["/", "/file", "/a/", "/a/b", "/a/c/", "/a/c/d"]),
        ("", ("Depth: 0",), ["/"]),
        ("/a", ("Depth: 1",), ["/a/", "/a/b", "/a/c/"]),
        ("/a/", ("Depth: 1",), ["/a/", "/a/b", "/a/c/"]),
        ("/file", ("Depth: 1",), ["/file"]),
        ("/file", (), ["/file"]),
    ],
)
def test_depth(client: Locker, path: str, fields: tuple[str, ...], paths: list[str]) -> None:
    """How far it goes; no depth is all, and a collection's address ends in a slash."""
    answer = client.ask("PROPFIND", path, *fields)

    assert [client.path + each for each in paths] == list(found(answer))


TABLE = [
    (b"", 207),
    (propfind("<D:allprop/>"), 207),
    (propfind("<D:allprop/><D:include><D:resource-id/></D:include>"), 207),
    (propfind("<D:include><D:resource-id/></D:include><D:allprop/>"), 207),
    (propfind("<D:propname/>"), 207),
    (propfind("<D:prop/>"), 207),
    (propfind('<D:propname/><E:leave-out xmlns:E="u">*boss*</E:leave-out>'), 207),
    (propfind("<!-- all --><D:allprop/><?none of it?>"), 207),
    (propfind(), 400),
    (propfind('<E:expired-props xmlns:E="u"/>'), 400),
    (propfind("<D:allprop/><D:propname/>"), 400),
    (propfind("<D:prop/><D:prop/>"), 400),
    (propfind("<D:include/>"), 400),
    (propfind("<D:propname/><D:include/>"), 400),
    (propfind("<D:allprop/><D:include/><D:include/>"), 400),
    (propfind("<allprop/>"), 400),
    (b"<propfind/>", 422),
    (b'<D:bind xmlns:D="DAV:"/>', 422),
    (b"<D:propfind/>", 400),
    (b"<propfind", 400),
    (b"{}", 400),
    (b'<!DOCTYPE a><propfind xmlns="DAV:"><allprop/></propfind>', 400),
]


@pytest.mark.parametrize(("content", "status"), TABLE)
def test_content(client: Locker, content: bytes, status: int) -> None:
    """Which code when; what is not known is as if it were not there (RFC 4918, 17 and A)."""
    answer = client.ask("PROPFIND", "/", "Depth: 0", content=content)

    assert status == answer.status


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (("Depth: 2",), 400),
        (("Depth: 0, 0",), 400),
        (("Depth: 1,noroot",), 400),
        (("Content-Type: text/plain",), 415),
        (("Content-Type: text/xml",), 207),
        (("Content-Type: application/xml;charset=utf-8",), 207),
        (("Content-Type: application/xml", "Content-Encoding: gzip"), 415),
        (("If-Match: *",), 207),
        (('If-Match: "other"',), 412),
        (("If-None-Match: *",), 412),
        (("If: (<urn:x>)",), 412),
        (("If: (Not <urn:x>)",), 207),
        (("If: nonsense",), 400),
    ],
)
def test_fields(client: Locker, fields: tuple[str, ...], status: int) -> None:
    """What the fields of the request come to; an error says which types are taken."""
    lines = (
        fields if any("Type" in line for line in fields) else (*fields, "Content-Type: text/xml")
    )
    depth = () if any("Depth" in line for line in fields) else ("Depth: 0",)
    answer = client.ask("PROPFIND", "/file", *depth, *lines, content=propfind("<D:allprop/>"))
    # A depth is that of a collection; but it has to be one.
    assert status == answer.status
    if status == 415:
        names = [name.lower() for name, _ in answer.fields]
        assert ("accept" in names) != ("accept-encoding" in names)


def test_without_a_type(client: Locker) -> None:
    """Content without a type is taken for what it is."""
    with Raw(client.url) as raw:
        answer = raw.request(
            "PROPFIND", f"{client.path}/file", "Depth: 0", content=propfind("<D:propname/>")
        )
        raw.send(message("PROPFIND", client.path + "/file", "Transfer-Encoding: chunked"))
        raw.send(b"0\r\n\r\n")
        again = raw.answer()

    assert (207, 207) == (answer.status, again.status)


def test_too_large(client: Locker, monkeypatch: pytest.MonkeyPatch) -> None:
    """413, announced or in chunks."""
    monkeypatch.setattr("pytest_httpcodes.behaviours.webdav.xml.MAX_OCTETS", 50)
    content = propfind("<D:propname/>", " " * 50)
    assert (413, "") == refused(client.ask("PROPFIND", "/file", content=content))
    with Raw(client.url) as raw:
        raw.send(message("PROPFIND", client.path + "/file", "Transfer-Encoding: chunked"))
        raw.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content))
        assert 413 == raw.answer().status


@pytest.mark.parametrize(
    ("declared", "status"),
    [("<!ENTITY e SYSTEM 'file:///etc/hostname'>", 403), ("<!ENTITY e 'x'>", 400)],
)
def test_entities(client: Locker, declared: str, status: int) -> None:
    """None is expanded; one that is external has a condition of its own (RFC 4918, 16)."""
    content = f'<!DOCTYPE p [{declared}]><propfind xmlns="DAV:"><prop>&e;</prop></propfind>'
    answer = client.ask("PROPFIND", "/file", content=content.encode())

    assert (status, "no-external-entities" if status == 403 else "") == refused(answer)


def test_allprop(client: Locker, made: TreeEndpoint) -> None:
    """All of RFC 4918 and the dead ones; none of RFC 5842 and 4331."""
    update = b'<propertyupdate xmlns="DAV:"><set><prop><x xmlns="urn:u">1</x></prop></set>%b'
    client.ask("PROPPATCH", "/file", content=update % b"</propertyupdate>")
    (statuses,) = found(client.ask("PROPFIND", "/file", "Depth: 0")).values()

    assert ["200"] == list(statuses)
    assert {*USUAL, "{urn:u}x"} == set(statuses["200"])


def test_include(client: Locker) -> None:
    """What is asked for besides is there, each once; what there is not is a 404."""
    inside = "<D:resource-id/><D:getetag/><D:none/>"
    content = propfind("<D:allprop/><D:include>", inside, "</D:include>")
    (statuses,) = found(client.ask("PROPFIND", "/file", "Depth: 0", content=content)).values()

    assert sorted({*USUAL, "resource-id"}) == sorted(statuses["200"])
    assert ["none"] == statuses["404"]


@pytest.mark.parametrize(
    ("quota", "more"),
    [(None, {"quota-used-bytes"}), (500, {"quota-used-bytes", "quota-available-bytes"})],
)
def test_propname(status_server: StatusServer, quota: int | None, more: set[str]) -> None:
    """The names of all that there is, without values."""
    client = Locker(status_server.webdav(CONTENTS, quota=quota))
    answer = client.ask("PROPFIND", "/", "Depth: 1", content=propfind("<D:propname/>"))

    names = {path: set(statuses["200"]) for path, statuses in found(answer).items()}
    assert {
        f"{client.path}/file": FILE,
        f"{client.path}/": FILE | more,
        f"{client.path}/a/": FILE | more,
    } == names
    assert b"<D:getetag/>" in answer.content


def test_prop(client: Locker) -> None:
    """Each property that is asked for has a status, in the order asked."""
    content = propfind(
        '<D:prop><D:getetag/><x xmlns="urn:u"/><none/><D:getcontentlanguage/><D:getetag/></D:prop>'
    )
    answer = client.ask("PROPFIND", "/file", "Depth: 0", content=content)

    ((_, statuses),) = found(answer).items()
    assert {"200": ["getetag"], "404": ["{urn:u}x", "none", "getcontentlanguage"]} == statuses


def test_no_property_at_all(client: Locker) -> None:
    """A response has a propstat even where nothing was asked for, which 14.24 demands."""
    answer = client.ask("PROPFIND", "/file", "Depth: 0", content=propfind("<D:prop/>"))

    assert [{"200": []}] == list(found(answer).values())


@pytest.mark.parametrize("path", ["/file", "/a/"])
def test_what_a_get_returns(client: Locker, path: str) -> None:
    """The values of the properties are those of the fields of a GET, a collection's too."""
    client.ask("PUT", "/file", "Content-Language: en", content=b"12345")
    answer = client.ask("GET", path)
    fields = {
        "getcontentlength": "content-length",
        "getcontenttype": "content-type",
        "getetag": "etag",
        "getlastmodified": "last-modified",
    }
    found = values(client, path, *fields)

    assert {name: answer.header(field) for name, field in fields.items()} == found
    if path == "/file":
        assert {"getcontentlanguage": "en"} == values(client, path, "getcontentlanguage")


def test_other_values(status_server: StatusServer) -> None:
    """The quota's are those of the tree; the type is an element; an identity is a URN."""
    client = Locker(status_server.webdav({"file": b"12345", "a/b": b"1"}, quota=100))
    quota = values(client, "/a", "quota-available-bytes", "quota-used-bytes")
    assert {"quota-available-bytes": "30", "quota-used-bytes": "70"} == quota
    ids = [values(client, path, "resource-id")["resource-id"] for path in ("/", "/a", "/file")]
    assert 3 == len(set(ids))
    for each in ids:
        assert re.fullmatch("urn:uuid:[0-9a-f-]{36}", each)
    created = values(client, "/", "creationdate")["creationdate"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created)
    types = client.ask("PROPFIND", "/", "Depth: 1", content=ask_for("resourcetype"))
    assert 2 == types.content.count(b"<D:collection/>")
    assert b"<D:resourcetype/>" in types.content


def test_parent_set(client: Locker, made: TreeEndpoint) -> None:
    """Each binding once: its collection, and the segment as an address has it (RFC 5842, 3.2)."""
    made.tree.bind("a/b ü", "file")
    made.tree.bind("twice", "a")
    answer = client.ask("PROPFIND", "/file", "Depth: 0", content=ask_for("parent-set"))
    parents = [
        (parent.findtext(f"{DAV}href"), parent.findtext(f"{DAV}segment"))
        for parent in root(answer).iter(f"{DAV}parent")
    ]
    assert [(f"{client.path}/", "file"), (f"{client.path}/a/", "b%20%C3%BC")] == parents
    assert {"parent-set": ""} == values(client, "/", "parent-set")


def test_bound_twice(client: Locker, made: TreeEndpoint) -> None:
    """No loop: all of it twice, but for a client that knows of bindings (RFC 5842, 7.1)."""
    made.tree.bind("twice", "a")
    plain = found(client.ask("PROPFIND", "/"))
    assert {"200"} == {status for statuses in plain.values() for status in statuses}
    assert f"{client.path}/twice/c/d" in plain
    aware = found(client.ask("PROPFIND", "/", "DAV: bind"))
    assert ["208"] == list(aware[f"{client.path}/twice/"])
    assert f"{client.path}/twice/b" not in aware
    assert f"{client.path}/a/c/d" in aware


def test_a_208_without_properties(client: Locker, made: TreeEndpoint) -> None:
    """It is there even where no property is found."""
    made.tree.bind("twice", "a")
    answer = client.ask("PROPFIND", "/", "DAV: bind", content=ask_for("none"))

    assert {"208": [], "404": ["none"]} == found(answer)[f"{client.path}/twice/"]


def test_too_many_members(client: Locker, made: TreeEndpoint) -> None:
    """Bindings make 2 to the power of 20 members, which are not all listed (RFC 5842, 12.3)."""
    path = "deep"
    made.tree.put(path, None)
    for _ in range(20):
        made.tree.put(f"{path}/l", None)
        made.tree.bind(f"{path}/r", f"{path}/l")
        path += "/l"
    assert (403, "propfind-finite-depth") == refused(client.ask("PROPFIND", "/"))
    assert 207 == client.ask("PROPFIND", "/", "DAV: bind").status
