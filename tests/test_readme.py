"""The README is true: its table is the table, its example runs, its commands are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_httpcodes.pages.markdown import table

README = Path(__file__).parent.parent / "README.md"


def test_the_table_of_codes_is_the_catalogues() -> None:
    """Generated, so that it cannot fall behind."""
    assert table() in README.read_text(encoding="utf-8")


def test_the_first_example_passes(pytester: pytest.Pytester) -> None:
    """As it stands there, copied into a file."""
    (code,) = re.findall(r"```python\n(import requests.*?)```", README.read_text(), re.DOTALL)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    pytester.makepyfile(test_readme_example=code)

    pytester.runpytest().assert_outcomes(passed=2)


@pytest.mark.parametrize(("extra", "arguments"), [("examples", " examples"), ("test", " -n auto")])
def test_the_two_commands_are_there(extra: str, arguments: str) -> None:
    """Each on a line of its own, to be copied."""
    command = f"python -m pip install '.[{extra}]' && python -m pytest{arguments}"

    assert command in README.read_text().split("\n")
