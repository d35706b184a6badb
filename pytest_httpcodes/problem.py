"""Content that explains a status: a problem (RFC 9457), a page or a line, as `Accept` prefers."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from pytest_httpcodes.codes import Code, look_up
from pytest_httpcodes.wire.grammar import TOKEN

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


# RFC 9110, 12.5.1: Accept = #( media-range [ weight ] )
# A quote that is never closed takes all that follows, and white space can be read in one way only,
# so that these need linear time.
_MEMBER = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.?)*(?:"|\Z))+', re.DOTALL)
_VALUE = rf'(?:({TOKEN})|"((?:[^"\\]|\\.)*)")'
_PARAMETER = re.compile(rf"\s*;(?:\s*({TOKEN})(?:={_VALUE})?)?")
_RANGE = re.compile(rf"\s*({TOKEN})(?:/({TOKEN}))?((?:{_PARAMETER.pattern})*)\s*", re.DOTALL)
_WEIGHT = re.compile(r"0(?:\.[0-9]*)?|1(?:\.0*)?|\.[0-9]+")
_TYPES = {
    "json": (("application", "json"), ("application", "problem+json")),
    "html": (("text", "html"),),
    "text": (("text", "plain"),),
}


def prefer(accept: str, *offers: str) -> str:
    """Return the offer that `accept` likes best; the first one if it does not say.

    "json" stands for any JSON type, "html" and "text" for themselves. "The most specific
    reference has precedence" for the weight of a type (RFC 9110, 12.5.1); between equal weights
    the order of the offers decides.
    """
    if not accept or accept.strip() == "*/*":
        return offers[0]
    ranges = [found for found in map(_range, _MEMBER.findall(accept)) if found]
    best = max(offers, key=lambda offer: _weight(offer, ranges))
    return best if _weight(best, ranges) else offers[0]


class _Range(NamedTuple):
    # A media range: "*" stands for any; `specific` counts what it says of a type.
    type: str
    subtype: str
    specific: int
    weight: float

    def matches(self, kind: tuple[str, str]) -> bool:
        return self.type in ("*", kind[0]) and self.subtype in ("*", kind[1])


def _range(member: str) -> _Range | None:
    # None for one that is malformed, or that asks for a parameter which no type here has.
    match = _RANGE.fullmatch(member)
    if not match:
        return None
    kind = match[1].lower()
    # A lone "*" for any type is what Java's own client has always sent.
    subtype = (match[2] or ("*" if kind == "*" else "")).lower()
    if not subtype or (kind == "*" and subtype != "*"):
        return None
    specific, weight = (kind != "*") + (subtype != "*"), "1"
    for name, token, quoted in filter(any, _PARAMETER.findall(match[3])):
        value = (token or quoted).lower()
        if name.lower() == "q":
            weight = value
            break
        if (name.lower(), value) != ("charset", "utf-8"):
            return None
        specific += 1
    if not _WEIGHT.fullmatch(weight):
        return None
    return _Range(kind, subtype, specific, float(weight))


def _weight(offer: str, ranges: list[_Range]) -> float:
    known = _TYPES[offer]
    found = [r for r in ranges if any(r.matches(kind) for kind in known)]
    return max(found, key=lambda r: (r.specific, r.weight)).weight if found else 0.0


class _Explanation(NamedTuple):
    # What there is to say of an answer, in whatever form.
    row: Code
    detail: str
    temporary: bool | None
    link: tuple[str, str] | None
    alternates: Sequence[tuple[str, str]]
    more: dict[str, Any]


def explain(
    code: int,
    detail: str,
    accept: str = "",
    *,
    html_first: bool = False,
    link: tuple[str, str] | None = None,
    alternates: Sequence[tuple[str, str]] = (),
    **more: Any,
) -> Body:
    """Describe why a request got a code of 300 or above, in the form that the client prefers.

    `html_first` is for what people are to follow: a page, unless JSON is preferred. `link` is an
    address and its text, to be shown as a hyperlink; `alternates` are addresses and media types
    to choose from. `more` are members of the problem besides the standard ones; `temporary` among
    them says whether the condition passes, where that is not as the code has it.
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
        members["alternates"] = [{"href": href, "type": kind} for href, kind in said.alternates]
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
    return [*([said.link] if said.link else []), *said.alternates]


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
