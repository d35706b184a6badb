"""A list of variants for the client to choose from: 300 506 (RFC 9110, 12.2; RFC 2295).

RFC 2295 lets a server send only those variants itself that are beside the resource, since those
further away may belong to someone else. Here they are below it, which is as near: what an
instance contains is always there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_httpcodes.behaviours.representation import ASK_FIRST, Octets
from pytest_httpcodes.behaviours.variants import Alternative, Offered, listing, negotiated
from pytest_httpcodes.fields.accept import preferences, rank
from pytest_httpcodes.fields.alternates import (
    alternates,
    negotiate,
    remote_choice,
    selecting,
    structured,
    tcn,
)
from pytest_httpcodes.resource import Rule, Stage
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Head, Reply

# What `guess-small` calls small, in octets: "not much larger" than a list "is left to origin
# server heuristics" (RFC 2295, 8.4).
SMALL = 1_024


def choices(*alternatives: Alternative) -> tuple[Rule, ...]:
    """Send a list of the variants to choose from, a 300, and let a client negotiate by RFC 2295.

    With `Negotiate: 1.0` or `*` it gets the variant that it would choose itself, where its
    fields say enough; with `guess-small` also a small one that is only likely. If that variant
    negotiates itself (`negotiating`), it is a 506. Each variant is at its own URL, too. The
    resource needs no other content: `resource(None, choices(...))`. Raises `ValueError` for no
    variant, two of the same name, or one with a coding (RFC 9110, 15.4.1; RFC 2295, 10; RFC 2296).
    """
    for found in alternatives:
        if found.coding:
            # "Negotiation on the content encoding of a response is orthogonal to transparent
            # content negotiation" (RFC 2295, 10.8).
            raise ValueError(
                f"the variant {found.url!r} has a coding; a list has none, so leave it"
            )
    offered = Offered(alternatives)

    def choose(request: Received) -> Reply | None:
        offers = offered.to(request)
        if not offers:
            return None
        best = _best(request, offers)
        if best is None:
            return _list(request, offers)
        if best.content is None:
            return _negotiates_itself(request, best, offers)
        found = negotiated(request, best, selecting(offers), *_of_choice(offers))
        request.selected = replace(found, etag=structured(str(found.etag), offers))
        return None

    return (offered.rule, Rule(Stage.NEGOTIATION, choose))


def _best(request: Received, offers: Sequence[Alternative]) -> Alternative | None:
    # What the server may choose; None for a list, as "If the request includes a Negotiate header
    # with a "vlist" or "trans" directive, but without any directive which allows the server to
    # select a best variant, a list response MUST ALWAYS be sent" (RFC 2295, 12.1).
    says = negotiate(request.field("negotiate"))
    wanted = preferences(request.head.known)
    best = remote_choice(offers, wanted) if says.choice else None
    if best is None and says.guess:
        small = [offer for offer in rank(offers, wanted)[:1] if (offer.length or 0) <= SMALL]
        best = small[0] if small else None
    return best


def _of_choice(offers: Sequence[Alternative]) -> tuple[tuple[str, str], ...]:
    # "It is usually a good strategy to always add the current Alternates header" (RFC 2295, 10.2).
    return (("TCN", tcn("choice")), ("Alternates", alternates(offers)))


def _list(request: Received, offers: Sequence[Alternative]) -> Reply:
    # "A list response MUST contain ... a TCN header which specifies the "list" response-type, the
    # Alternates header bound to the negotiable resource, a Vary header and (unless it was a HEAD
    # request) an entity body" (RFC 2295, 10.1), whether or not the client knows of it: "If the
    # resource is transparently negotiated, a TCN header ... MUST be included in every response
    # with a 2xx status code or any 3xx status code" (8.5).
    transparent = negotiate(request.field("negotiate")).transparent
    section = Section(2295, "10.1") if transparent else Section(9110, "15.4.1")
    fields = (("TCN", tcn("list")), ("Alternates", alternates(offers)), *ASK_FIRST)
    detail = "there are several representations, and the choice is the client's"
    head, content, end = listing(request, 300, detail, section, offers, selecting(offers), fields)
    etag = structured(f'"{Octets(content.data).tag}"', offers)
    return (Head(300, (*head.headers, ("ETag", etag))), content, end)


def _negotiates_itself(
    request: Received, best: Alternative, offers: Sequence[Alternative]
) -> Reply:
    # "the chosen variant resource is configured to engage in transparent content negotiation
    # itself, and is therefore not a proper end point in the negotiation process" (RFC 2295, 8.1)
    detail = f"the chosen variant {best.url} negotiates itself, and so is no end of the negotiation"
    fields = (("Alternates", alternates(offers)),)
    section = Section(2295, "8.1")
    return listing(request, 506, detail, section, offers, selecting(offers), fields)
