"""The content of a 207: one response for each resource (RFC 4918, 13 and 14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pytest_httpcodes.behaviours.webdav import xml
from pytest_httpcodes.codes import look_up
from pytest_httpcodes.problem import XML, Body
from pytest_httpcodes.resource import reply, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.steps import Fields, Reply

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from pytest_httpcodes.behaviours.webdav.calls import Call
    from pytest_httpcodes.behaviours.webdav.locks import Lock
    from pytest_httpcodes.behaviours.webdav.tree import Place


class Propstat(NamedTuple):
    """Some properties of a resource that share a status, and the condition that failed."""

    status: int
    properties: Sequence[Element]
    condition: str = ""


def multistatus(responses: Iterable[Element], fields: Fields = ()) -> Reply:
    """Return a 207 with so many responses."""
    root = xml.element("multistatus", *responses)
    return reply(207, Body(XML, xml.write(root)), fields)


def of_resource(href: str, status: int, condition: str = "", about: Sequence[str] = ()) -> Element:
    """Return the response about a resource as a whole; `about` is what the condition is about."""
    inside = [xml.element("href", address) for address in about]
    error = [xml.element("error", xml.element(condition, *inside))] if condition else []
    return xml.element("response", xml.element("href", href), _status(status), *error)


def of_properties(href: str, propstats: Iterable[Propstat]) -> Element:
    """Return the response about the properties of a resource."""
    parts = []
    for status, properties, condition in propstats:
        error = [xml.element("error", xml.element(condition))] if condition else []
        prop = xml.element("prop", *properties)
        parts.append(xml.element("propstat", prop, _status(status), *error))
    return xml.element("response", xml.element("href", href), *parts)


def locked_members(call: Call, kept: Mapping[Place, Lock], detail: str, section: Section) -> Reply:
    """Return the 207 of a method that locks kept from being done to all that is below a place."""
    call.request.record.why = why(detail, section)
    return multistatus(
        of_resource(call.href(place), 423, "lock-token-submitted", [call.href(lock.root)])
        for place, lock in sorted(kept.items())
    )


def _status(status: int) -> Element:
    # "status-line" of RFC 2616, 6.1 without its CRLF (RFC 4918, 14.28)
    return xml.element("status", f"HTTP/1.1 {status} {look_up(status).phrase}")
