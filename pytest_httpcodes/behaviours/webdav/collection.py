"""A tree as a resource: each method of WebDAV in the stages of the pipeline (RFC 4918, 9).

Rule 1: one resource answers for the whole tree; which place a request is about is in its target.
Rule 2: what a method may not do is found out twice: before its content is invited, and again when
that is there, while nothing else reads or changes the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.media import media_types
from pytest_httpcodes.behaviours.partial import has_range, partial_content
from pytest_httpcodes.behaviours.preconditions import CONDITIONS, current_of
from pytest_httpcodes.behaviours.redirection import redirect, take
from pytest_httpcodes.behaviours.representation import Representation
from pytest_httpcodes.behaviours.trace import traced
from pytest_httpcodes.behaviours.webdav import (
    binding,
    locking,
    members,
    propfind,
    proppatch,
    transfer,
    xml,
)
from pytest_httpcodes.behaviours.webdav.calls import Call, Objection, too_large
from pytest_httpcodes.behaviours.webdav.guarding import condition, guard
from pytest_httpcodes.behaviours.webdav.nodes import Collection, File
from pytest_httpcodes.behaviours.webdav.scope import changing
from pytest_httpcodes.behaviours.webdav.tree import Tree
from pytest_httpcodes.problem import Body, explain
from pytest_httpcodes.resource import Rule, Site, Stage, refuse, segments, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Head, Reply, Step

CLASSES = (("DAV", "1, 2, 3, bind"),)
_WITH_XML = ("PROPFIND", "PROPPATCH", "LOCK", "BIND", "UNBIND", "REBIND")
# "Servers MUST examine all requests for a body, even when a body was not expected" (RFC 4918,
# 8.4). Content of a GET and the like has no meaning and does no harm (RFC 9110, 9.3.1); here it
# may have been meant to change what is changed.
_WITHOUT = ("DELETE", "MKCOL", "COPY", "MOVE", "UNLOCK")
_NOTHING = "nothing is here"
_LOCATED = ("GET", "HEAD", "PROPFIND", "PROPPATCH", "LOCK")
_xml_only = media_types("application/xml", "text/xml", methods=_WITH_XML, codings=())


class Method(NamedTuple):
    """What a method does: `perform`; before that `syntax` and `check` may object.

    `syntax` is about the request alone. `unmapped` is whether it may be about nothing, `mapped`
    whether it may be about something, and `root` whether it is about the root alone.
    """

    perform: Callable[[Call], Reply]
    check: Callable[[Call], None] = lambda call: None
    syntax: Callable[[Call], None] = lambda call: None
    unmapped: bool = False
    mapped: bool = True
    root: bool = False


def _check_change(call: Call) -> None:
    guard(call, changing(call.tree, call.place))


METHODS: Mapping[str, Method] = {
    "GET": Method(members.get),
    "HEAD": Method(members.get),
    "PUT": Method(members.put, members.check_put, unmapped=True),
    "DELETE": Method(members.delete, members.check_delete, members.syntax_delete),
    "TRACE": Method(lambda call: traced(call.request), unmapped=True),
    "PROPPATCH": Method(proppatch.perform, _check_change),
    "MKCOL": Method(members.mkcol, members.check_mkcol, unmapped=True, mapped=False),
    "COPY": Method(transfer.perform, transfer.check, transfer.syntax),
    "MOVE": Method(transfer.perform, transfer.check, transfer.syntax),
    "LOCK": Method(locking.lock, locking.check, unmapped=True),
    "UNLOCK": Method(locking.unlock),
    "BIND": Method(binding.perform, binding.check, binding.syntax),
    "UNBIND": Method(binding.unbind, binding.check),
    "REBIND": Method(binding.perform, binding.check, binding.syntax),
}


class WebDav(Document):
    """A tree at a path and below it; `more` are methods besides those of WebDAV.

    `finite` tells whether PROPFIND refuses a `Depth` of infinity.
    """

    __slots__ = ("finite", "known", "tree")

    def __init__(
        self,
        site: Site,
        path: str,
        tree: Tree,
        *rules: Rule,
        finite: Callable[[], bool] = lambda: False,
        more: Mapping[str, Method] | None = None,
    ) -> None:
        self.tree = tree
        self.finite = finite
        self.known = {
            "OPTIONS": Method(self._describe, unmapped=True),
            **METHODS,
            "PROPFIND": Method(propfind.perform, syntax=self._check_depth),
            **(more or {}),
        }
        super().__init__(
            site,
            path,
            None,
            *rules,
            Rule(Stage.CONTENT, self._syntax, self._located),
            Rule(Stage.STORAGE, self._check),
            Rule(Stage.SEMANTICS, _unexpected),
            methods=tuple(self.known),
        )

    def call(self, request: Received) -> Call:
        """Return what a request is about."""
        return Call.of(request, self.tree, self.path)

    def explain(self, code: int, detail: str, accept: str = "", **said: Any) -> Body:
        """Describe why a request got a code, an error as XML whatever `Accept` says."""
        if code < 400:
            return explain(code, detail, accept, **said)
        more = {name: value for name, value in said.items() if name not in _PAGES}
        return xml.explain(code, detail, **more)

    def selected(self, request: Received) -> Representation | None:
        """Return the representation that a request is about, None if there is none."""
        if isinstance(request.selected, Representation):
            return request.selected
        return self.call(request).current

    def _decide(self, request: Received) -> Reply:
        try:
            return super()._decide(request)
        except Objection as found:
            return refuse(
                request,
                found.code,
                found.detail,
                found.section,
                found.fields,
                condition=found.condition,
                hrefs=found.hrefs,
            )

    def _missing(self, request: Received) -> Reply | None:
        words = segments(request.head.target)
        if words[1:] in ([], [""]):
            # The tree's own URL has the KEY that everyone shares.
            take(request, self.site)
            uri = f"{request.root}{self.path}/"
            detail = "the tree that everyone shares has a KEY of its own"
            return redirect(request, 307, uri, detail, Section(9110, "15.4.8"))
        call = self.call(request)
        method = self.known.get(request.head.method)
        if request.head.method in ("GET", "HEAD"):
            # All that is still decided is about this one, even if another takes its place.
            request.selected = found = call.current
            exists = found is not None
        else:
            exists = call.node is not None
        if exists:
            return None
        if method is not None and method.unmapped:
            return None
        there = isinstance(self.tree.find(call.place), File)
        detail = "a file is here, whose address has no slash at its end" if there else _NOTHING
        return refuse(request, 404, detail, Section(9110, "15.5.5"))

    def _allowed(self, request: Received) -> Reply | None:
        call = self.call(request)
        allowed = self._allow(call)
        if request.head.method in allowed:
            return None
        names = ", ".join(allowed)
        detail = f"{request.head.method} is not allowed here; {names} are"
        return refuse(request, 405, detail, Section(9110, "15.5.6"), (("Allow", names),))

    def _allow(self, call: Call) -> list[str]:
        node = self.tree.find(call.place)
        return [
            name
            for name, method in self.known.items()
            if (method.unmapped if node is None else method.mapped)
            and not (method.root and call.place)
            # "A PUT request to an existing collection MAY be treated as an error (405 Method Not
            # Allowed)" (RFC 4918, 9.7.2).
            and not (name == "PUT" and isinstance(node, Collection))
        ]

    def _describe(self, call: Call) -> Reply:
        # "All DAV-compliant resources MUST return the DAV header with compliance-class "1" on all
        # OPTIONS responses" (RFC 4918, 10.1); "bind" is RFC 5842, 8.1's.
        call.request.record.why = why("what the resource allows", Section(4918, "10.1"))
        return (Head(200, (*CLASSES, ("Allow", ", ".join(self._allow(call))))), End())

    def _check_depth(self, call: Call) -> None:
        propfind.check(call, finite=self.finite())

    def _syntax(self, request: Received) -> Reply | None:
        head = request.head
        if head.method in _WITHOUT and head.length:
            return _not_expected(request)
        if head.method in _WITH_XML and head.length != 0:
            if (head.length or 0) > xml.MAX_OCTETS:
                raise too_large()
            if "content-type" in head.known or "content-encoding" in head.known:
                refused = _xml_only.decide(request)
                if refused is not None:
                    return refused
        with self.tree.lock:
            self.known[head.method].syntax(self.call(request))
        return None

    def _located(self, request: Received, steps: Iterable[Step]) -> Iterable[Step]:
        # "the server MAY handle the request as if the trailing slash were present. In this case,
        # it SHOULD return a Content-Location header in the response, pointing to the URL ending
        # with the "/"" (RFC 4918, 5.2).
        call = self.call(request)
        if request.head.method not in _LOCATED or call.slashed:
            return steps
        if not isinstance(call.node, Collection):
            return steps
        line = ("Content-Location", request.root + call.href(call.place))
        return [_with_line(step, line) for step in steps]

    def _precondition(self, request: Received) -> Reply | None:
        known = request.head.known
        refused = None if CONDITIONS.isdisjoint(known) else super()._precondition(request)
        # That of a LOCK may have another meaning, for which its content has to be there.
        if refused is None and "if" in known and request.head.method != "LOCK":
            with self.tree.lock:
                condition(self.call(request))
        return refused

    def _check(self, request: Received) -> Reply | None:
        with self.tree.lock:
            self.known[request.head.method].check(self.call(request))
        return None

    def _part(self, request: Received) -> Reply | None:
        if not has_range(request):
            return None
        found, node = self.selected(request), self.call(request).node
        assert found is not None  # noqa: S101 - else it was a 404
        state = current_of(found, changed_once=node is not None and node.changed_once)
        return partial_content(request, found, state, self.site.clock.now())

    def _perform(self, request: Received) -> Reply:
        method = request.head.method
        with self.tree.lock:
            if method not in ("GET", "HEAD"):
                # What was true before the content came may not be so any more.
                refused = (
                    self._missing(request)
                    or self._allowed(request)
                    or self._precondition(request)
                    or self._check(request)
                )
                if refused is not None:
                    return refused
            return self.known[method].perform(self.call(request))


# What is for pages alone, of what `problem.explain` takes.
_PAGES = ("html_first", "link", "alternates")


def _with_line(step: Step, line: tuple[str, str]) -> Step:
    if isinstance(step, Head) and step.status < 300:
        return Head(step.status, (*step.headers, line), step.reason)
    return step


def _unexpected(request: Received) -> Reply | None:
    if request.head.method in _WITHOUT and request.octets:
        return _not_expected(request)
    return None


def _not_expected(request: Received) -> Reply:
    # "In cases where a request body is present but would be ignored by a server, the server MUST
    # reject the request with 415 (Unsupported Media Type)" (RFC 4918, 8.4).
    detail = f"a {request.head.method} has no content here, which would be ignored"
    return refuse(request, 415, detail, Section(4918, "8.4"))
