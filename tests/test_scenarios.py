"""Which codes have a scenario: by name, and those that others add."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from pytest_httpcodes import Scenario, scenarios
from pytest_httpcodes.behaviours import SCENARIOS
from pytest_httpcodes.behaviours.methods import Accepted, Plain
from pytest_httpcodes.codes import CODES

EVERY = tuple(code for codes in SCENARIOS.values() for code in codes)


class Mine(Scenario):
    """299: one of somebody else's."""

    code = 299


class Other(Scenario):
    """299: another one."""

    code = 299


class Further(Scenario):
    """298: one more."""

    code = 298


class Base(Scenario):
    """What several have in common, and no scenario itself."""


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    scenarios.remove([298, 299])


def test_codes() -> None:
    """Each code of the contents is there once, in order, and is a code."""
    found = scenarios.codes()
    # Others may have added theirs, as the examples do.
    assert set(EVERY) <= set(found)
    assert sorted(found) == list(found)
    assert len(set(EVERY)) == len(EVERY)
    assert set() == set(EVERY) - set(CODES)


@pytest.mark.parametrize("name", SCENARIOS)
def test_modules(name: str) -> None:
    """A module defines the scenarios of exactly its codes, each with its code in digits."""
    home = import_module(f"pytest_httpcodes.behaviours.{name}")
    found = scenarios.scenarios_of(home)

    assert sorted(SCENARIOS[name]) == sorted(kind.code for kind in found)
    assert found == [scenarios.find(kind.code) for kind in found]
    for kind in found:
        assert (kind.__doc__ or "").startswith(f"{kind.code}: ")


def test_every_module_is_in_the_contents() -> None:
    """A module that defines a scenario is found by its code."""
    package = import_module("pytest_httpcodes.behaviours")
    (folder,) = package.__path__
    from pathlib import Path

    names = {path.stem for path in Path(folder).glob("*.py")} - {"__init__", *SCENARIOS}
    defining = {
        name
        for name in names
        if scenarios.scenarios_of(import_module(f"pytest_httpcodes.behaviours.{name}"))
    }

    assert set() == defining


@pytest.mark.parametrize("code", [200, HTTPStatus.OK])
def test_find(code: int) -> None:
    """A scenario is found by its code, which may be the standard library's."""
    assert Plain is scenarios.find(code)
    assert scenarios.has(code)


def test_what_is_asked_for_is_imported() -> None:
    """Nobody waits for the import of scenarios that were not asked for."""
    text = (
        "import sys; from pytest_httpcodes import StatusServer\n"
        "with StatusServer() as server: server.scenario(200)\n"
        "print([n for n in sys.modules if n.endswith('behaviours.delta')])"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)

    assert "[]\n" == done.stdout


@pytest.mark.parametrize(
    ("code", "nearest"),
    [(104, "101, 102, 103"), (299, "300, 301, 302"), (309, "306, 307, 308")],
)
def test_there_is_none(code: int, nearest: str) -> None:
    """A code without a scenario names the nearest that have one, and what always answers it."""
    with pytest.raises(LookupError) as caught:
        scenarios.find(code)

    assert (
        f"there is no scenario of {code}; the nearest are of {nearest}. "
        f".status({code}) always answers {code}"
    ) == str(caught.value)
    assert not scenarios.has(code)


@pytest.mark.parametrize("code", [99, 1000, 0, -200, "200", 200.0, None, True])
def test_what_is_no_code(code: Any) -> None:
    """What is no status code says which are."""
    with pytest.raises(ValueError, match=r"is no status code; those are 100 to 999"):
        scenarios.find(code)


# Those of others


def module(**values: object) -> ModuleType:
    """Return a module that defines some of them."""
    made = ModuleType("theirs")
    vars(made).update(values)
    return made


def test_add_and_remove() -> None:
    """Scenarios of others are found like one's own, until they are removed."""
    assert [299, 298] == scenarios.add([Mine, Further])
    assert (Mine, Further) == (scenarios.find(299), scenarios.find(298))
    assert {298, 299} < set(scenarios.codes())
    assert scenarios.has(299)

    scenarios.remove([299, 200])
    assert (False, True) == (scenarios.has(299), scenarios.has(298))
    assert Plain is scenarios.find(200)


def test_add_twice() -> None:
    """What is there already may come again, as where a plugin is registered twice."""
    assert [299] == scenarios.add([Mine])
    assert [299, 299] == scenarios.add([Mine, Mine])


def test_add_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a module, what it defines itself is added, and what has a code."""
    monkeypatch.setattr(Mine, "__module__", "theirs")
    monkeypatch.setattr(Base, "__module__", "theirs")
    made = module(Mine=Mine, Base=Base, Plain=Plain, Scenario=Scenario, x=1, Answer=int)

    assert [299] == scenarios.add([made])
    assert Mine is scenarios.find(299)


@pytest.mark.parametrize("given", [[Mine, Other], [Other, Further, Mine]])
def test_add_two_of_a_code(given: list[type[Scenario]]) -> None:
    """Of two scenarios of one code none is added, nor what came with them."""
    with pytest.raises(ValueError, match=r"test_scenarios\.\w+ is a scenario of 299, which has"):
        scenarios.add(given)

    assert (False, False) == (scenarios.has(298), scenarios.has(299))


def test_add_what_there_is() -> None:
    """A code of the package's own, or of another one's, is not to be replaced."""

    class Mine200(Scenario):
        code = 200

    scenarios.add([Mine])
    for wrong in (Mine200, Other):
        with pytest.raises(ValueError, match=r"which has one already"):
            scenarios.add([wrong])
    with pytest.raises(ValueError, match=r"Accepted is a scenario of 202, which has one already"):
        scenarios.add([Accepted])

    assert (Plain, Mine) == (scenarios.find(200), scenarios.find(299))


@pytest.mark.parametrize("wrong", [1, int, "Mine", None, [Mine], Base, Scenario])
def test_add_what_is_none(wrong: Any) -> None:
    """What is no scenario says what is, and nothing is added."""
    with pytest.raises(TypeError, match=r"is no behaviour; use a subclass of Scenario with a"):
        scenarios.add([Mine, wrong])

    assert not scenarios.has(299)


def test_remove_what_there_is_not() -> None:
    """What is not there is removed already."""
    scenarios.remove([299, 200])

    assert Plain is scenarios.find(200)
