"""Content that explains a status: a problem (RFC 9457), a page or a line, as `Accept` prefers."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from pytest_httpcodes.codes import Code, look_up
from pytest_httpcodes.fields.accept import media_ranges, of_type

JSON = "application/json"
PROBLEM = "application/problem+json"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
XML = 'application/xml; charset="utf-8"'


class Body(NamedTuple):
    """Content with its media type, and whether it depends on the request's `Accept`."""

    type: str
    data: bytes
    negotiated: bool = False


# What a type is for a client that asks for JSON, HTML or text, in UTF-8 as everything here.
_TYPES = {
    "json": ("application/json;charset=utf-8", "application/problem+json;charset=utf-8"),
    "html": ("text/html;charset=utf-8",),
    "text": ("text/plain;charset=utf-8",),
}


def prefer(accept: str, *offers: str) -> str:
    """Return the offer that `accept` likes best; the first one if it does not say.

    "json" stands for any JSON type, "html" and "text" for themselves. "The most specific
    reference has precedence" for the weight of a type (RFC 9110, 12.5.1); between equal weights
    the order of the offers decides.
    """
    if not accept or accept.strip() == "*/*":
        return offers[0]
    ranges = media_ranges(accept)
    best = max(offers, key=lambda offer: of_type(ranges, *_TYPES[offer]))
    return best if of_type(ranges, *_TYPES[best]) else offers[0]


class _Explanation(NamedTuple):
    # What there is to say of an answer, in whatever form.
    row: Code
    detail: str
    temporary: bool | None
    link: tuple[str, str] | None
    alternates: Sequence[tuple[str, ...]]
    more: dict[str, Any]


def explain(
    code: int,
    detail: str,
    accept: str = "",
    *,
    html_first: bool = False,
    link: tuple[str, str] | None = None,
    alternates: Sequence[tuple[str, ...]] = (),
    **more: Any,
) -> Body:
    """Describe why a request got a code of 300 or above, in the form that the client prefers.

    `html_first` is for what people are to follow: a page, unless JSON is preferred. `link` is an
    address and its text, to be shown as a hyperlink; `alternates` are addresses to choose from,
    each with its media type and, where it has one, its language. `more` are members of the
    problem besides the standard ones; `temporary` among them says whether the condition passes,
    where that is not as the code has it.
    """
    row = look_up(code)
    temporary = more.pop("temporary", row.temporary)
    said = _Explanation(row, detail, temporary, link, alternates, more)
    form = prefer(accept, *(("html", "json") if html_first else ("json", "html", "text")))
    if form == "json":
        return Body(PROBLEM if code >= 400 else JSON, _problem(said), negotiated=True)
    if form == "html":
        return Body(HTML, _page(said), negotiated=True)
    lines = [f"{code} {row.phrase}".rstrip(), detail, *_facts(said)]
    lines += [f"{text}: {address}" for address, text in _links(said)]
    return Body(TEXT, _octets("\n".join(lines) + "\n"), negotiated=True)


_ALTERNATE = ("href", "type", "language")


def _problem(said: _Explanation) -> bytes:
    # "When "about:blank" is used, the title SHOULD be the same as the recommended HTTP status
    # phrase for that code" (RFC 9457, 4.2.1).
    members: dict[str, Any] = {
        "type": "about:blank",
        "title": said.row.phrase or f"{said.row.code}",
        "status": said.row.code,
        "detail": said.detail,
    }
    if said.row.code >= 400:
        members["temporary"] = said.temporary
    if said.link:
        members["location"] = said.link[0]
    if said.alternates:
        members["alternates"] = [
            {name: value for name, value in zip(_ALTERNATE, known, strict=False) if value}
            for known in said.alternates
        ]
    return _octets(json.dumps(members | said.more, indent=1, ensure_ascii=False) + "\n")


_PASSES = {
    True: "The condition is temporary.",
    False: "The condition is permanent.",
    None: "It is not known whether the condition is temporary.",
}


def _facts(said: _Explanation) -> list[str]:
    # "the server SHOULD send a representation containing an explanation of the error situation,
    # and whether it is a temporary or permanent condition" (RFC 9110, 15.5).
    facts = [_PASSES[said.temporary]] if said.row.code >= 400 else []
    return facts + [
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in said.more.items()
    ]


def _links(said: _Explanation) -> list[tuple[str, str]]:
    found = [(href, ", ".join(filter(None, about)) or href) for href, *about in said.alternates]
    return [*([said.link] if said.link else []), *found]


def _page(said: _Explanation) -> bytes:
    title = html.escape(f"{said.row.code} {said.row.phrase}".strip())
    parts = [f"<p>{html.escape(text)}</p>" for text in (said.detail, *_facts(said))]
    for link in _links(said):
        href, text = (html.escape(part) for part in link)
        parts.append(f'<p><a href="{href}">{text}</a></p>')
    return _octets(
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
        f"</head>\n<body>\n<h1>{title}</h1>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _octets(text: str) -> bytes:
    # What a path had that is no UTF-8 is shown as an escape; JSON reads it as one, too.
    return text.encode("utf-8", "backslashreplace")


def readable(name: str, octets: bytes) -> dict[str, str]:
    """Return octets as a member of a JSON object: text where they are UTF-8, else Base64."""
    try:
        return {name: octets.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(octets).decode()}
