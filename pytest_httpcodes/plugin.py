"""Fixtures for pytest, and the transcript of what happened in the report of a failing test.

It is imported by every pytest run, whether or not a test uses it, so it imports next to nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, cast

import pytest

if TYPE_CHECKING:
    from pytest_httpcodes.origin import Origin
    from pytest_httpcodes.server import StatusServer

    Scope = Literal["session", "package", "module", "class", "function"]

_FIXTURES = frozenset(("status_server", "secure_status_server", "make_status_server"))
_SCOPES = ("function", "class", "module", "package", "session")


class _Session:
    """The servers of a test run, and where their journals stood when the last test ended."""

    def __init__(self, pluginmanager: pytest.PytestPluginManager) -> None:
        self._pluginmanager = pluginmanager
        self._added: list[int] | None = None
        self._servers: list[StatusServer] = []
        self._marks: dict[Origin, int] = {}

    def gather(self) -> None:
        """Add the scenarios of other plugins, once."""
        if self._added is None:
            from pytest_httpcodes.hookspec import gather

            self._added = gather(self._pluginmanager)

    def end(self) -> None:
        if self._added:
            from pytest_httpcodes import scenarios

            scenarios.remove(self._added)

    def open(self, *args: Any, **options: Any) -> StatusServer:
        from pytest_httpcodes.server import StatusServer

        self.gather()
        server = StatusServer(*args, **options).start()
        self._servers.append(server)
        return server

    def open_secure(self) -> StatusServer:
        from pytest_httpcodes.extras import MissingExtra

        try:
            return self.open(tls=True)
        except MissingExtra as error:
            # The test that asks for it needs the extra; where in this file is no matter.
            pytest.fail(f"secure_status_server: {error}", pytrace=False)

    def close(self, server: StatusServer) -> None:
        self._servers.remove(server)
        server.stop()
        # What went wrong since the test's own check came too late for it, and is still said.
        server.check()

    def mark(self) -> None:
        self._marks = {s: s.journal.position for server in self._servers for s in server.servers}

    def complaints(self) -> list[Exception]:
        return [complaint for server in self._servers for complaint in server.complaints()]

    def transcripts(self, *, show_credentials: bool) -> Iterator[str]:
        from pytest_httpcodes.transcript import transcript

        for server in (s for held in self._servers for s in held.servers):
            mark = self._marks.get(server)
            if mark is None or server.journal.position > mark:
                yield transcript(server, mark or 0, show_credentials=show_credentials)


def _scope(fixture_name: str, config: pytest.Config) -> Scope:
    scope: Scope = config.getini("httpcodes_scope")
    return scope


def _fixtures(session: _Session) -> ModuleType:
    """Return the fixtures of a session, in a plugin of their own.

    Made here, they know the session. A fixture that asks for `pytestconfig` instead makes pytest
    work more for each test than the server itself does.
    """

    @pytest.fixture(scope=_scope)
    def status_server() -> Iterator[StatusServer]:
        """Start a fresh HTTP origin, with a port, a clock and a journal of its own."""
        server = session.open()
        yield server
        session.close(server)

    @pytest.fixture(scope=_scope)
    def secure_status_server() -> Iterator[StatusServer]:
        """Start a fresh origin under TLS, as `status_server` is in clear; trust its `ca_file`."""
        server = session.open_secure()
        yield server
        session.close(server)

    @pytest.fixture(scope="session")
    def make_status_server() -> Iterator[type[StatusServer]]:
        """Return a function that starts servers with options; they stop with the session."""
        made: list[StatusServer] = []

        def make(*args: Any, **options: Any) -> StatusServer:
            server = session.open(*args, **options)
            made.append(server)
            return server

        # It takes what the class takes, and its type says so to editors.
        yield cast("type[StatusServer]", make)
        for server in made:
            session.close(server)

    plugin = ModuleType("pytest_httpcodes.fixtures")
    vars(plugin).update(
        status_server=status_server,
        secure_status_server=secure_status_server,
        make_status_server=make_status_server,
    )
    return plugin


_key = pytest.StashKey[_Session]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the ini file."""
    parser.addini(
        "httpcodes_scope",
        f"scope of status_server and secure_status_server: {', '.join(_SCOPES)}",
        default="function",
    )
    parser.addini(
        "httpcodes_show_credentials",
        "show Authorization, Proxy-Authorization and cookies in transcripts",
        type="bool",
        default=False,
    )


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hook for scenarios of one's own."""
    from pytest_httpcodes import hookspec

    pluginmanager.add_hookspecs(hookspec)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options; raises `UsageError` for a scope that there is not."""
    scope = config.getini("httpcodes_scope")
    if scope not in _SCOPES:
        raise pytest.UsageError(f"httpcodes_scope = {scope!r} is none of {', '.join(_SCOPES)}")
    session = config.stash[_key] = _Session(config.pluginmanager)
    config.pluginmanager.register(_fixtures(session), "httpcodes-fixtures")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Add the scenarios of other plugins, if a test is going to use a server.

    By now each conftest.py is known, and what is wrong with one is told before any test.
    """
    if not session.config.hook.pytest_httpcodes_behaviours.get_hookimpls():
        return
    used = "pytest_httpcodes.server" in sys.modules
    if used or any(_FIXTURES.intersection(_fixtures_of(item)) for item in session.items):
        session.config.stash[_key].gather()


def _fixtures_of(item: pytest.Item) -> Sequence[str]:
    # What is no function, such as a text file that is a test, may have none.
    return getattr(item, "fixturenames", ())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of others' scenarios, and of the threads that wait for more work, if there are any."""
    session = config.stash.get(_key, None)
    if session is not None:  # else the run ended before it was configured
        session.end()
    wire = sys.modules.get("pytest_httpcodes.wire.listener")
    if wire is not None:
        wire.listener().shut_down()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail the test in its own call phase for what it got wrong about a server, or for a fault."""
    __tracebackhide__ = True
    session = item.config.stash[_key]
    try:
        yield
    except BaseException:
        session.complaints()  # the test has failed anyhow, and the next one is not to blame
        raise
    for complaint in session.complaints():
        raise complaint


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the transcript to the report of a test that failed."""
    report = yield
    if call.when == "teardown":
        item.config.stash[_key].mark()
    elif call.when == "call" and report.failed:
        show = item.config.getini("httpcodes_show_credentials")
        for text in item.config.stash[_key].transcripts(show_credentials=show):
            report.sections.append(("httpcodes", text))
    return report
