"""A teapot that is asked for coffee: 418 (RFC 2324, which is a joke, and RFC 9110, 15.5.19)."""

from __future__ import annotations

from pytest_httpcodes.behaviours.media import accepted
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.fields.accept import media_type, members
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Stage, Steps, refuse, rule
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import shown
from pytest_httpcodes.wire.received import Received

COMMAND = "application/coffee-pot-command"
# No WHEN, which is for who pours milk into coffee (RFC 2324, 2.1.4): there is none here.
_METHODS = ("GET", "HEAD", "POST", "BREW", "OPTIONS", "TRACE")


def _is_command(request: Received) -> bool:
    # "A coffee pot server MUST accept both the BREW and POST method equivalently" (RFC 2324,
    # 2.1.1), the content of which has this type; a BREW is a command whatever it encloses.
    method = request.head.method
    kind = media_type(request.field("content-type")).name
    return method == "BREW" or (method == "POST" and kind == COMMAND)


@rule(Stage.CONTENT)
def _commands_only(request: Received) -> Steps | None:
    if request.head.method != "POST" or _is_command(request):
        return None
    kind = request.field("content-type")
    what = f"is of the type {shown(kind)}" if kind else "has no Content-Type"
    detail = f"the content {what}, and {COMMAND} is what is posted to a pot"
    return refuse(request, 415, detail, Section(9110, "15.5.16"), accepted("POST", COMMAND))


@rule(Stage.NEGOTIATION)
def _no_additions(request: Received) -> Steps | None:
    """Refuse what nobody can add to the drink; "*" is content with what there is."""
    if not _is_command(request):
        return None
    wanted = [
        addition.name
        for addition in members(request.field("accept-additions"))
        if addition.weight and addition.name != "*"
    ]
    if not wanted:
        return None
    # "this response code MAY be returned if the operator of the coffee pot cannot comply with the
    # Accept-Addition request. Unless the request was a HEAD request, the response SHOULD include
    # an entity containing a list of available coffee additions. In practice, most automated coffee
    # pots cannot currently provide additions" (RFC 2324, 2.3.1).
    detail = f"there is no {shown(wanted[0])} to add, nor anything else"
    fields = (("Vary", "Accept-Additions, Accept"),)
    return refuse(request, 406, detail, Section(2324, "2.3.1"), fields, additions=[])


@rule(Stage.NEGOTIATION)
def _teapot(request: Received) -> Steps | None:
    if not _is_command(request):
        return None
    # "Any attempt to brew coffee with a teapot should result in the error code "418 I'm a teapot".
    # The resulting entity body MAY be short and stout" (RFC 2324, 2.3.2).
    detail = "this is a teapot, short and stout, and brews no coffee"
    return refuse(request, 418, detail, Section(2324, "2.3.2"))


class Teapot(Scenario):
    """418: a BREW, or a POST of a coffee pot's command, to a teapot (RFC 2324, 2.3.2).

    What is to be added to the coffee is a 406, since there is nothing to add.
    """

    code = 418

    def begin(self) -> Resource:
        """Return a teapot."""
        rules = (_commands_only, _no_additions, _teapot)
        return self.document("a teapot\n", *rules, methods=_METHODS)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Order coffee."""
        return (Request("BREW", url, (("Content-Type", COMMAND),), b"start"),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Look at it."""
        return (Request("GET", url),)
