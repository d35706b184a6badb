"""XML is read safely, and what is written can be read (RFC 4918, 8.2 and 20.6)."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from pytest_httpcodes.behaviours.webdav import xml
from pytest_httpcodes.extras import MissingExtra

NESTED = 10
LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * NESTED}">' for n in range(1, 10))

MALFORMED = [
    b"",
    b" ",
    b"text",
    b"<a>",
    b"<a></b>",
    b"<a/><b/>",
    b"<a/>trailing",
    b"<a><b></a></b>",
    b"<a b='1' b='2'/>",
    b"<a b=1/>",
    b"<x:a/>",
    b"<a x:b='1'/>",
    b"<a xmlns:x=''/>",
    b"<a>&e;</a>",
    b"<a>&#0;</a>",
    b"<a>\x00</a>",
    b"<a>\xff</a>",
    b"<?xml version='1.0' encoding='none'?><a/>",
    b"<a>" * 101 + b"</a>" * 101,
    b"<a>" * 100_000,
    b"<!DOCTYPE a><a/>",
    b"<!DOCTYPE a [<!ENTITY e ''>]><a>&e;</a>",
    b"<!DOCTYPE a [<!ENTITY e0 'ha'>%b]><a b='&e9;'>&e9;</a>" % LAUGHS.encode(),
    b"<!DOCTYPE a [<!ATTLIST a b CDATA 'x'>]><a/>",
]
EXTERNAL = [
    b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x'><a/>",
    b"<!DOCTYPE a PUBLIC 'p' 'http://127.0.0.1:1/x'><a/>",
    b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a>&e;</a>",
    b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a/>",
    b"<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/hostname'> %p;]><a/>",
]


@pytest.mark.parametrize("octets", [*MALFORMED, *EXTERNAL])
def test_malformed(octets: bytes) -> None:
    """What is refused, and whether it is for something external."""
    with pytest.raises(xml.Malformed) as caught:
        xml.parse(octets)

    assert (octets in EXTERNAL) == caught.value.external


@pytest.mark.parametrize(
    ("octets", "tag"),
    [
        (b"<a/>", "a"),
        (b"\xef\xbb\xbf<a/>", "a"),
        (b"<?xml version='1.0'?>\n<a/>\n", "a"),
        (b"<!-- c --><?p i?><a/><!-- c -->", "a"),
        ("<?xml version='1.0' encoding='utf-16'?><ä/>".encode("utf-16"), "ä"),
        (b"<?xml version='1.0' encoding='iso-8859-1'?><\xe4/>", "ä"),
        (b"<D:a xmlns:D='DAV:'/>", "{DAV:}a"),
        (b"<a>" * 100 + b"</a>" * 100, "a"),
        (b"<a>" + b"<b/>" * 5000 + b"</a>", "a"),
    ],
)
def test_well_formed(octets: bytes, tag: str) -> None:
    """What is read, in whatever encoding."""
    assert tag == xml.parse(octets).tag


@settings(deadline=None)
@given(st.text())
def test_any_text(text: str) -> None:
    """Whatever is said, what is written is XML; what is no character is an escape."""
    octets = xml.write(xml.element("a", text))

    found = etree.fromstring(octets).text or ""
    assert xml.clean(text) == found


def test_escapes() -> None:
    """Half a surrogate pair is the octet that was no UTF-8."""
    assert "\\x00 \\xff \\xfe \t" == xml.clean("\x00 \udcff \ufffe \t")


def test_explain() -> None:
    """An error has its condition, what that is about, and a problem with all its members."""
    said = xml.explain(
        423, "it is", "lock-token-submitted", ["/a", "/b"], errors=[{"at": 1}, "x"], temporary=None
    )
    root = etree.fromstring(said.data)
    problem = root.find(f"{{{xml.PROBLEM}}}problem")

    assert ['application/xml; charset="utf-8"', False] == [said.type, said.negotiated]
    assert ["/a", "/b"] == [each.text for each in root.iter("{DAV:}href")]
    assert problem is not None
    names = [each.tag.rpartition("}")[2] for each in problem]
    assert ["type", "title", "status", "detail", "errors"] == names
    assert ["i", "i"] == [each.tag.rpartition("}")[2] for each in problem[-1]]
    assert "1x" == "".join(map(str, problem[-1].itertext()))


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names what to install."""
    monkeypatch.setitem(sys.modules, "lxml", None)
    with pytest.raises(MissingExtra, match=r"WebDAV.*lxml.*pytest-httpcodes\[webdav\]"):
        xml.needed()
