"""One option of a scenario: a name, a default, and how its value is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
_COUNT = re.compile("[0-9]{1,18}")
_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}")
_SWITCH = {"1": True, "true": True, "0": False, "false": False}


# Without slots, with which `Option[bool](...)` fails: https://github.com/python/cpython/issues/116669
@dataclass(frozen=True)
class Option(Generic[T]):
    """An option of a scenario, as it is written in a URL; a value in Python is read as its text.

    `read` raises `ValueError` that says what would be right, and need not name the option;
    `about` says in a few words what the option is for.
    """

    name: str
    default: T
    read: Callable[[str], T]
    about: str

    def parse(self, value: object) -> T:
        """Return the value that is given; raises `ValueError` that names the option.

        None is one only where it is the default.
        """
        if value is None and self.default is None:
            return self.default
        text = str(int(value)) if isinstance(value, bool) else str(value)
        try:
            return self.read(text)
        except ValueError as error:
            raise ValueError(f"{self.name}={text!r} {error}") from None


def count(low: int, high: int) -> Callable[[str], int]:
    """Read a whole number from `low` to `high`."""

    def read(text: str) -> int:
        if not _COUNT.fullmatch(text) or not low <= int(text) <= high:
            raise ValueError(f"is no whole number from {low} to {high}")
        return int(text)

    return read


def seconds(low: float, high: float) -> Callable[[str], float]:
    """Read a number of seconds from `low` to `high`."""

    def read(text: str) -> float:
        if not _DECIMAL.fullmatch(text) or not low <= float(text) <= high:
            raise ValueError(f"is no number of seconds from {low:g} to {high:g}")
        return float(text)

    return read


def one_of(*words: str) -> Callable[[str], str]:
    """Read one of some words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"is none of {', '.join(words)}")
        return text

    return read


def switch(text: str) -> bool:
    """Read 1 or 0."""
    if text not in _SWITCH:
        raise ValueError("is no switch; use 1 or 0")
    return _SWITCH[text]
