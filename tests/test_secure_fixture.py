"""The fixture `secure_status_server`."""

from __future__ import annotations

import pytest

pytest.importorskip("trustme")

CLIENT = """
import http.client
import ssl
from urllib.parse import urlsplit

def get(url, ca_file):
    parts = urlsplit(url)
    context = ssl.create_default_context(cafile=ca_file)
    connection = http.client.HTTPSConnection(parts.netloc, timeout=5, context=context)
    connection.request("GET", parts.path)
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


def test_each_test_gets_a_fresh_origin(run: pytest.Pytester) -> None:
    """Under TLS, beside one in clear; the authority is the same."""
    run.makepyfile(
        """
        from client import get
        from pytest_httpcodes import StatusServer
        seen = set()

        def test_one(secure_status_server, status_server):
            assert isinstance(secure_status_server, StatusServer)
            assert 404 == get(secure_status_server.status(404), secure_status_server.ca_file)
            assert [404] == secure_status_server.journal.statuses
            assert [] == status_server.journal.statuses
            seen.add((secure_status_server.url, secure_status_server.ca_file))

        def test_two(secure_status_server):
            (url, ca_file), = seen
            assert url != secure_status_server.url
            assert ca_file == secure_status_server.ca_file
            assert [] == list(secure_status_server.journal)
        """
    )

    run.runpytest("-p", "no:randomly").assert_outcomes(passed=2)


def test_the_scope_is_an_option(run: pytest.Pytester) -> None:
    """The same as that of `status_server`."""
    run.makeini("[pytest]\nhttpcodes_scope = session\n")
    run.makepyfile(
        """
        urls = set()

        def test_one(secure_status_server):
            urls.add(secure_status_server.url)

        def test_two(secure_status_server):
            urls.add(secure_status_server.url)

        def test_that(secure_status_server):
            assert 1 == len(urls)
        """
    )

    run.runpytest("-p", "no:randomly").assert_outcomes(passed=3)


def test_what_went_wrong_fails_the_test(run: pytest.Pytester) -> None:
    """In its call phase, with the transcript."""
    run.makepyfile(
        """
        from client import get

        def test_x(secure_status_server):
            url = secure_status_server.script(lambda request: 1 / 0)
            assert 590 == get(url, secure_status_server.ca_file)
        """
    )
    result = run.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ServerFault*ZeroDivisionError*", "https://127.0.0.1:*"])


def test_without_the_library(run: pytest.Pytester) -> None:
    """The test that asks for it is told which extra has it; all others go on."""
    run.makeconftest("import sys\nsys.modules['trustme'] = None\n")
    run.makepyfile(
        """
        def test_x(secure_status_server):
            pass

        def test_y(status_server):
            pass
        """
    )
    result = run.runpytest_subprocess()

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["secure_status_server: TLS needs *: python -m pip install 'pytest-httpcodes[[]tls[]]'"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_make_status_server_takes_it(run: pytest.Pytester) -> None:
    """With the word for a certificate, or all that there is to say."""
    run.makepyfile(
        """
        import ssl
        import pytest
        from client import get
        from pytest_httpcodes import TLS

        def test_x(make_status_server):
            expired = make_status_server(tls="expired")
            with pytest.raises(ssl.SSLCertVerificationError, match="has expired"):
                get(expired.url, expired.ca_file)
            page = make_status_server(tls=TLS(client="nginx"))
            assert 400 == get(page.url, page.ca_file)
        """
    )

    run.runpytest().assert_outcomes(passed=1)
