"""What a client would rather have: weights, specificity, and what is malformed."""

from __future__ import annotations

import time

import pytest

from pytest_httpcodes.fields.accept import (
    LEAST,
    ONE,
    codings,
    language_ranges,
    media_ranges,
    media_type,
    members,
    of_codings,
    of_language,
    of_type,
    tokens,
)

TABLE_5 = (
    "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "
    "text/plain;format=fixed;q=0.4, */*;q=0.5"
)


@pytest.mark.parametrize(
    ("weight", "text"),
    [
        (1000, "a"),
        (1000, "a;q=1"),
        (1000, "a;q=1."),
        (1000, "a;q=1.000"),
        (1000, "a;q=1.0000"),
        (0, "a;q=0"),
        (0, "a;q=0.000"),
        (0, "a;q=0."),
        (0, "a;q=.0"),
        (500, "a;q=0.5"),
        (500, "a;Q=0.50"),
        (200, "a ;\tq=.2 "),
        (1, "a;q=0.001"),
        (999, "a;q=0.999"),
        (333, "a;q=0.3339"),
        (1, "a;q=0.0009"),
        (1, "a;q=0.00000000001"),
        (500, 'a;q="0.5"'),
        (500, "a;;q=0.5"),
        (500, "a; ;q=0.5;"),
        (500, "a;q=0.5;q=0.1"),
        (1000, "a;x=0.5"),
        (None, "a;q"),
        (None, "a;q="),
        (None, "a;q=x"),
        (None, "a;q=-1"),
        (None, "a;q=1.1"),
        (None, "a;q=2"),
        (0, "a;q=0,5"),
        (None, "a;q= 0.5"),
        (None, "a;q =0.5"),
        (None, "a;q=0x1"),
        (None, "a;q=0.5e0"),
        (None, "a;q=\u0661"),
        (None, "a b"),
        (None, "a;q=0.5 b"),
        (None, "\u00a0a"),
    ],
)
def test_a_weight_is_in_thousandths(weight: int | None, text: str) -> None:
    """RFC 9110, 12.4.2: 0 to 1; what is smaller than the smallest is as small as that."""
    found = {member.weight for member in members(text) if member.name == "a"}

    assert (set() if weight is None else {weight}) == found


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ([], ""),
        ([], " , ,,\t"),
        (["a", "b"], "a,b"),
        (["a", "b"], ",a ,, b,"),
        (["a", "b"], "A;x=y , B"),
        (["b"], "a;x=y z, b"),
        (["a", "b"], 'a;x="1, 2", b'),
        (["a", "b"], r'a;x="\",", b'),
        ([], 'a;x="never closed, b'),
        ([], '"'),
        ([], '"\\'),
        (["b"], '"a", b'),
        (["a/b"], "a/b, a/b/c, /c, d/"),
        (["*/*", "*"], "*/*, *"),
        (["b"], "\u00e4, b"),
    ],
)
def test_what_is_malformed_is_left_out(names: list[str], field: str) -> None:
    """One member does not take the others with it, unless its quote does."""
    assert names == [member.name for member in members(field)]


@pytest.mark.parametrize(
    ("weight", "kind", "accept"),
    [
        # RFC 9110, 12.5.1, Table 5; its last row says 0.7, which its own rule does not give.
        (1000, "text/plain;format=flowed", TABLE_5),
        (700, "text/plain", TABLE_5),
        (300, "text/html", TABLE_5),
        (500, "image/jpeg", TABLE_5),
        (400, "text/plain;format=fixed", TABLE_5),
        (300, "text/html;level=3", TABLE_5),
        # The first example there.
        (200, "audio/mp4", "audio/*; q=0.2, audio/basic"),
        (1000, "audio/basic", "audio/*; q=0.2, audio/basic"),
        # No preference.
        (1000, "text/html", None),
        (1000, "text/html", ""),
        (1000, "text/html", "html, */html, text/, text"),
        # Not mentioned is not wanted (12.4.3).
        (0, "text/html", "image/png"),
        (0, "text/html", "*/*;q=0"),
        (100, "text/html", "image/png, */*;q=0.1"),
        (0, "text/html", "text/html;q=0, */*"),
        (500, "text/html", "text/html;q=0.5, text/*, */*"),
        (200, "image/gif", "text/html, *; q=.2"),
        # Names are compared without regard to case, and so are parameters.
        (300, "Text/HTML", "TEXT/html;q=0.3"),
        (300, "text/html; charset=UTF-8", 'text/html;Charset="utf-8";q=0.3'),
        (300, "text/html; charset=utf-8", r'text/html;charset="ut\f-8";q=0.3'),
        # Parameters: all of the range's have to be there, in any order.
        (1000, "text/html;level=1", "text/html;level=1, text/html;q=0.5"),
        (500, "text/html;level=2", "text/html;level=1, text/html;q=0.5"),
        (500, "text/html", "text/html;level=1, text/html;q=0.5"),
        (0, "text/html", "text/html;level=1"),
        (700, "a/b;x=1;y=2", "a/b;y=2;x=1;q=0.7, a/b;x=1;q=0.9, a/b"),
        (900, "a/b;x=1;z=2", "a/b;y=2;x=1;q=0.7, a/b;x=1;q=0.9, a/b"),
        (1000, "a/b;x=1", "*/*;x=1, a/*;x=2;q=0.3"),
        (0, "a/b", "*/*;x=1"),
        # More of the type counts for more than parameters.
        (200, "a/b;x=1", "a/b;q=0.2, a/*;x=1"),
        # What stands behind the weight is no parameter of the type.
        (400, "text/html", "text/html;q=0.4;level=1"),
        # The same range twice.
        (600, "text/html", "text/html;q=0.2, text/html;q=0.6"),
        # A star is no wildcard in other places.
        (0, "text/html", "te*/html, text/h*"),
        # What is no media type is in no range but the widest.
        (0, "nonsense", "text/html"),
        (0, "", "text/html"),
        (500, "nonsense here", "*/*;q=0.5"),
    ],
)
def test_the_most_specific_media_range_counts(weight: int, kind: str, accept: str | None) -> None:
    """RFC 9110, 12.5.1, whatever the order of the ranges."""
    ranges = media_ranges(accept)

    assert weight == of_type(ranges, kind)
    assert weight == of_type(ranges and ranges[::-1], kind)


def test_several_names_for_one_thing_have_one_weight() -> None:
    """The most specific range of any of them counts; without a name there is nothing to weigh."""
    ranges = media_ranges("a/b;q=0.3, a/*;q=0.9, c/d;q=0.4, */*")

    assert 300 == of_type(ranges, "a/b", "e/f")
    assert 400 == of_type(ranges, "a/b", "c/d")
    assert 900 == of_type(ranges, "e/f", "a/x")
    assert ONE == of_type(ranges)


def test_a_media_type_is_compared_in_parts() -> None:
    """Its name and its parameters in lower case; what is none is a name, whatever it has."""
    found = media_type(' Text/HTML ; Charset=UTF-8;x="A,B" ')

    assert "text/html" == found.name
    assert {("charset", "utf-8"), ("x", "a,b")} == found.parameters
    assert ("no type, at all", frozenset()) == media_type("No type, at all")


@pytest.mark.parametrize(
    ("weight", "tag", "field"),
    [
        # RFC 9110, 12.5.4: Danish, but British English and other types of English will do.
        (1000, "da", "da, en-gb;q=0.8, en;q=0.7"),
        (800, "en-GB", "da, en-gb;q=0.8, en;q=0.7"),
        (700, "en", "da, en-gb;q=0.8, en;q=0.7"),
        (700, "en-US", "da, en-gb;q=0.8, en;q=0.7"),
        (0, "fr", "da, en-gb;q=0.8, en;q=0.7"),
        # RFC 4647, 3.3.1: "de-de" matches "de-DE-1996", but neither "de-Deva" nor "de-Latn-DE".
        (1000, "de-DE-1996", "de-de"),
        (0, "de-Deva", "de-de"),
        (0, "de-Latn-DE", "de-de"),
        # Basic Filtering does not shorten the range, as Lookup would.
        (0, "en", "en-GB"),
        (0, "eng", "en"),
        # "*" is for what no other range matches.
        (100, "fr", "en, *;q=0.1"),
        (0, "en-GB", "en;q=0, *"),
        (0, "fr", "*;q=0, en"),
        (500, "fr", "*;q=0.5"),
        # The longest range has precedence.
        (200, "de-Latn-DE-1996", "de, de-latn-de;q=0.2, de-latn;q=0.3"),
        (0, "en-US", "en, en-us;q=0"),
        # Twice, and malformed ones.
        (600, "en", "en;q=0.2, EN;q=0.6"),
        (700, "en", "en_US, en-;q=0.1, en-*;q=0.2, toolongtag;q=0.3, en;x=y, en/gb, en;q=0.7"),
        (1000, "en", "en_US"),
        # No preference.
        (1000, "en", None),
        (1000, "en", ""),
    ],
)
def test_a_language_is_filtered(weight: int, tag: str, field: str | None) -> None:
    """RFC 9110, 12.5.4 by RFC 4647, 3.3.1."""
    assert weight == of_language(language_ranges(field), tag)


def test_the_best_of_several_languages_counts() -> None:
    """Content for several audiences suits each of them; for all, where it names none."""
    ranges = language_ranges("mi;q=0.3, en;q=0.8")

    assert 800 == of_language(ranges, "mi", "en")
    assert 300 == of_language(ranges, "mi", "fr")
    assert ONE == of_language(ranges)


@pytest.mark.parametrize(
    ("weight", "applied", "field"),
    [
        # RFC 9110, 12.5.3: its rules, and its examples.
        (ONE, ["gzip"], None),
        (ONE, [], None),
        (LEAST, [], ""),
        (0, ["gzip"], ""),
        (0, ["br"], "compress, gzip"),
        (ONE, ["gzip"], "compress, gzip"),
        (LEAST, [], "compress, gzip"),
        (ONE, ["br"], "*"),
        (ONE, [], "*"),
        (500, ["compress"], "compress;q=0.5, gzip;q=1.0"),
        (500, [], "gzip;q=1.0, identity; q=0.5, *;q=0"),
        (0, ["br"], "gzip;q=1.0, identity; q=0.5, *;q=0"),
        (0, [], "identity;q=0"),
        (0, [], "gzip, *;q=0"),
        (ONE, [], "identity, *;q=0"),
        (0, ["gzip"], "gzip;q=0, *"),
        (300, ["br"], "gzip;q=0, *;q=0.3"),
        # Aliases (8.4.1.1, 8.4.1.3), in both directions, and case.
        (300, ["gzip"], "X-GZIP;q=0.3"),
        (300, ["x-gzip"], "gzip;q=0.3"),
        (300, ["Compress"], "x-compress;q=0.3"),
        (600, ["gzip"], "gzip;q=0.2, x-gzip;q=0.6"),
        # Several codings: each has to be acceptable.
        (300, ["gzip", "br"], "gzip;q=0.3, br"),
        (0, ["gzip", "br"], "gzip"),
        # What cannot be read lists nothing.
        (LEAST, [], "gzip;level=9, a/b, g zip"),
        (0, ["gzip"], "gzip;level=9, a/b, g zip"),
    ],
)
def test_a_coding_is_acceptable(weight: int, applied: list[str], field: str | None) -> None:
    """RFC 9110, 12.5.3: none at all is, unless it is excluded by name or by a star."""
    assert weight == of_codings(codings(field), *applied)


def test_weighted_tokens_keep_their_order() -> None:
    """As A-IM needs them (RFC 3229, 10.5.3)."""
    found = tokens("gdiff;q=0.5, diffe, a/b, x;y=z, identity;q=0, gdiff;q=0.7")

    assert [("gdiff", 700), ("diffe", 1000), ("identity", 0)] == list(found.items())


@pytest.mark.parametrize(
    "piece",
    [
        '\\"', '"', "a/b;x=", "; ", ";", " ;\t", "a/b,", 'a/b;x="', ";x=y", "\t", "a-", "a,",
        "a;q=0.1,", "a;q=1;", "/", "*", "*,", "9" * 100, "a;q=0.",
    ],
)  # fmt: skip
def test_a_hostile_field_takes_no_time(piece: str) -> None:
    """As long as a field may be, it is weighed in a moment."""
    start = time.thread_time()
    for first, last in (("", ""), ("a/b", " x"), ("a/b;x=y", ' "'), ("a;q=0.", "x")):
        field = first + piece * (16_000 // len(piece)) + last
        of_type(media_ranges(field), "text/html;level=1")
        of_language(language_ranges(field), "en-GB-x-private")
        of_codings(codings(field), "gzip")

    assert time.thread_time() - start < 3
