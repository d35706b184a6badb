"""Chains, loops and the black hole: 300 301 302 303 305 306 307 308 (RFC 9110, 15.4, 10.2.2)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from pytest_httpcodes.behaviours.applied import EVERY, asked, foreseen
from pytest_httpcodes.behaviours.common import everywhere
from pytest_httpcodes.behaviours.location import ADDED, FORMS, Location, uncached
from pytest_httpcodes.behaviours.option import Option, switch
from pytest_httpcodes.behaviours.options import NAMES, Options, from_query, pairs
from pytest_httpcodes.codes import REDIRECTS, look_up
from pytest_httpcodes.exchange import Key
from pytest_httpcodes.problem import JSON, explain, readable
from pytest_httpcodes.resource import (
    Resource,
    Rule,
    Site,
    Stage,
    Steps,
    override,
    refuse,
    reply,
    segments,
    why,
)
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import Content, End, Fields, Head, Reply, Step

END = "end"
SHOWN = 65_536  # octets of what arrived that the end of a chain shows
_OWN = ("loop", "to", "form", "grow", *ADDED)
_RIDING = tuple(name for name in NAMES if name != "times")
_AT_END = (*EVERY, "header", *ADDED)
_REFERENCE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Course:
    """How a chain goes on: around, to an end elsewhere, growing, and how `Location` is written."""

    loop: bool = False
    to: str | None = None
    form: str = "absolute"
    grow: bool = False

    @property
    def endless(self) -> bool:
        """Whether the chain starts again behind its last link."""
        return self.loop or self.grow


_STRAIGHT = Course()


def _reference(text: str) -> str:
    if not _REFERENCE.fullmatch(text):
        raise ValueError("is no URI reference; percent-encode what is not plain ASCII")
    return text


TO: Option[str | None] = Option("to", None, _reference, "where `Location` leads instead")
_LOOP = Option("loop", False, switch, "closes the chain into a cycle")
_GROW = Option("grow", False, switch, "puts the last address into each one")


def course(
    *, loop: bool = False, to: str | None = None, form: str = "absolute", grow: bool = False
) -> Course:
    """Check what is asked of a chain; raises `ValueError` that says what would be right."""
    if form not in FORMS:
        raise ValueError(f"form={form!r} is no form of Location; there are {', '.join(FORMS)}")
    if to is not None:
        TO.parse(to)
    if to is not None and (loop or grow):
        raise ValueError("a loop has no end; leave out loop or grow, or leave out to")
    return Course(loop, to, form, grow)


def codes(text: str) -> tuple[int, ...]:
    """Read the list of codes in a URL; raises `LookupError` that says what would be right."""
    found = []
    for word in text.split(","):
        code = int(word) if re.fullmatch("[0-9]{3}", word) else None
        if code not in REDIRECTS:
            raise LookupError(f"{word!r} redirects nowhere; {_which()} do")
        found.append(code)
    return tuple(found)


def check_codes(chain: Sequence[int]) -> tuple[int, ...]:
    """Check the codes of a chain given in Python, and return them; raises `ValueError`."""
    if not chain:
        raise ValueError(f"a chain has at least one code; {_which()} redirect")
    for code in chain:
        if not isinstance(code, int) or code not in REDIRECTS:
            raise ValueError(f"{code!r} redirects nowhere; {_which()} do")
    return tuple(map(int, chain))


def _which() -> str:
    return ", ".join(map(str, REDIRECTS))


class Chain(Resource):
    """All links of a chain with one KEY; the target says which link it is.

    `query` is what rides along from link to link, where the URL was written by hand; `at_end` are
    the options of the 200 behind the last link.
    """

    __slots__ = ("_at_end", "_course", "_key", "_options", "_query", "_site")

    def __init__(
        self,
        site: Site,
        key: str,
        course: Course,
        options: Options,
        query: str = "",
        at_end: Options | None = None,
    ) -> None:
        super().__init__(
            *everywhere(site),
            Rule(Stage.RESOURCE, self._link),
            Rule(Stage.STORAGE, self._end),
        )
        self._site = site
        self._key = key
        self._course = course
        self._options = options
        self._query = query
        self._at_end = at_end or Options()

    def foresee(self, target: str) -> Foreseen:
        """Say whether a link, or the end, breaks before the fields are read."""
        return foreseen(self._at_end if segments(target)[1] == END else self._options)

    def _link(self, request: Received) -> Reply | None:
        link = _name(request)
        if link == END:
            return None
        try:
            codes(link)
        except LookupError as error:
            return refuse(request, 404, str(error), Section(9110, "15.5.5"))
        return asked(request, self._options, self._site, self._redirect)

    def _end(self, request: Received) -> Reply:
        # Behind the refusal of what is too much, and before any content is read.
        return asked(request, self._at_end, self._site, self._arrived)

    def _arrived(self, request: Received) -> Steps:
        headers = self._at_end.headers
        return arrived(request, "the end of a chain", Section(9110, "15.4"), headers)

    def _redirect(self, request: Received) -> tuple[Step, ...]:
        take(request, self._site)
        chain = codes(_name(request))
        code, course = chain[0], self._course
        rest = (*chain[1:], code) if course.endless else chain[1:]
        location = Location(request, rest, self._key, self._query, to=course.to, grow=course.grow)
        fields = location.fields(course.form) + uncached(code)
        waiting = self._options.waiting_time(self._site.clock)
        if waiting is not None:
            fields += (("Retry-After", waiting),)
        request.record.why = why(self._place(len(rest)), look_up(code).source)
        return self._steps(request, code, fields, location.uri)

    def _place(self, left: int) -> str:
        if self._course.endless:
            return "a link of a chain without end"
        return f"a link of a chain with {left} more" if left else "the last link of a chain"

    def _steps(self, request: Received, code: int, fields: Fields, uri: str) -> tuple[Step, ...]:
        options = self._options
        body = options.body or explain(
            code,
            look_up(code).summary,
            request.field("accept"),
            html_first=True,
            link=(uri, "the next link"),
        )
        return reply(code, body, override(fields, options.headers))


def read_query(query: str) -> tuple[Course, Options]:
    """Read the options of a chain written by hand; raises `ValueError`."""
    found = pairs(query, (*_OWN, *_RIDING))
    own = {name: value for name, value in found if name in ("to", "form")}
    known = {option.name: option for option in (_LOOP, _GROW)}
    switches = {name: known[name].parse(value) for name, value in found if name in known}
    rest = urlencode([pair for pair in found if pair[0] in _RIDING])
    return course(**own, **switches), from_query(rest, _RIDING)  # type: ignore[arg-type]


def _options_at_end(query: str) -> Options:
    rest = [pair for pair in pairs(query, _AT_END) if pair[0] not in ADDED]
    return from_query(urlencode(rest), _AT_END)


def key(words: Sequence[str]) -> Key | None:
    """Return the key of the chain at /redirects/LIST[/KEY]; it is the same for all its links."""
    return ("redirects", words[1] if len(words) > 1 else "") if 1 <= len(words) <= 2 else None


def place(site: Site, words: Sequence[str], query: str, known: Resource | None) -> Resource:
    """Return the chain that a URL names; raises `LookupError` or `ValueError`."""
    name = words[1] if len(words) > 1 else ""
    if words[0] == END:
        return Chain(site, name, _STRAIGHT, Options(), at_end=_options_at_end(query))
    codes(words[0])
    return Chain(site, name, *read_query(query), query)


def _name(request: Received) -> str:
    return segments(request.head.target)[1]


def take(request: Received, site: Site) -> None:
    """Read the content of a request that is redirected, unless it is not to be sent here at all."""
    # A redirect comes instead of the invitation to send the content here, and wins over the
    # refusal of too much of it. Other content is read first: a client that is still sending may
    # not look for an answer.
    if not request.waits and (request.head.length or 0) <= site.limits.content:
        request.receive()


def redirect(request: Received, code: int, uri: str, detail: str, section: Section) -> Steps:
    """Return a redirect to an address, with a note that links to it; `detail` says why."""
    fields = (("Location", uri), *uncached(code))
    return refuse(request, code, detail, section, fields, link=(uri, "where it is to be had"))


def what_arrived(request: Received) -> dict[str, Any]:
    """Return which method and content arrived, in a form that JSON has.

    Of content that is large, only the start is shown; `octets` and `sha256` are of all of it.
    """
    stream = request.stream
    start = stream.read(SHOWN + 1)
    digest = sha256(start)
    while piece := stream.read(SHOWN):
        digest.update(piece)
    return {
        "method": request.head.method,
        "target": request.head.target,
        "content_type": request.head.known.get("content-type"),
        "octets": request.octets,
        "sha256": digest.hexdigest(),
        **readable("content", _cut(start)),
    }


def arrived(request: Received, sentence: str, section: Section, headers: Fields = ()) -> Steps:
    """Answer with a 200 that says which method and content arrived, and note why."""
    request.record.why = why(sentence, section)
    data = json.dumps(what_arrived(request), indent=1, ensure_ascii=False).encode() + b"\n"
    fields = (("Content-Type", JSON), ("Cache-Control", "no-store"))
    return (Head(200, override(fields, headers)), Content(data), End())


def _cut(octets: bytes) -> bytes:
    # Not within a character of UTF-8, the later octets of which are 10xxxxxx.
    end = min(len(octets), SHOWN)
    while SHOWN - 3 <= end < len(octets) and octets[end] & 0xC0 == 0x80:
        end -= 1
    return octets[:end]
