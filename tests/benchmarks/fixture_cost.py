"""What it costs a test only to ask for the fixture, in whole runs of pytest."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tests.benchmarks.children import run
from tests.benchmarks.contestants import HTTPSERVER, LOCALSERVER, OURS, PLUGINS
from tests.benchmarks.rounds import medians, ratio, turns
from tests.benchmarks.table import Row, duration

ROUNDS, QUICK = 15, 3
TESTS = 1000
FEW = 6  # tests of pytest-localserver, each of which takes about half a second
WITHOUT = "without the fixture"


@dataclass(frozen=True, slots=True)
class _Suite:
    """A file of tests that do nothing, and the one plugin that is loaded for them."""

    name: str
    plugin: str
    fixture: str = ""
    tests: int = TESTS

    def write(self, directory: Path) -> None:
        tests = (f"def test_{n}({self.fixture}):\n    pass\n" for n in range(self.tests))
        self._path(directory).write_text("\n\n".join(tests), encoding="utf-8")

    def run(self, directory: Path) -> float:
        """Return the seconds that pytest took from beginning to end."""
        started = perf_counter()
        output = run(
            *("-m", "pytest", "-qx", "-p", "no:cacheprovider", "-p", self.plugin),
            self._path(directory).name,
            cwd=directory,
        )
        elapsed = perf_counter() - started
        if f"{self.tests} passed" not in output:
            raise RuntimeError(f"expected {self.tests} tests to pass:\n{output}")
        return elapsed

    def _path(self, directory: Path) -> Path:
        return directory / f"test_{self.name.replace('-', '_').replace(' ', '_')}.py"


_SUITES = (
    _Suite(WITHOUT, PLUGINS[OURS]),
    _Suite(OURS, PLUGINS[OURS], "status_server"),
    _Suite(HTTPSERVER, PLUGINS[HTTPSERVER], "httpserver"),
)
_LOCAL = (
    _Suite(f"few {WITHOUT}", PLUGINS[LOCALSERVER], tests=FEW),
    _Suite(LOCALSERVER, PLUGINS[LOCALSERVER], "httpserver", tests=FEW),
)


def measure(quick: bool) -> list[Row]:
    """Return our run by one without the fixture, and by pytest-httpserver's."""
    samples = _samples(_SUITES, QUICK if quick else ROUNDS)
    few, local = medians(_samples(_LOCAL, 1 if quick else 3)).values()
    found = medians(samples)
    each = f"{duration((found[OURS] - found[WITHOUT]) / TESTS)} each"
    theirs = f"{LOCALSERVER} {duration((local - few) / FEW)} each"
    return [
        Row(
            f"{TESTS:,} tests that only ask for the fixture, by the same without it",
            ratio(samples, OURS, WITHOUT),
            "at most",
            1.25,
            {name: found[name] for name in (WITHOUT, OURS)},
            note=f"{each}; {theirs}",
        ),
        Row(
            f"the same by {HTTPSERVER}'s",
            ratio(samples, OURS, HTTPSERVER),
            "at most",
            0.9,
            {name: found[name] for name in (OURS, HTTPSERVER)},
        ),
    ]


def _samples(suites: tuple[_Suite, ...], rounds: int) -> dict[str, list[float]]:
    by_name = {suite.name: suite for suite in suites}
    samples: dict[str, list[float]] = {name: [] for name in by_name}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        for suite in suites:
            suite.write(directory)
            suite.run(directory)  # compiles it, and all that it imports
        for turn in turns(list(by_name), rounds):
            samples[turn].append(by_name[turn].run(directory))
    return samples
