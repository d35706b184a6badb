"""Requests a second through `requests.Session().get`, in the test's own process."""

from __future__ import annotations

import contextlib
from time import perf_counter

import requests

from tests.benchmarks.answers import TIMEOUT, WrongAnswerError
from tests.benchmarks.contestants import HTTPSERVER, LIMIT, OURS, Contestant, contest
from tests.benchmarks.rounds import medians, pinned, turns
from tests.benchmarks.table import Row

ROUNDS, QUICK = 3000, 300


def measure(quick: bool) -> list[Row]:
    """Return our rate by that of the limit."""
    with pinned(), contest() as contestants:
        found = medians(_samples(contestants, QUICK if quick else ROUNDS))
    return [
        Row(
            "`requests.Session().get` of `/status/200`, rate by that of a thread that only does"
            " `recv` and `sendall`",
            found[LIMIT] / found[OURS],
            "at least",
            0.85,
            found,
            note=f"{HTTPSERVER} {found[LIMIT] / found[HTTPSERVER]:.3g}",
        )
    ]


def _samples(contestants: dict[str, Contestant], rounds: int) -> dict[str, list[float]]:
    # pytest-httpserver ends each connection, so that its session opens one for each request.
    samples: dict[str, list[float]] = {name: [] for name in contestants}
    with contextlib.ExitStack() as sessions:
        get = {name: sessions.enter_context(requests.Session()).get for name in contestants}
        for name in turns(list(contestants), rounds):
            url = contestants[name].url
            started = perf_counter()
            response = get[name](url, timeout=TIMEOUT)
            samples[name].append(perf_counter() - started)
            _check(response, contestants[name].answer.content)
    return samples


def _check(response: requests.Response, content: bytes) -> None:
    if response.status_code != 200 or response.content != content:
        raise WrongAnswerError(f"{response.url}: {response.status_code}, {response.content!r}")
