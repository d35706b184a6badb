"""Digest as text and as numbers: the vectors of RFC 7616, and its rules for each parameter."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest

from pytest_httpcodes.fields import digest
from pytest_httpcodes.fields.credentials import read as credentials
from tests.digests import hashed

NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
REALM = "http-auth@example.org"
SHA256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
MD5 = "8ca523f5e9506fed4657c9700eebdbec"
EXAMPLE = (
    f'Digest username="Mufasa", realm="{REALM}", uri="/dir/index.html", algorithm=MD5, '
    f'nonce="{NONCE}", nc=00000001, cnonce="{CNONCE}", qop=auth, response="{MD5}", '
    f'opaque="{OPAQUE}"'
)
# RFC 7616, 3.9.2: what is computed with SHA-512/256 itself, and not with the first half of SHA-512.
JASON = "J\u00e4s\u00f8n Doe"
JASON_HASH = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"
JASON_RESPONSE = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"


def claim(value: str) -> digest.Claim:
    """Read the value of an `Authorization` field."""
    return digest.read(credentials(value))


def changed(old: str, new: str) -> str:
    """Return the example with a change."""
    assert old in EXAMPLE
    return EXAMPLE.replace(old, new)


def test_the_example_is_read() -> None:
    """RFC 7616, 3.9.1."""
    found = claim(EXAMPLE)

    assert (b"Mufasa", False, REALM, NONCE) == (found.user, found.hashed, found.realm, found.nonce)
    assert ("/dir/index.html", "MD5", "auth") == (found.uri, found.algorithm, found.qop)
    assert ("00000001", 1, CNONCE) == (found.nc, found.count, found.cnonce)
    assert (MD5, OPAQUE) == (found.response, found.opaque)


@pytest.mark.parametrize(("algorithm", "expected"), [("SHA-256", SHA256), ("MD5", MD5)])
def test_the_vectors(algorithm: str, expected: str) -> None:
    """RFC 7616, 3.9.1: what the user Mufasa and the password Circle of Life make."""
    found = claim(changed("algorithm=MD5", f"algorithm={algorithm}").replace(MD5, expected))
    key = digest.key(algorithm, "Mufasa", REALM, "Circle of Life", (NONCE, CNONCE))

    assert expected == digest.response(found, key, "GET", "")
    assert digest.answers(found, key, "GET", "")
    assert not digest.answers(found, key, "HEAD", "")


@pytest.mark.skipif(
    "sha512_256" not in hashlib.algorithms_available, reason="OpenSSL has no SHA-512/256 here"
)
def test_the_other_vector_as_corrected(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 7616, 3.9.2: a user beyond US-ASCII, hashed or as ext-value, and an algorithm more."""
    name = "SHA-512-256"
    monkeypatch.setitem(digest.ALGORITHMS, name, lambda data: hashlib.new("sha512_256", data))
    nonce, cnonce = (
        "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
        "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    )
    rest = (
        f'realm="api@example.org", uri="/doe.json", algorithm={name}, nonce="{nonce}", '
        f'nc=00000001, cnonce="{cnonce}", qop=auth, response="{JASON_RESPONSE}", '
        f'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS"'
    )
    by_hash = claim(f'Digest username="{JASON_HASH}", {rest}, userhash=true')
    plain = claim(f"Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, {rest}, userhash=false")
    key = digest.key(name, JASON, "api@example.org", "Secret, or not?", (nonce, cnonce))

    assert JASON_HASH.encode() == digest.user_hash(name, JASON, "api@example.org") == by_hash.user
    assert (True, False) == (by_hash.hashed, plain.hashed)
    assert JASON.encode() == plain.user
    assert JASON_RESPONSE == digest.response(by_hash, key, "GET", "")
    assert digest.answers(by_hash, key, "GET", "")
    assert digest.answers(plain, key, "GET", "")


def test_the_key_of_a_session() -> None:
    """RFC 7616, 3.4.2: made of that of the account, the nonce and the cnonce."""
    for algorithm, make in (("SHA-256", hashlib.sha256), ("MD5", hashlib.md5)):
        account = make(b"u:r:p").hexdigest()
        session = make(f"{account}:n:c".encode()).hexdigest()

        assert account == digest.key(algorithm, "u", "r", "p", ("n", "c"))
        assert session == digest.key(f"{algorithm}-sess", "u", "r", "p", ("n", "c"))


def test_content_is_part_of_auth_int_alone() -> None:
    """RFC 7616, 3.4.3."""
    entity = digest.digested("MD5", b"content")
    auth, auth_int = claim(EXAMPLE), claim(changed("qop=auth", "qop=auth-int"))
    a2 = hashed("MD5", f"PUT:/dir/index.html:{entity}")
    expected = hashed("MD5", f"key:{NONCE}:00000001:{CNONCE}:auth-int:{a2}")

    assert expected == digest.response(auth_int, "key", "PUT", entity)
    assert digest.response(auth, "key", "PUT", entity) == digest.response(auth, "key", "PUT", "")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "MD5-sess", "SHA-256-sess"])
def test_the_digest_of_content(algorithm: str) -> None:
    """Of any size, without holding it; a session's is that of its algorithm."""
    data = b"0123456789abcde\n" * 10_000
    make = hashlib.md5 if algorithm.startswith("MD5") else hashlib.sha256

    assert make(data).hexdigest() == digest.digested_content(algorithm, BytesIO(data))
    assert make(data).hexdigest() == digest.digested(algorithm, data)
    assert make(b"").hexdigest() == digest.digested_content(algorithm, BytesIO())


@pytest.mark.parametrize(
    "name", ["realm", "nonce", "uri", "response", "qop", "nc", "cnonce", "username"]
)
def test_what_is_required(name: str) -> None:
    """RFC 7616, 3.4; without qop, nc and cnonce it is what RFC 2069 had, and that is gone."""
    with pytest.raises(ValueError, match=f"have no {name}|either username"):
        claim(EXAMPLE.replace(f"{name}=", f"x-{name}="))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("Digest abc", "these are a token68"),
        ("Digest", "have no realm, nonce, uri, response, qop, nc, cnonce"),
        (changed("nc=00000001", "nc=1"), "in 8 hexadecimal digits"),
        (changed("nc=00000001", "nc=000000001"), "in 8 hexadecimal digits"),
        (changed("nc=00000001", "nc=0000000g"), "in 8 hexadecimal digits"),
        (changed("nc=00000001", "nc=+0000001"), "in 8 hexadecimal digits"),
        (changed("nc=00000001", 'nc="0000001 "'), "in 8 hexadecimal digits"),
        (changed("nc=00000001", "nc=00000000"), "from 1 on"),
        (changed("qop=auth", "qop=AUTH"), "neither auth nor auth-int"),
        (changed("qop=auth", 'qop="auth, auth-int"'), "neither auth nor auth-int"),
        (changed("algorithm=MD5", "algorithm=SHA-512-256"), "none of SHA-256, MD5, with or"),
        (changed("algorithm=MD5", "algorithm=MD5-sess-sess"), "none of SHA-256, MD5, with or"),
        (changed("algorithm=MD5", 'algorithm=""'), "none of SHA-256, MD5, with or"),
        (changed(f'cnonce="{CNONCE}"', 'cnonce="\xe4"'), "not US-ASCII"),
        (f"{EXAMPLE}, userhash=yes", "neither true nor false"),
        (f"{EXAMPLE}, username*=UTF-8''Mufasa", "either username or username"),
        (f"{EXAMPLE}, NC=00000001", "a parameter twice"),
        (f"{EXAMPLE}, Digest x=y", "neither a token68 nor"),
    ],
)
def test_improper_credentials(value: str, reason: str) -> None:
    """Each with a reason (RFC 7616, 3.4)."""
    with pytest.raises(ValueError, match=reason):
        claim(value)


@pytest.mark.parametrize(
    ("user", "extended"),
    [
        (JASON.encode(), "UTF-8''J%C3%A4s%C3%B8n%20Doe"),
        (JASON.encode(), "utf-8'en'J%c3%a4s%c3%b8n%20Doe"),
        (b"!#$&+-.^_`|~aZ9", "UTF-8'de-CH'!#$&+-.^_`|~aZ9"),
        (b"", "UTF-8''"),
    ],
)
def test_a_user_as_ext_value(user: bytes, extended: str) -> None:
    """RFC 8187, 3.2.1."""
    assert user == claim(changed('username="Mufasa"', f"username*={extended}")).user


@pytest.mark.parametrize(
    "extended",
    ["Mufasa", "UTF-8'Mufasa", "ISO-8859-1''M", "UTF-8''M%4", "UTF-8''M%4g", "UTF-8''a'b", "''a"],
)
def test_what_is_no_ext_value(extended: str) -> None:
    """RFC 8187, 3.2.1: UTF-8 alone, each octet that needs it encoded."""
    with pytest.raises(ValueError, match="no ext-value in UTF-8"):
        claim(changed('username="Mufasa"', f"username*={extended}"))


def test_a_hash_is_no_ext_value() -> None:
    """RFC 7616, 3.4: username* is for a name that is not hashed."""
    with pytest.raises(ValueError, match="no ext-value"):
        claim(changed('username="Mufasa"', "username*=UTF-8''Mufasa, userhash=true"))


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("SHA-256", changed("algorithm=MD5", "algorithm=sha-256")),
        ("SHA-256-sess", changed("algorithm=MD5", "algorithm=SHA-256-SESS")),
        ("MD5-sess", changed("algorithm=MD5", 'algorithm="MD5-sess"')),
        ("MD5", changed("algorithm=MD5, ", "")),
    ],
)
def test_the_algorithm(expected: str, value: str) -> None:
    """In any case, quoted or not, "If this is not present, it is assumed to be "MD5"" (3.3)."""
    assert expected == claim(value).algorithm


def test_quotes_do_not_matter_to_the_recipient() -> None:
    """RFC 9110, 11.2: both notations, whichever a sender should use."""
    quotes = changed("nc=00000001", 'nc="00000001"').replace("qop=auth,", 'QOP="auth",')
    octets = changed("Mufasa", "J\xc3\xa4s\xf8n")

    assert claim(EXAMPLE) == claim(quotes)
    assert "J\u00e4s".encode() + b"\xf8n" == claim(octets).user
    assert claim(changed(f', opaque="{OPAQUE}"', "")).opaque is None
    assert claim(f"{EXAMPLE}, userhash=TRUE").hashed


def test_the_user_is_not_shown() -> None:
    """It may be a password that was entered in the wrong place (RFC 7616, 3.4)."""
    assert "Mufasa" not in repr(claim(EXAMPLE))


def test_the_challenge() -> None:
    """The quotes are those that RFC 7616, 3.3 prescribes and forbids."""
    assert (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
        'nonce="n", opaque="o", charset=UTF-8, userhash=true'
    ) == digest.challenge(REALM, "SHA-256", "n", "o", ("auth", "auth-int"))
    assert (
        'Digest realm="", qop="auth", algorithm=MD5-sess, nonce="n", opaque="o", charset=UTF-8, '
        "userhash=true, stale=true"
    ) == digest.challenge("", "MD5-sess", "n", "o", ("auth",), stale=True)


def test_the_information_on_an_authentication() -> None:
    """RFC 7616, 3.5: the method of `rspauth` is empty; qop and nc have no quotes."""
    a2 = hashed("MD5", b":/dir/index.html")
    rspauth = hashed("MD5", f"key:{NONCE}:00000001:{CNONCE}:auth:{a2}")
    expected = f'qop=auth, rspauth="{rspauth}", cnonce="{CNONCE}", nc=00000001'

    assert expected == digest.info(claim(EXAMPLE), "key", "")
    assert f'nextnonce="x", {expected}' == digest.info(claim(EXAMPLE), "key", "", "x")
    entity = digest.digested("MD5", b"content")
    a2 = hashed("MD5", f":/dir/index.html:{entity}")
    rspauth = hashed("MD5", f"key:{NONCE}:00000001:{CNONCE}:auth-int:{a2}")
    found = digest.info(claim(changed("qop=auth", "qop=auth-int")), "key", entity)
    assert f'qop=auth-int, rspauth="{rspauth}", cnonce="{CNONCE}", nc=00000001' == found
    assert "" == digest.info(claim(EXAMPLE), "key", None)
    assert 'nextnonce="x"' == digest.info(claim(EXAMPLE), "key", None, "x")


def test_credentials_are_written_as_they_should_be() -> None:
    """RFC 7616, 3.4 again has its own rules for quotes; its example is one of them."""
    assert EXAMPLE == digest.authorization(claim(EXAMPLE))
    hashed_one = f"{EXAMPLE}, userhash=true".replace(f', opaque="{OPAQUE}"', "")
    assert hashed_one == digest.authorization(claim(hashed_one))


@pytest.mark.parametrize(
    ("expected", "uri", "target"),
    [
        (True, "/a?b=c", "/a?b=c"),
        (True, "*", "*"),
        (True, "example.org:443", "example.org:443"),
        (True, "http://example.org/a", "http://example.org/a"),
        (True, "http://example.org/a?b", "/a?b"),
        (True, "/a", "http://example.org/a"),
        (True, "HTTP://Example.ORG:80/a", "/a"),
        (True, "http://example.org:/a", "/a"),
        (True, "http://example.org", "/"),
        (True, "http://example.org?b", "/?b"),
        (False, "/A", "/a"),
        (False, "/a/", "/a"),
        (False, "/a?", "/a"),
        (False, "/a", "/a?b"),
        (False, "/%61", "/a"),
        (False, "//example.org/a", "/a"),
        (False, "https://example.org/a", "/a"),
        (False, "http://example.org:8080/a", "/a"),
        (False, "http://example.com/a", "/a"),
        (False, "http://user@example.org/a", "/a"),
        (False, "a", "/a"),
        (False, "", "/"),
        (False, "", "*"),
        (False, "example.org:80", "*"),
        (False, "*", "/"),
        (False, "\xe4", "/"),
    ],
)
def test_the_uri_designates_the_target(expected: bool, uri: str, target: str) -> None:
    """RFC 7616, 3.4.6: the same resource, though an intermediary may have changed the form."""
    assert expected is digest.designates(uri, target, "http://example.org")
    assert expected is digest.designates(uri, target, "http://EXAMPLE.org:80")
