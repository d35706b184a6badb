"""Which of several variants suits a request best, by the rules as one would say them."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes.fields.accept import Variant, listed, preferences, quality, rank, vary

HTML = Variant("html", "text/html; charset=utf-8", "en")
JSON = Variant("json", "application/json", "en")
DE = Variant("de", "text/html; charset=utf-8", "de")
GZIP = Variant("gzip", "application/json", "en", "gzip")
EVERY = (HTML, JSON, DE, GZIP)
THEIR_ORDER = "html json de gzip"


@pytest.mark.parametrize(
    ("order", "fields"),
    [
        # Without preferences it is the server's order.
        (THEIR_ORDER, {}),
        (THEIR_ORDER, {"accept": "*/*", "accept-language": "*", "accept-encoding": "*"}),
        (THEIR_ORDER, {"accept": "", "accept-language": ""}),
        ("json gzip", {"accept": "application/json"}),
        ("json gzip html de", {"accept": "*/*;q=0.1, application/json"}),
        ("de", {"accept-language": "de"}),
        ("de html json gzip", {"accept-language": "de, en;q=0.5"}),
        # The weights of type and language are multiplied.
        (
            "json gzip de html",
            {"accept": "text/html;q=0.4, application/*;q=0.9", "accept-language": "de, en;q=0.5"},
        ),
        # However small they are, what is acceptable stays so.
        (
            "html json de gzip",
            {"accept": "*/*;q=0.001", "accept-language": "*;q=0.001", "accept-encoding": "*;q=0.1"},
        ),
        # A coding that is asked for decides between what is equal otherwise, and excludes.
        ("gzip html json de", {"accept-encoding": "gzip"}),
        ("gzip html json de", {"accept-encoding": "x-gzip;q=0.1"}),
        ("html de gzip json", {"accept": "text/html, */*;q=0.5", "accept-encoding": "gzip"}),
        ("html json de", {"accept-encoding": ""}),
        ("html json de", {"accept-encoding": "gzip;q=0"}),
        ("gzip", {"accept-encoding": "gzip, identity;q=0"}),
        ("gzip", {"accept-encoding": "gzip, *;q=0"}),
        # Nothing is acceptable: that is a 406.
        ("", {"accept": "image/png"}),
        ("", {"accept": "*/*;q=0"}),
        ("", {"accept-language": "fr"}),
        ("", {"accept-encoding": "br, *;q=0"}),
        ("", {"accept": "application/json", "accept-language": "de"}),
    ],
)
def test_the_best_comes_first(order: str, fields: dict[str, str]) -> None:
    """And what is not acceptable does not come at all."""
    assert order.split() == [variant.url for variant in rank(EVERY, preferences(fields))]


def test_the_authors_own_quality_counts() -> None:
    """The computation of RFC 2296, 3.3; a variant of no quality is sent to nobody."""
    papers = (
        Variant("paper.html.en", "text/html", "en", quality=900),
        Variant("paper.html.fr", "text/html", "fr", quality=700),
        Variant("paper.ps.en", "application/postscript", "en"),
        Variant("paper.txt", quality=0),
    )
    wanted = preferences(
        {"accept": "text/html;q=1.0, */*;q=0.8", "accept-language": "en;q=1.0, fr;q=0.5"}
    )

    assert [900, 350, 800, 0] == [quality(paper, wanted) // 10**6 for paper in papers]
    assert [papers[0], papers[2], papers[1]] == rank(papers, wanted)


@pytest.mark.parametrize(
    ("names", "variants"),
    [
        (("Accept", "Accept-Language", "Accept-Encoding"), EVERY),
        (("Accept", "Accept-Language"), EVERY[:1]),
        (("Accept-Encoding",), (Variant("a"), Variant("b", coding="gzip"))),
        ((), (Variant("a"),)),
    ],
)
def test_vary_names_each_dimension(names: tuple[str, ...], variants: tuple[Variant, ...]) -> None:
    """One variant alone depends on the fields too: it is what a 406 would be about."""
    assert names == vary(variants)


def test_a_list_of_words_may_have_gaps() -> None:
    """As any list may (RFC 9110, 5.6.1.2)."""
    assert ["mi", "en"] == listed(" mi,, en ,")
    assert [] == listed(" ")


class Wish(NamedTuple):
    """A member of a field before it is written down."""

    name: str
    parameters: tuple[str, ...]
    thousandths: int

    def __str__(self) -> str:
        return ";".join((self.name, *self.parameters, f"q={self.thousandths / 1000:.3f}"))


def plain_type(wishes: list[Wish], kind: str) -> Fraction:
    """Say RFC 9110, 12.5.1: of the ranges that apply, the most specific one counts."""
    name, *parameters = kind.split(";")
    for candidate in (name, f"{name.split('/')[0]}/*", "*/*"):
        found = [w for w in wishes if w.name == candidate and {*w.parameters} <= {*parameters}]
        if found:
            most = max(len({*w.parameters}) for w in found)
            return Fraction(max(w.thousandths for w in found if len({*w.parameters}) == most), 1000)
    return Fraction(not wishes)


def plain_language(wishes: list[Wish], tag: str) -> Fraction:
    """Say RFC 4647, 3.3.1: equal, or a prefix that ends before a hyphen."""
    found = [w for w in wishes if f"{tag}-".startswith(f"{w.name}-")]
    found = found or [w for w in wishes if w.name == "*"]
    longest = max((len(w.name) for w in found), default=0)
    return max(
        (Fraction(w.thousandths, 1000) for w in found if len(w.name) == longest),
        default=Fraction(not wishes),
    )


def plain_coding(wishes: list[Wish], coding: str) -> bool:
    """Say the rules of RFC 9110, 12.5.3, in their order."""
    own = [w.thousandths for w in wishes if w.name == (coding or "identity")]
    star = [w.thousandths for w in wishes if w.name == "*"]
    if not coding:
        excluded = max(own) == 0 if own else bool(star) and max(star) == 0
        return not excluded
    return max(own, default=max(star, default=0)) > 0


def wishes(names: str, *parameters: str) -> st.SearchStrategy[list[Wish]]:
    """Return fields of some names and parameters, with any weights."""
    some = st.lists(st.sampled_from(parameters), max_size=2) if parameters else st.just([])
    return st.lists(
        st.builds(
            Wish,
            st.sampled_from(names.split()),
            some.map(tuple),
            st.sampled_from((0, 1, 300, 500, 999, 1000)),
        ),
        max_size=4,
    )


VARIANTS = st.builds(
    Variant,
    st.just("/"),
    st.sampled_from(("text/html", "text/html;a=1", "text/html;a=1;b=2", "image/png")),
    st.sampled_from(("en", "en-gb", "de-latn-de")),
    st.sampled_from(("", "gzip", "br")),
    st.sampled_from((0, 300, 1000)),
)


@settings(deadline=None)
@given(
    st.lists(VARIANTS, max_size=5),
    wishes("*/* text/* text/html image/png", "a=1", "b=2"),
    wishes("* en en-gb de de-latn da"),
    st.none() | wishes("* identity gzip br"),
)
def test_the_rules_as_one_would_say_them(
    variants: list[Variant], types: list[Wish], languages: list[Wish], coded: list[Wish] | None
) -> None:
    """What is acceptable, and in which order by type and language, for any fields and variants."""
    fields = {
        "accept": ", ".join(map(str, types)),
        "accept-language": ",".join(map(str, languages)),
    }
    if coded is not None:
        fields["accept-encoding"] = " , ".join(map(str, coded))
    plain = {
        id(v): v.quality * plain_type(types, v.type) * plain_language(languages, v.language)
        for v in variants
        if coded is None or plain_coding(coded, v.coding)
    }
    found = rank(variants, preferences(fields))

    assert {key for key, value in plain.items() if value} == {id(v) for v in found}
    assert sorted((plain[id(v)] for v in found), reverse=True) == [plain[id(v)] for v in found]
