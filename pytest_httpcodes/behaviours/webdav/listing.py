"""What a GET of a collection returns: a page with links to its members (RFC 4918, 9.4)."""

from __future__ import annotations

import html
from urllib.parse import quote

from pytest_httpcodes.behaviours.representation import Representation, represent
from pytest_httpcodes.behaviours.webdav.nodes import Collection, File, Node
from pytest_httpcodes.behaviours.webdav.tree import Place
from pytest_httpcodes.problem import HTML

_PCHAR = "!$&'()*+,;=:@"  # RFC 3986, 3.3, besides what is never encoded


def href(base: str, place: Place, *, slash: bool) -> str:
    """Return the path of a place below a base, percent-encoded."""
    words = (quote(name, safe=_PCHAR, errors="surrogateescape") for name in place)
    path = "/".join((base, *words))
    return f"{path}/" if slash else path


def representation(base: str, place: Place, node: Node) -> Representation:
    """Return what a GET of a node at a place returns; for a collection that is a listing."""
    if isinstance(node, File):
        return node.current
    assert isinstance(node, Collection)  # noqa: S101 - there are two kinds of nodes
    return represent(_page(base, place, node), node.modified, type=HTML)


def _page(base: str, place: Place, node: Collection) -> bytes:
    title = html.escape(href(base, place, slash=True))
    lines = []
    for name, member in sorted(node.bindings.items()):
        slash = isinstance(member, Collection)
        address = html.escape(href(base, (*place, name), slash=slash))
        lines.append(f'<li><a href="{address}">{html.escape(name)}{"/" * slash}</a></li>')
    items = "\n".join(lines)
    page = (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
        f"</head>\n<body>\n<h1>{title}</h1>\n<ul>\n{items}\n</ul>\n</body>\n</html>\n"
    )
    # What of a name is no UTF-8 is shown as an escape; its address has all of it.
    return page.encode("utf-8", "backslashreplace")
