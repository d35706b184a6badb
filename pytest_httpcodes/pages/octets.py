"""Octets of the wire as text for a terminal: with a mark, and not all of what is long."""

from __future__ import annotations

import re

_LINE = 200  # characters of a line that are shown
_LINES = 60  # lines of a message that are shown
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def shown(octets: bytes, mark: str) -> str:
    """Return octets as lines that start with a mark; what would move the cursor is escaped."""
    lines = octets.replace(b"\r\n", b"\n").decode("utf-8", "backslashreplace").split("\n")
    if not lines[-1]:
        lines.pop()
    more = len(lines) - _LINES
    if more > 0:
        lines[_LINES:] = [f"... {more:,} more lines"]
    return "".join(f"{mark} {_short(line)}".rstrip() + "\n" for line in lines)


def _short(line: str) -> str:
    line = _UNSHOWN.sub(lambda found: f"\\x{ord(found[0]):02x}", line)
    if len(line) <= _LINE:
        return line
    return f"{line[:_LINE]}... {len(line) - _LINE:,} more characters"
