"""A resource whose policy demands an extension of HTTP: 510 (RFC 2774, which is historic)."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.mandatory import extension
from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource

POLICY = "http://httpcodes.example/policy"


class NotExtended(Scenario):
    """510: only a request that demands the extension meets the policy (RFC 2774, 7)."""

    code = 510

    def begin(self) -> Resource:
        """Return a document that only requests with the extension get to."""
        # What a cache may keep of it but `Ext` is said by the rule.
        content = represent("the policy is met\n", self.site.born, fields=())
        return Document(self.site, self.path, content, extension(POLICY))

    def find(self, below: Sequence[str], method: str = "GET") -> Resource:
        """Return the resource at the segments below the instance."""
        return super().find(below, method.removeprefix("M-"))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask without the extension."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask with it."""
        return (Request("M-GET", url, {"Man": f'"{POLICY}"'}),)
