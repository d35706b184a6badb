"""What suits the client, and what the server: 300 406 415 506 (RFC 9110, 12 and 15; RFC 2295)."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.media import (
    accepted,
    coding_of,
    media_types,
    refuse_coding,
    starts,
)
from pytest_httpcodes.behaviours.merge import MERGE_PATCH, Mergeable
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.behaviours.transparent import choices
from pytest_httpcodes.behaviours.variants import Alternative, negotiating, variant, variants
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Stage, Steps, refuse, rule
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Fields

READ = ("GET", "HEAD", "OPTIONS")
_HTML = "text/html; charset=utf-8"
_PAGE = '<!doctype html>\n<html lang="{0}"><title>{1}</title><p>{1}</p></html>\n'
_POSTSCRIPT = "%!PS\n/Times-Roman 24 selectfont 72 720 moveto (A paper) show showpage\n"

# The variants of RFC 2296, 3.3, in their order and with their qualities.
_PAPERS = (
    variant("paper.html.en", _PAGE.format("en", "A paper"), type=_HTML, language="en", quality=0.9),
    variant(
        "paper.html.fr", _PAGE.format("fr", "Un papier"), type=_HTML, language="fr", quality=0.7
    ),
    variant("paper.ps.en", _POSTSCRIPT, type="application/postscript", language="en"),
)


def _greetings() -> tuple[Alternative, ...]:
    english, german = {"greeting": "hello"}, {"greeting": "hallo"}
    return (
        variant("en.json", english, language="en"),
        variant("en.html", _PAGE.format("en", "hello"), type=_HTML, language="en"),
        variant("de.json", german, language="de"),
        variant("de.html", _PAGE.format("de", "hallo"), type=_HTML, language="de"),
        variant("en.json.gz", english, language="en", coding="gzip"),
    )


class MultipleChoices(Scenario):
    """300: there are several representations, and the client is to choose (RFC 9110, 15.4.1).

    They are negotiated transparently, too, for whom that is known to (RFC 2295).
    """

    code = 300

    def begin(self) -> Resource:
        """Return a document that has several representations."""
        return Document(self.site, self.path, None, *choices(*_PAPERS), methods=READ)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for none of them in particular."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask for one of them."""
        return (Request("GET", f"{url}/paper.html.en"),)


class NotAcceptable(Scenario):
    """406: no representation suits the client, so it gets a list (RFC 9110, 15.5.7)."""

    code = 406

    def begin(self) -> Resource:
        """Return a document in two types, two languages and a content coding."""
        return Document(self.site, self.path, None, *variants(*_greetings()), methods=READ)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for a type that there is not."""
        return (Request("GET", url, {"Accept": "image/png"}),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Take anything, if need be."""
        return (Request("GET", url, {"Accept": "*/*;q=0.1"}),)


class VariantAlsoNegotiates(Scenario):
    """506: the variant that is chosen for the client negotiates itself (RFC 2295, 8.1)."""

    code = 506

    def begin(self) -> Resource:
        """Return a document whose best variant is set up wrongly."""
        rules = choices(negotiating("paper"), *_PAPERS)
        return Document(self.site, self.path, None, *rules, methods=READ)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Let the server choose."""
        return (Request("GET", url, {"Negotiate": "1.0"}),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask for the list."""
        return (Request("GET", url, {"Negotiate": "vlist"}),)


_JPEG = "image/jpeg"
# "A JPEG file starts with the marker SOI", and the first octet of the next marker (ISO 10918-1, B).
_MAGIC = b"\xff\xd8\xff"
_PICTURE = _MAGIC + b"\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"


@rule(Stage.SEMANTICS)
def _is_jpeg(request: Received) -> Steps | None:
    # "The format problem might be due to the request's indicated Content-Type or
    # Content-Encoding, or as a result of inspecting the data directly" (RFC 9110, 15.5.16).
    if request.head.method != "POST":
        return None
    begin = starts(request.content, coding_of(request), len(_MAGIC))
    if begin is None:
        detail = "the content is said to have the coding gzip, and has not"
        return refuse_coding(request, detail, ("gzip",))
    if begin == _MAGIC:
        return None
    detail = f"the content is said to be {_JPEG}, and does not start with ff d8 ff, as that does"
    return refuse(request, 415, detail, Section(9110, "15.5.16"), accepted("POST", _JPEG))


class Gallery(Mergeable):
    """A list of pictures: a POST adds one, a PATCH changes what is said of them (RFC 7396)."""

    __slots__ = ()

    def child(self, path: str, methods: Sequence[str]) -> Document:
        """Return a picture, which is only to be looked at."""
        return super().child(path, [method for method in methods if method in READ])

    def allow(self) -> Fields:
        """Return the methods, and the types of content that they take (RFC 5789, 3.1)."""
        post = (("Accept-Post", _JPEG),) if "POST" in self.methods else ()
        return (*super().allow(), *post)


class UnsupportedMediaType(Scenario):
    """415: the content is of a format that is not taken here (RFC 9110, 15.5.16)."""

    code = 415

    def begin(self) -> Resource:
        """Return a document that takes pictures, and patches of itself."""
        return Gallery(
            self.site,
            self.path,
            self.represent({"title": "pictures"}),
            media_types(_JPEG, methods=("POST",)),
            media_types(MERGE_PATCH, methods=("PATCH",), codings=()),
            _is_jpeg,
            methods=("GET", "HEAD", "POST", "PATCH", "OPTIONS"),
        )

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Send a drawing where a photograph is wanted."""
        drawing = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
        return (Request("POST", url, {"Content-Type": "image/svg+xml"}, drawing),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Send a photograph."""
        return (Request("POST", url, {"Content-Type": _JPEG}, _PICTURE),)
