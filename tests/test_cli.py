"""`httpcodes serve` and `httpcodes list`, as a user types them, and whose scenarios they have."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import IO
from unittest.mock import Mock, patch
from urllib.parse import urlsplit

import pytest

from pytest_httpcodes import StatusServer, __version__, cli, scenarios
from tests.raw import Raw

COMMAND = [sys.executable, "-m", "pytest_httpcodes"]


@pytest.fixture(autouse=True)
def _alone(request: pytest.FixtureRequest) -> Iterator[None]:
    # Whose scenarios there are is not to depend on the directory, but where that is the test's.
    if "directory" in request.fixturenames:
        yield
        return
    with patch.object(cli, "_others", lambda alone: nullcontext()):
        yield


@contextmanager
def serving(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run `httpcodes serve` while the test lasts."""
    with subprocess.Popen(
        [*COMMAND, "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(stream: IO[str] | None) -> str:
    """Read a line of a process's output."""
    assert stream is not None
    return stream.readline().rstrip("\n")


def test_serve_says_its_address_at_once() -> None:
    """Standard output carries addresses only, standard error the log."""
    with serving("--port", "0") as process:
        first = line(process.stdout)
        url = first.removeprefix("Serving on ")
        with Raw(url) as raw:
            assert 404 == raw.request("GET", "/status/404").status
        log = line(process.stderr)
        process.terminate()
        out, _ = process.communicate(timeout=10)

    assert f"Serving on http://127.0.0.1:{urlsplit(url).port}" == first
    assert "GET /status/404 -> 404" in log
    assert ["Proxy on http", "Proxy for user:password on http"] == [
        found.partition("://127.0.0.1:")[0] for found in out.splitlines()
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals between processes")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_serve_ends_when_interrupted(number: str) -> None:
    """With status 0, and without a traceback."""
    with serving("--port", "0") as process:
        line(process.stdout)
        process.send_signal(getattr(signal, number))
        _, log = process.communicate(timeout=10)

    assert 0 == process.returncode
    assert "" == log


def test_a_busy_port_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, with exit status 2."""
    with StatusServer() as server:
        port = urlsplit(server.url).port

        assert 2 == cli.main(["serve", "--port", str(port)])
    out, err = capsys.readouterr()
    assert "" == out
    assert err.startswith(f"httpcodes: cannot listen on 127.0.0.1 port {port}: ")
    assert 1 == err.count("\n")


def test_serve_over_tls(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each address; the log says what a client has to trust."""
    with patch.object(cli, "_wait"), patch("signal.signal"):
        assert 0 == cli.main(["serve", "--port", "0", "--tls", "--cors"])

    out, err = capsys.readouterr()
    first, second, *_ = out.splitlines()
    assert first.startswith("Serving on http://127.0.0.1:")
    assert second.startswith("Serving on https://127.0.0.1:")
    ca_file = err.strip().removeprefix("clients over TLS have to trust ")
    with open(ca_file, encoding="ascii") as file:
        assert file.read().startswith("-----BEGIN CERTIFICATE-----\n")


def test_tls_without_its_extra_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    """It names the extra."""
    with patch.dict(sys.modules, {"trustme": None}):
        assert 2 == cli.main(["serve", "--port", "0", "--tls"])

    assert "pip install 'pytest-httpcodes[tls]'" in capsys.readouterr().err


def test_serve_with_proxies(capsys: pytest.CaptureFixture[str]) -> None:
    """One is open, one demands credentials; both reach the server, and what is allowed."""
    found: list[int] = []
    with StatusServer(), socket.create_server(("127.0.0.1", 0)) as foreign:
        allowed = f"127.0.0.1:{foreign.getsockname()[1]}"

        def ask(ended: threading.Event) -> None:
            served, *lines = capsys.readouterr().out.splitlines()
            for proxy in (line.partition(" on ")[2] for line in lines):
                with Raw(proxy) as raw:
                    found.append(
                        raw.request("GET", f"{served.partition(' on ')[2]}/status/200").status
                    )
                with Raw(proxy) as raw:
                    found.append(raw.request("CONNECT", allowed).status)

        with patch.object(cli, "_wait", ask), patch("signal.signal"):
            assert 0 == cli.main(["serve", "--port", "0", "--allow", allowed])

    assert [200, 200, 407, 407] == found


def test_what_cannot_be_allowed_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    """It says what can."""
    assert 2 == cli.main(["serve", "--allow", "example.org"])

    assert "httpcodes: allow='example.org' is no server; use HOST:PORT" in capsys.readouterr().err


def test_serve_with_cors() -> None:
    """Every answer may be read by a page of another origin."""
    with serving("--port", "0", "--cors") as process:
        url = line(process.stdout).removeprefix("Serving on ")
        with Raw(url) as raw:
            answer = raw.request("GET", "/status/404", "Origin: http://page.example")

    assert "http://page.example" == answer.header("Access-Control-Allow-Origin")


def test_waiting_goes_on_until_the_end() -> None:
    """It looks up now and then, so that a signal is seen on every platform."""
    ended = Mock(wait=Mock(side_effect=[False, True]))
    cli._wait(ended)

    assert 2 == ended.wait.call_count


def test_outside_the_main_thread_no_handler_is_installed() -> None:
    """Signals are the main thread's affair."""
    with patch("threading.main_thread"), patch("signal.signal") as install:
        cli._ending()

    install.assert_not_called()


def test_the_signals_that_end_a_program_end_it() -> None:
    """An interrupt from the keyboard, and the polite request of another program."""
    with patch("signal.signal") as install:
        ended = cli._ending()
    for call in install.call_args_list:
        call.args[1](call.args[0], None)

    assert [signal.SIGINT, signal.SIGTERM] == [call.args[0] for call in install.call_args_list]
    assert ended.is_set()


def test_list_shows_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    """Code, phrase, specification, summary and URL, a line each."""
    assert 0 == cli.main(["list"])

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        *("100", "Continue", "RFC", "9110,", "15.2.1"),
        *("the", "client", "may", "send", "the", "content", "/status/100", "/100"),
    ]
    assert next(line for line in lines if line.startswith("599")).endswith(" /status/599")
    assert [int(line[:3]) for line in lines] == sorted(int(line[:3]) for line in lines)
    assert {"418", "451", "511"} <= {line[:3] for line in lines}


@pytest.mark.parametrize("name", ["4", "4xx", "4XX"])
def test_list_shows_a_class(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Of the codes, those that start with its digit."""
    assert 0 == cli.main(["list", name])

    assert {"4"} == {line[0] for line in capsys.readouterr().out.splitlines()}


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """For other programs."""
    assert 0 == cli.main(["list", "5xx", "--json"])

    rows = {row["code"]: row for row in json.loads(capsys.readouterr().out)}
    assert {
        "code": 503,
        "phrase": "Service Unavailable",
        "source": "RFC 9110, 15.6.4",
        "standing": "registered",
        "summary": rows[503]["summary"],
        "temporary": True,
        "url": "/status/503",
        "scenario": "/503",
    } == rows[503]
    assert rows[599]["scenario"] is None


def test_an_unknown_class_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    """It says which classes there are."""
    assert 2 == cli.main(["list", "teapots"])

    assert "'teapots' is no class of codes; use 1xx, 2xx" in capsys.readouterr().err


def test_the_console_script_is_the_same_program() -> None:
    """`httpcodes` and `python -m pytest_httpcodes`."""
    done = subprocess.run(
        [*COMMAND, "--version"], capture_output=True, text=True, check=True, timeout=60
    )

    assert f"httpcodes {__version__}" == done.stdout.strip()


def test_a_reader_that_has_seen_enough(capfd: pytest.CaptureFixture[str]) -> None:
    """Such as `head`: that ends the program, and is nothing to complain of."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as output, patch.object(sys, "stdout", output):
        assert 1 == cli.main(["list"])

    assert ("", "") == capfd.readouterr()


def test_the_package_is_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m pytest_httpcodes` runs the command line, and ends with its status."""
    arguments = ["httpcodes", "list", "1"]
    with patch.object(sys, "argv", arguments), pytest.raises(SystemExit) as left:
        import_module("pytest_httpcodes.__main__")

    assert 0 == left.value.code
    assert capsys.readouterr().out.startswith("100 ")


def test_the_log_has_a_line_for_each_exchange(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, as it is finished."""
    with StatusServer() as server:
        cli._announce([server])
        with Raw(server.url) as raw:
            raw.request("GET", "/status/404")
        server.journal.settle(quiet=0.02)

    out, err = capsys.readouterr()
    assert f"Serving on {server.url}\n" == out
    assert "GET /status/404 -> 404 (" in err
    assert 1 == err.count("\n")


def test_a_missing_command_is_a_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    """The parser says so, with exit status 2."""
    with pytest.raises(SystemExit) as left:
        cli.main([])

    assert 2 == left.value.code
    assert "COMMAND" in capsys.readouterr().err


SCENARIO = """
import sys
print("told by conftest.py")
from pytest_httpcodes import Scenario

class Mine(Scenario):
    '''588: what is mine.

    And more.
    '''

    code = 588

def pytest_httpcodes_behaviours():
    {body}
"""


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "conftest", raising=False)
    return tmp_path


def test_scenarios_of_the_directory(directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A conftest.py there adds its own; what it prints is no part of the output."""
    (directory / "conftest.py").write_text(SCENARIO.format(body="return [Mine]"))
    (directory / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    assert 0 == cli.main(["list", "5", "--json"])

    out, err = capfd.readouterr()
    rows = {row["code"]: row for row in json.loads(out)}
    assert ("what is mine.", "/588") == (rows[588]["summary"], rows[588]["scenario"])
    assert "told by conftest.py" in err
    assert not scenarios.has(588)


def test_without_those_of_others(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --alone nothing of them is even read."""
    (directory / "conftest.py").write_text("1 / 0")

    assert 0 == cli.main(["--alone", "list", "5"])
    assert "\n588 " not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("conftest", "told"),
    [
        ("1 / 0", "ZeroDivisionError"),
        (SCENARIO.format(body="return 3"), "ERROR: pytest_httpcodes_behaviours returned 3; "),
        (SCENARIO.format(body="1 / 0"), "ZeroDivisionError: division by zero"),
    ],
)
def test_what_is_wrong_with_others(
    directory: Path, capsys: pytest.CaptureFixture[str], conftest: str, told: str
) -> None:
    """It is told, and so is how to do without; the exit status is 2."""
    (directory / "conftest.py").write_text(conftest)
    assert 2 == cli.main(["list"])

    out, err = capsys.readouterr()
    assert "" == out
    assert told in err
    assert f"{directory}{os.sep}conftest.py" in err
    assert err.splitlines()[-1].endswith("httpcodes --alone goes without them")


def test_serve_has_them_too(directory: Path) -> None:
    """`httpcodes serve` in a directory answers for its scenarios."""
    (directory / "conftest.py").write_text(SCENARIO.format(body="return [Mine]"))
    with serving("--port", "0") as process:
        url = line(process.stdout).removeprefix("Serving on ")
        with Raw(url) as raw:
            assert b"588  " in raw.request("GET", "/").content
