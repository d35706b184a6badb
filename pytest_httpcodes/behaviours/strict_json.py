"""Reads JSON as RFC 8259 has it, and says what is wrong with it, and where.

Rule 1: what RFC 8259 has no grammar for is refused, so NaN and Infinity (6), too.
Rule 2: so is what it warns of, because "the behavior of software that receives" it "is
unpredictable": the same name twice in an object (4), half a surrogate pair (8.2). I-JSON forbids
both (RFC 7493, 2.1 and 2.3).
Rule 3: how deep arrays and objects may be nested is the same for every version of Python.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pytest_httpcodes.section import Section

# "An implementation may set limits on the maximum depth of nesting" (RFC 8259, 9). PHP has 512,
# .NET 64, Rust's serde_json 128; Python has what its recursion limit leaves.
MAX_DEPTH = 512
# "An implementation may set limits on the range and precision of numbers" (likewise). Python can
# be told to make an integer of no more than so many digits; a longer one is read as a fraction is,
# and is infinite then.
_DIGITS = 640

# The end of a string may be missing; what follows is part of it then.
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"?'
_BRACKET = re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL)
_DEEPER = {"[": 1, "{": 1, "]": -1, "}": -1}
_CONSTANT = re.compile(rf"{_STRING}|(NaN|-?Infinity)", re.DOTALL)
_NAME = re.compile(rf"({_STRING})([ \t\n\r]*:)?|[{{}}]", re.DOTALL)
# Escapes one after the other: a whole surrogate pair, half of one, any other.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F])|.)", re.DOTALL
)
# How some of Python's messages end, before the place.
_AT = re.compile("(?:(?: starting)? at|:) ?$")
_SHOWN = 80  # characters of a name that a message shows


class MalformedError(ValueError):
    """What is wrong with a text that should be JSON.

    `section` is where the rule comes from; `line` and `column` are where in the text it is, both
    from 1 on. A column is a character.
    """

    def __init__(self, detail: str, section: Section, line: int, column: int) -> None:
        super().__init__(f"{detail} at line {line}, column {column}")
        self.section = section
        self.line = line
        self.column = column


class _ConstantError(ValueError):
    pass


class _TwiceError(ValueError):
    pass


def read(octets: bytes) -> Any:
    """Return the value of a JSON text; raises `MalformedError`.

    It may be any JSON value. A number is an `int` where it has neither fraction nor exponent.
    """
    text = _text(octets)
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_constant=_refuse_constant,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        wrong = _AT.sub("", error.msg[:1].lower() + error.msg[1:])
        detail = f"the JSON is malformed: {wrong}"
        raise MalformedError(detail, Section(8259, "2"), error.lineno, error.colno) from None
    except _ConstantError:
        raise _constant(text) from None
    except _TwiceError:
        raise _twice(text) from None
    for match in _ESCAPE.finditer(text):
        if match[1]:
            detail = "the JSON has half a surrogate pair, which is no character,"
            raise _at(text, match.start(), detail, Section(8259, "8.2"))
    return value


def _text(octets: bytes) -> str:
    # "JSON text exchanged between systems that are not part of a closed ecosystem MUST be encoded
    # using UTF-8" (RFC 8259, 8.1).
    try:
        text = octets.decode()
    except UnicodeDecodeError as error:
        before = octets[: error.start].decode()
        detail = f"the JSON is not UTF-8: there is the octet 0x{octets[error.start]:02x}"
        raise _at(before, len(before), detail, Section(8259, "8.1")) from None
    if text.startswith("\ufeff"):
        # "Implementations MUST NOT add a byte order mark (U+FEFF) to the beginning of a
        # networked-transmitted JSON text", which a parser "MAY ignore ... rather than treating it
        # as an error" (likewise): a client had better learn of it here.
        raise _at(text, 0, "the JSON has a byte order mark", Section(8259, "8.1"))
    if not text.strip(" \t\n\r"):
        raise _at("", 0, "the JSON is malformed: there is nothing", Section(8259, "2"))
    return text


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += _DEEPER.get(match[0], 0)
        if depth > MAX_DEPTH:
            detail = f"the JSON has over {MAX_DEPTH} arrays and objects in one another"
            raise _at(text, match.start(), detail, Section(8259, "9"))


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _TwiceError
    return made


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS else float(digits)


def _refuse_constant(name: str) -> Any:
    raise _ConstantError


def _constant(text: str) -> MalformedError:
    # "Numeric values that cannot be represented in the grammar below (such as Infinity and NaN)
    # are not permitted" (RFC 8259, 6).
    match = next(match for match in _CONSTANT.finditer(text) if match[1])
    detail = f"the JSON is malformed: {match[1]} is no number"
    return _at(text, match.start(), detail, Section(8259, "6"))


def _twice(text: str) -> MalformedError:
    # Somewhere in the text an object ends, up to which it is well-formed, and has a name twice.
    objects: list[set[str]] = []
    tokens = _NAME.finditer(text)
    while True:
        match = next(tokens)
        if match[0] == "{":
            objects.append(set())
        elif match[0] == "}":
            objects.pop()
        elif match[2]:
            name = json.loads(match[1])
            if name in objects[-1]:
                break
            objects[-1].add(name)
    detail = f"the JSON has a second member {json.dumps(name[:_SHOWN])} of an object"
    return _at(text, match.start(), detail, Section(8259, "4"))


def _at(text: str, place: int, detail: str, section: Section) -> MalformedError:
    line = text.count("\n", 0, place) + 1
    column = place - text.rfind("\n", 0, place)
    return MalformedError(detail, section, line, column)
