"""The catalogue at `/`: what there is, as HTML for a browser, as JSON, and as text."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from typing import Any

from pytest_httpcodes.behaviours.applied import EVERY, applied
from pytest_httpcodes.behaviours.common import everywhere
from pytest_httpcodes.behaviours.options import from_query
from pytest_httpcodes.catalogue import FAMILIES
from pytest_httpcodes.codes import CODES, Code
from pytest_httpcodes.problem import HTML, JSON, TEXT, Body, prefer
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, Steps, refuse, reply, rule, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Head, Step

_ALLOW = (("Allow", "GET, HEAD, OPTIONS"),)


def row(code: Code, root: str = "") -> dict[str, Any]:
    """Return what is known of a code, as JSON has it."""
    return {
        "code": code.code,
        "phrase": code.phrase,
        "source": str(code.source),
        "standing": code.standing,
        "summary": code.summary,
        "temporary": code.temporary,
        "url": f"{root}/status/{code.code}",
    }


def as_json(root: str) -> Body:
    """Return the catalogue as JSON."""
    urls = [{"usage": usage, "url": root + path} for usage, path in _urls()]
    data = {"urls": urls, "codes": [row(code, root) for code in CODES.values()]}
    return Body(JSON, json.dumps(data, indent=1).encode() + b"\n", negotiated=True)


def as_text(root: str) -> Body:
    """Return the catalogue as lines of text."""
    lines = [f"{usage:<26} {root}{path}" for usage, path in _urls()]
    lines += ["", *table(CODES.values(), root)]
    return Body(TEXT, ("\n".join(lines) + "\n").encode(), negotiated=True)


def _urls() -> list[tuple[str, str]]:
    # How addresses look, and the path of one that works.
    families = [(family.usage, family.example) for family in FAMILIES.values()]
    return [*families, ("/journal", "/journal")]


def table(codes: Any, root: str = "") -> list[str]:
    """Return a line for each code: code, phrase, source, summary and URL."""
    return [
        f"{c.code}  {c.phrase:<38} {c.source!s:<36} {c.summary:<44} {root}/status/{c.code}"
        for c in codes
    ]


def as_html(root: str) -> Body:
    """Return the catalogue as a page."""
    # A host may have an ampersand and an apostrophe (RFC 3986, 3.2.2).
    base = html.escape(root)
    cells = "\n".join(
        f'<tr><th><a href="{base}/status/{c.code}">{c.code}</a></th>'
        f"<td>{html.escape(c.phrase)}</td><td>{_source(c)}</td>"
        f"<td>{html.escape(c.summary)}</td></tr>"
        for c in CODES.values()
    )
    items = "".join(
        f'<li><code>{usage}</code>, such as <a href="{base}{path}">{base}{path}</a></li>\n'
        for usage, path in _urls()
    )
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<title>pytest-httpcodes</title>\n<style>body{font:1rem/1.5 system-ui,sans-serif;"
        "margin:2rem auto;max-width:60rem;padding:0 1rem}table{border-collapse:collapse}"
        "th,td{border-top:1px solid #ccc;padding:.2rem .8rem .2rem 0;text-align:left;"
        "vertical-align:top}</style>\n</head>\n<body>\n<h1>pytest-httpcodes</h1>\n"
        f"<ul>\n{items}</ul>\n"
        "<table>\n<tr><th>code</th><th>phrase</th><th>specification</th><th>meaning</th></tr>\n"
        f"{cells}\n</table>\n</body>\n</html>\n"
    )
    return Body(HTML, page.encode(), negotiated=True)


def _source(code: Code) -> str:
    text = html.escape(str(code.source))
    return f'<a href="{code.source.url}">{text}</a>' if isinstance(code.source, Section) else text


_FORMS = {"text": as_text, "json": as_json, "html": as_html}


class Index(Resource):
    """The catalogue; raises `ValueError` for a query with another option than every URL has."""

    __slots__ = ("_options",)

    def __init__(self, site: Site, query: str = "") -> None:
        self._options = from_query(query, EVERY)
        super().__init__(*everywhere(site), _allowed, Rule(Stage.RESULT, self._show))

    def _show(self, request: Received) -> Iterable[Step]:
        request.record.why = why("the catalogue", Section(9110, "15.3.1"))
        if request.head.method == "OPTIONS":
            return applied((Head(204, _ALLOW), End()), self._options)
        form = prefer(request.field("accept"), "text", "json", "html")
        return applied(reply(200, _FORMS[form](request.root)), self._options)


@rule(Stage.ALLOWED)
def _allowed(request: Received) -> Steps | None:
    method = request.head.method
    if method in ("GET", "HEAD", "OPTIONS"):
        return None
    detail = f"{method} is not allowed here; GET, HEAD and OPTIONS are"
    return refuse(request, 405, detail, Section(9110, "15.5.6"), _ALLOW)
