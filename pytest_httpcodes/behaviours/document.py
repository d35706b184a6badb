"""A resource that has content: what the methods of RFC 9110, 9.3 do to it, and its members.

Every scenario of an origin is one of these with a rule more, or with a method of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote
from weakref import WeakValueDictionary

from pytest_httpcodes.behaviours.common import everywhere
from pytest_httpcodes.behaviours.mandatory import not_extended
from pytest_httpcodes.behaviours.partial import ACCEPT_RANGES, has_range, partial_content
from pytest_httpcodes.behaviours.preconditions import current_of, precondition
from pytest_httpcodes.behaviours.representation import (
    ASK_FIRST,
    Representation,
    content_of,
    represent,
)
from pytest_httpcodes.behaviours.trace import traced, without_content
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, refuse, rule, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Content, End, Fields, Head, Reply, Step

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE")
MAX_MEMBERS = 1_000
_OCTETS = "application/octet-stream"
_GET = Section(9110, "9.3.1")


class Refused(Refusal):
    """A rule's refusal in the midst of the content, see `Received.watch`, with an answer to it."""

    def __init__(self, status: int, detail: str, section: Section, reply: Reply) -> None:
        super().__init__(status, detail, section)
        self.reply = reply


class Document(Resource):
    """A resource that is content plus rules; `current` is its representation, None for none.

    A `POST` stores its content as a member below `path`, a `PUT` replaces or creates the document;
    `methods` are those that it allows. Its rules hold for its members too; `owner` is the document
    that a member is one of, `name` its name there.
    """

    __slots__ = (
        "__weakref__",
        "_changed_once",
        "_current",
        "_latest",
        "_members",
        "_number",
        "_rules",
        "_sought",
        "lock",
        "methods",
        "name",
        "owner",
        "path",
        "site",
    )

    def __init__(
        self,
        site: Site,
        path: str,
        current: Representation | None,
        *rules: Rule,
        methods: Sequence[str] = METHODS,
    ) -> None:
        super().__init__(
            *everywhere(site),
            *rules,
            not_extended,
            Rule(Stage.RESOURCE, self._missing),
            Rule(Stage.ALLOWED, self._allowed),
            _whole_content,
            without_content,
            Rule(Stage.CONDITION, self._precondition),
            Rule(Stage.RANGE, self._part),
            Rule(Stage.RESULT, self._perform),
        )
        self.site = site
        self.path = path
        self._latest = float("-inf")
        self._changed_once = True
        self.current = current
        self.methods = tuple(methods)
        self.lock = threading.RLock()
        self.owner: Document | None = None
        self.name = ""
        self._rules = rules
        self._members: dict[str, Document] = {}
        # Those that requests at this moment may be about to create, so that two that create one at
        # once create the same.
        self._sought: WeakValueDictionary[str, Document] = WeakValueDictionary()
        self._number = 0

    @property
    def current(self) -> Representation | None:
        """The representation that there is now, None for none."""
        return self._current

    @current.setter
    def current(self, made: Representation | None) -> None:
        # Whether the date is a strong validator: only if no other representation had the same
        # one (RFC 9110, 8.8.2.2).
        if made is not None and made.last_modified is not None:
            self._changed_once = made.last_modified > self._latest
            self._latest = max(self._latest, made.last_modified)
        self._current = made

    def selected(self, request: Received) -> Representation | None:
        """Return the representation that a request is about, None if there is none."""
        if isinstance(request.selected, Representation):
            return request.selected
        return self.current

    def represent(self, request: Received) -> Representation:
        """Return the representation that a request encloses, as it is stored."""
        coding = request.field("content-encoding")
        fields = (*ASK_FIRST, *([("Content-Encoding", coding)] if coding else []))
        kind = request.field("content-type") or _OCTETS
        return represent(request.content, self.site.clock.now(), type=kind, fields=fields)

    def add(self, name: str, member: Document) -> None:
        """Add a member; the oldest one makes room where there are too many."""
        with self.lock:
            if name not in self._members and len(self._members) >= MAX_MEMBERS:
                del self._members[next(iter(self._members))]
            self._members[name] = member
            self._sought.pop(name, None)

    def member(self, name: str) -> Document:
        """Return the member of a name; one that there is not has no representation."""
        with self.lock:
            known = self._members.get(name) or self._sought.get(name)
            if known is None:
                methods = tuple(method for method in self.methods if method != "POST")
                path = f"{self.path}/{quote(name, safe='', errors='surrogateescape')}"
                known = self._sought[name] = self.child(path, methods)
                known.owner, known.name = self, name
            return known

    def child(self, path: str, methods: Sequence[str]) -> Document:
        """Return a new member, which has no representation yet."""
        return Document(self.site, path, None, *self._rules, methods=methods)

    def allow(self) -> Fields:
        """Return the field that names the methods (RFC 9110, 10.2.1)."""
        return (("Allow", ", ".join(self.methods)),)

    def get(self, request: Received) -> Reply:
        """Answer with the whole representation."""
        found = self.selected(request)
        assert found is not None  # noqa: S101 - else it was a 404
        # A Range that was ignored has told why.
        request.record.why = request.record.why or why("the whole representation", _GET)
        return send(found)

    def post(self, request: Received) -> Reply:
        """Store the content as a member of its own."""
        made = self.represent(request)
        with self.lock:
            name = self._free_name()
            member = self.member(name)
            member.current = made
            self.add(name, member)
        request.record.why = why("the content was stored as a member", Section(9110, "15.3.2"))
        location = request.root + member.path
        text = f"stored as {location}\n".encode()
        fields = (("Location", location), ("Content-Type", "text/plain; charset=utf-8"))
        return (Head(201, fields), Content(text), End())

    def put(self, request: Received) -> Reply:
        """Replace the representation, or create it: 204 or 201 (RFC 9110, 9.3.4)."""
        made = self.represent(request)
        before, self.current = self.current, made
        created = before is None
        sentence = "created" if created else "replaced"
        request.record.why = why(f"the representation was {sentence}", Section(9110, "9.3.4"))
        return (Head(201 if created else 204, made.validators), End())

    def delete(self, request: Received) -> Reply:
        """Remove the representation."""
        self.current = None
        request.record.why = why("the representation was removed", Section(9110, "9.3.5"))
        return (Head(204), End())

    def patch(self, request: Received) -> Reply:
        """Change the representation; only a resource that has a method for it allows `PATCH`."""
        raise NotImplementedError(f"{type(self).__name__} allows PATCH, and has no way to apply it")

    def options(self, request: Received) -> Reply:
        """Answer with the methods (RFC 9110, 9.3.7)."""
        request.record.why = why("what the resource allows", Section(9110, "9.3.7"))
        return (Head(200, self.allow()), End())

    def _decide(self, request: Received) -> Reply:
        try:
            return super()._decide(request)
        except Refused as refused:
            return refused.reply
        except Refusal as refusal:
            # The content is malformed, too large or too late: that, too, is an answer of this
            # resource, which its rules may amend.
            fields: Fields = (("Connection", "close"),)
            if refusal.status == 431:
                # "Responses with the 431 status code MUST NOT be stored by a cache" (RFC 6585, 5);
                # trailer fields may be too large.
                fields += (("Cache-Control", "no-store"),)
            return refuse(request, refusal.status, refusal.detail, refusal.section, fields)

    def _free_name(self) -> str:
        self._number += 1
        while str(self._number) in self._members:
            self._number += 1
        return str(self._number)

    def _missing(self, request: Received) -> Reply | None:
        method = request.head.method
        found = self.selected(request)
        if found is not None and method in ("GET", "HEAD"):
            # All that is still decided is about this one, even if another takes its place.
            request.selected = found
        if found is not None or method in ("OPTIONS", "TRACE"):
            return None
        if method == "PUT" and method in self.methods:
            return None
        detail = "the resource has no current representation"
        return refuse(request, 404, detail, Section(9110, "15.5.5"))

    def _allowed(self, request: Received) -> Reply | None:
        if request.head.method in self.methods:
            return None
        detail = f"{request.head.method} is not allowed here; {', '.join(self.methods)} are"
        return refuse(request, 405, detail, Section(9110, "15.5.6"), self.allow())

    def _precondition(self, request: Received) -> Reply | None:
        return precondition(request, self.selected(request), self.site.clock.now())

    def _part(self, request: Received) -> Reply | None:
        if not has_range(request):
            return None
        found = self.selected(request)
        assert found is not None  # noqa: S101 - else it was a 404
        # What was negotiated shares its date with the other variants (RFC 9110, 8.8.1).
        once = self._changed_once and found is self._current
        state = current_of(found, changed_once=once)
        return partial_content(request, found, state, self.site.clock.now())

    def _perform(self, request: Received) -> Reply:
        method = request.head.method
        if method not in ("PUT", "PATCH", "DELETE"):
            return self._handlers()[method](request)
        with self.lock:
            # What was true before the content came may not be so any more, and only one of two
            # writers at once may win (RFC 9110, 13.1.1).
            refused = self._missing(request) or self._precondition(request)
            reply = refused or self._handlers()[method](request)
            if self.owner is not None and self.current is not None:
                self.owner.add(self.name, self)
            return reply

    def _handlers(self) -> dict[str, Callable[[Received], Reply]]:
        return {
            "GET": self.get,
            "HEAD": self.get,
            "POST": self.post,
            "PUT": self.put,
            "DELETE": self.delete,
            "PATCH": self.patch,
            "OPTIONS": self.options,
            "TRACE": traced,
        }


@rule(Stage.CONTENT)
def _whole_content(request: Received) -> Reply | None:
    # "An origin server SHOULD respond with a 400 (Bad Request) status code if it receives
    # Content-Range on a PUT for a target resource that does not support partial PUT requests"
    # (RFC 9110, 14.5).
    if request.head.method != "PUT" or "content-range" not in request.head.known:
        return None
    detail = "this resource takes no PUT of a part; leave Content-Range out"
    return refuse(request, 400, detail, Section(9110, "14.5"))


def document_of(request: Received) -> Document:
    """Return the document that a request is addressed to; for rules."""
    assert isinstance(request.resource, Document)  # noqa: S101 - the rule is given to documents
    return request.resource


def send(found: Representation, fields: Fields = ()) -> Iterable[Step]:
    """Return the steps of a 200 with a whole representation, of any size."""
    size = found.data.size
    head = Head(200, (*found.head, *ACCEPT_RANGES, *fields))
    return content_of(head, size, found.data.read(0, size))
