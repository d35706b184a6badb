"""What a request declares in `Man`, `C-Man` and `Opt` (RFC 2774, 3 to 5)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_httpcodes.fields.extension import (
    Declaration,
    Mandatory,
    declarations,
    introduced,
    mandatory,
    through_http10,
)

URI = "http://example.org/ext"


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ([], ""),
        ([], " , ,\t,"),
        ([Declaration(URI)], f'"{URI}"'),
        ([Declaration(URI, "16")], f'"{URI}"; ns=16'),
        ([Declaration(URI, "007")], f'"{URI}";ns=007'),
        ([Declaration(URI, "16")], f'"{URI}"\t ; NS\t= 16 '),
        ([Declaration(URI, "16")], f'"{URI}"; a; b=c; d="e;\\"f\\", g" ; ns=16; h'),
        # A name of a standard field; a URI has a colon, and it has none.
        ([Declaration("Range")], '"Range"'),
        ([Declaration("ssdp:discover")], '"ssdp:discover"'),
        ([Declaration("urn:a,b;c")], '"urn:a,b;c"'),
        ([Declaration(URI, "16"), Declaration("Range")], f'"{URI}"; ns=16, "Range"'),
        ([Declaration("a:b"), Declaration("c:d", "99")], ',"a:b",,"c:d";ns=99,'),
        ([Declaration("a:b"), Declaration("a:b")], '"a:b","a:b"'),
    ],
)
def test_declarations_are_read(expected: list[Declaration], value: str) -> None:
    """With white space, parameters that nobody knows, and members that are empty."""
    assert tuple(expected) == declarations(value)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (URI, r"'http://example\.org/ext' starts no declaration, such as "),
        ("x", "'x' starts no declaration"),
        ('"', "'\"' starts no declaration"),
        ('""', "starts no declaration"),
        ('"a b"', "starts no declaration"),
        ('"a:"', "starts no declaration"),
        ('":a"', "starts no declaration"),
        ('"1a:b"', "starts no declaration"),
        ('"a:b', "starts no declaration"),
        ('"a:é"', "starts no declaration"),
        ('"a:\\"', "starts no declaration"),
        ('"a:b" "c:d"', "is no parameter of the extension 'a:b'"),
        ('"a:b"c', "'c' is no parameter"),
        ('"a:b";', "';' is no parameter"),
        ('"a:b";;ns=16', "';;ns=16' is no parameter"),
        ('"a:b";c=', "'=' is no parameter"),
        ('"a:b";c="d', "is no parameter"),
        ('"a:b";c="d"e', "'e' is no parameter"),
        ('"a:b", c', "'c' starts no declaration"),
        ('"a:b";ns', "ns='' reserves no fields"),
        ('"a:b";ns=1', "ns='1' reserves no fields; it is one number of two digits or more, once"),
        ('"a:b";ns=1x', "ns='1x' reserves no fields"),
        ('"a:b";ns=-1', "ns='-1' reserves no fields"),
        ('"a:b";ns="16"', "reserves no fields"),
        ('"a:b";ns=٣٣', "ns='' reserves no fields"),
        ('"a:b";ns=16;ns=17', "ns='17' reserves no fields"),
        ('"a:b";ns=16;ns=16', "ns='16' reserves no fields"),
    ],
)
def test_what_is_no_list_of_declarations_is_refused(value: str, complaint: str) -> None:
    """With what is wrong, and what would be right."""
    with pytest.raises(ValueError, match=complaint):
        declarations(value)


@given(st.text(st.sampled_from('";, \tns=16a:\\é')))
def test_any_value_is_read_or_refused(value: str) -> None:
    """What is read can be written again, and is then read as the same."""
    try:
        found = declarations(value)
    except ValueError:
        return
    written = ",".join(f'"{d.extension}"' + f";ns={d.prefix}" * bool(d.prefix) for d in found)

    assert found == declarations(written)


@pytest.mark.parametrize(
    "value",
    [
        '"a:b";' * 20_000,
        '"a:b"' + ";a" * 20_000 + "/",
        '"a:b"' + " " * 50_000 + "!",
        '"a:b";c' + " " * 50_000 + "!",
        '"a:b";c=' + '"' + "\\a" * 50_000,
        '"' + "a" * 50_000,
        '"a:b"' + '; c="d"' * 5_000 + "; =",
        '"a:b",' * 20_000 + "!",
        "," * 50_000 + "!",
    ],
)
def test_a_hostile_value_takes_linear_time(value: str) -> None:
    """What takes longer for each octet the more of them there are would take minutes."""
    before = time.thread_time()
    with pytest.raises(ValueError, match=" is no parameter | starts no declaration"):
        declarations(value)

    assert time.thread_time() - before < 5


def test_the_fields_of_a_declaration_have_its_prefix() -> None:
    """And a dash behind it; without a prefix none are its own."""
    names = ["16-copyright", "16-", "160-a", "16", "1-6", "host", "99-b", "-c"]
    declared = [Declaration("a:b", "16"), Declaration("c:d"), Declaration("e:f", "99")]

    assert ["16-copyright", "16-", "99-b"] == introduced(names, declared)
    assert [] == introduced(names, declared[1:2])


def test_nothing_is_demanded_without_a_mandatory_declaration() -> None:
    """Optional ones are nobody's business who does not want them, well-formed or not."""
    assert Mandatory((), ()) == mandatory({"opt": '"a:b"', "c-opt": "junk"}, http10=False)


def test_demands_are_for_all_of_the_way_or_for_a_hop() -> None:
    """`C-Man`, and the fields that it introduces, are named by `Connection` in any case."""
    known = {
        "man": '"a:b"; ns=16, "c:d"',
        "16-x": "1",
        "c-man": '"e:f"; ns=17, "g:h"',
        "17-y": "2",
        "connection": "keep-alive, C-MAN,17-Y",
    }
    found = mandatory(known, http10=False)

    assert (Declaration("a:b", "16"), Declaration("c:d")) == found.end_to_end
    assert (Declaration("e:f", "17"), Declaration("g:h")) == found.hop_by_hop


@pytest.mark.parametrize(
    ("known", "complaint"),
    [
        ({"man": "a:b"}, "'a:b' starts no declaration"),
        ({"c-man": "a:b", "connection": "c-man"}, "'a:b' starts no declaration"),
        ({"man": '"a:b";ns=16,"c:d";ns=16'}, "the prefix 16 is reserved by two declarations"),
        (
            {"man": '"a:b";ns=16', "c-man": '"c:d";ns=16', "connection": "c-man"},
            "the prefix 16 is reserved by two declarations",
        ),
        ({"c-man": '"a:b"'}, "the field c-man is for one hop, and Connection does not name it"),
        ({"c-man": '"a:b"', "connection": "xc-man, close"}, "the field c-man is for one hop"),
        (
            {"c-man": '"a:b";ns=16', "16-x": "1", "connection": "c-man"},
            "the field 16-x is for one hop, and Connection does not name it",
        ),
    ],
)
def test_the_frameworks_rules_are_kept(known: dict[str, str], complaint: str) -> None:
    """A request that breaks one of them demands nothing that could be fulfilled."""
    with pytest.raises(ValueError, match=complaint):
        mandatory(known, http10=False)


def test_of_http_1_0_nothing_is_taken_that_connection_names() -> None:
    """A proxy of that time has passed it on without knowing what it says (RFC 2616, 14.10)."""
    known = {"man": '"a:b"', "c-man": '"c:d"', "connection": "C-Man"}

    assert Mandatory((Declaration("a:b"),), ()) == mandatory(known, http10=True)
    assert Mandatory((), ()) == mandatory(known | {"connection": "man, c-man"}, http10=True)
    with pytest.raises(ValueError, match="the field c-man is for one hop"):
        mandatory(known | {"connection": "close"}, http10=True)


@pytest.mark.parametrize(
    ("expected", "via"),
    [
        (False, ""),
        (False, "1.1 a"),
        (False, "1.1 a, 2 b (1.0 beta)"),
        (False, "1.01 a"),
        (True, "1.0 a"),
        (True, "1.1 a, HTTP/1.0 b:80 (a comment), 1.1 c"),
        (True, "1.1 a,1.0 b"),
    ],
)
def test_via_tells_of_proxies_for_http_1_0(expected: bool, via: str) -> None:
    """Which know no `Cache-Control` (RFC 2774, 5.1)."""
    assert expected is through_http10(via)
