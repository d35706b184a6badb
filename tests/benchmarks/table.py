"""The rows, as Markdown for people and as JSON for programs."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Row:
    """A ratio, its target, and the medians in seconds that it was made of."""

    what: str
    measured: float
    bound: Literal["at least", "at most"]
    target: float
    medians: Mapping[str, float]
    note: str = field(default="", kw_only=True)

    @property
    def reached(self) -> bool:
        """Whether the target is met."""
        if self.bound == "at least":
            return self.measured >= self.target
        return self.measured <= self.target


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the table as Markdown."""
    lines = ["| what | target | measured | medians |", "| --- | --- | --- | --- |"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    return "\n".join(lines)


def as_json(rows: Sequence[Row]) -> str:
    """Return the rows as JSON, the medians in seconds."""
    figures = {
        "python": platform.python_version(),
        "system": platform.system(),
        "rows": [asdict(row) | {"reached": row.reached} for row in rows],
    }
    return json.dumps(figures, indent=2) + "\n"


def duration(seconds: float) -> str:
    """Return a duration in the unit that suits it, with three digits or so."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{_digits(seconds / size)} {unit}"
    return f"{_digits(seconds * 1e6)} µs"


def _digits(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def _cells(row: Row) -> tuple[str, str, str, str]:
    measured = f"{row.measured:.3g}" if row.reached else f"**{row.measured:.3g}, missed**"
    medians = ", ".join(f"{name} {duration(median)}" for name, median in row.medians.items())
    if row.note:
        measured += f" ({row.note})"
    return row.what, f"{row.bound} {row.target:g}", measured, medians
