"""PROPPATCH: all of its changes to properties or none of them, 207 or 424 (RFC 4918, 9.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from pytest_httpcodes.behaviours.webdav import xml
from pytest_httpcodes.behaviours.webdav.calls import Call, Objection, body
from pytest_httpcodes.behaviours.webdav.multistatus import Propstat, multistatus, of_properties
from pytest_httpcodes.behaviours.webdav.nodes import File, Node
from pytest_httpcodes.behaviours.webdav.properties import LIVE, dav
from pytest_httpcodes.behaviours.webdav.tree import Full
from pytest_httpcodes.resource import why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import shown
from pytest_httpcodes.wire.steps import Reply

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_LANGUAGE = dav("getcontentlanguage")
_NAME = dav("displayname")
# language-tag as RFC 9110, 8.5.1 has it, by its form alone (RFC 5646, 2.1)
_TAG = re.compile("[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_SECTION = Section(4918, "9.2.1")


class Instruction(NamedTuple):
    """One change: the element of a property, and whether it is set, or else removed."""

    value: Element
    sets: bool

    @property
    def name(self) -> str:
        """The property's name."""
        return str(self.value.tag)


class Failure(Exception):  # noqa: N818 - it is no error of this program
    """A change that cannot be made: the status, why, and the condition that does not hold."""

    def __init__(self, status: int, detail: str, condition: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.condition = condition


def perform(call: Call) -> Reply:
    """Make the changes in their order, or none (RFC 4918, 9.2)."""
    instructions = list(_instructions(body(call, "propertyupdate", Section(4918, "9.2"))))
    if not instructions:
        detail = "propertyupdate sets and removes nothing; it has set or remove, with a prop each"
        raise Objection(400, detail, Section(4918, "14.19"))
    node = call.node
    assert node is not None  # noqa: S101 - else it was a 404
    names = list(dict.fromkeys(instruction.name for instruction in instructions))
    at = ""
    try:
        with call.tree.attempt():
            for instruction in instructions:
                at = instruction.name
                _apply(node, instruction)
    except Full as full:
        # "The server did not have sufficient space to record the property" (RFC 4918, 9.2.1).
        return _failed(call, names, at, Failure(507, "there is no room for it", full.condition))
    except Failure as failure:
        return _failed(call, names, at, failure)
    call.request.record.why = why("all changes to properties were made", Section(4918, "9.2"))
    return _answer(call, [Propstat(200, [xml.empty(name) for name in names])])


def _failed(call: Call, names: list[str], at: str, failure: Failure) -> Reply:
    # "Instructions MUST either all be executed or none executed" (RFC 4918, 9.2); "The property
    # change could not be made because of another property change that failed" is a 424 (9.2.1).
    detail = f"{shown(at)} {failure}, so no property was changed"
    call.request.record.why = why(detail, _SECTION)
    propstats = [Propstat(failure.status, [xml.empty(at)], failure.condition)]
    rest = [xml.empty(name) for name in names if name != at]
    return _answer(call, [*propstats, *([Propstat(424, rest)] if rest else [])])


def _answer(call: Call, propstats: list[Propstat]) -> Reply:
    # "Responses to this method MUST NOT be cached" (RFC 4918, 9.2).
    fields = (("Cache-Control", "no-store"),)
    return multistatus([of_properties(call.href(call.place), propstats)], fields)


def _instructions(root: Element) -> Iterator[Instruction]:
    # "Servers MUST process PROPPATCH instructions in document order" (RFC 4918, 9.2).
    for child in root:
        if child.tag not in (dav("set"), dav("remove")):
            continue
        sets = child.tag == dav("set")
        for prop in xml.children(child, "prop"):
            for value in prop.iterchildren("*"):
                if not sets and (len(value) or xml.text_of(value)):
                    # "All the XML elements in a 'prop' XML element inside of a 'remove' XML
                    # element MUST be empty" (RFC 4918, 14.23).
                    detail = f"{shown(str(value.tag))} is not empty, in a remove"
                    raise Objection(400, detail, Section(4918, "14.23"))
                yield Instruction(value, sets)


def _apply(node: Node, instruction: Instruction) -> None:
    name = instruction.name
    if name == _LANGUAGE and isinstance(node, File):
        node.speak(_language(instruction))
    elif name in LIVE:
        condition = "cannot-modify-protected-property"
        raise Failure(403, "is protected", condition)
    elif not instruction.sets:
        # "Specifying the removal of a property that does not exist is not an error"
        # (RFC 4918, 14.23).
        node.properties.pop(name, None)
    elif name == _NAME and len(instruction.value):
        raise Failure(409, "is text, and has no elements")
    else:
        node.properties[name] = xml.store(instruction.value)


def _language(instruction: Instruction) -> str:
    tag = xml.text_of(instruction.value) or ""
    if instruction.sets and (len(instruction.value) or not _TAG.fullmatch(tag)):
        raise Failure(409, f"is {shown(tag)}, and no language tag")
    return tag if instruction.sets else ""
