"""The If field: its grammar, what is submitted, and when it is true (RFC 4918, 10.4)."""

from __future__ import annotations

import pytest

from pytest_httpcodes.fields.if_header import Condition, IfHeader, State, StateList, read

ONE = "urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2"
TWO = "urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092"
HAS_ONE = Condition(token=ONE)
NOT_ONE = Condition(token=ONE, negated=True)
HAS_TAG = Condition(etag='"v1"')


def untagged(*lists: tuple[Condition, ...]) -> IfHeader:
    """Return a field of lists without a tag."""
    return IfHeader(tuple(StateList(None, conditions) for conditions in lists))


def tagged(*lists: tuple[str, tuple[Condition, ...]]) -> IfHeader:
    """Return a field of lists with a tag each."""
    return IfHeader(tuple(StateList(resource, conditions) for resource, conditions in lists))


VALID = [
    (f"(<{ONE}>)", untagged((HAS_ONE,))),
    (f" \t( <{ONE}>\t) ", untagged((HAS_ONE,))),
    (f"(Not <{ONE}>)", untagged((NOT_ONE,))),
    (f"(not<{ONE}>)", untagged((NOT_ONE,))),
    (f"(NOT\t <{ONE}>)", untagged((NOT_ONE,))),
    ('(["v1"])', untagged((HAS_TAG,))),
    ('(Not["v1"])', untagged((Condition(etag='"v1"', negated=True),))),
    ('([W/"v1"])', untagged((Condition(etag='W/"v1"'),))),
    ('([""])', untagged((Condition(etag='""'),))),
    ('(["])(<[\xe4 \t"])', untagged((Condition(etag='"])(<[\xe4 \t"'),))),
    (f'(<{ONE}>["v1"])', untagged((HAS_ONE, HAS_TAG))),
    (f'(<{ONE}>)(["v1"])', untagged((HAS_ONE,), (HAS_TAG,))),
    (f'(<{ONE}>) (["v1"])', untagged((HAS_ONE,), (HAS_TAG,))),
    ("(Not <DAV:no-lock>)", untagged((Condition(token="DAV:no-lock", negated=True),))),
    ("(<DAV:>)", untagged((Condition(token="DAV:"),))),
    (f"</a>(<{ONE}>)", tagged(("/a", (HAS_ONE,)))),
    (f"</> (<{ONE}>)", tagged(("/", (HAS_ONE,)))),
    (f"</a?b=/?>(<{ONE}>)", tagged(("/a?b=/?", (HAS_ONE,)))),
    (f"<http://[::1]:8/%e4>(<{ONE}>)", tagged(("http://[::1]:8/%e4", (HAS_ONE,)))),
    (
        f'</a>(<{ONE}>)(["v1"])</b/>(Not <{ONE}>)',
        tagged(("/a", (HAS_ONE,)), ("/a", (HAS_TAG,)), ("/b/", (NOT_ONE,))),
    ),
    (f'</a>(<{ONE}>)</a>(["v1"])', tagged(("/a", (HAS_ONE,)), ("/a", (HAS_TAG,)))),
]


@pytest.mark.parametrize(("value", "expected"), VALID)
def test_valid(value: str, expected: IfHeader) -> None:
    """Lists with a tag or without, conditions on tokens and entity tags (10.4.2)."""
    assert expected == read(value)


@pytest.mark.parametrize("value", [value for value, _ in VALID])
def test_a_part_of_it_is_malformed_or_has_fewer_lists(value: str) -> None:
    """Whatever is cut off, what is left is malformed, or the whole lists before the cut."""
    whole = read(value).lists
    for end in range(len(value.rstrip())):
        try:
            part = read(value[:end]).lists
        except ValueError:
            continue
        assert part == whole[: len(part)]
        assert len(part) < len(whole)


@pytest.mark.parametrize("behind", [",", ")", "x", '"v1"', ">", "]", "Not", "<", "(", "</b>", "()"])
@pytest.mark.parametrize("value", [value for value, _ in VALID])
def test_what_stands_behind_it(value: str, behind: str) -> None:
    """Behind the last list nothing else may stand."""
    with pytest.raises(ValueError, match="octet"):
        read(value + behind)


WRONG = [
    ("", "a list is missing, such as (<urn:uuid:...>), at octet 1"),
    (" ", "a list is missing, such as (<urn:uuid:...>), at octet 2"),
    ("x", "a list is missing, such as (<urn:uuid:...>), at octet 1"),
    ("*", "a list is missing, such as (<urn:uuid:...>), at octet 1"),
    ("</a>", "a list is missing, such as (<urn:uuid:...>), at octet 5"),
    (f"<{ONE}>", f"a list is missing, such as (<urn:uuid:...>), at octet {len(ONE) + 3}"),
    ("</a></b>(<a:b>)", "a list is missing, such as (<urn:uuid:...>), at octet 5"),
    ("(<a:b>)</a>(<a:b>)", "a list without a tag stands before one with a tag, at octet 8"),
    ("(<a:b>)<", "a list without a tag stands before one with a tag, at octet 8"),
    ("<", "a < is not closed by a >, at octet 1"),
    ("</a>(<a:b>)<", "a < is not closed by a >, at octet 12"),
    ("<a>(<a:b>)", "<a> is neither an absolute URI nor an absolute path, at octet 1"),
    ("<>(<a:b>)", "<> is neither an absolute URI nor an absolute path, at octet 1"),
    ("<//a>(<a:b>)", "<//a> is neither an absolute URI nor an absolute path, at octet 1"),
    ("</a#b>(<a:b>)", "</a#b> is neither an absolute URI nor an absolute path, at octet 1"),
    ("</a b>(<a:b>)", "</a b> is neither an absolute URI nor an absolute path, at octet 1"),
    ("< /a>(<a:b>)", "< /a> is neither an absolute URI nor an absolute path, at octet 1"),
    ("</a%4>(<a:b>)", "</a%4> is neither an absolute URI nor an absolute path, at octet 1"),
    ("<a:\xe4>(<a:b>)", "<a:\xe4> is neither an absolute URI nor an absolute path, at octet 1"),
    ("(<a>)", "<a> is no state token, which is an absolute URI, at octet 2"),
    ("(</a>)", "</a> is no state token, which is an absolute URI, at octet 2"),
    ("(<>)", "<> is no state token, which is an absolute URI, at octet 2"),
    ("(<a:b#c>)", "<a:b#c> is no state token, which is an absolute URI, at octet 2"),
    ("(< a:b>)", "< a:b> is no state token, which is an absolute URI, at octet 2"),
    ("(<1:b>)", "<1:b> is no state token, which is an absolute URI, at octet 2"),
]
_INSIDE = 'what is in a list is neither <token> nor ["tag"], nor Not and one, at octet '
WRONG += [
    ("()", f"{_INSIDE}2"),
    ("( )", f"{_INSIDE}3"),
    ("(", f"{_INSIDE}2"),
    ("((<a:b>))", f"{_INSIDE}2"),
    ("(<a:b>", f"{_INSIDE}7"),
    ("(<a:b", f"{_INSIDE}2"),
    ("(Not)", f"{_INSIDE}2"),
    ("(Not", f"{_INSIDE}2"),
    ("(Not Not <a:b>)", f"{_INSIDE}2"),
    ("(Not (<a:b>))", f"{_INSIDE}2"),
    ("(Nor <a:b>)", f"{_INSIDE}2"),
    ("(<a:b> and <a:b>)", f"{_INSIDE}8"),
    ('("v1")', f"{_INSIDE}2"),
    ("([v1])", f"{_INSIDE}2"),
    ('([w/"v1"])', f"{_INSIDE}2"),
    ('([ "v1"])', f"{_INSIDE}2"),
    ('(["v1" ])', f"{_INSIDE}2"),
    ('(["v1", "v2"])', f"{_INSIDE}2"),
    ('(["v1"]]', f"{_INSIDE}8"),
    ('(["v1])', f"{_INSIDE}2"),
    ("(\u00a0<a:b>)", f"{_INSIDE}2"),
    ("(<a:b>\v)", f"{_INSIDE}7"),
]


@pytest.mark.parametrize(("value", "reason"), WRONG)
def test_malformed(value: str, reason: str) -> None:
    """What is none says what is wrong, and where."""
    with pytest.raises(ValueError, match="octet") as caught:
        read(value)

    assert reason == str(caught.value)


@pytest.mark.parametrize(
    ("value", "place"), [("(<a:b>), (<a:c>)", 8), ("(<a:b>, <a:c>)", 7), (", (<a:b>)", 1)]
)
def test_several_lines(value: str, place: int) -> None:
    """The field has one line: lines are joined with commas, which the grammar has none of."""
    with pytest.raises(ValueError, match="octet") as caught:
        read(value)

    hint = "; several lines of the field, or a comma, are not allowed"
    assert str(caught.value).endswith(f", at octet {place}{hint}")


@pytest.mark.parametrize(
    "value", ["(" * 60_000, "<" * 60_000, "(Not " * 12_000, "(" + " " * 60_000, "([" * 30_000]
)
def test_hostile(value: str) -> None:
    """What is long and malformed is refused at its first wrong octet."""
    with pytest.raises(ValueError, match="octet"):
        read(value)


def test_long() -> None:
    """What is long and well-formed is read."""
    assert 10_000 == len(read("(<a:b>)" * 10_000).lists)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"(<{ONE}>)", {ONE}),
        (f"(Not <{ONE}>)", {ONE}),
        (f"(<{ONE}> <{TWO}>)", {ONE, TWO}),
        (f"(<{ONE}>)(<{TWO}>)", {ONE, TWO}),
        (f"</a>(<{ONE}>)</b>(<{TWO}>)", {ONE, TWO}),
        (f"(<{ONE}>)(Not <DAV:no-lock>)", {ONE, "DAV:no-lock"}),
        ('(["v1"])', set()),
    ],
)
def test_submitted(value: str, expected: set[str]) -> None:
    """A token is submitted wherever it stands, and whatever the list comes to (10.4.1)."""
    assert expected == read(value).tokens


STATES = {
    None: State('"v1"', [ONE]),
    "/weak": State('W/"v1"'),
    "/both": State('"v2"', [ONE, TWO]),
    "/none": State(),
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"(<{ONE}>)", ""),
        (f"(<{TWO}>)", f"<{TWO}> is not true of the resource"),
        (f"(<{ONE.upper()}>)", f"<{ONE.upper()}> is not true of the resource"),
        (f"(Not <{ONE}>)", f"Not <{ONE}> is not true of the resource"),
        (f"(Not <{TWO}>)", ""),
        ("(<DAV:no-lock>)", "<DAV:no-lock> is not true of the resource"),
        (f"(<{TWO}>)(Not <DAV:no-lock>)", ""),
        (f"(<{TWO}> Not <DAV:no-lock>)", f"<{TWO}> is not true of the resource"),
        ('(["v1"])', ""),
        ('([W/"v1"])', ""),
        ('(["V1"])', '["V1"] is not true of the resource'),
        ('(Not ["v1"])', 'Not ["v1"] is not true of the resource'),
        ('(["v0"])(["v1"])', ""),
        ('(["v1"])(["v0"])', ""),
        (f'(<{ONE}> ["v1"])', ""),
        (f'(<{ONE}> ["v0"])', '["v0"] is not true of the resource'),
        ('</weak>(["v1"])', ""),
        ('</weak>([W/"v1"])', ""),
        (f"</weak>(<{ONE}>)", f"<{ONE}> is not true of </weak>"),
        (f'</both>(<{ONE}> <{TWO}> ["v2"])', ""),
        (f'</both>(<{ONE}> ["v1"])</weak>(["v1"])', ""),
        (f'</both>(<{ONE}> ["v1"])', '["v1"] is not true of </both>'),
        ('</none>(["v1"])', '["v1"] is not true of </none>'),
        ('</none>(Not ["v1"])', ""),
        (f"</none>(Not <{ONE}>)", ""),
    ],
)
def test_what_is_false(value: str, expected: str) -> None:
    """One list has to be true, and that is when each of its conditions is (10.4.3, 10.4.4)."""
    assert expected == read(value).false(lambda resource: STATES[resource])


RFC = [
    (f'(<{ONE}> ["I am an ETag"]) (["I am another ETag"])', '"I am an ETag"', [ONE], True),
    (f'(<{ONE}> ["I am an ETag"]) (["I am another ETag"])', '"I am an ETag"', [], False),
    (f'(<{ONE}> ["I am an ETag"]) (["I am another ETag"])', '"I am another ETag"', [], True),
    (f"(Not <{ONE}> <{TWO}>)", None, [TWO], True),
    (f"(Not <{ONE}> <{TWO}>)", None, [ONE, TWO], False),
    (f"(Not <{ONE}> <{TWO}>)", None, [], False),
    (f"(<{ONE}>) (Not <DAV:no-lock>)", None, [], True),
    (f'</resource1> (<{ONE}> [W/"A weak ETag"]) (["strong ETag"])', 'W/"A weak ETag"', [ONE], True),
    (f'</resource1> (<{ONE}> [W/"A weak ETag"]) (["strong ETag"])', 'W/"A weak ETag"', [], False),
    (f'</resource1> (<{ONE}> [W/"A weak ETag"]) (["strong ETag"])', '"strong ETag"', [], True),
    (f"<http://www.example.com/specs/> (<{ONE}>)", None, [ONE], True),
    (f"<http://www.example.com/specs/> (<{ONE}>)", None, [TWO], False),
    ('</specs/rfc2518.doc> (["4217"])', None, [], False),
    ('</specs/rfc2518.doc> (Not ["4217"])', None, [], True),
]


@pytest.mark.parametrize(("value", "etag", "tokens", "expected"), RFC)
def test_the_examples(value: str, etag: str | None, tokens: list[str], expected: bool) -> None:
    """The examples of 10.4.6 to 10.4.11 mean what is said there."""
    assert expected is not bool(read(value).false(lambda _: State(etag, tokens)))
