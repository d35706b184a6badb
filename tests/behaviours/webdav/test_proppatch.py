"""PROPPATCH: all changes or none, and values that come back as they were (RFC 4918, 9.2, 4.3)."""

from __future__ import annotations

import pytest
from lxml import etree

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.webdav.trees import TreeEndpoint
from tests.behaviours.webdav.locker import Locker, refused
from tests.behaviours.webdav.test_propfind import found, propfind, values

GETETAG = "<D:set><D:prop><D:getetag>x</D:getetag></D:prop></D:set>"


@pytest.fixture
def made(status_server: StatusServer) -> TreeEndpoint:
    """Return a tree with a file and a collection."""
    return status_server.webdav({"file": b"12345", "a/b": b"b"})


def update(*inside: str) -> bytes:
    """Return the content of a PROPPATCH."""
    return f'<D:propertyupdate xmlns:D="DAV:">{"".join(inside)}</D:propertyupdate>'.encode()


def setting(*properties: str) -> str:
    """Return an instruction that sets properties."""
    return f"<D:set><D:prop>{''.join(properties)}</D:prop></D:set>"


def removing(*properties: str) -> str:
    """Return an instruction that removes properties."""
    return f"<D:remove><D:prop>{''.join(properties)}</D:prop></D:remove>"


def plain(made: TreeEndpoint) -> dict[str, str]:
    """Return the dead properties of the file, without the prefix that was in scope."""
    stored = made.tree.properties("file")
    return {name: value.replace(' xmlns:D="DAV:"', "") for name, value in stored.items()}


X, Y = '<x xmlns="urn:u">1</x>', '<y xmlns="urn:u"/>'
NO_X = '<x xmlns="urn:u"/>'

CHANGES: list[tuple[tuple[str, ...], dict[str, list[str]]]] = [
    ((setting(X),), {"200": ["{urn:u}x"]}),
    ((setting(X, Y),), {"200": ["{urn:u}x", "{urn:u}y"]}),
    ((setting(X), removing(NO_X)), {"200": ["{urn:u}x"]}),
    ((removing(NO_X),), {"200": ["{urn:u}x"]}),
    ((setting("<D:displayname>a name</D:displayname>"),), {"200": ["displayname"]}),
    ((setting("<D:unheard-of/>"),), {"200": ["unheard-of"]}),
    (
        (setting("<D:getcontentlanguage>de-CH</D:getcontentlanguage>"),),
        {"200": ["getcontentlanguage"]},
    ),
    ((removing("<D:getcontentlanguage/>"),), {"200": ["getcontentlanguage"]}),
    ((GETETAG,), {"403": ["getetag"]}),
    ((setting(X), GETETAG), {"403": ["getetag"], "424": ["{urn:u}x"]}),
    ((GETETAG, setting(X)), {"403": ["getetag"], "424": ["{urn:u}x"]}),
    (
        (removing("<D:resourcetype/>"), removing(NO_X)),
        {"403": ["resourcetype"], "424": ["{urn:u}x"]},
    ),
    ((setting("<D:displayname>a<b/></D:displayname>"),), {"409": ["displayname"]}),
    ((setting("<D:getcontentlanguage>?</D:getcontentlanguage>"),), {"409": ["getcontentlanguage"]}),
    ((setting("<D:getcontentlanguage/>"),), {"409": ["getcontentlanguage"]}),
    (
        (setting("<D:getcontentlanguage>a<b/></D:getcontentlanguage>"),),
        {"409": ["getcontentlanguage"]},
    ),
    (('<E:more xmlns:E="urn:e"/>', setting(X), "<D:prop/>"), {"200": ["{urn:u}x"]}),
]


@pytest.mark.parametrize(("inside", "expected"), CHANGES)
def test_changes(
    client: Locker, made: TreeEndpoint, inside: tuple[str, ...], expected: dict[str, list[str]]
) -> None:
    """A status for each property; if one cannot be changed none is (RFC 4918, 9.2.1)."""
    before = made.tree.properties("file")
    answer = client.ask("PROPPATCH", "/file", content=update(*inside))

    assert {f"{client.path}/file": expected} == found(answer)
    assert "no-store" == answer.header("cache-control")
    if "200" not in expected:
        assert before == made.tree.properties("file")
    assert ("403" in expected) == (b"<D:cannot-modify-protected-property/>" in answer.content)


PROTECTED = (
    "creationdate getcontentlength getcontenttype getetag getlastmodified lockdiscovery parent-set "
    "quota-available-bytes quota-used-bytes resource-id resourcetype supportedlock"
)


@pytest.mark.parametrize("name", PROTECTED.split())
@pytest.mark.parametrize("write", [setting, removing])
def test_protected(client: Locker, name: str, write: object) -> None:
    """None of these can be set or removed (RFC 4918, 15; RFC 5842, 3; RFC 4331, 3)."""
    assert callable(write)
    answer = client.ask("PROPPATCH", "/a/", content=update(write(f"<D:{name}/>")))

    assert {f"{client.path}/a/": {"403": [name]}} == found(answer)


def test_the_language_of_a_collection(client: Locker) -> None:
    """It has none, since a GET of it has none."""
    content = update(setting("<D:getcontentlanguage>de</D:getcontentlanguage>"))
    answer = client.ask("PROPPATCH", "/a/", content=content)

    assert [{"403": ["getcontentlanguage"]}] == list(found(answer).values())


def test_the_language_of_a_file(client: Locker) -> None:
    """Is what a GET says, until it is removed."""
    content = update(setting("<D:getcontentlanguage> de </D:getcontentlanguage>"))
    client.ask("PROPPATCH", "/file", content=content)
    assert "de" == client.ask("GET", "/file").header("content-language")
    client.ask("PROPPATCH", "/file", content=update(removing("<D:getcontentlanguage/>")))
    assert None is client.ask("GET", "/file").header("content-language")


def test_undone(client: Locker, made: TreeEndpoint) -> None:
    """What was done before the failure is undone, the language too."""
    client.ask("PROPPATCH", "/file", content=update(setting(X)))
    language = setting("<D:getcontentlanguage>de</D:getcontentlanguage>")
    content = update(removing(NO_X), setting(Y), language, GETETAG)
    client.ask("PROPPATCH", "/file", content=content)

    assert {"{urn:u}x": X} == plain(made)
    assert None is client.ask("GET", "/file").header("content-language")


def test_in_document_order(client: Locker, made: TreeEndpoint) -> None:
    """The last change of a property is what remains."""
    client.ask("PROPPATCH", "/file", content=update(setting(X), removing(NO_X), setting(Y, NO_X)))

    assert {"{urn:u}y": Y, "{urn:u}x": NO_X} == plain(made)


CONTENTS = [
    (b"", 400),
    (b"<a", 400),
    (update(), 400),
    (update("<D:set/>"), 400),
    (update("<D:set><D:prop/></D:set>"), 400),
    (update(removing(X)), 400),
    (update(removing('<x xmlns="urn:u"><y/></x>')), 400),
    (propfind("<D:allprop/>"), 422),
]


@pytest.mark.parametrize(("content", "status"), CONTENTS)
def test_content(client: Locker, content: bytes, status: int) -> None:
    """What has nothing to do is refused as a whole."""
    assert (status, "") == refused(client.ask("PROPPATCH", "/file", content=content))


def test_nothing_there(client: Locker) -> None:
    """404: no resource is created for it."""
    assert (404, "") == refused(client.ask("PROPPATCH", "/none", content=update(setting(X))))


def test_the_etag_stays(client: Locker) -> None:
    """Nor does the date change, "for a resource that has an unchanged body" (RFC 4918, 8.6)."""
    before = values(client, "/file", "getetag", "getlastmodified")
    client.ask("PROPPATCH", "/file", content=update(setting(X)))

    assert before == values(client, "/file", "getetag", "getlastmodified")


def test_no_room(status_server: StatusServer) -> None:
    """507 for the property, and nothing is stored; dead properties count (RFC 4331, 4)."""
    made = status_server.webdav({"file": b"12345"})
    client = Locker(made)
    assert b" 200 OK" in client.ask("PROPPATCH", "/file", content=update(setting(X))).content
    made.tree.quota = made.tree.used
    answer = client.ask("PROPPATCH", "/file", content=update(setting(NO_X + Y, X), setting(Y)))
    assert b"<D:quota-not-exceeded/>" in answer.content
    assert [{"507": ["{urn:u}y"], "424": ["{urn:u}x"]}] == list(found(answer).values())
    assert {"{urn:u}x": X} == plain(made)
    # What makes it smaller is always possible.
    made.tree.quota = 0
    assert b" 200 OK" in client.ask("PROPPATCH", "/file", content=update(setting(NO_X))).content


VALUES = [
    '<x xmlns="urn:u">mixed <b>con</b>tent <c d="e"/> with\n space </x>',
    '<x xmlns="urn:u" xmlns:p="urn:p"><p:y p:z="1" z="2">p:name</p:y></x>',
    '<x xmlns="urn:u" xmlns:xsi="urn:xsi" xmlns:q="urn:q"><y xsi:type="q:t"/></x>',
    '<x xmlns="urn:u" xml:lang="de">ü &amp; &lt; &#233; &#x1F600;</x>',
    "<x>in no namespace</x>",
    '<x xmlns="urn:u" xml:space="default">  <y xml:lang="en"/></x>',
    '<x xmlns="urn:u"><![CDATA[<no markup>]]></x>',
    '<x xmlns="urn:u"><y xmlns=""><z xmlns="urn:v"/></y></x>',
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_values_come_back(client: Locker, value: str, encoding: str) -> None:
    """Names, attributes, text and prefixes are preserved (RFC 4918, 4.3)."""
    content = f'<?xml version="1.0" encoding="{encoding}"?>{update(setting(value)).decode()}'
    client.ask("PROPPATCH", "/file", content=content.encode(encoding))
    client.to("COPY", "/file", "/copy")
    name = etree.QName(etree.fromstring(value))
    asked = f'<D:prop><x xmlns="{name.namespace or ""}"/></D:prop>'
    for path in ("/file", "/copy"):
        answer = client.ask("PROPFIND", path, "Depth: 0", content=propfind(asked))
        back = etree.fromstring(answer.content)[0][1][0][0]

        assert canonical(etree.fromstring(value)) == canonical(back)
        assert set(etree.fromstring(value).nsmap.items()) <= set(back.nsmap.items())


def canonical(element: etree._Element) -> bytes:
    """Return an element as octets that are the same for the same infoset."""
    octets: bytes = etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    return octets


def test_language_in_scope(client: Locker, made: TreeEndpoint) -> None:
    """An xml:lang around the property is stored with it (RFC 4918, 14.26); the nearest one wins."""
    content = (
        b'<propertyupdate xmlns="DAV:" xml:lang="en"><set xml:lang="de"><prop><x xmlns="">1</x>'
        b'<y xmlns="" xml:lang="fr">2</y></prop></set></propertyupdate>'
    )
    client.ask("PROPPATCH", "/file", content=content)

    found = made.tree.properties("file")
    assert 'xml:lang="de"' in found["x"]
    assert 'xml:lang="fr"' in found["y"]


def test_if_match(client: Locker, made: TreeEndpoint) -> None:
    """A precondition holds for it as for any method."""
    answer = client.ask("PROPPATCH", "/file", 'If-Match: "old"', content=update(setting(X)))

    assert (412, "") == refused(answer)
    assert {} == made.tree.properties("file")
