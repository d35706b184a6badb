"""Preconditions: each field, several at once, and why."""

from __future__ import annotations

import pytest

from pytest_httpcodes.fields.conditions import Current, Decision, evaluate
from pytest_httpcodes.section import Section

T = 784_111_777
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT"
AFTER = "Sun, 06 Nov 1994 08:49:38 GMT"
NOW = T + 3600.5
V1 = Current(True, '"v1"', T)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "BREW")
RANGE = {"range": "bytes=0-"}


def status(method: str, current: Current = V1, now: float = NOW, **fields: str) -> int | None:
    """Return the status that preconditions come to; `if_match` stands for If-Match."""
    known = {name.replace("_", "-"): value for name, value in fields.items()}
    return evaluate(method, known, current, now).status


def ranged(value: str, current: Current = V1, now: float = NOW, method: str = "GET") -> bool:
    """Return whether a Range applies with this If-Range."""
    return evaluate(method, {**RANGE, "if-range": value}, current, now).ranged


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"v1"', None),
        ('"v0", "v1"', None),
        (',"v1",', None),
        ("*", None),
        ('"v0"', 412),
        ('W/"v1"', 412),
        ('W/"v1", "v0"', 412),
        ('"V1"', 412),
        ("", 412),
        (",", 412),
        ("v1", 412),
        ('"v1", v2', 412),
        ('*, "v1"', 412),
        ("*, *", 412),
        ('"*"', 412),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_if_match(method: str, value: str, expected: int | None) -> None:
    """A strong comparison, for every method; what is malformed matches nothing (13.1.1)."""
    assert expected == status(method, if_match=value)


@pytest.mark.parametrize(
    ("current", "value", "expected"),
    [
        (Current(True, 'W/"v1"', T), 'W/"v1"', 412),
        (Current(True, 'W/"v1"', T), '"v1"', 412),
        (Current(True, 'W/"v1"', T), "*", None),
        (Current(True, None, T), '"v1"', 412),
        (Current(True, None, T), "*", None),
        (Current(False), "*", 412),
        (Current(False), '"v1"', 412),
        (Current(True, '""', T), '""', None),
        (Current(True, '"a,b"', T), '"a,b"', None),
        (Current(True, '"a,b"', T), '"a", "b"', 412),
        (Current(True, '"\xe4"', T), '"x", "\xe4"', None),
    ],
)
def test_if_match_and_what_there_is(current: Current, value: str, expected: int | None) -> None:
    """A weak tag never matches, `*` only needs a representation, of whatever tag (13.1.1)."""
    assert expected == status("PUT", current, if_match=value)


@pytest.mark.parametrize(
    ("value", "matches"),
    [
        ('"v1"', True),
        ('W/"v1"', True),
        ('"v0", W/"v1"', True),
        (' ,"v1"', True),
        ("*", True),
        ('"v0"', False),
        ("", False),
        ('"*"', False),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_if_none_match(method: str, value: str, matches: bool) -> None:
    """A weak comparison; 304 for what only reads, 412 for any other method (13.1.2)."""
    false = 304 if method in ("GET", "HEAD") else 412

    assert (false if matches else None) == status(method, if_none_match=value)


@pytest.mark.parametrize("value", ["v1", '"v1", v2', '*, "v1"', "*, *", 'w/"v1"', '"v1'])
def test_a_malformed_if_none_match_does_no_harm(value: str) -> None:
    """What reads gets the content, what changes something does not happen (13.1)."""
    assert [None, None, None] == [
        status(method, if_none_match=value) for method in ("GET", "HEAD", "QUERY")
    ]
    assert [412, 412, 412] == [
        status(method, if_none_match=value) for method in ("PUT", "POST", "DELETE")
    ]


@pytest.mark.parametrize("value", ["*", '"v1"', 'W/"v1"'])
def test_if_none_match_where_nothing_is(value: str) -> None:
    """Nothing matches: this is how to create, and not to replace (13.1.2)."""
    assert status("PUT", Current(False), if_none_match=value) is None


def test_without_an_entity_tag_only_a_star_matches() -> None:
    """A representation that has none is still one."""
    current = Current(True, None, T)

    assert [None, 304] == [status("GET", current, if_none_match=value) for value in ('"v1"', "*")]


@pytest.mark.parametrize(
    ("value", "unmodified", "modified"),
    [
        (DATE, None, 304),
        (AFTER, None, 304),
        (BEFORE, 412, None),
        ("Sunday, 06-Nov-94 08:49:37 GMT", None, 304),
        ("Sunday, 06-Nov-94 08:49:36 GMT", 412, None),
        ("Sun Nov  6 08:49:37 1994", None, 304),
        ("Sun Nov  6 08:49:36 1994", 412, None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None, 304),
        ("", None, None),
        ("soon", None, None),
        ("0", None, None),
        (f"{DATE}, {DATE}", None, None),
        (f"{BEFORE}, {BEFORE}", None, None),
        ("Sun, 06 Nov 1994 08:49:36", None, None),
        ("Sun, 06 Nov 1994 08:49:36 +0000", None, None),
        ("Sun, 6 Nov 1994 08:49:36 GMT", None, None),
        ("sun, 06 nov 1994 08:49:36 gmt", None, None),
        ("Sun, 31 Feb 1994 08:49:36 GMT", None, None),
    ],
)
def test_dates(value: str, unmodified: int | None, modified: int | None) -> None:
    """At or before the date given is unmodified; what is no single date is ignored (13.1.3, 4)."""
    assert (unmodified, unmodified, unmodified) == tuple(
        status(method, if_unmodified_since=value) for method in ("GET", "PUT", "POST")
    )
    assert (modified, modified, None, None) == tuple(
        status(method, if_modified_since=value) for method in ("GET", "HEAD", "PUT", "POST")
    )


@pytest.mark.parametrize("current", [Current(True, '"v1"'), Current(False)])
def test_without_a_modification_date_dates_are_ignored(current: Current) -> None:
    """There is nothing to compare a date with (13.1.3 and 13.1.4)."""
    assert status("GET", current, if_modified_since=DATE) is None
    assert status("PUT", current, if_unmodified_since=BEFORE) is None


def test_a_year_of_two_digits_depends_on_the_time() -> None:
    """In 2045 the year 94 is ahead, by no more than 50 years; in 1994 it is that year (5.6.7)."""
    value = "Tuesday, 01-Nov-94 00:00:00 GMT"
    in_2045 = 2_366_841_600.0

    assert (412, None) == (
        status("PUT", if_unmodified_since=value),
        status("PUT", V1, in_2045, if_unmodified_since=value),
    )


@pytest.mark.parametrize(
    ("fields", "read", "write"),
    [
        ({"if_match": '"v1"', "if_unmodified_since": BEFORE}, None, None),
        ({"if_match": '"v0"', "if_unmodified_since": DATE}, 412, 412),
        ({"if_match": "", "if_unmodified_since": DATE}, 412, 412),
        ({"if_none_match": '"v0"', "if_modified_since": DATE}, None, None),
        ({"if_none_match": '"v1"', "if_modified_since": BEFORE}, 304, 412),
        ({"if_none_match": "", "if_modified_since": DATE}, None, None),
        ({"if_match": '"v0"', "if_none_match": '"v1"'}, 412, 412),
        ({"if_match": '"v1"', "if_none_match": '"v1"'}, 304, 412),
        ({"if_match": '"v1"', "if_none_match": '"v0"'}, None, None),
        ({"if_match": '"v0"', "if_modified_since": DATE}, 412, 412),
        ({"if_match": '"v1"', "if_modified_since": DATE}, 304, None),
        ({"if_unmodified_since": BEFORE, "if_modified_since": DATE}, 412, 412),
        ({"if_unmodified_since": DATE, "if_modified_since": DATE}, 304, None),
        ({"if_unmodified_since": BEFORE, "if_none_match": '"v1"'}, 412, 412),
        ({"if_unmodified_since": DATE, "if_none_match": '"v1"'}, 304, 412),
        ({"if_unmodified_since": "soon", "if_none_match": '"v1"'}, 304, 412),
        ({"if_none_match": '"v1"', **RANGE}, 304, 412),
        ({"if_match": '"v0"', **RANGE}, 412, 412),
    ],
)
def test_several_at_once(fields: dict[str, str], read: int | None, write: int | None) -> None:
    """RFC 9110, 13.2.2: what guards against a lost update comes first, tags before dates."""
    assert (read, read) == (status("GET", V1, NOW, **fields), status("HEAD", V1, NOW, **fields))
    assert (write, write) == (status("PUT", V1, NOW, **fields), status("DELETE", V1, NOW, **fields))


@pytest.mark.parametrize("method", ["CONNECT", "OPTIONS", "TRACE"])
def test_methods_without_a_representation(method: str) -> None:
    """They "MUST ignore the conditional request header fields" (13.2.1)."""
    fields = {"if-match": '"v0"', "if-none-match": "*", "if-unmodified-since": BEFORE, **RANGE}

    assert Decision() == evaluate(method, fields, V1, NOW)


def test_query_reads() -> None:
    """It is a GET of the equivalent resource, and ranges are too (RFC 10008, 2.6 and 2.8)."""
    assert 304 == status("QUERY", if_none_match='"v1"')
    assert 304 == status("QUERY", if_modified_since=DATE)
    assert evaluate("QUERY", RANGE, V1, NOW).ranged


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"v1"', True),
        ('W/"v1"', False),
        ('"v0"', False),
        ('"v1", "v2"', False),
        ('"v1"x', False),
        ("v1", False),
        ("*", False),
        ("", False),
        (DATE, True),
        ("Sunday, 06-Nov-94 08:49:37 GMT", True),
        ("Sun Nov  6 08:49:37 1994", True),
        (BEFORE, False),
        (AFTER, False),
        ("soon", False),
    ],
)
def test_if_range(value: str, expected: bool) -> None:
    """One strong tag, or the very date; whatever is no validator does not match (13.1.5)."""
    assert expected == ranged(value)


def test_if_range_needs_a_strong_tag_of_ours_too() -> None:
    """A weak tag never matches, and neither does one where there is none."""
    assert [False, False] == [ranged('"v1"', Current(True, etag, T)) for etag in ('W/"v1"', None)]


def test_if_range_with_a_date_of_two_changes() -> None:
    """What another version has had, too, does not tell which one is meant (8.8.2.2)."""
    assert not ranged(DATE, Current(True, '"v1"', T, changed_once=False))


def test_if_range_with_a_date_where_there_is_none() -> None:
    """What has no date matches none."""
    assert not ranged(DATE, Current(True, '"v1"'))


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_range_is_for_methods_that_have_it(method: str) -> None:
    """GET is "the only method for which range handling is defined" (14.2)."""
    assert Decision() == evaluate(method, {**RANGE, "if-range": '"v0"'}, V1, NOW)
    assert Decision() == evaluate(method, {**RANGE, "if-range": '"v1"'}, V1, NOW)
    assert Decision() == evaluate(method, RANGE, V1, NOW)


def test_if_range_without_range_is_ignored() -> None:
    """It has nothing to say (13.1.5)."""
    assert Decision() == evaluate("GET", {"if-range": '"v0"'}, V1, NOW)


@pytest.mark.parametrize(
    ("method", "fields", "current", "expected"),
    [
        ("PUT", {"if-match": "*"}, Current(False), "there is no current representation"),
        ("PUT", {"if-match": "v1"}, V1, "it is neither * nor a list of entity tags"),
        ("PUT", {"if-match": '"v1"'}, Current(), "there is no current entity tag"),
        (
            "PUT",
            {"if-match": '"v1"'},
            Current(True, 'W/"v1"'),
            'the current entity tag is weak, W/"v1", and the comparison is strong',
        ),
        (
            "PUT",
            {"if-match": 'W/"v1"'},
            V1,
            'it does not have the current entity tag, "v1", as a strong one',
        ),
        ("GET", {"if-none-match": '"v1"'}, V1, 'it has the current entity tag, "v1"'),
        ("PUT", {"if-none-match": "*"}, V1, "there is a current representation"),
        ("PUT", {"if-none-match": "v1"}, V1, "it is neither * nor a list of entity tags"),
        ("PUT", {"if-unmodified-since": BEFORE}, V1, f"it was modified later than that, {DATE}"),
        ("GET", {"if-modified-since": AFTER}, V1, f"it was not modified since then, but {DATE}"),
        ("GET", {**RANGE, "if-range": '"v1'}, V1, "it is no entity tag"),
        ("GET", {**RANGE, "if-range": "v1"}, V1, "it is neither an entity tag nor a date"),
        ("GET", {**RANGE, "if-range": AFTER}, V1, "it is not the date of the last modification"),
        (
            "GET",
            {**RANGE, "if-range": DATE},
            Current(True, '"v1"', T, changed_once=False),
            "another version has had that date, so it is weak",
        ),
    ],
)
def test_who_decided_and_why(
    method: str, fields: dict[str, str], current: Current, expected: str
) -> None:
    """The field that was false is named, with what is false about it."""
    found = evaluate(method, fields, current, NOW)

    assert expected == found.reason
    assert list(fields)[-1] == found.field.lower()


@pytest.mark.parametrize(
    ("field", "value", "part"),
    [
        ("if-match", '"v0"', "13.1.1"),
        ("if-none-match", '"v1"', "13.1.2"),
        ("if-modified-since", DATE, "13.1.3"),
        ("if-unmodified-since", BEFORE, "13.1.4"),
        ("if-range", '"v0"', "13.1.5"),
    ],
)
def test_each_field_has_its_section(field: str, value: str, part: str) -> None:
    """The section that is cited is the field's own."""
    assert Section(9110, part) == evaluate("GET", {**RANGE, field: value}, V1, NOW).section
