"""`httpcodes show` and `httpcodes try`: every code, and lines that do what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from unittest.mock import Mock, patch
from urllib.parse import urlsplit

import pytest

from pytest_httpcodes import Option, StatusServer, cli, scenarios
from pytest_httpcodes.codes import look_up
from pytest_httpcodes.extras import MissingExtra
from pytest_httpcodes.pages.sheet import ROOT, sheet
from tests.shell import needs_curl, shell


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    with patch.object(cli, "_others", lambda alone: nullcontext()):
        yield


@pytest.fixture(scope="module")
def served() -> Iterator[StatusServer]:
    """Serve for all lines."""
    with StatusServer() as server:
        yield server


def show(capsys: pytest.CaptureFixture[str], code: int) -> dict[str, list[str]]:
    """Return what is shown of a code: lines by the titles of their sections."""
    assert 0 == cli.main(["show", str(code)])
    found: dict[str, list[str]] = {}
    title = ""
    for line in capsys.readouterr().out.splitlines():
        if line.startswith("    "):
            found[title].append(line[4:])
        elif line:
            title = line
            found[title] = []
    return found


@pytest.fixture(params=scenarios.codes())
def code(request: pytest.FixtureRequest) -> int:
    """Return each code that has a scenario."""
    assert isinstance(request.param, int)
    return request.param


def codes(printed: str) -> list[int]:
    """Return the codes of all answers that curl has printed, those inside a 207 too."""
    found = re.findall(r"(?m)(?:^|<D:status>)HTTP/1\.1 ([0-9]{3})", printed)
    return [int(code) for code in found]


@needs_curl
def test_the_lines_work(
    capsys: pytest.CaptureFixture[str], served: StatusServer, code: int
) -> None:
    """Pasted against the server, the lines earn the code, start over, and get past it."""
    found = show(capsys, code)

    def paste(lines: list[str]) -> list[int]:
        here, there = (urlsplit(url).netloc for url in (ROOT, served.url))
        return codes(shell("\n".join(lines).replace(here, there)))

    def logged() -> int | None:
        mine = [e for e in served.journal.exchanges if e.key[:1] == (str(code),)]
        return mine[-1].logged

    answered = paste(found["Earns it"])
    assert code in (*answered, logged())
    if "Gets past it" in found:
        answered = paste(found["Gets past it"])
        assert code != answered[-1]
        # What comes behind a change of protocol is not curl's any more.
        assert 200 <= answered[-1] < 400 or (code, 101) == (426, answered[-1])
    assert [204] == paste(found["Starts over"])


def test_show(capsys: pytest.CaptureFixture[str]) -> None:
    """What it means, where it is specified, how it behaves, its options, and curl."""
    found = show(capsys, 410)

    assert [
        "410 Gone",
        "removed, likely for good",
        (
            "RFC 9110, 15.5.11, https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.11 "
            "(registered)"
        ),
        "The condition is permanent.",
        "/410 behaves",
        "Options",
        "Earns it",
        "Gets past it",
        "Starts over",
        "/status/410 always answers 410",
    ] == list(found)
    assert not found["/410 behaves"][0].startswith("410: ")
    assert found["Options"][0].startswith("after=0  ")
    assert "delay, fault, at  those of every URL" == found["Options"][-1]
    assert [f"curl -i {ROOT}/410/mine"] == found["Earns it"]
    assert [f"curl -i {ROOT}/status/410"] == found["/status/410 always answers 410"]


def test_show_a_code_without_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    """Of that there is how to have it all the same."""
    found = show(capsys, 599)

    assert "informal (unofficial)" in found
    assert "/status/599 always answers 599" == list(found)[-1]
    assert "Earns it" not in found


@pytest.mark.parametrize(("default", "written"), [(None, ""), (True, "1"), (0.5, "0.5"), ("", "")])
def test_defaults_are_written_as_in_a_url(default: object, written: str) -> None:
    """So that they can be typed."""
    kind = Mock(options=(Option("x", default, str, "about it"),), __doc__="588: x.")

    assert f"    x={written}  about it\n" in sheet(look_up(588), kind, (), ())


def test_try(capsys: pytest.CaptureFixture[str], code: int) -> None:
    """Each code is earned and got past, which is exit status 0."""
    assert 0 == cli.main(["try", str(code)])

    out, err = capsys.readouterr()
    assert f"\n{code} was earned\n" in out
    assert "" == err or code == 500
    assert re.search(rf"\n(nothing gets past {code}|{code} was got past)\n\Z", out)


def test_try_what_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """That is exit status 1."""
    with patch("pytest_httpcodes.trial.report", return_value=[("a", True), ("b", False)]):
        assert 1 == cli.main(["try", "404"])

    assert "a\nb\n" == capsys.readouterr().out


@pytest.mark.parametrize("command", ["show", "try"])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("teapot", "'teapot' is no status code; those are 100 to 999"),
        ("0404", "'0404' is no status code; those are 100 to 999"),
        ("099", "'099' is no status code; those are 100 to 999"),
        ("\u0664\u0660\u0664", "is no status code; those are 100 to 999"),
        (
            "299",
            "of 299; the nearest are of 300, 301, 302. /status/299 always answers 299",
        ),
    ],
)
def test_unknown_codes(
    capsys: pytest.CaptureFixture[str], command: str, text: str, told: str
) -> None:
    """One clear line, and exit status 2."""
    assert 2 == cli.main([command, text])

    out, err = capsys.readouterr()
    assert "" == out
    assert told in err
    assert 1 == err.count("\n")


def test_try_a_code_without_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    """It says which have one."""
    assert 2 == cli.main(["try", "599"])

    assert "there is no scenario of 599; the nearest are of " in capsys.readouterr().err


@pytest.mark.parametrize("command", ["show", "try"])
def test_a_library_that_is_missing(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """One clear line that names the extra, and exit status 2."""
    with patch("pytest_httpcodes.scenarios.find", side_effect=MissingExtra("install the extra")):
        assert 2 == cli.main([command, "404"])

    assert "httpcodes: install the extra\n" == capsys.readouterr().err


def test_another_import_error_is_a_fault() -> None:
    """It is not told as if the user had done something wrong."""
    broken = patch("pytest_httpcodes.scenarios.find", side_effect=ImportError("x"))
    with broken, pytest.raises(ImportError, match="x"):
        cli.main(["show", "404"])
