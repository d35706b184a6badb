"""Challenges and credentials as text: the grammar of RFC 9110, 11, and Basic and Bearer."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Authorization, WWWAuthenticate

from pytest_httpcodes.fields.credentials import (
    BEARER_ERRORS,
    Credentials,
    account,
    basic_challenge,
    bearer_challenge,
    bearer_token,
    parameters,
    quoted,
    read,
    same,
    user_pass,
)

LATIN_1 = st.text(st.characters(max_codepoint=255))
NO_CONTROLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


def token_of(octets: bytes) -> Credentials:
    """Return Basic credentials that carry some octets."""
    return read(f"Basic {base64.b64encode(octets).decode()}")


@pytest.mark.parametrize(
    ("value", "scheme", "token", "found"),
    [
        ("Basic dXNlcjpwYXNzd29yZA==", "basic", "dXNlcjpwYXNzd29yZA==", {}),
        ("bAsIc   abc", "basic", "abc", {}),
        ("Bearer mF_9.B5f-4.1JqM", "bearer", "mF_9.B5f-4.1JqM", {}),
        ("X ~+/=====", "x", "~+/=====", {}),
        ("Negotiate", "negotiate", None, {}),
        ("Negotiate   ", "negotiate", None, {}),
        ("Digest a=b", "digest", None, {"a": "b"}),
        ('Digest A="b" , c  =\t"d,e=f"', "digest", None, {"a": "b", "c": "d,e=f"}),
        ("Digest ,\t, a=b ,,\t, C=d,", "digest", None, {"a": "b", "c": "d"}),
        (r'Digest a="x\"y\\z\q"', "digest", None, {"a": r'x"y\zq'}),
        ('Digest a="", b=""', "digest", None, {"a": "", "b": ""}),
        ('Digest , a="\xe4\x80"', "digest", None, {"a": "\xe4\x80"}),
        ("Digest username*=UTF-8''J%C3%A4", "digest", None, {"username*": "UTF-8''J%C3%A4"}),
        ("Digest ,, ,", "digest", None, {}),
        ("!#$%&'*+.^_`|~- a=!#$%&'*+.^_`|~-", "!#$%&'*+.^_`|~-", None, {"a": "!#$%&'*+.^_`|~-"}),
    ],
)  # fmt: skip
def test_credentials(value: str, scheme: str, token: str | None, found: dict[str, str]) -> None:
    """Scheme and names in any case, tokens and quoted strings alike, empty elements ignored."""
    assert Credentials(scheme, token, found) == read(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "do not start with a scheme"),
        (" Basic abc", "do not start with a scheme"),
        ("Basic\tabc", "do not start with a scheme"),
        ('"Basic" abc', "do not start with a scheme"),
        ("Bäsic abc", "do not start with a scheme"),
        ("Basic=abc", "do not start with a scheme"),
        ("Basic abc def", "neither a token68 nor"),
        ("Basic abc, Basic def", "neither a token68 nor"),
        ("Basic abc==, a=b", "neither a token68 nor"),
        ("Basic ab=c=d", "neither a token68 nor"),
        ("Basic ab\xe4", "neither a token68 nor"),
        ("Digest a=b c=d", "neither a token68 nor"),
        ("Digest a=b; c=d", "neither a token68 nor"),
        ("Digest a=, c=d", "neither a token68 nor"),
        ("Digest =b, c=d", "neither a token68 nor"),
        ("Digest a, c=d", "neither a token68 nor"),
        ('Digest a="b', "neither a token68 nor"),
        (r'Digest a="b\"', "neither a token68 nor"),
        ('Digest a="b"c', "neither a token68 nor"),
        ('Digest a="b" c=d', "neither a token68 nor"),
        ("Digest a='b c'", "neither a token68 nor"),
        ("Digest a=b/c", "neither a token68 nor"),
        ("Digest a=b, Digest c=d", "neither a token68 nor"),
        ('Digest nc=1, x="nc=2", NC=1', "have a parameter twice"),
        ("Digest a=b, a=b", "have a parameter twice"),
    ],
)
def test_malformed_credentials(value: str, reason: str) -> None:
    """What the grammar does not have is refused with a reason, the second of two fields too."""
    with pytest.raises(ValueError, match=reason):
        read(value)


@settings(deadline=None)
@given(LATIN_1 | LATIN_1.map("Basic {}".format) | LATIN_1.map('Digest a="{}'.format))
def test_nothing_but_a_value_error(value: str) -> None:
    """Whatever comes, what cannot be read raises `ValueError` alone."""
    for parse in (user_pass, bearer_token):
        try:
            found = read(value)
            parse(found)
        except ValueError:
            continue


@pytest.mark.parametrize(
    "value",
    [
        "Digest " + "a," * 8_000 + '"',
        "Digest " + "a=b," * 4_000 + '"',
        'Digest a="' + '\\"' * 8_000,
        "Digest a" + " " * 16_000 + "b",
        "Digest a=b" + " \t," * 5_000 + '"',
        "Digest " + "a" * 16_000,
        "Basic " + "=" * 16_000,
    ],
)
def test_a_long_value_is_read_at_once(value: str) -> None:
    """A regular expression that tried each place again would need minutes."""
    for _ in range(20):
        try:
            found = read(value)
        except ValueError:
            continue
        assert "a" * 16_000 == found.token


def test_what_was_sent_is_not_shown() -> None:
    """A password is not to be read in a traceback or a log."""
    assert "Credentials(scheme='basic')" == repr(read("Basic dXNlcjpwYXNzd29yZA=="))
    assert "Credentials(scheme='digest')" == repr(read("Digest username=secret"))


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_quoted_is_read_as_it_was(text: str) -> None:
    """Ours and Werkzeug's reader agree on what was written."""
    value = f"X a={quoted(text)}, b=c"

    assert {"a": text, "b": "c"} == read(value).parameters
    assert {"a": text, "b": "c"} == dict(WWWAuthenticate.from_header(value).parameters)  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["\r\nX: y", "\x00", "\t", "\x7f", "ä", "€"])
def test_what_no_field_can_quote_is_refused(text: str) -> None:
    """Control characters, and what is beyond US-ASCII (RFC 7617, 3)."""
    with pytest.raises(ValueError, match="use printable US-ASCII"):
        quoted(text)


def test_parameters_are_quoted_but_for_those_that_must_not_be() -> None:
    """As RFC 7616, 3.3 has it for its historical reasons."""
    pairs = [("realm", 'a "b" \\'), ("stale", "true")]

    assert r'realm="a \"b\" \\", stale="true"' == parameters(pairs)
    assert r'realm="a \"b\" \\", stale=true' == parameters(pairs, frozenset(["stale"]))


def test_the_challenge_of_basic() -> None:
    """RFC 7617, 2.1: its own example."""
    assert 'Basic realm="foo", charset="UTF-8"' == basic_challenge("foo")


@pytest.mark.parametrize(
    ("value", "user", "password"),
    [
        ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame"),
        ("basic dGVzdDoxMjPCow==", "test", "123£"),
        (f"BASIC {base64.b64encode(b'user:pass:word:').decode()}", "user", "pass:word:"),
        (f"Basic {base64.b64encode(b':').decode()}", "", ""),
        (f"Basic {base64.b64encode(b'user:').decode()}", "user", ""),
        (f"Basic {base64.b64encode(b':pass').decode()}", "", "pass"),
        (f"Basic {base64.b64encode('ü:日本 '.encode()).decode()}", "ü", "日本 "),
    ],
)
def test_basic(value: str, user: str, password: str) -> None:
    """RFC 7617, 2 and 2.1 have the first two; the first colon ends the user."""
    assert (user, password) == user_pass(read(value))


@settings(deadline=None)
@given(NO_CONTROLS.filter(lambda user: ":" not in user), NO_CONTROLS)
def test_basic_takes_every_user_and_password(user: str, password: str) -> None:
    """Werkzeug writes what is read here, whatever its characters."""
    written = Authorization("basic", {"username": user, "password": password}).to_header()

    assert (user, password) == user_pass(read(written))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("Basic", "are one token68"),
        ("Basic a=b", "are one token68"),
        ('Basic realm="x"', "are one token68"),
        ("Basic a", "no Base64"),
        ("Basic dXNlcjpwYXNzd29yZA", "no Base64"),
        ("Basic dXNlcjpwYXNzd29yZA=", "no Base64"),
        ("Basic dXNlcjpwYXNzd29yZA===", "no Base64"),
        ("Basic dXNlcjpwYXNzd29yZB==", "no Base64"),
        ("Basic dXNlcjpwYXNz=", "no Base64"),
        ("Basic dXNlcjpw_~-.", "no Base64"),
        ("Basic dXNlcg==", "no colon"),
        (f"Basic {base64.b64encode('ü:ö'.encode('latin-1')).decode()}", "not in UTF-8"),
        (f"Basic {base64.b64encode(b'user:pass' + bytes([10])).decode()}", "control character"),
        (f"Basic {base64.b64encode(b'us' + bytes([0]) + b'er:').decode()}", "control character"),
        (f"Basic {base64.b64encode(b'user:' + bytes([127])).decode()}", "control character"),
    ],
)
def test_malformed_basic(value: str, reason: str) -> None:
    """Each has a reason, which shows nothing of a password."""
    with pytest.raises(ValueError, match=reason) as raised:
        user_pass(read(value))
    assert "pass" not in str(raised.value).replace("password", "")


@settings(deadline=None)
@given(st.binary())
def test_basic_never_fails_otherwise(octets: bytes) -> None:
    """Any octets are a user and a password or a `ValueError`."""
    try:
        user, password = user_pass(token_of(octets))
    except ValueError:
        return

    assert octets == f"{user}:{password}".encode()


def test_users_are_compared_in_normalization_form_c() -> None:
    """RFC 7617, 2.1: "expects character data to be converted to Unicode Normalization Form C"."""
    composed, decomposed = "J\u00e4s\u00f8n", "Ja\u0308s\u00f8n"
    known = account(decomposed, f"{decomposed} 1")

    assert (composed, f"{composed} 1") == known
    for name in (composed, decomposed):
        assert same((name, f"{name} 1"), known)
        assert not same((name, f"{name} 2"), known)


@pytest.mark.parametrize(
    "given",
    [
        ("user", "passwor"),
        ("user", ""),
        ("", "password"),
        ("use", "rpassword"),
        ("User", "password"),
    ],
)
def test_another_user_or_password_is_not_the_same(given: tuple[str, str]) -> None:
    """Neither where the two would run together."""
    assert not same(given, account("user", "password"))
    assert same(("user", "password"), account("user", "password"))


@pytest.mark.parametrize(
    ("user", "password", "reason"),
    [
        ("us:er", "password", "user='us:er' has a colon"),
        ("us\ner", "password", "user is no text"),
        ("user", "pass\x7fword", "password is no text"),
        ("user", "\ud800", "password is no text"),
        (None, "password", "user is no text"),
        ("user", b"password", "password is no text"),
    ],
)
def test_an_account_that_nobody_could_use_is_refused(user: str, password: str, reason: str) -> None:
    """It is a mistake of the test that makes it."""
    with pytest.raises(ValueError, match=reason):
        account(user, password)


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ('Bearer realm="example"', ("example",)),
        (
            'Bearer realm="example", error="invalid_token", error_description="It expired"',
            ("example", "invalid_token", "It expired"),
        ),
        (
            'Bearer realm="example", error="insufficient_scope", scope="a b:c"',
            ("example", "insufficient_scope", "", "a b:c"),
        ),
    ],
)
def test_the_challenge_of_bearer(expected: str, given: tuple[str, ...]) -> None:
    """RFC 6750, 3: as in its own two examples, and one with a scope."""
    assert expected == bearer_challenge(*given)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("x", "invalid_token", 'a "b"'), "is no error_description"),
        (("x", "invalid_token", "a\\b"), "is no error_description"),
        (("x", "invalid_token", "ä"), "is no error_description"),
        (("x", "", "", " a"), "is no list of scopes"),
        (("x", "", "", "a  b"), "is no list of scopes"),
        (("x", "", "", 'a"b'), "is no list of scopes"),
    ],
)
def test_what_a_bearer_challenge_cannot_say(given: tuple[str, ...], reason: str) -> None:
    """RFC 6750, 3 restricts the characters."""
    with pytest.raises(ValueError, match=reason):
        bearer_challenge(*given)


def test_the_status_codes_of_bearer_errors() -> None:
    """RFC 6750, 3.1."""
    assert {
        "invalid_request": 400,
        "invalid_token": 401,
        "insufficient_scope": 403,
    } == BEARER_ERRORS


def test_the_token_of_bearer() -> None:
    """RFC 6750, 2.1: its own example; and what is none."""
    assert "mF_9.B5f-4.1JqM" == bearer_token(read("Bearer mF_9.B5f-4.1JqM"))
    for value in ("Bearer", "Bearer a=b", 'Bearer a="b"'):
        with pytest.raises(ValueError, match="are one token"):
            bearer_token(read(value))
