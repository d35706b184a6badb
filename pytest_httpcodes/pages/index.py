"""The catalogue at `/`: what there is, as HTML for a browser, as JSON, and as text."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from typing import Any

from pytest_httpcodes import scenarios
from pytest_httpcodes.behaviours.applied import EVERY, asked, foreseen
from pytest_httpcodes.behaviours.common import everywhere
from pytest_httpcodes.behaviours.options import from_query
from pytest_httpcodes.catalogue import FAMILIES
from pytest_httpcodes.codes import CODES, Code, look_up
from pytest_httpcodes.problem import HTML, JSON, TEXT, Body, prefer
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, Steps, refuse, reply, rule, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import End, Head, Reply, Step

_ALLOW = (("Allow", "GET, HEAD, OPTIONS"),)


def listed() -> list[Code]:
    """Return what is known of each code, in order: those of the table, and those of others."""
    own = [code for code in scenarios.codes() if code not in CODES]
    return sorted([*CODES.values(), *map(_added, own)])


def _added(code: int) -> Code:
    # A scenario of someone else's may be all there is to say of a code.
    lines = (scenarios.find(code).__doc__ or "").strip().partition("\n")
    return look_up(code)._replace(summary=lines[0].removeprefix(f"{code}: "))


def _scenario(code: int, root: str) -> str:
    # The URL of a code's scenario, "" if it has none.
    return f"{root}/{code}" if scenarios.has(code) else ""


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
        "scenario": _scenario(code.code, root) or None,
    }


def as_json(root: str) -> Body:
    """Return the catalogue as JSON."""
    urls = [{"usage": usage, "url": root + path} for usage, path in _urls()]
    data = {"urls": urls, "codes": [row(code, root) for code in listed()]}
    return Body(JSON, json.dumps(data, indent=1).encode() + b"\n", negotiated=True)


def as_text(root: str) -> Body:
    """Return the catalogue as lines of text."""
    lines = [f"{usage:<26} {root}{path}" for usage, path in _urls()]
    lines += ["", *table(listed(), root)]
    return Body(TEXT, ("\n".join(lines) + "\n").encode(), negotiated=True)


def _urls() -> list[tuple[str, str]]:
    # How addresses look, and the path of one that works.
    families = [(family.usage, family.example) for family in FAMILIES.values()]
    return [("/CODE", "/404"), *families, ("/journal", "/journal")]


def table(codes: Iterable[Code], root: str = "") -> list[str]:
    """Return a line for each code: code, phrase, source, summary and URLs."""
    return [
        f"{c.code}  {c.phrase:<38} {c.source!s:<36} {c.summary:<44} "
        f"{root}/status/{c.code}  {_scenario(c.code, root)}".rstrip()
        for c in codes
    ]


def as_html(root: str) -> Body:
    """Return the catalogue as a page."""
    # A host may have an ampersand and an apostrophe (RFC 3986, 3.2.2).
    base = html.escape(root)
    cells = "\n".join(
        f'<tr><th><a href="{base}/status/{c.code}">{c.code}</a></th>'
        f"<td>{html.escape(c.phrase)}</td><td>{_source(c)}</td>"
        f"<td>{html.escape(c.summary)}</td><td>{_link(_scenario(c.code, base))}</td></tr>"
        for c in listed()
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
        "<table>\n<tr><th>code</th><th>phrase</th><th>specification</th><th>meaning</th>"
        "<th>scenario</th></tr>\n"
        f"{cells}\n</table>\n</body>\n</html>\n"
    )
    return Body(HTML, page.encode(), negotiated=True)


def _link(url: str) -> str:
    return f'<a href="{url}">/{url.rpartition("/")[2]}</a>' if url else ""


def _source(code: Code) -> str:
    text = html.escape(str(code.source))
    return f'<a href="{code.source.url}">{text}</a>' if isinstance(code.source, Section) else text


_FORMS = {"text": as_text, "json": as_json, "html": as_html}


class Index(Resource):
    """The catalogue; raises `ValueError` for a query with another option than every URL has."""

    __slots__ = ("_options", "_site")

    def __init__(self, site: Site, query: str = "") -> None:
        self._site = site
        self._options = from_query(query, EVERY)
        super().__init__(*everywhere(site), _allowed, Rule(Stage.STORAGE, self._answer))

    def foresee(self, target: str) -> Foreseen:
        """Say whether it breaks before the fields are read."""
        return foreseen(self._options)

    def _answer(self, request: Received) -> Reply:
        return asked(request, self._options, self._site, self._show)

    def _show(self, request: Received) -> Iterable[Step]:
        request.receive()
        request.record.why = why("the catalogue", Section(9110, "15.3.1"))
        if request.head.method == "OPTIONS":
            return (Head(204, _ALLOW), End())
        form = prefer(request.field("accept"), "text", "json", "html")
        return reply(200, _FORMS[form](request.root))


@rule(Stage.ALLOWED)
def _allowed(request: Received) -> Steps | None:
    method = request.head.method
    if method in ("GET", "HEAD", "OPTIONS"):
        return None
    detail = f"{method} is not allowed here; GET, HEAD and OPTIONS are"
    return refuse(request, 405, detail, Section(9110, "15.5.6"), _ALLOW)
