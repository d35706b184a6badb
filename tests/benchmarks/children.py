"""Python processes of their own, with nothing of the caller's settings that would weigh in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What would load a plugin, add an option, measure coverage or keep bytecode from being cached.
_FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONDONTWRITEBYTECODE")


def run(*arguments: str, cwd: Path) -> str:
    """Run Python in `cwd` and return what it printed; raises `RuntimeError` where it fails."""
    command = [sys.executable, *arguments]
    child = subprocess.run(
        command, cwd=cwd, env=_environment(), capture_output=True, text=True, check=False
    )
    if child.returncode:
        output = child.stdout + child.stderr
        raise RuntimeError(f"{command!r} ended with {child.returncode}:\n{output}")
    return child.stdout


def _environment() -> dict[str, str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in _FOREIGN and not name.startswith("COV")
    }
    return environment | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
