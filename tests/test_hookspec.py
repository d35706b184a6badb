"""Scenarios of others: from a conftest.py, from an installed plugin, and what is wrong with one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from unittest.mock import Mock, patch

import pytest

from pytest_httpcodes import StatusServer, hookspec, plugin, scenarios
from pytest_httpcodes.application import Application
from pytest_httpcodes.behaviours.scenario import Scenario

# A session within the test forgets what it was the first to import. Of these there must be one.
_KEPT = (Application, Scenario, StatusServer)

MINE = """
from pytest_httpcodes import Request, Scenario, Section, Stage, refuse, rule

@rule(Stage.STATE)
def never(request):
    return refuse(request, {code}, "never", Section(9110, "15"))

class Mine(Scenario):
    '''{code}: never (RFC 9110, 15).'''

    code = {code}

    def begin(self):
        return self.document("mine", never)

    def trigger(self, url):
        return (Request("GET", url),)

    def relief(self, url):
        return ()
"""
HOOK = """
def pytest_httpcodes_behaviours():
    return [Mine]
"""
TEST = """
import http.client
from urllib.parse import urlsplit

def test_it(status_server):
    made = status_server.scenario({code})
    connection = http.client.HTTPConnection(urlsplit(made).netloc, timeout=5)
    connection.request("GET", urlsplit(made).path)
    assert {code} == connection.getresponse().status
    connection.close()
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return a directory."""
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return pytester


def test_from_a_conftest(run: pytest.Pytester) -> None:
    """A test has the scenario; behind the session it is gone."""
    run.makeconftest(MINE.format(code=588) + HOOK)
    run.makepyfile(TEST.format(code=588))

    run.runpytest().assert_outcomes(passed=1)
    assert not scenarios.has(588)


def test_from_a_conftest_of_a_directory_below(run: pytest.Pytester) -> None:
    """That is found while the tests are collected, long after the session has started."""
    below = run.mkdir("below")
    (below / "conftest.py").write_text(MINE.format(code=588) + HOOK)
    (below / "test_it.py").write_text(TEST.format(code=588))

    run.runpytest().assert_outcomes(passed=1)


def test_from_a_module(run: pytest.Pytester) -> None:
    """A module stands for the scenarios that it defines."""
    run.makepyfile(mine=MINE.format(code=588))
    run.makeconftest("def pytest_httpcodes_behaviours():\n    import mine\n    return [mine]\n")
    run.makepyfile(TEST.format(code=588))

    run.runpytest().assert_outcomes(passed=1)


def test_from_an_installed_plugin(run: pytest.Pytester) -> None:
    """One that pytest loads by its entry point."""
    run.makepyfile(mine=MINE.format(code=588) + HOOK)
    info = run.mkdir("mine-1.0.dist-info")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pytest11]\nmine = mine\n")
    run.makepyfile(test_it=TEST.format(code=588))

    run.runpython_c("import pytest; raise SystemExit(pytest.main())").stdout.fnmatch_lines(
        ["*1 passed*"]
    )


def test_a_server_without_a_fixture(run: pytest.Pytester) -> None:
    """What a test module imports is reason enough to look for scenarios."""
    run.makeconftest(MINE.format(code=588) + HOOK)
    run.makepyfile(
        """
        from pytest_httpcodes import StatusServer

        def test_it():
            with StatusServer() as server:
                assert server.scenario(588).trigger
        """
    )

    run.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_fixture_that_is_asked_for_late(run: pytest.Pytester) -> None:
    """The first server of the session looks for scenarios, if nobody did before."""
    run.makeconftest(MINE.format(code=588) + HOOK)
    run.makepyfile(
        """
        def test_it(request):
            assert request.getfixturevalue("status_server").scenario(588).trigger
        """
    )

    run.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_run_without_a_server_calls_no_hook(run: pytest.Pytester) -> None:
    """What only they need is not imported: neither theirs, nor this package's."""
    run.makeconftest("def pytest_httpcodes_behaviours():\n    raise AssertionError\n")
    run.makepyfile(
        """
        import sys

        def test_it():
            found = {name for name in sys.modules if name.startswith("pytest_httpcodes.")}
            assert {"pytest_httpcodes.plugin", "pytest_httpcodes.hookspec"} == found
        """
    )
    run.maketxtfile(test_text=">>> 1 + 1\n2\n")

    run.runpytest_subprocess().assert_outcomes(passed=2)


def test_the_same_scenario_twice(run: pytest.Pytester) -> None:
    """Two plugins may both return it."""
    run.makepyfile(mine=MINE.format(code=588) + HOOK)
    below = run.mkdir("below")
    for directory in (run.path, below):
        (directory / "conftest.py").write_text("from mine import Mine\n" + HOOK)
    (below / "test_it.py").write_text(TEST.format(code=588))

    run.runpytest().assert_outcomes(passed=1)
    assert not scenarios.has(588)


def test_a_wrong_result_ends_the_run(run: pytest.Pytester) -> None:
    """It is told before any test, with the plugin."""
    run.makeconftest("def pytest_httpcodes_behaviours():\n    return 3\n")
    run.makepyfile("def test_it(status_server):\n    pass\n")

    result = run.runpytest()
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(
        [
            "ERROR: pytest_httpcodes_behaviours returned 3; return a list of Scenario classes, *",
            "  plugin: *conftest.py",
            "  defined at: *conftest.py:1",
        ]
    )


class Mine(Scenario):
    """588: never (RFC 9110, 15)."""

    code = 588


class Far(Scenario):
    """1000: no code."""

    code = 1000


class Taken(Scenario):
    """404: there is one."""

    code = 404


def plugins(**hooks: Callable[[], object]) -> pytest.PytestPluginManager:
    """Return plugins with a hook each."""
    manager = pytest.PytestPluginManager()
    manager.add_hookspecs(hookspec)
    for name, hook in hooks.items():
        module = ModuleType(name)
        vars(module)["pytest_httpcodes_behaviours"] = hook
        manager.register(module, name)
    return manager


def test_results_are_added() -> None:
    """Those of all plugins; a hook may return nothing."""
    found = hookspec.gather(plugins(one=lambda: None, two=lambda: iter([Mine]), three=lambda: ()))
    try:
        assert [588] == found
        assert Mine is scenarios.find(588)
        assert [] == hookspec.gather(plugins(one=lambda: [Mine]))
    finally:
        scenarios.remove(found)

    assert not scenarios.has(588)


@pytest.mark.parametrize(
    ("hook", "told"),
    [
        (lambda: 3, "returned 3; return a list of Scenario classes, or of modules with some"),
        (lambda: Mine, r"returned <class '.*Mine'>; return a list of Scenario classes"),
        (lambda: [3], "returned what is wrong: 3 is no behaviour; use a subclass of Scenario"),
        (lambda: "Mine", "returned what is wrong: 'M' is no behaviour"),
        (lambda: [Scenario], "returned what is wrong: .*'code'"),
        (lambda: [Far], "returned what is wrong: 1000 is no status code"),
        (lambda: [Taken], "returned what is wrong: .*Taken is a scenario of 404, which has one"),
        (lambda: 1 / 0, r"failed at .*test_hookspec.py:\d+: ZeroDivisionError: division by zero"),
    ],
)
def test_what_is_wrong(hook: Callable[[], object], told: str) -> None:
    """The plugin is named, and where its hook is; nothing of any plugin stays."""
    end = r"\n  plugin: bad\n  defined at: .*test_hookspec.py:\d+"

    with pytest.raises(pytest.UsageError, match=rf"pytest_httpcodes_behaviours {told}.*{end}"):
        hookspec.gather(plugins(bad=hook, good=lambda: [Mine]))
    assert not {588, 1000} & set(scenarios.codes())


@pytest.mark.parametrize(
    ("names", "gathers"),
    [([("tmp_path",), None], False), ([None, ("tmp_path", "status_server")], True)],
)
def test_when_it_is_called(names: list[tuple[str, ...] | None], gathers: bool) -> None:
    """When a test uses a server; what is collected need not be a function."""
    items = [Mock(spec=()) if each is None else Mock(fixturenames=each) for each in names]
    held = Mock()
    config = Mock(stash={plugin._key: held})
    with patch.dict(sys.modules):
        sys.modules.pop("pytest_httpcodes.server")
        plugin.pytest_collection_finish(Mock(config=config, items=items))

    assert gathers == held.gather.called
