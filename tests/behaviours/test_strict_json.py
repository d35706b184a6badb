"""What is wrong with a text that should be JSON, and where."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from pytest_httpcodes.behaviours.strict_json import MAX_DEPTH, MalformedError, read

# The texts that RFC 8259, 13 has as examples, and the edges of its grammar.
WELL_FORMED: tuple[tuple[bytes, Any], ...] = (
    (b'"Hello world!"', "Hello world!"),
    (b"42", 42),
    (b"true", True),
    (b' \t\r\n{ "a" : [ ] , "b" : null } \r\n', {"a": [], "b": None}),
    (b"-0", 0),
    (b"1E+2", 100.0),
    (b"1.0", 1.0),
    (b'{"": {"": 1}}', {"": {"": 1}}),
    (b'[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
    (b'"\\u00e9\xc3\xa9"', "éé"),
    (b'"\\ud834\\udd1e"', "\U0001d11e"),
    (b'"\\\\ud834"', "\\ud834"),
    (b'"\\u0000\x7f"', "\0\x7f"),
    (b'"NaN [[[ {{{ \\" \xef\xbb\xbf"', 'NaN [[[ {{{ " \ufeff'),
)
# The text, the line and the column of what is wrong, and a word of what is said of it.
MALFORMED = (
    (b"", 1, 1, "nothing"),
    (b"\n \t\r\n", 1, 1, "nothing"),
    (b"{", 1, 2, "malformed"),
    (b"{'a': 1}", 1, 2, "malformed"),
    (b'{"a" 1}', 1, 6, "malformed"),
    (b'{"a": 1} {', 1, 10, "extra data"),
    (b"[1,\n 2,\n x]", 3, 2, "malformed"),
    (b"01", 1, 2, "extra data"),
    (b"+1", 1, 1, "malformed"),
    (b"True", 1, 1, "malformed"),
    (b"// a\n1", 1, 1, "malformed"),
    (b'["a\nb"]', 1, 4, "invalid control character at line"),
    (b'["abc', 1, 2, "unterminated string at line"),
    (b'"\\', 1, 1, "unterminated string at line"),
    (b'"\\x"', 1, 2, "invalid \\escape at line"),
    (b'["\xc3\xa9", x', 1, 7, "malformed"),
    (b"NaN", 1, 1, "NaN is no number"),
    (b'["NaN",\n "\\"NaN", -Infinity]', 2, 11, "-Infinity is no number"),
    (b"\xff", 1, 1, "0xff"),
    (b'{\n "\xc3\xa9": "\xe9"}', 2, 8, "0xe9"),
    (b"\xff\xfe{\0}\0", 1, 1, "0xff"),
    (b"{\0}\0", 1, 2, "malformed"),
    (b'"\xed\xa0\x80"', 1, 2, "0xed"),
    (b'"\xc0\x80"', 1, 2, "0xc0"),
    (b"\xef\xbb\xbf{}", 1, 1, "byte order mark"),
    (b'["\\ud834"]', 1, 3, "surrogate"),
    (b'["\\udd1e\\ud834"]', 1, 3, "surrogate"),
    (b'["\\ud834\\ud834\\udd1e"]', 1, 3, "surrogate"),
    (b'{"a": 1, "b": 2, "a": 1}', 1, 18, '"a"'),
    (b'{"a": 1, "\\u0061" : 2}', 1, 10, '"a"'),
    (b'{"o": {"a": "a"},\n "a": [{}, {"a": {"a": 1},\n\n "a": 2}]}', 4, 2, '"a"'),
    (b'{"\\"": 1, "\\"": 1}', 1, 11, r'"\""'),
    (b"[" * 100_000, 1, MAX_DEPTH + 1, f"over {MAX_DEPTH}"),
    (b'{"a":' * 100_000, 1, 5 * MAX_DEPTH + 1, f"over {MAX_DEPTH}"),
    (b'"' + b"[" * 100_000, 1, 1, "unterminated string"),
)


@pytest.mark.parametrize(("text", "value"), WELL_FORMED)
def test_well_formed(text: bytes, value: Any) -> None:
    """What RFC 8259 has a grammar for is read, with whole numbers as such."""
    found = read(text)

    assert (type(value), value) == (type(found), found)


@pytest.mark.parametrize(
    ("text", "line", "column", "word"), MALFORMED, ids=[f"{case[0][:24]!r}" for case in MALFORMED]
)
def test_malformed(text: bytes, line: int, column: int, word: str) -> None:
    """Everything else is refused; it is said where, in characters, and what it is."""
    with pytest.raises(MalformedError) as raised:
        read(text)
    error = raised.value

    assert (line, column) == (error.line, error.column)
    assert word in str(error)
    assert str(error).endswith(f" at line {line}, column {column}")
    assert 8259 == error.section.rfc


@pytest.mark.parametrize("opened", ["[", '{"a":'])
def test_as_deep_as_may_be(opened: str) -> None:
    """What is nested as deep as the limit is read, by every version of Python."""
    closed = "]" if opened == "[" else "}"
    text = opened * (MAX_DEPTH - 1) + "[]" + closed * (MAX_DEPTH - 1)

    assert text == json.dumps(read(text.encode()), separators=(",", ":"))


def test_wide_is_not_deep() -> None:
    """How many arrays and objects there are has no limit, only how many are in one another."""
    text = b"[" + b",".join([b"[{}]"] * 1000) + b"]"

    assert [[{}]] * 1000 == read(text)


def test_long_numbers() -> None:
    """A number that is too long for an integer, or too large, is infinite; no precision is lost."""
    digits = "7" * 600

    assert int(digits) == read(digits.encode())
    assert math.inf == read(b"7" * 5000)
    assert -math.inf == read(b"-" + b"7" * 5000)
    assert math.inf == read(b"1e400")


def test_long_name() -> None:
    """Of a long name that is there twice, its start is shown."""
    name = "n" * 1000

    with pytest.raises(MalformedError) as raised:
        read(f'{{"{name}": 1, "{name}": 2}}'.encode())
    assert len(str(raised.value)) < 200
