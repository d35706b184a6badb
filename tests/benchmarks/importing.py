"""What a plugin costs every run of pytest in which no test uses it: its import."""

from __future__ import annotations

from tests.benchmarks.children import ROOT, run
from tests.benchmarks.contestants import HTTPSERVER, OURS, PLUGINS
from tests.benchmarks.rounds import medians, turns
from tests.benchmarks.table import Row

ROUNDS, QUICK = 21, 5
# pytest comes first, since a plugin finds it imported.
_PROGRAM = """
import importlib, sys, time
import pytest
started = time.perf_counter()
importlib.import_module(sys.argv[1])
print(time.perf_counter() - started)
"""


def measure(quick: bool) -> list[Row]:
    """Return the time to import our plugin by that for pytest-httpserver's."""
    samples: dict[str, list[float]] = {OURS: [], HTTPSERVER: []}
    for name in samples:
        _seconds(name)  # compiles it
    for name in turns(list(samples), QUICK if quick else ROUNDS):
        samples[name].append(_seconds(name))
    found = medians(samples)
    return [
        Row(
            f"importing the plugin, by {HTTPSERVER}'s",
            found[OURS] / found[HTTPSERVER],
            "at most",
            0.1,
            found,
        )
    ]


def _seconds(name: str) -> float:
    return float(run("-c", _PROGRAM, PLUGINS[name], cwd=ROOT))
