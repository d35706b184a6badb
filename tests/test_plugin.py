"""The fixtures, their scope, and what the report of a failing test shows."""

from __future__ import annotations

import subprocess
import sys
from unittest.mock import Mock, patch

import pytest

from pytest_httpcodes import StatusServer, plugin

CLIENT = """
import http.client
from urllib.parse import urlsplit

def get(url, **fields):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("GET", parts.path, headers=fields)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return a directory with a small client for the tests in it."""
    pytester.makepyfile(client=CLIENT)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return pytester


def test_a_test_gets_a_server(run: pytest.Pytester) -> None:
    """`def test_x(status_server)` is all that is needed."""
    run.makepyfile(
        """
        from client import get
        from pytest_httpcodes import StatusServer, plugin

        def test_x(status_server):
            assert isinstance(status_server, StatusServer)
            assert 404 == get(status_server.status(404))
        """
    )

    run.runpytest("-p", "no:randomly").assert_outcomes(passed=1)


def test_each_test_gets_a_fresh_origin(run: pytest.Pytester) -> None:
    """By default; nothing of one test is seen by the next."""
    run.makepyfile(
        """
        from client import get
        urls = set()

        def test_one(status_server):
            get(status_server.url)
            urls.add(status_server.url)

        def test_two(status_server):
            assert [] == list(status_server.journal)
            assert status_server.url not in urls
        """
    )

    run.runpytest("-p", "no:randomly").assert_outcomes(passed=2)


@pytest.mark.parametrize("scope", ["class", "module", "package", "session"])
def test_the_scope_is_an_option(run: pytest.Pytester, scope: str) -> None:
    """`httpcodes_scope` makes one server last longer."""
    run.makeini(f"[pytest]\nhttpcodes_scope = {scope}\n")
    run.makepyfile(
        """
        class TestIt:
            urls = []

            def test_one(self, status_server):
                self.urls.append(status_server.url)

            def test_two(self, status_server):
                assert [status_server.url] == self.urls
        """
    )

    run.runpytest("-p", "no:randomly").assert_outcomes(passed=2)


def test_a_wrong_scope_is_one_clear_line(run: pytest.Pytester) -> None:
    """It names the scopes that there are."""
    run.makeini("[pytest]\nhttpcodes_scope = galaxy\n")

    result = run.runpytest()
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["*httpcodes_scope = 'galaxy' is none of function, class, *"])


def test_wider_fixtures_make_servers(run: pytest.Pytester) -> None:
    """`make_status_server` takes what the class takes; its servers last for the session."""
    run.makepyfile(
        """
        import pytest
        from client import get

        @pytest.fixture(scope="session")
        def api(make_status_server):
            return make_status_server(max_target=20)

        def test_one(api):
            assert 414 == get(api.url + "/" + "a" * 20)

        def test_two(api):
            assert [414] == api.journal.statuses
        """
    )

    run.runpytest("-p", "no:randomly").assert_outcomes(passed=2)


def test_a_server_that_was_made_may_be_stopped(run: pytest.Pytester) -> None:
    """The end of the session does not mind."""
    run.makepyfile(
        """
        def test_it(make_status_server):
            make_status_server().stop()
        """
    )

    run.runpytest().assert_outcomes(passed=1)


def test_a_failing_test_shows_its_transcript(run: pytest.Pytester) -> None:
    """A section of its own: request, answer, times and the reason."""
    run.makepyfile(
        """
        from client import get

        def test_it(status_server):
            endpoint = status_server.script(503, 200, retry_after=1)
            get(endpoint)
            get(endpoint)
            assert endpoint.early == []
        """
    )

    result = run.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- httpcodes -*",
            "http://127.0.0.1:*: 2 exchanges",
            "*1.1 * 0.000 s  GET /script/503,200/_1 -> 503 Retry-After: 1 (* ms)  reply 1 of 2 *",
            "*2.1 * s  GET /script/503,200/_1 -> 200 (* ms)  reply 2 of 2 of a script: 200 *",
        ]
    )


def test_a_passing_test_shows_nothing(run: pytest.Pytester) -> None:
    """Not even with -rA."""
    run.makepyfile(
        """
        from client import get

        def test_it(status_server):
            get(status_server.url)
        """
    )

    run.runpytest("-rA").stdout.no_fnmatch_line("*httpcodes -*")


def test_a_transcript_masks_credentials(run: pytest.Pytester) -> None:
    """Unless the ini file says otherwise."""
    run.makepyfile(
        """
        from client import get

        def test_it(status_server):
            get(status_server.url, Authorization="Basic c2VjcmV0", Cookie="id=secret")
            assert False
        """
    )

    result = run.runpytest()
    result.stdout.fnmatch_lines(["*Authorization: Basic [*][*][*]; Cookie: [*][*][*]"])
    assert "c2VjcmV0" not in result.stdout.str().partition("- httpcodes -")[2]
    run.makeini("[pytest]\nhttpcodes_show_credentials = true\n")
    run.runpytest().stdout.fnmatch_lines(["*Authorization: Basic c2VjcmV0; Cookie: id=secret"])


def test_a_transcript_shows_this_tests_exchanges_alone(run: pytest.Pytester) -> None:
    """A server that outlives a test has a longer journal; the report does not."""
    run.makepyfile(
        """
        import pytest
        from client import get

        @pytest.fixture(scope="session")
        def api(make_status_server):
            return make_status_server()

        def test_one(api):
            get(api.url + "/status/201")

        def test_two(api):
            get(api.url + "/status/202")
            assert False
        """
    )

    result = run.runpytest("-p", "no:randomly")
    result.stdout.fnmatch_lines(["http://*: 1 exchange", "*GET /status/202 -> 202*"])
    result.stdout.no_fnmatch_line("*GET /status/201*")


def test_a_server_that_no_request_reached_in_a_test_is_left_out(run: pytest.Pytester) -> None:
    """Of servers that outlive a test; its own is shown, since nothing having come is news."""
    run.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="session")
        def api(make_status_server):
            return make_status_server()

        def test_one(api):
            pass

        def test_two(api, status_server):
            assert False
        """
    )

    result = run.runpytest("-p", "no:randomly")
    assert 1 == result.stdout.str().count("no request came")


def test_a_fault_fails_the_test_in_its_call_phase(run: pytest.Pytester) -> None:
    """Whatever the scope; the next test is not to blame."""
    run.makeini("[pytest]\nhttpcodes_scope = session\n")
    run.makepyfile(
        """
        from client import get

        def test_one(status_server):
            assert 590 == get(status_server.script(lambda request: 1 / 0))

        def test_two(status_server):
            assert 200 == get(status_server.status(200))
        """
    )

    result = run.runpytest("-p", "no:randomly")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*ZeroDivisionError*", "*ServerFault: a reply to GET /script/reply/_1 failed*"]
    )
    result.stdout.no_fnmatch_line("*pytest_runtest_call*")


def test_an_exact_script_fails_its_test(run: pytest.Pytester) -> None:
    """In the call phase, with the transcript."""
    run.makepyfile(
        """
        from client import get

        def test_one(status_server):
            get(status_server.script(503, 200, exact=True))

        def test_two(status_server):
            pass
        """
    )

    result = run.runpytest("-p", "no:randomly")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*the client did not use it up*", "*- httpcodes -*"])


def test_the_tests_own_failure_comes_first(run: pytest.Pytester) -> None:
    """A fault besides it is in the transcript, and blames no later test."""
    run.makeini("[pytest]\nhttpcodes_scope = session\n")
    run.makepyfile(
        """
        from client import get

        def test_one(status_server):
            get(status_server.script(lambda request: 1 / 0))
            assert False, "mine"

        def test_two(status_server):
            pass
        """
    )

    result = run.runpytest("-p", "no:randomly")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*AssertionError: mine*", "*failed: ZeroDivisionError: *"])


def test_a_late_fault_is_an_error_of_the_teardown(run: pytest.Pytester) -> None:
    """It came after the test, and is said all the same."""
    run.makepyfile(
        """
        import threading
        import pytest
        from client import get

        @pytest.fixture
        def late(status_server):
            url = status_server.script(lambda request: 1 / 0)
            yield
            get(url)

        def test_it(late):
            pass
        """
    )

    result = run.runpytest()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ServerFault*"])


def test_the_report_survives_xdist(run: pytest.Pytester) -> None:
    """Workers send the transcript along."""
    run.makepyfile(
        """
        def test_it(status_server):
            assert False
        """
    )

    run.runpytest_subprocess("-n", "1").stdout.fnmatch_lines(["*- httpcodes -*", "*no request*"])


def test_the_plugin_imports_next_to_nothing() -> None:
    """Neither the server nor Werkzeug, until a test asks."""
    code = (
        "import sys, pytest_httpcodes.plugin as p; "
        "print(sorted(m for m in sys.modules if m.startswith(('werkzeug', 'pytest_httpcodes'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "['pytest_httpcodes', 'pytest_httpcodes.plugin']" == done.stdout.strip()


def test_a_run_without_a_server_has_no_threads_to_end() -> None:
    """The end of the session does not import what no test did."""
    with patch.dict(sys.modules):
        del sys.modules["pytest_httpcodes.wire.listener"]
        plugin.pytest_unconfigure(Mock(stash=pytest.Stash()))

        assert "pytest_httpcodes.wire.listener" not in sys.modules


def test_the_fixtures_are_documented(run: pytest.Pytester) -> None:
    """`pytest --fixtures` shows what each is."""
    result = run.runpytest("--fixtures")

    result.stdout.fnmatch_lines(["*status_server*", "*Start a fresh HTTP origin*"])


def test_a_werkzeug_free_test_stays_so(make_status_server: type[StatusServer]) -> None:
    """Opening and stopping a server that nobody asks costs no application."""
    server = make_status_server()

    assert server._application is None
    server.stop()


def test_a_secure_server_without_the_library(
    run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails the test that asks for it, with the name of the extra."""
    monkeypatch.setitem(sys.modules, "trustme", None)
    run.makepyfile("def test_x(secure_status_server): pass")
    result = run.runpytest("-p", "no:randomly")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*secure_status_server: TLS needs the library trustme*"])
