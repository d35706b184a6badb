"""417: expectations that are not met, and how the connection goes on."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from pytest_httpcodes import StatusServer
from tests.raw import Raw, message
from tests.scenarios import path_of


@pytest.mark.parametrize("expect", ["200-maybe", "100-continue", "100-continue, x", "a=b;c"])
def test_no_expectation_is_met(status_server: StatusServer, expect: str) -> None:
    """The answer comes before the content, and names the expectation."""
    made = status_server.scenario(417)
    with Raw(status_server.url) as raw:
        raw.send(message("POST", path_of(made), f"Expect: {expect}", "Content-Length: 7"))
        answer = raw.answer("POST")

    assert (417, "close") == (answer.status, answer.header("Connection"))
    assert expect.encode() in answer.content
    assert "RFC 9110, 15.5.18" in made.exchanges[0].why


def test_an_expectation_without_content(status_server: StatusServer) -> None:
    """A GET may have one as well."""
    made = status_server.scenario(417)
    with Raw(status_server.url) as raw:
        assert 417 == raw.request("GET", path_of(made), "Expect: 200-maybe").status


def test_http_1_0_has_none(status_server: StatusServer) -> None:
    """It is ignored."""
    made = status_server.scenario(417)
    with Raw(status_server.url) as raw:
        answer = raw.request(
            "POST", path_of(made), "Expect: 100-continue", content=b"x", version="HTTP/1.0"
        )
    assert 201 == answer.status


def test_the_connection_is_kept(status_server: StatusServer) -> None:
    """The repeated request is the next one on it."""
    made = status_server.scenario(417, close=0)
    with Raw(status_server.url) as raw:
        raw.send(message("POST", path_of(made), "Expect: 100-continue", "Content-Length: 7"))
        answer = raw.answer("POST")
        assert (417, None) == (answer.status, answer.header("Connection"))
        assert 201 == raw.request("POST", path_of(made), content=b"content").status

    assert [(1, 417), (2, 201)] == [(one.number, one.status) for one in made.exchanges]


def test_content_in_chunks_that_is_refused(status_server: StatusServer) -> None:
    """Where the client does not wait, it is read, and the connection goes on."""
    made = status_server.scenario(417, close=0)
    with Raw(status_server.url) as raw:
        head = message("POST", path_of(made), "Expect: x", "Transfer-Encoding: chunked")
        raw.send(head + b"3\r\nabc\r\n0\r\n\r\n")
        assert 417 == raw.answer("POST").status
        assert 201 == raw.request("POST", path_of(made), content=b"content").status


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_repeats(status_server: StatusServer) -> None:
    """Without the expectation, where the connection is kept."""
    made = status_server.scenario(417, close=0)
    # It expects by itself only where there is much to send.
    command = ["curl", "-sS", "--noproxy", "*", "--data-binary", "@-", made]
    content = b"x" * 2_000_000
    subprocess.run(command, input=content, check=True, capture_output=True, timeout=30)

    assert [417, 201] == made.statuses
    assert ["100-continue", None] == made.header("Expect")
