"""One option of a scenario: how its value is read, and what is said of one that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from pytest_httpcodes.behaviours.option import Option, count, one_of, seconds, switch

COUNT = count(2, 12)
SECONDS = seconds(0.5, 60)
WORD = one_of("a", "b")


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (COUNT, "2", 2),
        (COUNT, "012", 12),
        (COUNT, 7, 7),
        (count(0, 1), True, 1),
        (SECONDS, "0.5", 0.5),
        (SECONDS, ".5", 0.5),
        (SECONDS, "1.", 1.0),
        (SECONDS, 60, 60.0),
        (SECONDS, 0.75, 0.75),
        (WORD, "a", "a"),
        (switch, "1", True),
        (switch, "true", True),
        (switch, "0", False),
        (switch, "false", False),
        (switch, True, True),
        (switch, False, False),
        (switch, 1, True),
    ],
)
def test_what_is_read(read: Callable[[str], Any], value: object, expected: object) -> None:
    """A value in Python is read as its text in a URL is."""
    found = Option[Any]("name", 0, read, "about").parse(value)

    assert (expected, type(expected)) == (found, type(found))


@pytest.mark.parametrize(
    ("read", "values", "message"),
    [
        (
            COUNT,
            ["", "1", "13", "-2", "+2", "2.0", " 2", "x", "\u0663", "2" * 19, None, 2.5],
            "is no whole number from 2 to 12",
        ),
        (
            SECONDS,
            ["", ".", "0.4", "60.1", "-1", "1e1", "inf", "nan", "1,5", "1" * 10, None, "\u0663"],
            "is no number of seconds from 0.5 to 60",
        ),
        (WORD, ["", "c", "A", "ab", None, 1], "is none of a, b"),
        (switch, ["", "2", "on", "True", None, -1, 1.0], "is no switch; use 1 or 0"),
    ],
)
def test_what_is_not(read: Callable[[str], Any], values: list[object], message: str) -> None:
    """What is out of range, or none, is refused by name and with what would be right."""
    option = Option("name", 0, read, "about")
    for value in values:
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - all of it is compared
            option.parse(value)

        assert f"name={str(value)!r} {message}" == str(caught.value)


def test_none() -> None:
    """None is a value only where it is the default."""
    assert None is Option("name", None, COUNT, "about").parse(None)


def test_a_number_of_another_type() -> None:
    """What has the right text is right."""
    assert 3 == Option("name", 0, COUNT, "about").parse(Fraction(3))
