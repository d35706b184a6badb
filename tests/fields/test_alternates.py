"""Transparent negotiation: what Negotiate allows, the list, and the remote choice."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes.fields.accept import Variant, preferences, rank
from pytest_httpcodes.fields.alternates import (
    alternates,
    describe,
    negotiate,
    remote_choice,
    selecting,
    structured,
    tcn,
)

# RFC 2295, 8.3 and 10.1.
PAPERS = (
    Variant("paper.1", "text/html", "en", quality=900),
    Variant("paper.2", "text/html", "fr", quality=700),
    Variant("paper.3", "application/postscript", "en"),
)


@pytest.mark.parametrize(
    ("says", "field"),
    [
        # transparent, list, choice, guess
        ("- - - -", ""),
        ("t - - -", "trans"),
        ("t l - -", "vlist"),
        ("t l - g", "guess-small"),
        ("t - c -", "1.0"),
        ("t - c -", "1.0, 2.5"),
        ("t - c -", "*"),
        ("t - c -", "01.00"),
        ("t l c -", "vlist, 1.0"),
        ("t l c g", " TRANS ,, Guess-Small,*"),
        # "or with the same major version number and a higher minor version number" than asked for
        ("t - - -", "2.5"),
        ("t - - -", "1.1"),
        ("t - - -", "0.9"),
        # "Servers SHOULD ignore all negotiate-directives they do not understand."
        ("- - - -", "other, x=y, 1, 1.0.0, 12345.0, vlist trans"),
        ("t - - -", "other, trans"),
    ],
)
def test_what_negotiate_says(says: str, field: str) -> None:
    """RFC 2295, 8.4: what each directive allows, and what it implies."""
    assert says.split() == [
        letter if flag else "-" for letter, flag in zip("tlcg", negotiate(field), strict=True)
    ]


def test_the_variant_list_is_that_of_the_specification() -> None:
    """RFC 2295, 8.3."""
    assert (
        '{"paper.1" 0.9 {type text/html} {language en}}, '
        '{"paper.2" 0.7 {type text/html} {language fr}}, '
        '{"paper.3" 1.0 {type application/postscript} {language en}}'
    ) == alternates(PAPERS)


@pytest.mark.parametrize(
    ("description", "variant"),
    [
        ('{"paper.1" 0.001}', Variant("paper.1", quality=1)),
        ('{"a" 0.0}', Variant("a", quality=0)),
        ('{"a" 0.25 {length 0}}', Variant("a", quality=250, length=0)),
        ('{"a" 1.0 {language mi, en}}', Variant("a", language="mi,en")),
        # RFC 2295, 5.4 and 10.8: neither charset nor coding.
        ('{"a" 1.0 {type text/html}}', Variant("a", "text/html; Charset=UTF-8", coding="gzip")),
        ('{"a" 1.0 {type a/b;x=1}}', Variant("a", "a/b;charset=utf-8;x=1")),
    ],
)
def test_a_description_has_what_there_is_to_say(description: str, variant: Variant) -> None:
    """RFC 2295, 5.1: each attribute is optional."""
    assert description == describe(variant)


def test_the_type_of_a_response_is_named() -> None:
    """RFC 2295, 8.5, and the example of 10.3."""
    assert "list" == tcn("list")
    assert "choice" == tcn("choice")
    assert "adhoc, keep" == tcn("adhoc", "keep")
    assert "re-choose" == tcn("", "re-choose")


def test_an_entity_tag_is_structured() -> None:
    """RFC 2295, 9.2: the same list has the same validator, another one another."""
    tag, weak = structured('"a;b"', PAPERS), structured('W/"etag"', PAPERS)
    validator = tag.removeprefix('"a;b;').removesuffix('"')

    assert f'"a;b;{validator}"' == tag
    assert f'W/"etag;{validator}"' == weak
    assert ";" not in validator
    assert tag != structured('"a;b"', PAPERS[1:])


@pytest.mark.parametrize(
    ("names", "variants"),
    [
        (("Negotiate", "Accept", "Accept-Language"), PAPERS),
        (("Negotiate", "Accept"), (Variant("a", "text/html", coding="gzip"),)),
        (("Negotiate", "Accept-Language"), (Variant("a", language="en"), Variant("b"))),
        (("Negotiate",), (Variant("a"),)),
    ],
)
def test_vary_names_negotiate(names: tuple[str, ...], variants: tuple[Variant, ...]) -> None:
    """RFC 2295, 10.6.1: always, and the fields of the attributes that are in the list."""
    assert names == selecting(variants)


@pytest.mark.parametrize(
    ("best", "accept", "language"),
    [
        # RFC 2296, 3.3: the best is definite.
        ("paper.1", "text/html;q=1.0, */*;q=0.8", "en;q=1.0, fr;q=0.5"),
        ("paper.2", "text/html, application/postscript;q=0.5", "fr, en;q=0.1"),
        ("paper.3", "application/postscript, text/html;q=0.5", "en"),
        # The best is speculative: matched by a wildcard, or by a field that is not there.
        (None, "text/html;q=0.9, */*;q=1.0", "en"),
        (None, "text/*", "en"),
        (None, "text/html, application/postscript", "*"),
        (None, None, "en"),
        (None, "text/html", None),
        (None, None, None),
        # It is the best that has to be definite; another one may be speculative, and worse.
        ("paper.1", "text/html, */*;q=0.1", "en, *;q=0.1"),
        # Nothing suits.
        (None, "image/png", "en"),
        (None, "*/*;q=0", "en"),
        # 0.9 times 0.001 times 0.001 is nothing, to five places.
        (None, "text/html;q=0.001", "en;q=0.001"),
        ("paper.1", "text/html;q=0.004", "en;q=0.004"),
    ],
)
def test_the_remote_choice(best: str | None, accept: str | None, language: str | None) -> None:
    """RFC 2296, 3.4 and 3.5: the best one, if that is definite, else the list."""
    given_fields = {"accept": accept, "accept-language": language}
    wanted = preferences({name: value for name, value in given_fields.items() if value is not None})
    chosen = remote_choice(PAPERS, wanted)

    assert best == (chosen and chosen.url)


def test_the_first_of_equals_is_chosen() -> None:
    """RFC 2296, 3.5; and what has no attributes is definite whatever the request says."""
    assert "a" == getattr(remote_choice([Variant("a"), Variant("b")], preferences({})), "url", None)
    assert None is remote_choice([], preferences({}))


@settings(deadline=None)
@given(
    *[
        st.lists(st.tuples(st.sampled_from(names), st.sampled_from(("0", "0.5", "1"))), max_size=4)
        for names in (
            ("text/html", "text/*", "*/*", "application/postscript"),
            ("en", "fr", "*", "en-gb"),
        )
    ]
)
def test_a_remote_choice_is_what_the_client_would_choose(
    types: list[tuple[str, str]], languages: list[tuple[str, str]]
) -> None:
    """Where there is one it is also the best by RFC 9110, and no wildcard played a part in it."""
    fields = {
        "accept": ",".join(f"{name};q={weight}" for name, weight in types),
        "accept-language": ",".join(f"{name};q={weight}" for name, weight in languages),
    }
    wanted = preferences(fields)
    chosen = remote_choice(PAPERS, wanted)
    if chosen is not None:
        assert chosen == rank(PAPERS, wanted)[0]
        assert chosen.type in dict(types)
        assert chosen.language in dict(languages)


@pytest.mark.parametrize("piece", ["1.0,", "1.", "9", "trans ", "trans,", ",", '"'])
def test_a_hostile_field_takes_no_time(piece: str) -> None:
    """As long as a field may be."""
    start = time.thread_time()
    negotiate(piece * (16_000 // len(piece)))

    assert time.thread_time() - start < 0.5
