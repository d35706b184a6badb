"""The scenario of 401 over a socket: Basic, Bearer and all; Digest has a file of its own."""

from __future__ import annotations

import base64
import json
import re

import pytest

from pytest_httpcodes import StatusServer, scenarios
from tests.raw import Answer, Raw, message
from tests.scenarios import SENDERS, by_raw, path_of, play

BASIC = 'Basic realm="pytest-httpcodes", charset="UTF-8"'
BEARER = 'Bearer realm="pytest-httpcodes", scope="documents"'


def authorization(text: str, scheme: str = "Basic") -> str:
    """Return the field line of a user and a password with a colon between."""
    return f"Authorization: {scheme} {base64.b64encode(text.encode()).decode()}"


def challenges(answer: Answer) -> list[str]:
    """Return the values of the WWW-Authenticate fields, a line each."""
    return [value for name, value in answer.fields if name == "WWW-Authenticate"]


def ask(server: StatusServer, target: str, *fields: str, method: str = "GET") -> Answer:
    """Ask on a connection of its own."""
    with Raw(server.url) as raw:
        return raw.request(method, target, *fields)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_401_without_credentials(server: StatusServer, method: str) -> None:
    """Whatever the method, and whether or not there is something below."""
    for target in ("/401", "/401/mine", "/401/mine/member"):
        answer = ask(server, target, method=method)

        assert (401, [BASIC]) == (answer.status, challenges(answer))
        assert (method == "HEAD") is (answer.content == b"")
    assert {"there are no credentials; send those of Basic (RFC 9110, 15.5.2)"} == {
        exchange.why for exchange in server.journal
    }


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (authorization("user:wrong"), "the user or the password is wrong (RFC 7617, 2)"),
        (authorization("admin:password"), "the user or the password is wrong (RFC 7617, 2)"),
        (authorization("user:password:"), "the user or the password is wrong (RFC 7617, 2)"),
        (authorization("user"), "there is no colon between"),
        ("Authorization: Basic", "are one token68"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA", "is no Base64 (RFC 7617, 2)"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==\xe4", "neither a token68 nor"),
        (f"{authorization('user:password')}, a=b", "neither a token68 nor"),
        ("Authorization: Digest a=b", "for another scheme than Basic (RFC 9110, 15.5.2)"),
        ("Authorization: Basicx dXNlcjpwYXNzd29yZA==", "for another scheme than Basic"),
        ("Authorization: Basic\tdXNlcjpwYXNzd29yZA==", "for another scheme than Basic"),
        ("Authorization: dXNlcjpwYXNzd29yZA==", "for another scheme than Basic"),
        ("Authorization:", "for another scheme than Basic"),
    ],
)
def test_401_with_wrong_credentials(server: StatusServer, field: str, reason: str) -> None:
    """Each with the challenge, and a reason that shows nothing of what was sent."""
    answer = ask(server, "/401/mine", field)

    assert (401, [BASIC]) == (answer.status, challenges(answer))
    assert reason in server.journal[0].why
    assert json.loads(answer.content)["detail"] == server.journal[0].why.rpartition(" (")[0]
    assert b"dXNlcjp" not in answer.content


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "Basic  "])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
def test_401_with_the_right_ones(server: StatusServer, scheme: str, method: str) -> None:
    """The scheme's name in any case (RFC 9110, 11.1)."""
    answer = ask(server, "/401/mine", authorization("user:password", scheme), method=method)

    assert (200, []) == (answer.status, challenges(answer))
    assert answer.header("authentication-info") is None
    assert b"dXNl" not in answer.content


def test_credentials_count_once(server: StatusServer) -> None:
    """Two lines are malformed, even where they are the same (RFC 9110, 5.3)."""
    right = authorization("user:password")
    for second in (right, "Authorization:", "authorization: x"):
        answer = ask(server, "/401/mine", right, second)

        assert (401, [BASIC]) == (answer.status, challenges(answer))
    assert "more than one Authorization field (RFC 9110, 5.3)" in server.journal[0].why


def test_members_have_the_same_rule(server: StatusServer) -> None:
    """What was stored with the right credentials is not seen without."""
    right = authorization("user:password")
    with Raw(server.url) as raw:
        assert 201 == raw.request("PUT", "/401/mine/a", right, content=b"secret").status
        refused = raw.request("GET", "/401/mine/a")
        assert 401 == refused.status
        assert b"secret" not in refused.content
        assert b"secret" == raw.request("GET", "/401/mine/a", right).content


@pytest.mark.parametrize(
    "query", ["", "?scheme=digest", "?scheme=bearer", "?scheme=all", "?scheme=digest&sess=1&once=1"]
)
@pytest.mark.parametrize("field", [(), ("Authorization: Basic x",), ("Authorization: Digest x",)])
def test_content_is_not_invited(server: StatusServer, query: str, field: tuple[str, ...]) -> None:
    """The 401 comes instead of the 100 (RFC 9110, 10.1.1)."""
    with Raw(server.url) as raw:
        raw.send(
            message(
                "POST", f"/401/mine{query}", *field, "Expect: 100-continue", "Content-Length: 9"
            )
        )
        answer = raw.answer("POST")

    assert (401, []) == (answer.status, answer.interim)


def test_content_of_the_right_one_is_invited(server: StatusServer) -> None:
    """Then the 100 comes, and the content is stored."""
    with Raw(server.url) as raw:
        raw.send(
            message(
                "POST",
                "/401/mine",
                authorization("user:password"),
                "Expect: 100-continue",
                "Content-Length: 3",
            )
        )
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == raw._exactly(25)
        raw.send(b"abc")

        assert 201 == raw.answer("POST").status


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ((), "there are no credentials; send those of Bearer"),
        ((authorization("user:password"),), "the credentials are for another scheme than Bearer"),
    ],
)
def test_bearer_without_a_token(server: StatusServer, fields: tuple[str, ...], reason: str) -> None:
    """RFC 6750, 3.1: no error code where there were no such credentials."""
    answer = ask(server, "/401/mine?scheme=bearer", *fields)

    assert (401, [BEARER]) == (answer.status, challenges(answer))
    assert f"{reason} (RFC 9110, 15.5.2)" == server.journal[0].why


@pytest.mark.parametrize(
    ("value", "code", "error", "reason"),
    [
        ("unknown", 401, "invalid_token", "the token is not known here"),
        ("tokens", 401, "invalid_token", "the token is not known here"),
        ("expired", 401, "invalid_token", "the token has expired"),
        ("unscoped", 403, "insufficient_scope", "the token does not have the scope needed"),
        (
            "token=x",
            400,
            "invalid_request",
            "Bearer credentials are one token, of the characters of a token68",
        ),
    ],
)
def test_bearer(server: StatusServer, value: str, code: int, error: str, reason: str) -> None:
    """RFC 6750, 3 and 3.1: the challenge says what is wrong, with a 400 and a 403 too."""
    answer = ask(server, "/401/mine?scheme=bearer", f"Authorization: Bearer {value}")
    details = f'error="{error}", error_description="{reason}"'

    assert code == answer.status
    assert [BEARER.replace("scope", f"{details}, scope")] == challenges(answer)
    assert f"{reason} (RFC 6750, 3.1)" == server.journal[0].why


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer a b", 'Bearer "token"', "Bearer ,", "bearer t\xe4"]
)
def test_malformed_bearer(server: StatusServer, value: str) -> None:
    """It is no request that could be understood (RFC 6750, 3.1)."""
    answer = ask(server, "/401/mine?scheme=bearer", f"Authorization: {value}")

    assert 400 == answer.status
    assert 'error="invalid_request"' in (answer.header("www-authenticate") or "")


def test_bearer_lets_pass(server: StatusServer) -> None:
    """The one token that is good."""
    for value in ("Bearer token", "bEARER   token"):
        answer = ask(server, "/401/mine?scheme=bearer", f"Authorization: {value}")

        assert (200, []) == (answer.status, challenges(answer))


def test_all_challenges(server: StatusServer) -> None:
    """On several lines and two on one; the strongest first, and an error only where it belongs."""
    first, second, last = challenges(ask(server, "/401/mine?scheme=all"))
    assert re.match(r'Digest realm="pytest-httpcodes", .*algorithm=SHA-256, ', first)
    assert re.match(r'Digest realm="pytest-httpcodes", .*algorithm=MD5, ', second)
    assert f"{BEARER}, {BASIC}" == last
    right = authorization("user:password")
    assert 200 == ask(server, "/401/mine", right).status
    assert 200 == ask(server, "/401/mine", "Authorization: Bearer token").status
    wrong = challenges(ask(server, "/401/mine", authorization("user:wrong")))
    assert f"{BEARER}, {BASIC}" == wrong[2]
    expired = challenges(ask(server, "/401/mine", "Authorization: Bearer expired"))
    assert 'error="invalid_token"' in expired[2]
    assert "error=" not in expired[0] + expired[1]
    unscoped = ask(server, "/401/mine", "Authorization: Bearer unscoped")
    assert 403 == unscoped.status
    assert ["Bearer"] == [value.partition(" ")[0] for value in challenges(unscoped)]
    unknown = ask(server, "/401/mine", "Authorization: Negotiate abc")
    assert 401 == unknown.status
    assert "another scheme than Digest or Bearer or Basic" in server.journal[-1].why


@pytest.mark.parametrize("client", SENDERS)
@pytest.mark.parametrize("sess", [False, True])
@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("scheme", ["basic", "digest", "bearer", "all"])
def test_the_relief_of_each_scheme(
    server: StatusServer, client: str, scheme: str, once: bool, sess: bool
) -> None:
    """Through any client, again and again, and after the trigger or without it."""
    made = server.scenario(401, scheme=scheme, once=once, sess=sess)
    for elements in (made.relief, made.trigger, made.relief, made.relief):
        answers = play(server, elements, SENDERS[client])
        assert (401 if elements is made.trigger else 200) == answers[-1].status


def test_the_relief_of_a_url_with_a_query(server: StatusServer) -> None:
    """The query is part of what Digest signs."""
    made = server.scenario(401, scheme="digest")
    kind = scenarios.find(401)
    given = kind(server._app().site, ("401", "x"), {"scheme": "digest"})
    first, element = given.relief(f"{made}?x=1&y")
    assert not callable(first)
    assert callable(element)
    request = element(by_raw(first))

    assert f'uri="{path_of(made)}?x=1&y"' in dict(request.headers)["Authorization"]
    assert 200 == by_raw(request).status


def test_options_set_the_instance(server: StatusServer) -> None:
    """Until others are given; and what is asked of one KEY is not asked of another."""
    for target, scheme in (
        ("/401/mine?scheme=bearer", "Bearer"),
        ("/401/mine", "Bearer"),
        ("/401/yours", "Basic"),
        ("/401/mine?scheme=basic", "Basic"),
        ("/401/mine?delay=0", "Basic"),
        ("/401", "Basic"),
    ):
        assert scheme == challenges(ask(server, target))[0].partition(" ")[0]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("scheme=Basic", "scheme='Basic' is none of basic, digest, bearer, all"),
        ("scheme=", "is none of basic, digest, bearer, all"),
        ("once=2", "once='2' is no switch; use 1 or 0"),
        ("sess=yes", "sess='yes' is no switch"),
        ("realm=x", "there is no option 'realm' here; there are scheme, once, sess"),
        ("scheme=basic&scheme=basic", "given twice"),
    ],
)
def test_wrong_options(server: StatusServer, query: str, reason: str) -> None:
    """By hand a 400 that says what is right, in Python a ValueError."""
    answer = ask(server, f"/401/mine?{query}")
    assert 400 == answer.status
    assert reason in json.loads(answer.content)["detail"]
    name, _, value = query.partition("=")
    if "&" not in query:
        with pytest.raises(ValueError, match=name):
            server.scenario(401, **{name: value})


def test_errors_for_people(server: StatusServer) -> None:
    """As Accept prefers."""
    for target in ("/401", "/403"):
        answer = ask(server, target, "Accept: text/html")
        assert "text/html; charset=utf-8" == answer.header("content-type")
        assert b"<h1>" in answer.content
