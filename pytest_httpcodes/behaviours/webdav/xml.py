"""XML as WebDAV has it: read safely, written by the library (RFC 4918, 4.3, 8.2, 14 and 20.6).

lxml keeps what a property's value has to keep: names, attributes, character data, and the
prefixes, which "some XML vocabularies" refer to in values (RFC 4918, 4.3). A declared document
type is refused whatever is in it, so that no entity is ever expanded, and nothing is ever fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pytest_httpcodes.codes import look_up
from pytest_httpcodes.extras import need
from pytest_httpcodes.problem import XML, Body
from pytest_httpcodes.wire.head import shown

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

DAV = "DAV:"
MAX_OCTETS = 1_048_576
MAX_DEPTH = 100
# The namespace of a problem in XML (RFC 9457, B).
PROBLEM = "urn:ietf:rfc:7807"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# What is no character of XML 1.0, half a surrogate pair among it.
_NONE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Malformed(ValueError):  # noqa: N818 - it is no error of this program
    """Content is no XML, or none that is taken; `external` is whether for an external entity."""

    def __init__(self, detail: str, *, external: bool = False) -> None:
        super().__init__(detail)
        self.external = external


def needed() -> None:
    """Raise `MissingExtra`, which names the extra, where lxml is not installed."""
    need("lxml", "webdav", "WebDAV")


def parse(octets: bytes) -> Element:
    """Return the root of a document; raises `Malformed`."""
    from lxml import etree

    # Without `huge_tree` the library has limits of its own, for the depth and for what entities
    # come to, which it applies while it reads.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(octets, parser)
    except etree.XMLSyntaxError as error:
        raise Malformed(f"the content is no well-formed XML: {shown(str(error.msg))}") from None
    info: Any = root.getroottree().docinfo
    if info.internalDTD is not None:
        # "If the server rejects a client request because the request body contains an external
        # entity, the server SHOULD use this error", no-external-entities (RFC 4918, 16).
        entities = (entity.content for entity in info.internalDTD.iterentities())
        external = bool(info.system_url or info.public_id) or None in entities
        raise Malformed("a document type is declared, and none is taken here", external=external)
    if _is_deep(root):
        raise Malformed(f"elements are nested in more than {MAX_DEPTH} others, which is too deep")
    return root


def _is_deep(root: Element) -> bool:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
    return bool(level)


def element(name: str, *content: Element | str) -> Element:
    """Return an element of the namespace DAV:, with text or with elements."""
    from lxml import etree

    made = etree.Element(f"{{{DAV}}}{name}", nsmap={"D": DAV})
    return _filled(made, content)


def _filled(made: Element, content: Iterable[Element | str]) -> Element:
    for part in content:
        if isinstance(part, str):
            made.text = clean(part)
        else:
            made.append(part)
    return made


def empty(name: str) -> Element:
    """Return an element without content; `name` is such as "{DAV:}prop"."""
    from lxml import etree

    return etree.Element(name, nsmap={"D": DAV} if name.startswith(f"{{{DAV}}}") else None)


def clean(text: str) -> str:
    """Return text as XML can have it: what is none of its characters becomes an escape."""
    return _NONE.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", text)


def write(root: Element) -> bytes:
    """Return the octets of a document, in UTF-8."""
    from lxml import etree

    octets: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return octets + b"\n"


def store(value: Element) -> bytes:
    """Return the octets of a property's element, with the language and the prefixes in scope.

    "an xml:lang attribute on any element containing a property name element applies to the
    property value" (RFC 4918, 4.3).
    """
    from lxml import etree

    found = value.xpath("ancestor-or-self::*[@xml:lang][1]/@xml:lang")
    if isinstance(found, list) and found:
        value.set(_LANG, str(found[0]))
    octets: bytes = etree.tostring(value, with_tail=False, encoding="utf-8", xml_declaration=False)
    return octets


def load(octets: bytes) -> Element:
    """Return the element of a property that was stored."""
    from lxml import etree

    return etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True))


def text_of(found: Element | None) -> str | None:
    """Return the text of an element, without the space around it; None where there is none."""
    return None if found is None else (found.text or "").strip()


def children(parent: Element, name: str) -> list[Element]:
    """Return the children of an element with a name of the namespace DAV:."""
    return parent.findall(f"{{{DAV}}}{name}")


def names(parent: Element) -> list[str]:
    """Return the names of the elements in one, comments and instructions left out."""
    return [str(child.tag) for child in parent if isinstance(child.tag, str)]


def explain(
    code: int, detail: str, condition: str = "", hrefs: Iterable[str] = (), **more: Any
) -> Body:
    """Describe why a request got a code of 400 or above: a DAV:error with a problem in it.

    `condition` is the name of a precondition or postcondition in the namespace DAV:, and `hrefs`
    are what it is about (RFC 4918, 16). The rest is a problem (RFC 9457, B), for "The 'error'
    element ... MAY be extended with any custom child elements".
    """
    root = element("error")
    if condition:
        root.append(element(condition, *(element("href", href) for href in hrefs)))
    root.append(_problem(code, detail, more))
    return Body(XML, write(root))


def _problem(code: int, detail: str, more: dict[str, Any]) -> Element:
    from lxml import etree

    row = look_up(code)
    temporary = more.pop("temporary", row.temporary)
    said = {"type": "about:blank", "title": row.phrase, "status": code, "detail": detail}
    # A JSON null has no form in XML: whether it passes is left out where it is not known.
    known = {} if temporary is None else {"temporary": str(temporary).lower()}
    problem = etree.Element(f"{{{PROBLEM}}}problem", nsmap={None: PROBLEM})  # type: ignore[dict-item]
    _put(problem, said | known | more)
    return problem


def _put(parent: Element, value: Any) -> None:
    # JSON as XML: the members of an object by their names, those of an array as "i" (RFC 9457, B).
    from lxml import etree

    if isinstance(value, (dict, list)):
        pairs = value.items() if isinstance(value, dict) else (("i", item) for item in value)
        for name, item in pairs:
            _put(etree.SubElement(parent, f"{{{PROBLEM}}}{name}"), item)
    else:
        parent.text = clean(str(value))
