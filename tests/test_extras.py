"""Libraries that are not installed, and those that lack something themselves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_httpcodes.extras import MissingExtra, need


def test_what_is_there() -> None:
    """Nothing is said."""
    need("pytest", "test", "testing")


@pytest.mark.parametrize("name", ["httpcodes_missing", "trustme"])
def test_what_is_missing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what needs it, and how to get it."""
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(MissingExtra) as found:
        need(name, "tls", "TLS")

    command = "python -m pip install 'pytest-httpcodes[tls]'"
    assert f"TLS needs the library {name}: {command}" == str(found.value)


def test_what_lacks_something_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra would not help, and is not named."""
    (tmp_path / "httpcodes_broken.py").write_text("import httpcodes_missing\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="^No module named 'httpcodes_missing'$"):
        need("httpcodes_broken", "tls", "TLS")
