"""Faults at random, and yet the same ones each time: a seed decides which answers break."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from pytest_httpcodes.behaviours.faults import Fault

# What breaks an answer without making its client wait.
USUAL = tuple(map(Fault, ("reset", "close", "truncate", "garbage")))
_SHAPE = re.compile(r"flaky:([0-9]{1,9}(?:\.[0-9]{1,9})?)(?::([0-9]{1,18}))?")


@dataclass(frozen=True, slots=True)
class Flaky:
    """Breaks some of the answers; `flaky` makes one."""

    probability: float
    faults: tuple[Fault, ...] = USUAL
    seed: int = 0

    @classmethod
    def parse(cls, text: str) -> Flaky:
        """Read `flaky:0.3:7`, a probability and a seed; raises `ValueError`."""
        match = _SHAPE.fullmatch(text)
        if not match:
            raise ValueError(
                f"fault={text!r} is none; use flaky:0.3:7, with a probability and a seed"
            )
        return flaky(float(match[1]), seed=int(match[2] or 0))

    def __str__(self) -> str:
        return f"flaky {self.probability:g}, seed {self.seed}"

    def fits(self, code: int) -> bool:
        """Tell whether an answer with this code can break: any can."""
        return True

    def pick(self, number: int) -> Fault | None:
        """Return the fault for the request of a number, None if its answer is to stay whole."""
        chance = random.Random(f"{self.seed}/{number}")  # noqa: S311 - it has to repeat
        breaks, which = chance.random() < self.probability, chance.random()
        return self.faults[int(which * len(self.faults))] if breaks else None


def flaky(probability: float, *faults: str | Fault, seed: int = 0) -> Flaky:
    """Break some of the answers: each with a `probability` of 0 to 1, by one of `faults`.

    `fault=flaky(0.3, seed=7)`. The same `seed` breaks the same ones in the same way, counted in
    the order in which the requests come, on each endpoint by itself; the journal says which. A
    fault is a `Fault`, or its kind as in a URL; without any they are reset, close, truncate and
    garbage. Raises `ValueError` for a probability, a fault or a seed that is none.
    """
    if isinstance(probability, bool) or not isinstance(probability, (int, float)):
        raise ValueError(f"probability={probability!r} is none; use a number from 0 to 1")
    if not 0 <= probability <= 1:
        raise ValueError(f"probability={probability!r} is none; use a number from 0 to 1")
    if type(seed) is not int:
        raise ValueError(f"seed={seed!r} is none; use a whole number")
    known = tuple(f if isinstance(f, Fault) else Fault(f) for f in faults)
    for fault in known:
        if fault.place == "request-line":
            raise ValueError(
                f"{fault} comes before the request, which is what is counted; use request-head"
            )
    return Flaky(float(probability), known or USUAL, seed)
