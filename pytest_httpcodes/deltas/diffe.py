"""The output of `diff -e`: a script for the editor ed, of lines of text (RFC 3229, 10.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from pytest_httpcodes.deltas import Unfit

# How many pairs of lines are compared with one another. What is more, once the lines that both
# texts have at their start and end are left out, is replaced as a whole: the script is then longer
# than it had to be, and as right.
MAX_PAIRS = 100_000

_DOT = b".\n"  # ends what a command inserts
_COMMANDS = {"replace": b"c", "delete": b"d", "insert": b"a"}
_COMMAND = re.compile(rb"([0-9]{1,9})(?:,([0-9]{1,9}))?([acd])\n")


def delta(old: bytes, new: bytes) -> bytes:
    """Return the script that makes `new` of `old`; raises `Unfit` where there is none.

    The commands go from the last line to the first, so that each one's lines still have the
    numbers that they have in `old`. A line that is a lone "." would end the text that it stands
    in. The programs have a trick for it, a substitution after the text; a client that knows only
    the commands a, c and d would take that for damage, so it counts as not to be carried.
    """
    before, after = _lines(old), _lines(new)
    script: list[bytes] = []
    for change in reversed(list(_changes(before, after))):
        inserted = after[change.start : change.stop]
        if _DOT in inserted:
            raise Unfit('a line that is a lone "." would end the text that it stands in')
        script += [change.command, *inserted, *([_DOT] if inserted else [])]
    return b"".join(script)


def apply(script: bytes, old: bytes) -> bytes:
    """Return what ed makes of `old`; raises `ValueError` for what `diff -e` never says."""
    lines = _lines(old)
    given = iter(_lines(script))
    for line in given:
        match = _COMMAND.fullmatch(line)
        if not match:
            raise ValueError(f"{line!r} is no command of diff -e; it has a, c and d, after numbers")
        first, last = int(match[1]), int(match[2] or match[1])
        least = 0 if match[3] == b"a" else 1
        if not least <= first <= last <= len(lines) or (match[2] and not least):
            raise ValueError(f"{line!r} is for lines that are not there; there are {len(lines)}")
        lines[first - least : last] = [] if match[3] == b"d" else _inserted(given)
    return b"".join(lines)


def _inserted(given: Iterator[bytes]) -> list[bytes]:
    found: list[bytes] = []
    for line in given:
        if line == _DOT:
            return found
        found.append(line)
    raise ValueError('the script ends within a text; a lone "." ends one')


def _lines(text: bytes) -> list[bytes]:
    if b"\0" in text:
        raise Unfit("the content has a NUL, so it is no text, and diff -e compares text")
    if text and not text.endswith(b"\n"):
        raise Unfit("the content does not end with a newline, and ed would add one")
    return [line + b"\n" for line in text.split(b"\n")[:-1]]


class _Change(NamedTuple):
    # A command with its address, and which lines of the new text it inserts.
    command: bytes
    start: int
    stop: int


def _changes(before: list[bytes], after: list[bytes]) -> Iterator[_Change]:
    head = _shared(before, after)
    tail = _shared(before[head:][::-1], after[head:][::-1])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if len(old) * len(new) <= MAX_PAIRS:
        found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    else:
        found = [("replace", 0, len(old), 0, len(new))]
    for tag, first, last, start, stop in found:
        if tag != "equal":
            address = b"%d" % (head + last)
            if last - first > 1:
                address = b"%d,%b" % (head + first + 1, address)
            yield _Change(address + _COMMANDS[tag] + b"\n", head + start, head + stop)


def _shared(one: list[bytes], other: list[bytes]) -> int:
    # How many lines two texts have in common at their start.
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
