"""A status code of one's own: a rule, a scenario made of it, and the hook that adds it.

`status_server.scenario(419)` finds it, and in this directory so do `httpcodes serve` and
`httpcodes show 419`. An installed plugin does the same with an entry point in the group pytest11.
"""

from __future__ import annotations

from pytest_httpcodes import Received, Request, Resource, Scenario, Section, Stage, refuse, rule
from pytest_httpcodes.resource import Steps


@rule(Stage.IDENTITY)
def fresh_token(request: Received) -> Steps | None:
    """Refuse a form that does not have the token of its page."""
    if request.head.method != "POST" or request.field("x-csrf-token") == "fresh":
        return None
    detail = "the token of the form is missing or stale"
    return refuse(request, 419, detail, Section(9110, "15.5"))


class PageExpired(Scenario):
    """419: a form is refused without the token of its page, as by Laravel."""

    code = 419

    def begin(self) -> Resource:
        """Return a form, which a POST with a token adds to."""
        return self.document("the form\n", fresh_token)

    def trigger(self, url: str) -> tuple[Request, ...]:
        """Send the form without a token."""
        return (Request("POST", url),)

    def relief(self, url: str) -> tuple[Request, ...]:
        """Send it with one."""
        return (Request("POST", url, {"X-CSRF-Token": "fresh"}),)


def pytest_httpcodes_behaviours() -> list[type[Scenario]]:
    """Return the scenarios that a run in this directory has besides those of the package."""
    return [PageExpired]
