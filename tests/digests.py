"""A client of Digest by the letter of RFC 7616, with nothing of the package's own code."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from werkzeug.http import parse_dict_header

from tests.raw import Answer, Raw

HASHES = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
# "a sender MUST only generate the quoted string syntax for the following parameters: username,
# realm, nonce, uri, response, cnonce, and opaque" (RFC 7616, 3.4).
QUOTED = ("username", "realm", "nonce", "uri", "response", "cnonce", "opaque")


def hashed(algorithm: str, text: str | bytes) -> str:
    """Return H(text) in hexadecimal digits."""
    octets = text if isinstance(text, bytes) else text.encode()
    return HASHES[algorithm.removesuffix("-sess")](octets).hexdigest()


def parameters_of(challenge: str) -> dict[str, str]:
    """Return the parameters of a challenge that is alone on its line."""
    scheme, _, rest = challenge.partition(" ")
    assert "Digest" == scheme
    return {name: value or "" for name, value in parse_dict_header(rest).items()}


@dataclass
class Client:
    """Answers one challenge, as often as it is asked.

    `cnonce` may change between requests; a session's key is made of the first one (3.4.2).
    """

    challenge: dict[str, str]
    user: str = "user"
    password: str = "password"
    cnonce: str = "0a4f113b"
    userhash: bool = False
    count: int = 0
    session: str = ""

    @property
    def algorithm(self) -> str:
        """The algorithm of the challenge."""
        return self.challenge["algorithm"]

    def ha1(self) -> str:
        """Return H(A1)."""
        realm = self.challenge["realm"]
        made = hashed(self.algorithm, f"{self.user}:{realm}:{self.password}")
        if not self.algorithm.endswith("-sess"):
            return made
        self.session = self.session or f"{self.challenge['nonce']}:{self.cnonce}"
        return hashed(self.algorithm, f"{made}:{self.session}")

    def response(self, nc: str, qop: str, method: str, uri: str, content: bytes) -> str:
        """Return the response; with "" for the method, the server's `rspauth`."""
        a2 = f"{method}:{uri}"
        if qop == "auth-int":
            a2 += f":{hashed(self.algorithm, content)}"
        middle = f"{self.challenge['nonce']}:{nc}:{self.cnonce}:{qop}"
        return hashed(self.algorithm, f"{self.ha1()}:{middle}:{hashed(self.algorithm, a2)}")

    def parameters(
        self,
        method: str = "GET",
        uri: str = "/",
        *,
        qop: str = "auth",
        content: bytes = b"",
        count: int | None = None,
    ) -> dict[str, str]:
        """Return the parameters of the next request, or of one with a count of its own."""
        if count is None:
            self.count = count = self.count + 1
        nc = f"{count:08x}"
        name = self.user
        if self.userhash:
            name = hashed(self.algorithm, f"{self.user}:{self.challenge['realm']}")
        return {
            "username": name,
            "realm": self.challenge["realm"],
            "uri": uri,
            "algorithm": self.algorithm,
            "nonce": self.challenge["nonce"],
            "nc": nc,
            "cnonce": self.cnonce,
            "qop": qop,
            "response": self.response(nc, qop, method, uri, content),
            "opaque": self.challenge["opaque"],
            **({"userhash": "true"} if self.userhash else {}),
        }


def written(parameters: dict[str, str]) -> str:
    """Return the value of an `Authorization` field, a character for each octet."""
    pairs = [
        f'{name}="{value}"' if name in QUOTED else f"{name}={value}"
        for name, value in parameters.items()
    ]
    return ("Digest " + ", ".join(pairs)).encode().decode("latin-1")


class Talk:
    """A connection on which a client answers the challenges of a protected resource."""

    def __init__(self, raw: Raw, path: str) -> None:
        self.raw = raw
        self.path = path

    def challenge(self, *fields: str, place: int = 0) -> dict[str, str]:
        """Ask without credentials, or with the fields given, and return a challenge."""
        answer = self.raw.request("GET", self.path, *fields)
        assert 401 == answer.status
        lines = [value for name, value in answer.fields if name == "WWW-Authenticate"]
        return parameters_of(lines[place])

    def client(self, place: int = 0) -> Client:
        """Return a client with a challenge of its own, the first or the second one."""
        return Client(self.challenge(place=place))

    def ask(
        self,
        client: Client,
        method: str = "GET",
        *,
        target: str | None = None,
        uri: str | None = None,
        count: int | None = None,
        qop: str = "auth",
        content: bytes | None = None,
        signed: bytes | None = None,
        change: dict[str, str] | None = None,
    ) -> Answer:
        """Ask with credentials; `uri` and `signed` are those that are claimed to be sent."""
        target = target or self.path
        sent = client.parameters(
            method,
            target if uri is None else uri,
            qop=qop,
            content=(content or b"") if signed is None else signed,
            count=count,
        )
        return self.send(written(sent | (change or {})), method, target, content)

    def send(
        self, value: str, method: str = "GET", target: str = "", content: bytes | None = None
    ) -> Answer:
        """Ask with the value of an `Authorization` field."""
        return self.raw.request(
            method, target or self.path, f"Authorization: {value}", content=content
        )


def info(answer: Answer) -> dict[str, str]:
    """Return what Authentication-Info says, {} where there is none."""
    value = answer.header("authentication-info")
    return parameters_of(f"Digest {value}") if value else {}


def stale(answer: Answer) -> bool:
    """Tell whether a 401 says that a nonce is stale."""
    assert 401 == answer.status
    values = answer.header("www-authenticate") or ""
    assert values.count("stale=true") in (0, 2)
    return "stale=true" in values
