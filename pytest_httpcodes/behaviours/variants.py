"""Several representations of one resource, and the one that suits a request: 406 (RFC 9110, 12.1).

A variant has a name, and a URL of its own below the resource, where nothing is negotiated.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from pytest_httpcodes.behaviours.document import Document, document_of
from pytest_httpcodes.behaviours.options import ContentLike, body_of
from pytest_httpcodes.behaviours.representation import ASK_FIRST, Octets, Representation
from pytest_httpcodes.fields.accept import ONE, Variant, listed, media_type, preferences, rank, vary
from pytest_httpcodes.problem import explain
from pytest_httpcodes.resource import Rule, Stage, Steps, reply, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.grammar import TOKEN
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Fields, Reply

# RFC 9110, 8.3.1 and 8.5.1, as far as it can be said of a name alone.
_TYPE = re.compile(rf'{TOKEN}/{TOKEN}(?:[ \t]*;[ \t]*{TOKEN}=(?:{TOKEN}|"[ !#-\[\]-~]*"))*')
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Alternative(Variant):
    """A variant with its content; `url` is its name until it is known what it is a variant of.

    Without content it is one that is wrongly set up to negotiate itself.
    """

    content: bytes | None = None

    def represent(self, born: float, *fields: tuple[str, str]) -> Representation:
        """Return the representation that is sent, with more fields of its 200."""
        data = Octets(self.content or b"")
        named = {"Content-Language": self.language, "Content-Encoding": self.coding}
        own = tuple((name, value) for name, value in named.items() if value)
        # No two variants have the same tag, even where they have the same octets: "a strong
        # validator is unique across all representations of a particular resource"
        # (RFC 9110, 8.8.1).
        etag = f'"{data.tag}-{self.url.rpartition("/")[2]}"'
        return Representation(data, self.type, etag, int(born), (*own, *ASK_FIRST, *fields))


def variant(
    name: str,
    content: ContentLike,
    *,
    type: str | None = None,  # noqa: A002 - the field's own name
    language: str = "",
    coding: str = "",
    quality: float = 1.0,
) -> Alternative:
    """Describe one of several representations of a resource.

    `name` is the last segment of its own URL. `type` and `language` are those of the content;
    with `coding="gzip"` it is sent compressed. `quality` is how good it is, 0.001 to 1: it is
    multiplied with the weights that a client gives. Raises `ValueError` for what is none of these.
    """
    body = body_of(content)
    kind = body.type if type is None else type
    if not _TYPE.fullmatch(kind):
        raise ValueError(f"type={kind!r} is no media type; use one such as 'text/html'")
    tags = listed(language)
    if not all(map(_LANGUAGE.fullmatch, tags)):
        raise ValueError(f"language={language!r} is no language tag; use one such as 'en-GB'")
    if coding not in ("", "gzip"):
        raise ValueError(f"coding={coding!r} is not known here; use 'gzip', or '' for none")
    octets = gzip.compress(body.data, mtime=0) if coding else body.data
    weight = _thousandths(quality)
    url = _segment(name)
    return Alternative(url, kind, ", ".join(tags), coding, weight, len(octets), octets)


def negotiating(name: str, *, quality: float = 1.0) -> Alternative:
    """Describe a variant that is wrongly set up to negotiate itself, over the other ones.

    Choosing it is a 506. Raises `ValueError` as `variant` does.
    """
    return Alternative(_segment(name), quality=_thousandths(quality))


def _segment(name: str) -> str:
    if not name or not isinstance(name, str):
        raise ValueError(f"{name!r} is no name of a variant; use a str such as 'paper.html.en'")
    return quote(name, safe="")


def _thousandths(quality: float) -> int:
    if isinstance(quality, bool) or not 0.001 <= quality <= 1:
        raise ValueError(f"quality={quality!r} is out of range; use 0.001 to 1")
    return round(quality * ONE)


def variants(*alternatives: Alternative) -> tuple[Rule, ...]:
    """Send the variant that suits a request best; 406 with a list where none does.

    The weights of `Accept` and `Accept-Language` are multiplied with the variant's own quality;
    `Accept-Encoding` excludes, and decides between equals, and then the order does. Each answer
    says in `Vary` what it depends on, and each variant is at its own URL, too. The resource needs
    no other content: `resource(None, variants(...))`. Raises `ValueError` for no variant, or two of
    the same name (RFC 9110, 12.1 and 15.5.7).
    """
    offered = Offered(alternatives)

    def choose(request: Received) -> Reply | None:
        offers = offered.to(request)
        if not offers:
            return None
        names = vary(offers)
        found = rank(offers, preferences(request.head.known))
        if not found:
            detail = "none of the representations is acceptable to the client"
            return listing(request, 406, detail, Section(9110, "15.5.7"), offers, names)
        request.selected = negotiated(request, found[0], names)
        return None

    return (offered.rule, Rule(Stage.NEGOTIATION, choose))


class Offered:
    """The variants of a document; `rule` finds each one at its own URL, too.

    Raises `ValueError` where there is none with content, or two of the same name.
    """

    def __init__(self, alternatives: Sequence[Alternative]) -> None:
        self._named = {alternative.url: alternative for alternative in alternatives}
        if len(self._named) < len(alternatives):
            raise ValueError("two variants have the same name; give each one its own")
        with_content = [found for found in alternatives if found.content is not None]
        if not with_content:
            raise ValueError("there is no variant with content; give at least one")
        self._first = with_content[0]
        self.rule = Rule(Stage.RESOURCE, self._locate)

    def to(self, request: Received) -> list[Alternative]:
        """Return what a request is to choose from, nothing where nothing is negotiated."""
        document = document_of(request)
        if request.head.method not in ("GET", "HEAD") or not self._is_negotiable(document):
            return []
        base = (document.owner or document).path
        offers = (replace(known, url=f"{base}/{known.url}") for known in self._named.values())
        return [offer for offer in offers if offer.url != document.path]

    def _is_negotiable(self, document: Document) -> bool:
        own = self._own(document)
        return document.owner is None or (own is not None and own.content is None)

    def _own(self, document: Document) -> Alternative | None:
        # The variant that a member is.
        return self._named.get(document.path.rpartition("/")[2]) if document.owner else None

    def _locate(self, request: Received) -> None:
        # What is negotiated is there, whatever it will be.
        document = document_of(request)
        found = self._first if self._is_negotiable(document) else self._own(document)
        if found is not None:
            request.selected = found.represent(document.site.born)


def negotiated(
    request: Received, chosen: Alternative, names: Sequence[str], *fields: tuple[str, str]
) -> Representation:
    """Return a variant as the representation that was selected for a request.

    `names` are the fields that the selection depended on.
    """
    born = document_of(request).site.born
    lines = (("Content-Location", chosen.url), ("Vary", ", ".join(names)))
    return chosen.represent(born, *lines, *fields)


def listing(
    request: Received,
    code: int,
    detail: str,
    section: Section,
    offers: Sequence[Alternative],
    names: Sequence[str],
    fields: Fields = (),
) -> Steps:
    """Answer with a list to choose from, in the content and as `Link` (RFC 9110, 15.4.1, 15.5.7).

    `names` are the fields that the answer depends on; the form of the list depends on `Accept`.
    """
    request.record.why = why(detail, section)
    root = request.root
    body = explain(
        code,
        detail,
        request.field("accept"),
        html_first=code < 400,
        alternates=[(root + o.url, media_type(o.type).name, o.language) for o in offers],
    )
    selecting = names if "Accept" in names else (*names, "Accept")
    links = tuple(("Link", _link(root, offer)) for offer in offers)
    return reply(code, body, (*links, ("Vary", ", ".join(selecting)), *fields))


def _link(root: str, offer: Alternative) -> str:
    said = [f"<{root}{offer.url}>", 'rel="alternate"']
    if offer.type:
        said.append(f'type="{media_type(offer.type).name}"')
    return "; ".join([*said, *(f'hreflang="{tag}"' for tag in listed(offer.language))])
