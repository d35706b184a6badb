"""A JSON document that a PATCH changes by a merge patch (RFC 5789, RFC 7396)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.behaviours.strict_json import MalformedError, read
from pytest_httpcodes.problem import JSON
from pytest_httpcodes.resource import refuse, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Fields, Head, Reply

MERGE_PATCH = "application/merge-patch+json"


class Mergeable(Document):
    """A JSON document whose `PATCH` is a merge patch; it allows that method if it is told to."""

    __slots__ = ()

    def allow(self) -> Fields:
        """Return the methods, and the type of a patch (RFC 5789, 3.1)."""
        if "PATCH" not in self.methods:
            return super().allow()
        return (*super().allow(), ("Accept-Patch", MERGE_PATCH))

    def child(self, path: str, methods: Sequence[str]) -> Document:
        """Return a new member, which can be patched too."""
        return type(self)(self.site, path, None, *self._rules, methods=methods)

    def patch(self, request: Received) -> Reply:
        """Merge the content into what there is."""
        assert self.current is not None  # noqa: S101 - else it was a 404
        try:
            patch = read(request.content)
        except MalformedError as error:
            line, column = error.line, error.column
            return refuse(request, 400, str(error), error.section, line=line, column=column)
        try:
            before = read(b"".join(self.current.data.read(0, self.current.data.size)))
        except MalformedError:
            # "Conflicting state: Can be specified with a 409 (Conflict) status code when the
            # request cannot be applied given the state of the resource" (RFC 5789, 2.2).
            detail = "what is there is no JSON, into which nothing can be merged; PUT some first"
            return refuse(request, 409, detail, Section(5789, "2.2"))
        try:
            after = json.dumps(merged(before, patch), allow_nan=False).encode() + b"\n"
        except ValueError:
            # A number such as 1e999, which is well-formed and more than there is here.
            detail = "a number in the patch is too large to be kept"
            return refuse(request, 422, detail, Section(5789, "2.2"))
        self.current = represent(after, self.site.clock.now(), type=JSON)
        request.record.why = why("the patch was merged into the representation", Section(5789, "2"))
        return (Head(204, self.current.validators), End())


def merged(target: Any, patch: Any) -> Any:
    """Return what a merge patch makes of a JSON value (RFC 7396, 2)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
