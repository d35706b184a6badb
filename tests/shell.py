"""Lines of a shell, as a user pastes them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

_SHELL = shutil.which("sh") or ""
needs_curl = pytest.mark.skipif(
    not (_SHELL and shutil.which("curl")), reason="there is no curl, or no shell"
)


def shell(line: str) -> str:
    """Run a line; return what it prints."""
    done = subprocess.run([_SHELL, "-c", line], capture_output=True, timeout=30, check=False)
    return done.stdout.decode("latin-1")
