"""What each code requires, as its specification has it, and what goes with it on the wire."""

from __future__ import annotations

import json
import re
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from pytest_httpcodes.section import Section
from pytest_httpcodes.server import StatusServer
from tests.raw import Answer, Raw
from tests.test_codes import DE_FACTO, DOCUMENT

DAV = "{DAV:}"
XML = r'application/xml; charset="utf-8"'
ORIGIN = r"http://127\.0\.0\.1:[0-9]+"


class Row(NamedTuple):
    """A field that a code requires: where that is written, its name, and what it looks like."""

    code: int
    section: Section
    name: str
    value: str
    method: str = "GET"


TABLE = [
    Row(201, Section(9110, "15.3.2"), "Location", rf"{ORIGIN}/status/200"),
    Row(203, Section(9110, "7.6.3"), "Via", r"1\.1 [\w-]+"),
    Row(205, Section(9110, "15.3.6"), "Content-Length", "0"),
    Row(206, Section(9110, "15.3.7.1"), "Content-Range", "bytes 0-19/40"),
    Row(206, Section(9110, "15.3.7"), "ETag", '"[a-z]+"'),
    Row(207, Section(4918, "13"), "Content-Type", XML),
    Row(208, Section(5842, "7.1"), "Content-Type", XML),
    Row(226, Section(3229, "10.4.1"), "IM", "diffe"),
    Row(226, Section(3229, "10.4.1"), "ETag", '"v3"'),
    Row(226, Section(3229, "10.5.1"), "Delta-Base", '"v1"'),
    Row(226, Section(3229, "10.8"), "Cache-Control", "no-store, im"),
    Row(300, Section(9110, "15.4.1"), "Link", '(<[^>]+>; rel="alternate"; type="[^"]+"(, )?){2}'),
    *(
        Row(code, Section(9110, f"15.4.{code - 299}"), "Location", rf"{ORIGIN}/redirects/end")
        for code in (301, 302, 303, 307, 308)
    ),
    Row(303, Section(2616, "10.3.4"), "Cache-Control", "no-store"),
    Row(304, Section(9110, "15.4.5"), "ETag", '"[a-z]+"'),
    Row(304, Section(9110, "15.4.5"), "Cache-Control", "max-age=60"),
    Row(304, Section(9110, "15.4.5"), "Vary", "Accept"),
    Row(305, Section(9110, "15.4.6"), "Location", rf"{ORIGIN}/"),
    Row(401, Section(9110, "11.6.1"), "WWW-Authenticate", r'Basic realm="\w+", charset="UTF-8"'),
    Row(405, Section(9110, "10.2.1"), "Allow", "OPTIONS"),
    Row(405, Section(9110, "10.2.1"), "Allow", "OPTIONS", "HEAD"),
    Row(405, Section(9110, "10.2.1"), "Allow", "GET, HEAD", "OPTIONS"),
    Row(405, Section(9110, "10.2.1"), "Allow", "GET, HEAD, OPTIONS", "DELETE"),
    Row(406, Section(9110, "15.5.7"), "Link", '<[^>]+>; rel="alternate"; type="text/plain"'),
    Row(406, Section(9110, "12.5.5"), "Vary", "Accept"),
    Row(407, Section(9110, "11.7.1"), "Proxy-Authenticate", r'Basic realm="\w+", .*'),
    Row(408, Section(9110, "15.5.9"), "Connection", "close"),
    Row(411, Section(9112, "9.3"), "Connection", "close"),
    Row(414, Section(9112, "9.3"), "Connection", "close"),
    Row(415, Section(9110, "15.5.16"), "Accept", "image/jpeg"),
    Row(415, Section(9110, "15.5.16"), "Accept-Post", "image/jpeg", "POST"),
    Row(415, Section(5789, "2.2"), "Accept-Patch", "application/merge-patch[+]json", "PATCH"),
    Row(416, Section(9110, "15.5.17"), "Content-Range", r"bytes \*/10240"),
    Row(417, Section(9112, "9.3"), "Connection", "close"),
    Row(420, Section(6585, "4"), "Cache-Control", "no-store"),
    Row(423, Section(4918, "16"), "Content-Type", XML),
    Row(424, Section(4918, "16"), "Content-Type", XML),
    Row(426, Section(9110, "15.5.22"), "Upgrade", "TLS/1.0, HTTP/1.1"),
    Row(426, Section(9110, "7.8"), "Connection", "Upgrade"),
    Row(428, Section(6585, "3"), "Cache-Control", "no-store"),
    Row(429, Section(6585, "4"), "Cache-Control", "no-store"),
    Row(431, Section(6585, "5"), "Cache-Control", "no-store"),
    Row(431, Section(9112, "9.3"), "Connection", "close"),
    Row(451, Section(7725, "4"), "Link", '<[^>]+>; rel="blocked-by"'),
    Row(502, Section(9110, "7.6.3"), "Via", r"1\.1 [\w-]+"),
    Row(504, Section(9110, "7.6.3"), "Via", r"1\.1 [\w-]+"),
    Row(507, Section(4918, "16"), "Content-Type", XML),
    Row(508, Section(5842, "7.2"), "Content-Type", XML),
    Row(511, Section(6585, "6"), "Cache-Control", "no-store"),
]

# Fields that say what a code does not mean: they belong to the codes named, and to no other.
ALONE = {
    "WWW-Authenticate": (401,),
    "Proxy-Authenticate": (407,),
    "Allow": (405,),
    "Content-Range": (206, 416),
    "Location": (201, 301, 302, 303, 305, 307, 308),
    "Upgrade": (101, 426),
    "IM": (226,),
    "Retry-After": (),
}


def ask(server: StatusServer, method: str, target: str, *fields: str) -> Answer:
    """Send one request on a connection of its own."""
    with Raw(server.url) as raw:
        return raw.request(method, target, *fields)


def parsed(answer: Answer) -> ElementTree.Element:
    """Read an answer's content as XML."""
    return ElementTree.fromstring(answer.content)  # noqa: S314 - it is our own


def test_every_code_has_what_it_requires(server: StatusServer) -> None:
    """One row for each field, with the section that wants it; HEAD has it, too."""
    for row in TABLE:
        for method in {row.method, "HEAD" if row.method == "GET" else row.method}:
            value = ask(server, method, f"/status/{row.code}").header(row.name)

            assert value is not None, row
            assert re.fullmatch(row.value, value), (row, value)


def test_no_code_has_what_belongs_to_another(server: StatusServer) -> None:
    """A challenge, a list of methods or an address, unasked, would mean something else."""
    for code in sorted({*DOCUMENT, *DE_FACTO} - {444}):
        answer = ask(server, "GET", f"/status/{code}")
        for name, codes in ALONE.items():
            assert (code in codes) is (answer.header(name) is not None), (code, name)


def test_what_must_not_be_stored_says_so(server: StatusServer) -> None:
    """RFC 6585 forbids it for four codes; what may be stored is not kept from it (2.5)."""
    heuristic = (200, 203, 206, 300, 301, 308, 404, 405, 410, 414, 451, 501)
    for code in (*heuristic, 204):
        assert None is ask(server, "GET", f"/status/{code}").header("cache-control")
    for code in (428, 429, 431, 511):
        assert "no-store" == ask(server, "GET", f"/status/{code}").header("cache-control")


def test_a_200_has_validators(server: StatusServer) -> None:
    """RFC 9110, 15.3.1: for GET and HEAD, strong, and no later than `Date` (S-21)."""
    for target in ("/status/200", "/status/102"):
        got = ask(server, "GET", target)

        assert re.fullmatch('"[0-9a-f]{16}"', got.header("etag") or "")
        assert got.header("etag") == ask(server, "HEAD", target).header("etag")
        assert (got.header("last-modified") or "")[-12:] <= (got.header("date") or "")[-12:]
        assert None is ask(server, "POST", target).header("etag")


def test_a_strong_tag_stands_for_these_octets_alone(server: StatusServer) -> None:
    """S-20: other content has another one, the same content the same."""
    one, two, same = (
        ask(server, "GET", f"/status/200/{key}?content={content}").header("etag")
        for key, content in (("a", "one"), ("b", "two"), ("c", "one"))
    )

    assert one == same != two


def test_a_206_is_a_part_of_something_larger(server: StatusServer) -> None:
    """RFC 9110, 14.4: the positions fit the content, whatever that is."""
    for content, expected in (("x", "bytes 0-0/2"), ("x" * 100, "bytes 0-99/200")):
        answer = ask(server, "GET", f"/status/206/{content}?content={content}")

        assert (expected, content) == (answer.header("content-range"), answer.content.decode())


def test_a_206_in_parts_has_its_ranges_in_them(server: StatusServer) -> None:
    """RFC 9110, 15.3.7.2: none in the header section of multipart/byteranges."""
    kind = "multipart/byteranges; boundary=B"
    content = b"--B\r\nContent-Range: bytes 0-0/9\r\n\r\nx\r\n--B--\r\n"
    url = server.status(206, headers={"content-type": kind}, content=content)
    answer = ask(server, "GET", url.removeprefix(server.url))

    assert (kind, None) == (answer.header("content-type"), answer.header("content-range"))


def test_webdav_codes_have_well_formed_xml(server: StatusServer) -> None:
    """RFC 4918, 13 and 16: a multistatus or an error, that names the target as a path."""
    for target in ("/status/{}/a&b'<>", "http://host/status/{}/a&b'<>?delay=0"):
        for code in (207, 208, 423, 424, 507, 508):
            answer = ask(server, "GET", target.format(code))
            root = parsed(answer)

            assert code == answer.status
            assert f"{DAV}{'multistatus' if code < 400 else 'error'}" == root.tag
            hrefs = [element.text for element in root.iter(f"{DAV}href")]
            assert ([] if code == 507 else [f"/status/{code}/a&b'<>"]) == hrefs


@pytest.mark.parametrize(
    ("code", "path"),
    [
        (207, f"{DAV}response/{DAV}status"),
        (208, f"{DAV}response/{DAV}status"),
        (423, f"{DAV}lock-token-submitted/{DAV}href"),
        (507, f"{DAV}quota-not-exceeded"),
    ],
)
def test_webdav_codes_have_the_element_that_says_why(
    server: StatusServer, code: int, path: str
) -> None:
    """RFC 4918, 13 and 11.3; RFC 4331, 6; a 208 has its own status inside (RFC 5842, 7.1)."""
    found = parsed(ask(server, "GET", f"/status/{code}")).find(path)

    assert found is not None
    if code < 400:
        phrase = {207: "200 OK", 208: "208 Already Reported"}[code]
        assert f"HTTP/1.1 {phrase}" == found.text


def test_a_415_for_a_coding_lists_codings(server: StatusServer) -> None:
    """RFC 9110, 15.5.16: and no media types, which are not what is wrong."""
    answer = ask(server, "POST", "/status/415", "Content-Encoding: br")

    assert "gzip, identity" == answer.header("accept-encoding")
    assert None is answer.header("accept-post")


@pytest.mark.parametrize("code", [300, 406])
def test_alternates_are_listed_and_exist(server: StatusServer, code: int) -> None:
    """RFC 9110, 15.4.1 and 15.5.7: as links, hyperlinks or JSON, and each has the type it names."""
    page = ask(server, "GET", f"/status/{code}", "Accept: text/html").content.decode()
    answer = ask(server, "GET", f"/status/{code}", "Accept: application/json")
    alternates = json.loads(answer.content)["alternates"]

    for alternate in alternates:
        target = alternate["href"].removeprefix(server.url)
        assert alternate["type"] == ask(server, "GET", target).header("content-type")
        assert f'<a href="{alternate["href"]}">{alternate["type"]}</a>' in page
        assert f"<{alternate['href']}>" in (answer.header("link") or "")
    assert "text/plain; charset=utf-8" == ask(server, "GET", "/status/200").header("content-type")


@pytest.mark.parametrize("code", [300, 301, 302, 303, 305, 306, 307, 308, 450, 511])
def test_what_people_follow_is_a_page(server: StatusServer, code: int) -> None:
    """A note with a hyperlink, where there is an address; JSON for who prefers it."""
    page = ask(server, "GET", f"/status/{code}")
    problem = ask(server, "GET", f"/status/{code}", "Accept: application/json")

    assert ("text/html; charset=utf-8", "Accept") == (
        page.header("content-type"),
        page.header("vary"),
    )
    assert (code in (306, 450)) is (b"<a href=" not in page.content)
    location = page.header("location")
    if location is not None:
        assert f'<a href="{location}">'.encode() in page.content
        assert location == json.loads(problem.content)["location"]


def test_an_address_is_escaped_in_a_page(server: StatusServer) -> None:
    """A host may have an ampersand and an apostrophe (RFC 3986, 3.2.2)."""
    with Raw(server.url) as raw:
        raw.host = "a&b'c"
        answer = raw.request("GET", "/status/302")

    assert "http://a&b'c/redirects/end" == answer.header("location")
    assert b'href="http://a&amp;b&#x27;c/redirects/end"' in answer.content


def test_a_teapot_says_what_it_is(server: StatusServer) -> None:
    """RFC 2324, 2.3.2: "The resulting entity body MAY be short and stout"."""
    assert b"short and stout" in ask(server, "BREW", "/status/418").content


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        (100, []),
        (102, []),
        (103, [("Link", '</style.css>; rel="preload"; as="style"')]),
        (104, [("Upload-Draft-Interop-Version", "8")]),
        (199, []),
    ],
)
def test_an_interim_response_has_its_fields(
    server: StatusServer, code: int, fields: list[tuple[str, str]]
) -> None:
    """RFC 9110, 15.2; RFC 8297, 2: and neither length nor coding (S-04)."""
    answer = ask(server, "GET", f"/status/{code}")

    assert [(code, fields)] == [(a.status, a.fields) for a in answer.interim]
    assert not [name for name, _ in fields if answer.header(name)]
