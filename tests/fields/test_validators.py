"""Entity tags: what is one, lists of them, and the two comparisons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_httpcodes.fields.validators import (
    entity_tags,
    is_entity_tag,
    is_weak,
    matches_strongly,
    matches_weakly,
)

# RFC 9110, 8.8.3: etagc = %x21 / %x23-7E / obs-text; obs-text = %x80-FF
ETAGC = {chr(octet) for octet in (0x21, *range(0x23, 0x7F), *range(0x80, 0x100))}
OPAQUE = st.text(st.sampled_from(sorted(ETAGC)), max_size=8)
TAGS = st.builds('{}"{}"'.format, st.sampled_from(["", "W/"]), OPAQUE)
ALIKE = st.builds('{}"{}"'.format, st.sampled_from(["", "W/"]), st.sampled_from(["", "a", "W/"]))
SPACE = st.text(st.sampled_from(" \t"), max_size=2)
# What may stand between two members, and what may stand at either end of a list.
COMMAS = st.lists(SPACE, min_size=2, max_size=4).map(",".join)
ENDS = st.lists(SPACE, min_size=1, max_size=3).map(",".join)


@pytest.mark.parametrize("octet", range(256))
def test_every_octet_inside_a_tag(octet: int) -> None:
    """RFC 9110, 8.8.3: all that is visible but the quote, and obs-text; no space, no control."""
    assert (chr(octet) in ETAGC) == is_entity_tag(f'"a{chr(octet)}b"')
    assert (chr(octet) in ETAGC) == is_entity_tag(f'W/"{chr(octet)}"')


@pytest.mark.parametrize(
    "text",
    ['""', 'W/""', '"v1"', 'W/"v1"', '"a,b"', '"*"', '"W/"', '"\\"', '"\xe4\xff"', '"/W/"'],
)
def test_what_is_a_tag(text: str) -> None:
    """An empty one is one; a backslash and a comma are like other characters."""
    assert is_entity_tag(text)
    assert (text,) == entity_tags(text)


@pytest.mark.parametrize(
    "text",
    [
        "v1",
        "*",
        '"v1',
        'v1"',
        'w/"v1"',
        'W"v1"',
        'W/ "v1"',
        "W/v1",
        "W/",
        '"',
        '"a b"',
        '"a"b"',
        '"v1"x',
        'x"v1"',
        '"v1"\n',
        '"v1";q=1',
        "'v1'",
        '"\u0101"',
        'W/W/"v1"',
    ],
)
def test_what_is_none(text: str) -> None:
    """The quotes belong to it, W/ is in upper case, and nothing stands around it."""
    assert not is_entity_tag(text)
    assert entity_tags(text) is None


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        ("", ()),
        (",", ()),
        (" \t, ,", ()),
        ('"a", "b"', ('"a"', '"b"')),
        ('"a","b"', ('"a"', '"b"')),
        ('"a"\t,\t"b"', ('"a"', '"b"')),
        (', "a" ,, "b",', ('"a"', '"b"')),
        ('  "a"  ', ('"a"',)),
        ('"a,b", W/"c, d"', None),
        ('"a,b", W/"c,d"', ('"a,b"', 'W/"c,d"')),
        ('"a", "a"', ('"a"', '"a"')),
        ('"a" "b"', None),
        ('"a"; "b"', None),
        ('"a", b', None),
        ('a, "b"', None),
        ('"a", *', None),
        ("*, *", None),
        ('"a", "b', None),
        ('"a", W/', None),
        ('"a"\x0b, "b"', None),
    ],
)
def test_lists(value: str, tags: tuple[str, ...] | None) -> None:
    """Empty members do not count, commas inside a tag part nothing, a fault is one of the whole."""
    assert tags == entity_tags(value)


@given(st.lists(TAGS, max_size=6), st.data())
def test_what_was_listed_is_found(tags: list[str], data: st.DataObject) -> None:
    """However many commas and spaces there are between the members, and around them."""
    value = data.draw(ENDS)
    for number, tag in enumerate(tags):
        value += (data.draw(COMMAS) if number else "") + tag
    value += data.draw(ENDS)

    assert tuple(tags) == entity_tags(value)


def naive(value: str) -> tuple[str, ...] | None:
    """Read a list character by character, with the grammar beside it."""
    tags: list[str] = []
    at = 0
    separated = True
    while at < len(value):
        if value[at] in " \t":
            at += 1
        elif value[at] == ",":
            separated = True
            at += 1
        else:
            start = at
            if value.startswith("W/", at):
                at += 2
            end = value.find('"', at + 1)
            if not separated or value[at : at + 1] != '"' or end < 0:
                return None
            if not set(value[at + 1 : end]) <= ETAGC:
                return None
            tags.append(value[start : end + 1])
            separated = False
            at = end + 1
    return tuple(tags)


@given(st.text(st.sampled_from('"W/a, \t\x80\x7f*'), max_size=12))
def test_any_text_is_read_as_the_grammar_says(value: str) -> None:
    """A reader that goes character by character finds the same tags, or none as well."""
    assert naive(value) == entity_tags(value)


@pytest.mark.parametrize(
    ("one", "other", "strongly", "weakly"),
    [
        ('W/"1"', 'W/"1"', False, True),
        ('W/"1"', 'W/"2"', False, False),
        ('W/"1"', '"1"', False, True),
        ('"1"', '"1"', True, True),
        ('"1"', '"2"', False, False),
        ('""', '""', True, True),
        ('"a"', '"A"', False, False),
        ('"W/"', 'W/"W/"', False, True),
        ('"\xe4"', '"\xe4"', True, True),
        ('"\xe4"', '"\xc3\xa4"', False, False),
    ],
)
def test_comparisons(one: str, other: str, strongly: bool, weakly: bool) -> None:
    """RFC 9110, 8.8.3.2: its table first; the order of the two makes no difference."""
    assert (strongly, strongly) == (matches_strongly(one, other), matches_strongly(other, one))
    assert (weakly, weakly) == (matches_weakly(one, other), matches_weakly(other, one))


@given(ALIKE, ALIKE)
def test_strong_is_weak_and_more(one: str, other: str) -> None:
    """What matches strongly matches weakly, and is marked as weak on neither side."""
    both_strong = not is_weak(one) and not is_weak(other)

    assert (matches_weakly(one, other) and both_strong) == matches_strongly(one, other)
    assert (one.split('"')[1] == other.split('"')[1]) == matches_weakly(one, other)
