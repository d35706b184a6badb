"""Timeout and Lock-Token (RFC 4918, 10.5 and 10.7)."""

from __future__ import annotations

import pytest

from pytest_httpcodes.fields.timeout import lock_token, read_timeout, write_timeout


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Second-1", 1),
        ("Second-604800", 604_800),
        ("second-0060", 60),
        ("Second-4294967295", 4_294_967_295),
        ("Infinite", None),
        ("INFINITE", None),
        ("Infinite, Second-4100000000", None),
        ("Second-4100000000, Infinite", 4_100_000_000),
        ("Second-4294967296, Second-5", 5),
        ("Second-0, Second-5", 5),
        ("Second-00, Infinite", None),
        (",\t Second-5 ,", 5),
        ("Extend, Second-5", 5),
        ("", 7),
        (",", 7),
        ("5", 7),
        ("Second-", 7),
        ("Second--1", 7),
        ("Second -5", 7),
        ("Second-5s", 7),
        ("Second-\u0665", 7),
        ("Second-0", 7),
        ("Second-4294967296", 7),
        ("Second-" + "9" * 5_000, 7),
        ("Infinite Second-5", 7),
    ],
)
def test_timeout(value: str, expected: int | None) -> None:
    """The first time that can be had, else the default; a server need not honour any (10.7)."""
    assert expected == read_timeout(value, 7)


def test_timeout_that_is_to_stay() -> None:
    """The default may be for ever."""
    assert read_timeout("", None) is None


@pytest.mark.parametrize(
    ("seconds", "expected"), [(1, "Second-1"), (3600, "Second-3600"), (None, "Infinite")]
)
def test_timeout_as_written(seconds: int | None, expected: str) -> None:
    """A time is written in the form in which it is read."""
    assert expected == write_timeout(seconds)
    assert seconds == read_timeout(expected, 7)


@pytest.mark.parametrize("token", ["urn:uuid:a515cfa4-5da4-22e1-f5b5-00a0451e6bf7", "a:", "DAV:x"])
def test_lock_token(token: str) -> None:
    """An absolute URI in angle brackets (10.1, 10.5)."""
    assert token == lock_token(f"<{token}>")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "<",
        ">",
        "<>",
        "urn:uuid:1",
        "<urn:uuid:1",
        "urn:uuid:1>",
        "<urn:1>,<urn:2>",
        "<urn:1>, <urn:2>",
        "<urn:uuid:1> ",
        " <urn:uuid:1>",
        "<uuid>",
        "</a>",
        "<urn:a#b>",
        "<<urn:a>>",
        "(<urn:a>)",
    ],
)
def test_no_lock_token(value: str) -> None:
    """What is none says what would be one."""
    with pytest.raises(ValueError, match="is no token in angle brackets, such as <urn:uuid:...>"):
        lock_token(value)
