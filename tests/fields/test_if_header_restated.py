"""The If field, beside a plain restatement of RFC 4918, 10.4.2 and 10.4.3."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes.fields.if_header import State, read

TOKENS = ("urn:uuid:1", "opaquelocktoken:2/a?b=c", "DAV:no-lock")
TAGS = ('"v1"', 'W/"v1"', '"a ])(<b"', '""')
URLS = (None, "/a", "http://example.org/a/%E4/?q")
SPACES = st.sampled_from(["", " ", "\t", "  \t"])


@dataclass
class One:
    """A condition: a token or an entity tag, and whether it has a Not."""

    negated: bool
    token: str | None
    tag: str | None


ONES = st.builds(One, st.booleans(), st.sampled_from(TOKENS), st.none()) | st.builds(
    One, st.booleans(), st.none(), st.sampled_from(TAGS)
)
LISTS = st.lists(st.lists(ONES, min_size=1, max_size=3), min_size=1, max_size=3)
STATES = st.fixed_dictionaries(
    {
        url: st.builds(State, st.sampled_from([None, *TAGS]), st.sets(st.sampled_from(TOKENS[:2])))
        for url in URLS
    }
)


@st.composite
def fields(draw: st.DrawFn) -> tuple[str, list[tuple[str | None, list[One]]]]:
    """Draw a field, as it is written and as what it means."""
    urls = draw(st.just([None]) | st.lists(st.sampled_from(URLS[1:]), min_size=1, max_size=3))
    text, meaning = "", []
    for url in urls:
        text += draw(SPACES) + ("" if url is None else f"<{url}>")
        for conditions in draw(LISTS):
            meaning.append((url, conditions))
            text += f"{draw(SPACES)}({draw(SPACES)}"
            for one in conditions:
                text += draw(st.sampled_from(["Not", "not", "NOT"])) if one.negated else ""
                text += draw(SPACES)
                text += f"[{one.tag}]" if one.token is None else f"<{one.token}>"
                text += draw(SPACES)
            text += f"){draw(SPACES)}"
    return text, meaning


def is_so(one: One, state: State) -> bool:
    """Evaluate a condition: the resource matches the described state, and Not reverses it."""
    if one.token is not None:
        found = one.token in state.tokens
    else:
        opaque = (one.tag or "").removeprefix("W/")
        found = state.etag is not None and state.etag.removeprefix("W/") == opaque
    return not found if one.negated else found


@settings(deadline=None)
@given(fields(), STATES)
def test_restated(
    field: tuple[str, list[tuple[str | None, list[One]]]], states: dict[str | None, State]
) -> None:
    """A conjunction of conditions in each list, a disjunction of the lists; all is submitted."""
    text, meaning = field
    found = read(text)
    expected = any(all(is_so(one, states[url]) for one in ones) for url, ones in meaning)

    assert expected is (found.false(lambda url: states[url]) == "")
    assert {one.token for _, ones in meaning for one in ones if one.token} == found.tokens


# The grammar of 10.4.2 once more, as one expression, for URIs and tags of a few characters.
_URI = r"<[ab]:[ab]*>"
_ONE = rf'(?i:not)?[ ]*(?:{_URI}|\[(?:W/)?"[ab]*"\])[ ]*'
_LISTS = rf"(?:\([ ]*(?:{_ONE})+\)[ ]*)+"
_FIELD = re.compile(rf"[ ]*(?:{_LISTS}|(?:<(?:[ab]:[ab]*|/[ab]*)>[ ]*{_LISTS})+)")
PIECES = ["(", ")", "<", ">", "[", "]", '"', "W/", "a", "a:", "<a:b>", "</a>", '["a"]', "Not", " "]


@settings(deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "(<a:b>)", '(["b"])']), max_size=8).map("".join))
def test_what_is_of_the_grammar(text: str) -> None:
    """What is read is what the grammar has, and nothing else."""
    try:
        read(text)
    except ValueError:
        assert _FIELD.fullmatch(text) is None
    else:
        assert _FIELD.fullmatch(text)
