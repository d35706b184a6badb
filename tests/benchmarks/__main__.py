"""The command: `python -m tests.benchmarks [--quick] [--only NAME] [--json FILE]`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks import (
    downloading,
    fixture_cost,
    holding,
    importing,
    raw_rate,
    requests_rate,
    stopping,
)
from tests.benchmarks.table import Row, as_json, as_markdown

MEASUREMENTS: dict[str, Callable[[bool], list[Row]]] = {
    "requests": requests_rate.measure,
    "raw": raw_rate.measure,
    "fixture": fixture_cost.measure,
    "stop": stopping.measure,
    "import": importing.measure,
    "download": downloading.measure,
    "hold": holding.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and return the exit status: 1 if a target is missed."""
    options = _parser().parse_args(arguments)
    _forget_proxies()
    rows: list[Row] = []
    for name in options.only or MEASUREMENTS:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        rows += MEASUREMENTS[name](options.quick)
    print(as_markdown(rows))
    if options.json is not None:
        options.json.write_text(as_json(rows), encoding="utf-8")
    return 0 if all(row.reached for row in rows) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure pytest-httpcodes beside its peers.",
    )
    parser.add_argument("--quick", action="store_true", help="few rounds: a check that it runs")
    parser.add_argument(
        "--only",
        action="append",
        choices=sorted(MEASUREMENTS),
        metavar="NAME",
        help=f"measure only this (repeatable): {', '.join(MEASUREMENTS)}",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    return parser


def _forget_proxies() -> None:
    # requests heeds them, and a proxy between a test and loopback is not what is measured.
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]


if __name__ == "__main__":
    sys.exit(main())
