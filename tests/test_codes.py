"""The table of codes, beside the registry, the specifications and the source document."""

from __future__ import annotations

import re
import sys
from http import HTTPStatus
from typing import Any

import pytest

from pytest_httpcodes.codes import CODES, EITHER, PHRASES, look_up
from pytest_httpcodes.section import Section

# The codes of the source document.
DOCUMENT = (
    100, 101, 102, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305,
    306, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415,
    416, 417, 418, 420, 421, 422, 423, 424, 425, 426, 428, 429, 431, 444, 450, 451, 494, 500, 501,
    502, 503, 504, 505, 506, 507, 508, 510, 511,
)  # fmt: skip
# What is in use without it: registered since, or of a vendor.
DE_FACTO = (
    103, 104, 419, 440, 449, 495, 496, 497, 498, 499, 509, 520, 521, 522, 523, 524, 525, 526, 529,
    599,
)  # fmt: skip

# The phrases of the IANA registry where Python's table, before 3.13, has older ones.
RENAMED = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
# The registry has "(Unused)"; RFC 2324, 2.3.2 has this spelling.
TEAPOT = {418: "I'm a teapot"}

# The registered codes that RFC 9110 leaves to others.
ELSEWHERE = {
    102: Section(2518, "10.1"),
    103: Section(8297, "2"),
    207: Section(4918, "11.1"),
    208: Section(5842, "7.1"),
    226: Section(3229, "10.4.1"),
    418: Section(2324, "2.3.2"),
    423: Section(4918, "11.3"),
    424: Section(4918, "11.4"),
    425: Section(8470, "5.2"),
    428: Section(6585, "3"),
    429: Section(6585, "4"),
    431: Section(6585, "5"),
    451: Section(7725, "3"),
    506: Section(2295, "8.1"),
    507: Section(4918, "11.5"),
    508: Section(5842, "7.2"),
    510: Section(2774, "7"),
    511: Section(6585, "6"),
}
# RFC 9110, 15: a section for each class, and in it one for each code, 418 among them.
CORE = {
    "15.2": (100, 101),
    "15.3": range(200, 207),
    "15.4": range(300, 309),
    "15.5": (*range(400, 419), 421, 422, 426),
    "15.6": range(500, 506),
}

PERMANENT = (
    400, 401, 403, 405, 406, 407, 410, 411, 412, 414, 415, 416, 417, 418, 421, 422, 426, 428, 431,
    451, 501, 505, 506, 508, 510,
)  # fmt: skip
TEMPORARY = (408, 409, 423, 424, 425, 429, 502, 503, 504, 507, 511)


def test_every_code_of_the_document_is_there() -> None:
    """With those in use besides, and the one that says that this server failed."""
    assert {*DOCUMENT, *DE_FACTO, 590} == set(CODES)
    assert sorted(CODES) == list(CODES)


def test_phrases_are_those_of_the_registry() -> None:
    """As Python has them, but for four that RFC 9110 renamed and one that the registry lacks."""
    known = {status.value: status.phrase for status in HTTPStatus} | RENAMED | TEAPOT
    ours = {code: phrase for code, phrase in PHRASES.items() if code in known}

    assert known == ours
    assert {104, 306} == {c for c, row in CODES.items() if row.standing != "unofficial"} - {*known}


@pytest.mark.skipif(sys.version_info < (3, 13), reason="Python has the older phrases")
def test_python_has_the_renamed_phrases_too() -> None:
    """The four are taken from RFC 9110, and Python's table agrees since 3.13."""
    assert RENAMED == {code: HTTPStatus(code).phrase for code in RENAMED}


def test_sections_of_the_core_follow_the_codes() -> None:
    """RFC 9110, 15 numbers its sections in the order of the codes."""
    for part, codes in CORE.items():
        for place, code in enumerate(codes, 1):
            expected = ELSEWHERE.get(code, Section(9110, f"{part}.{place}"))

            assert (code, expected) == (code, CODES[code].source)


def test_the_other_sections_are_those_of_their_specifications() -> None:
    """Each registered code is either of RFC 9110 or in the table of the others."""
    core = {code for codes in CORE.values() for code in codes}
    registered = {code for code, row in CODES.items() if isinstance(row.source, Section)}

    assert core | set(ELSEWHERE) == registered
    assert ELSEWHERE == {code: CODES[code].source for code in ELSEWHERE}


def test_standing_is_one_of_four() -> None:
    """Registered, for a time, reserved as unused, or of nobody's registry."""
    found = {
        standing: {code for code, row in CODES.items() if row.standing == standing}
        for standing in {row.standing for row in CODES.values()}
    }

    assert {"registered", "temporary", "unused", "unofficial"} == set(found)
    assert {104} == found["temporary"]
    assert {306, 418} == found["unused"]
    assert {420, 444, 450, 494} == found["unofficial"] & set(DOCUMENT)


@pytest.mark.parametrize(
    ("temporary", "codes"), [(False, PERMANENT), (True, TEMPORARY), (None, (404,))]
)
def test_whether_a_condition_passes(temporary: bool | None, codes: tuple[int, ...]) -> None:
    """RFC 9110, 15.5 and 15.6 want it said; a 404 asserts neither."""
    assert dict.fromkeys(codes, temporary) == {code: CODES[code].temporary for code in codes}


def test_what_may_pass_or_stay() -> None:
    """Those that are neither by nature are declared, so that an answer can say which."""
    errors = {code for code in DOCUMENT if code >= 400} - {420, 444, 450, 494}

    assert errors == {*PERMANENT, *TEMPORARY, *EITHER, 404}


def test_a_condition_is_said_of_errors_alone() -> None:
    """What is no error has nothing to pass."""
    assert {None} == {row.temporary for code, row in CODES.items() if code < 400}


def test_summaries_are_fragments() -> None:
    """Each is short enough for a line, has no full stop, and starts small but for a name."""
    for row in CODES.values():
        assert re.fullmatch(r"(?:[a-z]|HTTP|TLS).{4,43}(?<!\.)", row.summary), row


@pytest.mark.parametrize(
    ("meaning", "code"),
    [
        ("no meaning of its own; treated as 100", 199),
        ("no meaning of its own; treated as 200", 299),
        ("no meaning of its own; treated as 300", 399),
        ("no meaning of its own; treated as 400", 471),
        ("no meaning of its own; treated as 500", 598),
        ("an invalid status code; treated as 500", 600),
        ("an invalid status code; treated as 500", 999),
    ],
)
def test_a_code_that_nobody_defined_has_a_row(meaning: str, code: int) -> None:
    """RFC 9110, 15: it counts as the first of its class, and from 600 on as a 500."""
    row = look_up(code)

    assert (code, "", Section(9110, "15")) == (row.code, row.phrase, row.source)
    assert (meaning, None, "unofficial") == (row.summary, row.temporary, row.standing)


@pytest.mark.parametrize("code", [99, 1000, 0, -404, True, 404.0, "404", None])
def test_what_is_no_status_code_is_refused(code: Any) -> None:
    """The message has the value and says what would be right."""
    with pytest.raises(ValueError, match="is no status code; use a whole number from 100 to 999"):
        look_up(code)
