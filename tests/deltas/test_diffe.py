"""Scripts for ed: what is in them, what cannot be, and that the real programs accept them."""

from __future__ import annotations

import shutil
import subprocess
import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_httpcodes.deltas import Unfit
from pytest_httpcodes.deltas.diffe import MAX_PAIRS, apply, delta

THREE = b"a\nb\nc\n"
# What the programs make of each script below is what the script is to make.
SCRIPTS = [
    ("", THREE, THREE),
    ("", b"", b""),
    ("2c\nB\n.\n", THREE, b"a\nB\nc\n"),
    ("2d\n", THREE, b"a\nc\n"),
    ("1,3d\n", THREE, b""),
    ("0a\na\nb\nc\n.\n", b"", THREE),
    ("0a\nx\n.\n", THREE, b"x\na\nb\nc\n"),
    ("3a\nx\ny\n.\n", THREE, b"a\nb\nc\nx\ny\n"),
    ("2,3c\nx\n.\n", THREE, b"a\nx\n"),
    # From the last line to the first, so that the numbers are those of the old text.
    ("3c\nC\nD\n.\n1c\nA\n.\n", THREE, b"A\nb\nC\nD\n"),
    ("3d\n0a\nx\n.\n", THREE, b"x\na\nb\n"),
    # A dot is a danger only where it is alone, and only in what is inserted.
    ("2c\n..\n. \n .\n.x\n.\n", THREE, b"a\n..\n. \n .\n.x\nc\n"),
    ("2d\n", b".\nb\n.\n", b".\n.\n"),
    ("1d\n", b".\nb\n", b"b\n"),
    # Empty lines, what looks like a command, and octets of any kind.
    ("1a\n\n1d\nw\nq\n!true\n.\n", THREE, b"a\n\n1d\nw\nq\n!true\nb\nc\n"),
    ("2c\n\xff\xfe\r\t\x0b\x0c\x1b\x85\n.\n", THREE, b"a\n\xff\xfe\r\t\x0b\x0c\x1b\x85\nc\n"),
    ("2c\nb\r\n.\n", b"a\r\nx\r\n", b"a\r\nb\r\n"),
]
ENTRIES = [(script.encode("latin-1"), old, new) for script, old, new in SCRIPTS]


@cache
def is_gnu(path: str) -> bool:
    """Tell whether a program is GNU's, whose output is the same everywhere."""
    done = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True)
    return b"GNU" in done.stdout


def program(name: str) -> str:
    """Return the path of a program; without it the test is of no use."""
    path = shutil.which(name)
    if path is None or not is_gnu(path):
        pytest.skip(f"there is no GNU {name} here to ask")
    return path


def run(directory: Path, *command: str, given: bytes = b"", codes: tuple[int, ...] = (0,)) -> bytes:
    """Run a program in a directory; return what it writes."""
    done = subprocess.run(
        command, cwd=directory, input=given, capture_output=True, timeout=30, check=False
    )

    assert done.returncode in codes, done
    return done.stdout


@pytest.mark.parametrize(("script", "old", "new"), ENTRIES)
def test_a_script_is_what_diff_e_writes(script: bytes, old: bytes, new: bytes) -> None:
    """Addresses, the commands a, c and d, texts that a dot ends; and it can be undone."""
    assert script == delta(old, new)
    assert new == apply(script, old)


@pytest.mark.parametrize(("script", "old", "new"), ENTRIES)
def test_diff_writes_the_same(tmp_path: Path, script: bytes, old: bytes, new: bytes) -> None:
    """The program itself, for each script that there is a table of."""
    diff = program("diff")
    (tmp_path / "old").write_bytes(old)
    (tmp_path / "new").write_bytes(new)

    assert script == run(tmp_path, diff, "-e", "old", "new", codes=(0, 1))


@pytest.mark.parametrize(("script", "old", "new"), ENTRIES)
def test_ed_makes_the_new_text(tmp_path: Path, script: bytes, old: bytes, new: bytes) -> None:
    """As the manual of diff says: with a w behind the script."""
    ed = program("ed")
    (tmp_path / "text").write_bytes(old)
    run(tmp_path, ed, "-s", "text", given=script + b"w\nq\n")

    assert new == (tmp_path / "text").read_bytes()


@pytest.mark.parametrize(("script", "old", "new"), [entry for entry in ENTRIES if entry[0]])
def test_patch_makes_the_new_text(tmp_path: Path, script: bytes, old: bytes, new: bytes) -> None:
    """`patch -e`, which asks ed; it takes an empty script for garbage."""
    patch = program("patch")
    program("ed")
    text = tmp_path / "text"
    text.write_bytes(old)
    run(tmp_path, patch, "--binary", "-e", "text", given=script)

    assert new == text.read_bytes()


TEXTS = st.lists(
    st.sampled_from([b"a", b"b", b"", b"..", b".x", b"1d", b"\xff", b"c\r"]), max_size=12
).map(lambda lines: b"".join(line + b"\n" for line in lines))


@given(TEXTS, TEXTS)
def test_any_text_comes_back(old: bytes, new: bytes) -> None:
    """The script makes the new text, octet for octet."""
    assert new == apply(delta(old, new), old)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(TEXTS, TEXTS)
def test_ed_makes_any_text(tmp_path: Path, old: bytes, new: bytes) -> None:
    """The real program, on scripts that nobody thought of."""
    ed = program("ed")
    (tmp_path / "text").write_bytes(old)
    run(tmp_path, ed, "-s", "text", given=delta(old, new) + b"w\nq\n")

    assert new == (tmp_path / "text").read_bytes()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(TEXTS, TEXTS)
def test_what_diff_writes_is_undone(tmp_path: Path, old: bytes, new: bytes) -> None:
    """The other way round: `apply` takes the program's own scripts."""
    diff = program("diff")
    (tmp_path / "old").write_bytes(old)
    (tmp_path / "new").write_bytes(new)

    assert new == apply(run(tmp_path, diff, "-ae", "old", "new", codes=(0, 1)), old)


@pytest.mark.parametrize(
    ("why", "old", "new"),
    [
        ("does not end with a newline", THREE, b"a\nb"),
        ("does not end with a newline", b"a\nb", THREE),
        ("does not end with a newline", b"\n", b"."),
        ("has a NUL", THREE, b"a\0\n"),
        ("has a NUL", b"\0", THREE),
        ('lone "."', THREE, b"a\n.\nc\n"),
        ('lone "."', THREE, b".\n"),
        ('lone "."', b"", b"a\n.\n"),
        ('lone "."', b".\n", b".\na\n.\n"),
    ],
)
def test_what_ed_cannot_make_is_refused(why: str, old: bytes, new: bytes) -> None:
    """No script is better than one that makes something else."""
    with pytest.raises(Unfit, match=why):
        delta(old, new)


@pytest.mark.parametrize(
    ("why", "script"),
    [
        ("is no command", b"x\n"),
        ("is no command", b"1x\n"),
        ("is no command", b"1 d\n"),
        ("is no command", b"1d 2d\n"),
        ("is no command", b"1c\nx\n.\ns/.//\n"),
        ("is no command", b"1234567890d\n"),
        ("is no command", b"<html>\n"),
        ("lines that are not there", b"4d\n"),
        ("lines that are not there", b"0d\n"),
        ("lines that are not there", b"0c\nx\n.\n"),
        ("lines that are not there", b"3,2d\n"),
        ("lines that are not there", b"2,4c\nx\n.\n"),
        ("lines that are not there", b"4a\nx\n.\n"),
        ("lines that are not there", b"1,2a\nx\n.\n"),
        ("ends within a text", b"1a\n"),
        ("ends within a text", b"1a\nx\n"),
        ("does not end with a newline", b"1d"),
        ("has a NUL", b"1a\n\0\n.\n"),
    ],
)
def test_a_damaged_script_is_refused(why: str, script: bytes) -> None:
    """It is not half applied."""
    with pytest.raises(ValueError, match=why):
        apply(script, THREE)


def test_a_large_difference_is_replaced_as_a_whole() -> None:
    """What is the same at both ends is left out; then so many lines are one change."""
    count = int(MAX_PAIRS**0.5) + 1
    old = b"".join(b"%d\n" % number for number in range(count + 2))
    middle = b"".join(b"%d\n" % number for number in range(count, 0, -1))
    script = delta(old, b"0\n" + middle + b"%d\n" % (count + 1))

    assert b"2,%dc\n" % (count + 1) + middle + b".\n" == script


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"a\nb\n" * 157, b"b\na\na\n" * 105),
        (b"a\n" * 100_000, b"a\n" * 99_999 + b"b\n"),
        (b"a\n" * 100_000, b"b\n" * 100_000),
        (b"a\n", b"b\n" * 100_000),
        (b"", b"\n" * 100_000),
    ],
)
def test_hostile_texts_take_no_time(old: bytes, new: bytes) -> None:
    """Whatever is stored, the delta is there in a moment."""
    start = time.thread_time()
    script = delta(old, new)

    assert time.thread_time() - start < 3
    assert new == apply(script, old)
