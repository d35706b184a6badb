"""Digest access authentication: what is said and what is computed, 400 401 407 (RFC 7616).

Text that a client sent is held as it arrived, a character for each octet.

`SHA-512-256` is not offered: not every build of Python has it, and RFC 7616's own example of it
(3.9.2) was computed with another function.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Protocol
from urllib.parse import unquote_to_bytes

from pytest_httpcodes.fields.credentials import Credentials, parameters
from pytest_httpcodes.fields.nonces import Session
from pytest_httpcodes.wire.grammar import ABSOLUTE

_PIECE = 65_536  # octets of content that are read at a time
SESS = "-sess"
# "a sender MUST NOT generate the quoted string syntax values for the following parameters: stale
# and algorithm" (RFC 7616, 3.3), and likewise for algorithm, qop and nc in credentials (3.4) and
# for qop and nc in Authentication-Info (3.5). Its examples do not quote charset and userhash.
_BARE_IN_CHALLENGE = frozenset(("stale", "algorithm", "charset", "userhash"))
_BARE_IN_CREDENTIALS = frozenset(("algorithm", "qop", "nc", "userhash"))
_BARE_IN_INFO = frozenset(("qop", "nc"))
# "This parameter MUST be used by all implementations" (RFC 7616, 3.4) holds for cnonce, nc and,
# in 3.3, for qop: what RFC 2069 had instead is gone (appendix A).
_REQUIRED = ("realm", "nonce", "uri", "response", "qop", "nc", "cnonce")
_COUNT = re.compile("[0-9A-Fa-f]{8}")
# RFC 8187, 3.2.1: ext-value = charset "'" [ language ] "'" value-chars
_VALUE = r"(?:[A-Za-z0-9!#$&+\-.^_`|~]|%[0-9A-Fa-f]{2})*"
_EXTENDED = re.compile(rf"[Uu][Tt][Ff]-8'[A-Za-z0-9-]*'({_VALUE})")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def _md5(data: bytes = b"") -> _Hash:
    # A build for FIPS refuses MD5 where it is for security, which nobody expects of it here.
    return hashlib.md5(data, usedforsecurity=False)


# In order of preference, as RFC 7616, 3.7 has it.
ALGORITHMS: Final[dict[str, Callable[[bytes], _Hash]]] = {"SHA-256": hashlib.sha256, "MD5": _md5}


def digested(algorithm: str, data: bytes) -> str:
    """Return H(data), as hexadecimal digits; `algorithm` may be a session's, as in "MD5-sess"."""
    return ALGORITHMS[algorithm.removesuffix(SESS)](data).hexdigest()


def digested_content(algorithm: str, content: BinaryIO) -> str:
    """Return H(entity-body) of content of any size."""
    made = ALGORITHMS[algorithm.removesuffix(SESS)](b"")
    while piece := content.read(_PIECE):
        made.update(piece)
    return made.hexdigest()


@dataclass(frozen=True, slots=True)
class Claim:
    """What Digest credentials say: who wants to have computed what from which nonce.

    `user` is the octets of the name, or of its hash if `hashed`. `algorithm` is spelled as in
    `ALGORITHMS`, with "-sess" for a session's. `opaque` is None where it was not returned.
    """

    user: bytes = field(repr=False)
    hashed: bool
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str
    qop: str
    nc: str
    cnonce: str
    opaque: str | None

    @property
    def count(self) -> int:
        """How many requests the client says to have sent with the nonce, this one included."""
        return int(self.nc, 16)


def read(given: Credentials) -> Claim:
    """Read Digest credentials.

    Raises `ValueError` for one that lacks what RFC 7616, 3.4 requires, or whose value is improper.
    """
    found = given.parameters
    if given.token is not None:
        raise ValueError("Digest credentials are parameters, and these are a token68")
    missing = [name for name in _REQUIRED if name not in found]
    if missing:
        raise ValueError(f"the Digest credentials have no {', '.join(missing)}")
    qop, nc = found["qop"], found["nc"]
    if qop not in ("auth", "auth-int"):
        raise ValueError("the qop of the Digest credentials is neither auth nor auth-int")
    if not _COUNT.fullmatch(nc) or not int(nc, 16):
        raise ValueError("the nc is no count from 1 on in 8 hexadecimal digits")
    if not found["cnonce"].isascii():
        # "an opaque quoted ASCII-only string value" (RFC 7616, 3.4)
        raise ValueError("the cnonce is not US-ASCII")
    hashed = found.get("userhash", "false").lower()
    if hashed not in ("true", "false"):
        raise ValueError("the userhash is neither true nor false")
    return Claim(
        _user(found.get("username"), found.get("username*"), hashed == "true"),
        hashed == "true",
        found["realm"],
        found["nonce"],
        found["uri"],
        found["response"],
        _algorithm(found.get("algorithm", "MD5")),
        qop,
        nc,
        found["cnonce"],
        found.get("opaque"),
    )


def _user(plain: str | None, extended: str | None, hashed: bool) -> bytes:
    # "Sending both username and username* in the same header option MUST be treated as an error"
    # (RFC 7616, 3.4).
    if (plain is None) is (extended is None):
        raise ValueError("the Digest credentials have to have either username or username*")
    if plain is not None:
        return plain.encode("latin-1")
    # "If the userhash parameter value is set "false" ... the user's name can be sent with this
    # parameter" (RFC 7616, 3.4); a hash has no need of it.
    match = None if hashed else _EXTENDED.fullmatch(extended or "")
    if not match:
        raise ValueError("the username* is no ext-value in UTF-8, as in UTF-8''J%C3%A4s%C3%B8n")
    return unquote_to_bytes(match[1])


def _algorithm(name: str) -> str:
    for known in ALGORITHMS:
        for spelled in (known, known + SESS):
            if spelled.lower() == name.lower():
                return spelled
    raise ValueError(f"the algorithm is none of {', '.join(ALGORITHMS)}, with or without {SESS}")


def user_hash(algorithm: str, user: str, realm: str) -> bytes:
    """Return the hash of a user's name (RFC 7616, 3.4.4)."""
    return digested(algorithm, f"{user}:{realm}".encode()).encode()


def key(algorithm: str, user: str, realm: str, password: str, session: Session) -> str:
    """Return H(A1), the key of an account, for a session's algorithm that of the session.

    `session` are the nonce and the cnonce that the session began with (RFC 7616, 3.4.2).
    """
    made = digested(algorithm, f"{user}:{realm}:{password}".encode())
    if not algorithm.endswith(SESS):
        return made
    return digested(algorithm, ":".join((made, *session)).encode("latin-1"))


def response(claim: Claim, key: str, method: str, entity: str) -> str:
    """Return the response that a claim has to have (RFC 7616, 3.4.1 and 3.4.3).

    `entity` is H(entity-body), for auth-int. With "" for the method it is the server's `rspauth`
    (3.5).
    """
    a2 = [method, claim.uri, *([entity] if claim.qop == "auth-int" else [])]
    hashed = digested(claim.algorithm, ":".join(a2).encode("latin-1"))
    parts = (key, claim.nonce, claim.nc, claim.cnonce, claim.qop, hashed)
    return digested(claim.algorithm, ":".join(parts).encode("latin-1"))


def answers(claim: Claim, key: str, method: str, entity: str) -> bool:
    """Tell in constant time whether a claim's response is the one that it has to be."""
    expected = response(claim, key, method, entity)
    return hmac.compare_digest(claim.response.encode("latin-1"), expected.encode())


def challenge(
    realm: str, algorithm: str, nonce: str, opaque: str, qop: Sequence[str], *, stale: bool = False
) -> str:
    """Write a challenge, which asks for UTF-8 and offers to take the name's hash (RFC 7616, 3.3).

    `stale` says that "the client may wish to simply retry the request with a new encrypted
    response, without re-prompting the user".
    """
    pairs = [
        ("realm", realm),
        ("qop", ", ".join(qop)),
        ("algorithm", algorithm),
        ("nonce", nonce),
        ("opaque", opaque),
        ("charset", "UTF-8"),
        ("userhash", "true"),
        *([("stale", "true")] if stale else []),
    ]
    return "Digest " + parameters(pairs, _BARE_IN_CHALLENGE)


def info(claim: Claim, key: str, entity: str | None, nextnonce: str = "") -> str:
    """Write the value of `Authentication-Info` for a claim that was right (RFC 7616, 3.5).

    `entity` is H(entity-body) of the answer, for auth-int; where that is None because it cannot
    be known yet, there is only the next nonce to tell, and "" if there is none.
    """
    pairs = [("nextnonce", nextnonce)] if nextnonce else []
    if entity is not None:
        pairs += [
            ("qop", claim.qop),
            ("rspauth", response(claim, key, "", entity)),
            ("cnonce", claim.cnonce),
            ("nc", claim.nc),
        ]
    return parameters(pairs, _BARE_IN_INFO)


def authorization(claim: Claim) -> str:
    """Write the credentials that a claim is read from, of a user whose name is in US-ASCII."""
    pairs = [
        ("username", claim.user.decode()),
        ("realm", claim.realm),
        ("uri", claim.uri),
        ("algorithm", claim.algorithm),
        ("nonce", claim.nonce),
        ("nc", claim.nc),
        ("cnonce", claim.cnonce),
        ("qop", claim.qop),
        ("response", claim.response),
        *([("opaque", claim.opaque)] if claim.opaque is not None else []),
        *([("userhash", "true")] if claim.hashed else []),
    ]
    return "Digest " + parameters(pairs, _BARE_IN_CREDENTIALS)


def designates(uri: str, target: str, root: str) -> bool:
    """Tell whether a `uri` is that of the request target, or of the same resource.

    `root` is the scheme and authority that the request was sent to, as in "http://example.org".
    "The authenticating server MUST assure that the resource designated by the "uri" parameter is
    the same as the resource specified in the Request-Line" (RFC 7616, 3.4.6): an intermediary may
    have changed its form, which is why there is this parameter.
    """
    return uri == target or _absolute(uri, root) == _absolute(target, root) != ""


def _absolute(uri: str, root: str) -> str:
    # The absolute form, normalized as RFC 9110, 4.2.3 has it; "" for none that has a path.
    match = ABSOLUTE.match(root + uri if uri.startswith("/") else uri)
    if not match:
        return ""
    scheme, rest = match[1].lower(), match[3]
    authority = match[2].lower().removesuffix(":" + _DEFAULT_PORTS.get(scheme, "")).rstrip(":")
    return f"{scheme}://{authority}{rest if rest.startswith('/') else '/' + rest}"
