"""Which codes have a scenario: those of the package, by name, and those that others add."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, TypeGuard

from pytest_httpcodes.behaviours import SCENARIOS

if TYPE_CHECKING:
    from pytest_httpcodes.behaviours.scenario import Scenario

_HOMES = {code: name for name, codes in SCENARIOS.items() for code in codes}
_known: dict[int, type[Scenario]] = {}
_added: dict[int, type[Scenario]] = {}
_NEAREST = 3


def codes() -> tuple[int, ...]:
    """Return the codes that have a scenario, in order."""
    return tuple(sorted({*_HOMES, *_added}))


def has(code: int) -> bool:
    """Tell whether a code has a scenario."""
    return code in _HOMES or code in _added


def find(code: int) -> type[Scenario]:
    """Return the scenario of a code.

    Raises `LookupError` that names the nearest ones if there is none, and `ValueError` for what
    is no code.
    """
    if isinstance(code, bool) or not isinstance(code, int) or not 100 <= code <= 999:
        raise ValueError(f"{code!r} is no status code; those are 100 to 999")
    code = int(code)
    if code in _added:
        return _added[code]
    if code not in _HOMES:
        near = sorted(sorted(codes(), key=lambda known: abs(known - code))[:_NEAREST])
        raise LookupError(
            f"there is no scenario of {code}; the nearest are of {', '.join(map(str, near))}. "
            f".status({code}) always answers {code}"
        )
    if code not in _known:
        home = import_module(f"pytest_httpcodes.behaviours.{_HOMES[code]}")
        _known.update((kind.code, kind) for kind in scenarios_of(home))
    return _known[code]


def scenarios_of(module: ModuleType) -> list[type[Scenario]]:
    """Return the scenarios that a module defines."""
    found = filter(_is_scenario, vars(module).values())
    return [kind for kind in found if kind.__module__ == module.__name__]


def _is_scenario(value: object) -> TypeGuard[type[Scenario]]:
    from pytest_httpcodes.behaviours.scenario import Scenario

    return isinstance(value, type) and issubclass(value, Scenario) and hasattr(value, "code")


def add(behaviours: Iterable[object]) -> list[int]:
    """Add the scenarios of others, given as classes or as modules; return their codes.

    Raises `ValueError` for a code that has one already, and `TypeError` for what is none; then
    none is added.
    """
    kinds: list[type[Scenario]] = []
    for behaviour in behaviours:
        if isinstance(behaviour, ModuleType):
            kinds += scenarios_of(behaviour)
        elif _is_scenario(behaviour):
            kinds.append(behaviour)
        else:
            raise TypeError(
                f"{behaviour!r} is no behaviour; use a subclass of Scenario with a 'code', or a "
                f"module with some"
            )
    found: dict[int, type[Scenario]] = {}
    for kind in kinds:
        others = _added.get(kind.code, kind) is not kind or kind.code in _HOMES
        if others or found.setdefault(kind.code, kind) is not kind:
            raise ValueError(
                f"{kind.__module__}.{kind.__qualname__} is a scenario of {kind.code}, which has "
                f"one already"
            )
    _added.update(found)
    return [kind.code for kind in kinds]


def remove(codes: Iterable[int]) -> None:
    """Remove scenarios that others added."""
    for code in codes:
        _added.pop(code, None)
