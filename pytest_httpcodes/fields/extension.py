"""What a request declares in `Man`, `C-Man`, `Opt` and `C-Opt`, for 510 (RFC 2774, 3 and 4).

The framework is historic; what is read here is what it defined, of which clients such as those
of UPnP still send `Man`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pytest_httpcodes.wire.grammar import TOKEN
from pytest_httpcodes.wire.head import options, shown

# RFC 2774, 3:
#   ext-decl        = <"> ( absoluteURI | field-name ) <"> [ namespace ] [ decl-extensions ]
#   namespace       = ";" "ns" "=" header-prefix
#   header-prefix   = 2*DIGIT
#   decl-extensions = *( ";" token [ "=" ( token | quoted-string ) ] )
# White space may stand between any two of these, as between the words of its time's HTTP.
_EXTENSION = re.compile(rf'"([A-Za-z][A-Za-z0-9+.-]*:[!#-\[\]-~]+|{TOKEN})"')
_QUOTED = r'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_PARAMETER = re.compile(rf"[ \t]*;[ \t]*({TOKEN})(?:[ \t]*=[ \t]*({TOKEN}|{_QUOTED}))?")
_PREFIX = re.compile(r"[0-9]{2,}\Z")
# "1#ext-decl", of whose members those that are empty do not count (RFC 9110, 5.6.1).
_COMMAS = re.compile(r"[ \t,]*")
_END = re.compile(r"[ \t]*(?:,|\Z)")


class Declaration(NamedTuple):
    """One extension that applies to a message, by its URI or by the name of a standard field.

    `prefix` is what the names of its fields start with, digits without the dash behind them; ""
    if it has reserved none.
    """

    extension: str
    prefix: str = ""


class Mandatory(NamedTuple):
    """The extensions that the recipient has to obey, for all of the way or for one hop of it."""

    end_to_end: tuple[Declaration, ...]
    hop_by_hop: tuple[Declaration, ...]


def declarations(value: str) -> tuple[Declaration, ...]:
    """Read the value of a field that declares extensions; of several lines, joined with commas.

    Raises `ValueError` where it is no list of declarations.
    """
    found = []
    pos = _pos(_COMMAS, value, 0)
    while pos < len(value):
        extension = _EXTENSION.match(value, pos)
        if extension is None:
            raise ValueError(
                f'{shown(value[pos:])} starts no declaration, such as "http://example.org/x"; ns=16'
            )
        prefix, pos = _parameters(value, extension.end())
        if not _END.match(value, pos):
            raise ValueError(
                f"{shown(value[pos:])} is no parameter of the extension {shown(extension[1])}"
            )
        found.append(Declaration(extension[1], prefix))
        pos = _pos(_COMMAS, value, pos)
    return tuple(found)


def _parameters(value: str, pos: int) -> tuple[str, int]:
    # The header prefix, "" if there is none, and where the parameters end. Those that are not
    # known are to be ignored (RFC 2774, 3).
    prefix = ""
    while match := _PARAMETER.match(value, pos):
        pos = match.end()
        if match[1].lower() != "ns":
            continue
        if prefix or not _PREFIX.match(match[2] or ""):
            raise ValueError(
                f"ns={shown(match[2] or '')} reserves no fields; it is one number of two digits or "
                f"more, once"
            )
        prefix = match[2]
    return prefix, pos


def _pos(pattern: re.Pattern[str], value: str, start: int) -> int:
    found = pattern.match(value, start)
    return found.end() if found else start


def introduced(names: Iterable[str], declared: Iterable[Declaration]) -> list[str]:
    """Return those of a message's field names that declarations introduce.

    They start with the prefix of one of these and a dash.
    """
    prefixes = {declaration.prefix for declaration in declared} - {""}
    split = ((name, *name.partition("-")) for name in names)
    return [name for name, prefix, dash, _ in split if dash and prefix in prefixes]


def mandatory(known: Mapping[str, str], *, http10: bool) -> Mandatory:
    """Return what a request demands; `known` are its fields' values by their lower-case names.

    Raises `ValueError` where the framework's rules are broken: for a malformed value, for a
    prefix that is reserved twice, and for a hop's declaration which the hop is not told of.
    """
    named = set(options(known.get("connection", "")))
    if http10:
        # "A system receiving an HTTP/1.0 (or lower-version) message that includes a Connection
        # header MUST, for each connection-token in this field, remove and ignore any header
        # field(s) from the message with the same name as the connection-token" (RFC 2616, 14.10;
        # RFC 2774, 5 says so again).
        known = {name: value for name, value in known.items() if name not in named}
    found = Mandatory(declarations(known.get("man", "")), declarations(known.get("c-man", "")))
    _check_prefixes(found)
    if found.hop_by_hop:
        _check_protection(found.hop_by_hop, known, named)
    return found


def _check_prefixes(found: Mandatory) -> None:
    # A prefix is not used again in the same message "unless explicitly allowed by the extension"
    # (RFC 2774, 3.1), and there is none here that allows it.
    reserved = set()
    for declaration in (*found.end_to_end, *found.hop_by_hop):
        if declaration.prefix in reserved:
            raise ValueError(f"the prefix {declaration.prefix} is reserved by two declarations")
        if declaration.prefix:
            reserved.add(declaration.prefix)


def _check_protection(
    declared: Iterable[Declaration], known: Mapping[str, str], named: set[str]
) -> None:
    # "In HTTP/1.1, C-Man, C-Opt, and all header fields with matching header-prefix values defined
    # by C-Man and C-Opt MUST be protected by a Connection header field" (RFC 2774, 4.2). One that
    # is not may have come through a proxy to which it said nothing.
    for name in ("c-man", *introduced(known, declared)):
        if name not in named:
            raise ValueError(f"the field {name} is for one hop, and Connection does not name it")


def through_http10(via: str) -> bool:
    """Tell from the value of `Via` whether a message came through a proxy for HTTP/1.0.

    A member of it starts with the version that was received, with or without its protocol's name
    (RFC 9110, 7.6.3).
    """
    return any(member.split(" ")[0] in ("1.0", "http/1.0") for member in options(via))
