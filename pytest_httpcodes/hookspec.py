"""The hook by which a conftest.py or an installed plugin adds scenarios, and its results."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_httpcodes.behaviours.scenario import Scenario

_WHAT = "return a list of Scenario classes, or of modules with some"


def pytest_httpcodes_behaviours() -> Iterable[type[Scenario] | ModuleType]:
    """Return scenarios of one's own: subclasses of `Scenario`, or modules that define some.

    Each is a code that has no scenario yet. `status_server.scenario(CODE)` finds them, `/CODE`
    does, and so does the command line. It is called when the tests are collected and one of them
    uses a server, so that it may import what is not to be imported by every run.
    """
    raise NotImplementedError


def gather(pluginmanager: pytest.PytestPluginManager) -> list[int]:
    """Add the scenarios of all plugins; return the codes that had none before.

    Raises `pytest.UsageError`, which names the plugin, if a hook fails or its result is wrong; then
    none is added.
    """
    implementations = pluginmanager.hook.pytest_httpcodes_behaviours.get_hookimpls()
    if not implementations:
        return []
    from pytest_httpcodes import scenarios

    before = set(scenarios.codes())
    try:
        for implementation in implementations:
            others = [each.plugin for each in implementations if each is not implementation]
            caller = pluginmanager.subset_hook_caller("pytest_httpcodes_behaviours", others)
            _add(implementation, caller)
    except pytest.UsageError:
        scenarios.remove(set(scenarios.codes()) - before)
        raise
    return sorted(set(scenarios.codes()) - before)


def _add(implementation: Any, caller: Any) -> None:
    from pytest_httpcodes import scenarios
    from pytest_httpcodes.codes import look_up

    try:
        results = caller()
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"failed at {place.filename}:{place.lineno}: {type(error).__name__}: {error}"
        raise _wrong(implementation, what) from error
    for result in results:
        if not isinstance(result, Iterable):
            raise _wrong(implementation, f"returned {result!r}; {_WHAT}")
        try:
            for code in scenarios.add(result):
                look_up(code)
        except (AttributeError, TypeError, ValueError) as error:
            raise _wrong(implementation, f"returned what is wrong: {error}") from error


def _wrong(implementation: Any, what: str) -> pytest.UsageError:
    code = implementation.function.__code__
    return pytest.UsageError(
        f"pytest_httpcodes_behaviours {what}\n"
        f"  plugin: {implementation.plugin_name}\n"
        f"  defined at: {code.co_filename}:{code.co_firstlineno}"
    )
