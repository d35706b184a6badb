"""Challenges as they are written, credentials as they are read: 401 403 407 (RFC 9110, 11).

Rule 1: what is malformed raises `ValueError` with a reason, and never anything else.
Rule 2: a reason repeats nothing of what was sent, which may be a password.

Werkzeug's `Authorization` and `WWWAuthenticate` do not keep them: the last of two parameters with
the same name wins, octets outside of US-ASCII in a token68 raise, a user without a colon gets an
empty password, what follows a quote that is never closed is dropped, and `realm` and `charset` are
written without quotes wherever they need none.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pytest_httpcodes.wire.grammar import TOKEN

# RFC 9110, 11.2: token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
TOKEN68 = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
# RFC 9110, 11.4: credentials = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
_SCHEME = re.compile(rf"({TOKEN})(?: +|\Z)")
# RFC 9110, 11.2: auth-param = token BWS "=" BWS ( token / quoted-string )
_QUOTED = r'"((?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*)"'
_PARAMETER = re.compile(rf"({TOKEN})[ \t]*=[ \t]*(?:({TOKEN})|{_QUOTED})[ \t]*(?=,|\Z)")
# "A recipient MUST parse and ignore a reasonable number of empty list elements" (RFC 9110,
# 5.6.1.2): where the next one that is not empty starts.
_ELEMENT = re.compile(r"[^ \t,]")
_PAIR = re.compile(r"\\(.)")
# What a quoted-string is written from here: a realm beyond US-ASCII has no reliable form
# (RFC 7617, 3).
_TEXT = re.compile(r"[ -~]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# RFC 6750, 3: error_description has no character outside of %x20-21 / %x23-5B / %x5D-7E; and
# scope = scope-token *( SP scope-token ) (RFC 6749, 3.3), of the same without the space.
_DESCRIPTION = re.compile(r"[ !#-\[\]-~]*")
_SCOPE = re.compile(r"[!#-\[\]-~]+(?: [!#-\[\]-~]+)*")

# What a Bearer challenge says is wrong, and the status code that goes with it (RFC 6750, 3.1).
BEARER_ERRORS: Final[Mapping[str, int]] = {
    "invalid_request": 400,
    "invalid_token": 401,
    "insufficient_scope": 403,
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an `Authorization` field has: a scheme, and a token68 or parameters.

    The scheme and the parameters' names are in lower case, since they are case-insensitive. A
    character stands for an octet. What was sent is not shown.
    """

    scheme: str
    token: str | None = field(default=None, repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)


def read(value: str) -> Credentials:
    """Read the value of an `Authorization` field; raises `ValueError`."""
    match = _SCHEME.match(value)
    if not match:
        raise ValueError("the credentials do not start with a scheme and a space")
    scheme, rest = match[1].lower(), value[match.end() :]
    if not rest:
        return Credentials(scheme)
    if TOKEN68.fullmatch(rest):
        return Credentials(scheme, rest)
    return Credentials(scheme, None, _parameters(rest))


def _parameters(text: str) -> dict[str, str]:
    # A parameter's value may be a token or a quoted-string whatever the scheme makes of it, "to
    # allow recipients to use generic parsing components" (RFC 9110, 11.2).
    found: dict[str, str] = {}
    place = 0
    while start := _ELEMENT.search(text, place):
        match = _PARAMETER.match(text, start.start())
        if not match:
            raise ValueError("the credentials are neither a token68 nor parameters with commas")
        name = match[1].lower()
        if name in found:
            # "each parameter name MUST only occur once per challenge" (RFC 9110, 11.2)
            raise ValueError("the credentials have a parameter twice")
        found[name] = match[2] if match[3] is None else _PAIR.sub(r"\1", match[3])
        place = match.end()
    return found


def quoted(text: str) -> str:
    """Write a quoted-string; raises `ValueError` for what is not printable US-ASCII."""
    if not _TEXT.fullmatch(text):
        raise ValueError(f"{text!r} cannot be quoted in a field; use printable US-ASCII")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parameters(pairs: Iterable[tuple[str, str]], bare: frozenset[str] = frozenset()) -> str:
    """Write parameters: quoted, but for those whose names are in `bare`.

    "For historical reasons, a sender MUST only generate the quoted-string syntax" for a realm
    (RFC 9110, 11.5), and a scheme may name others that must not be quoted.
    """
    return ", ".join(f"{name}={value if name in bare else quoted(value)}" for name, value in pairs)


def basic_challenge(realm: str) -> str:
    """Write the challenge of Basic, which asks for UTF-8 (RFC 7617, 2.1)."""
    return "Basic " + parameters([("realm", realm), ("charset", "UTF-8")])


def user_pass(given: Credentials) -> tuple[str, str]:
    """Return the user and the password of Basic credentials; raises `ValueError`.

    They have to be what RFC 7617 lets a client send: canonical Base64 of UTF-8, without a control
    character, and with a colon, the first of which ends the user.
    """
    if given.token is None:
        raise ValueError("Basic credentials are one token68, and these are not")
    try:
        octets = base64.b64decode(given.token, validate=True)
    except binascii.Error:
        octets = b""
    if base64.b64encode(octets).decode() != given.token:
        raise ValueError("the token68 of the Basic credentials is no Base64")
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        raise ValueError(
            "the user and the password are not in UTF-8, which the challenge asks for"
        ) from None
    user, colon, password = text.partition(":")
    if not colon:
        raise ValueError("there is no colon between the user and the password")
    # "The user-id and password MUST NOT contain any control characters" (RFC 7617, 2).
    if _CONTROL.search(text):
        raise ValueError("the user or the password has a control character")
    return user, password


def account(user: str, password: str) -> tuple[str, str]:
    """Return a user and a password in the form that is compared, Unicode's NFC (RFC 7617, 2.1).

    Raises `ValueError` for those that no client can send.
    """
    for name, value in (("user", user), ("password", password)):
        if not isinstance(value, str) or _CONTROL.search(value) or not _encodes(value):
            raise ValueError(f"{name} is no text without control characters; use a str of such")
    if ":" in user:
        # "a user-id containing a colon character is invalid" (RFC 7617, 2)
        raise ValueError(f"user={user!r} has a colon, which ends the user; use one without")
    return _nfc(user, password)


def same(given: tuple[str, str], known: tuple[str, str]) -> bool:
    """Compare a user and a password that were sent with an account, in constant time."""
    sent, expected = ":".join(_nfc(*given)), ":".join(known)
    return hmac.compare_digest(sent.encode(), expected.encode())


def _nfc(user: str, password: str) -> tuple[str, str]:
    return unicodedata.normalize("NFC", user), unicodedata.normalize("NFC", password)


def _encodes(text: str) -> bool:
    # A surrogate has no form in UTF-8.
    return not any("\ud800" <= character <= "\udfff" for character in text)


def bearer_challenge(realm: str, error: str = "", description: str = "", scope: str = "") -> str:
    """Write the challenge of Bearer; `error` is one of `BEARER_ERRORS`, "" for none (RFC 6750, 3).

    Raises `ValueError` for a description or a scope that cannot be sent.
    """
    if not _DESCRIPTION.fullmatch(description):
        raise ValueError(f"{description!r} is no error_description; use US-ASCII without quotes")
    if scope and not _SCOPE.fullmatch(scope):
        raise ValueError(f"scope={scope!r} is no list of scopes; use words with a space between")
    pairs = (
        ("realm", realm),
        ("error", error),
        ("error_description", description),
        ("scope", scope),
    )
    return "Bearer " + parameters(
        (name, value) for name, value in pairs if value or name == "realm"
    )


def bearer_token(given: Credentials) -> str:
    """Return the token of Bearer credentials; raises `ValueError` (RFC 6750, 2.1)."""
    if given.token is None:
        raise ValueError("Bearer credentials are one token, of the characters of a token68")
    return given.token
