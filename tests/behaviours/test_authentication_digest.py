"""401 with Digest over a socket: RFC 7616, request by request."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.digest import digest
from pytest_httpcodes.behaviours.representation import PIECE, Generated
from tests.digests import Talk, info, parameters_of, stale, written
from tests.raw import Raw, message
from tests.scenarios import path_of


@pytest.fixture
def talk(server: StatusServer) -> Iterator[Talk]:
    """Give a connection to a scenario."""
    with Raw(server.url) as raw:
        yield Talk(raw, path_of(server.scenario(401, scheme="digest")))


def test_the_challenges(server: StatusServer) -> None:
    """RFC 7616, 3.3 and 3.7: SHA-256 before MD5, each on its line and with its quotes."""
    with Raw(server.url) as raw:
        answer = raw.request("GET", "/401/mine?scheme=digest")
        again = raw.request("HEAD", "/401/mine")
    lines = [value for name, value in answer.fields if name == "WWW-Authenticate"]
    nonce, opaque = (parameters_of(lines[0])[name] for name in ("nonce", "opaque"))

    assert [
        f'Digest realm="pytest-httpcodes", qop="auth, auth-int", algorithm={algorithm}, '
        f'nonce="{nonce}", opaque="{opaque}", charset=UTF-8, userhash=true'
        for algorithm in ("SHA-256", "MD5")
    ] == lines
    assert nonce not in (again.header("www-authenticate") or "")


@pytest.mark.parametrize("userhash", [False, True])
@pytest.mark.parametrize("qop", ["auth", "auth-int"])
@pytest.mark.parametrize("place", [0, 1])
def test_the_right_answer(talk: Talk, place: int, qop: str, userhash: bool) -> None:
    """Each method, with content and without; the server proves that it knows the password."""
    client = talk.client(place)
    client.userhash = userhash
    for method, content, target in (
        ("GET", None, talk.path),
        ("HEAD", None, talk.path),
        ("OPTIONS", None, f"{talk.path}?"),
        ("POST", b"some content", talk.path),
        ("PUT", b"", f"{talk.path}/a%20b"),
        ("DELETE", None, f"{talk.path}/a%20b"),
        ("GET", None, f"{talk.path}/nothing"),
    ):
        answer = talk.ask(client, method, target=target, qop=qop, content=content)
        nc = f"{client.count:08x}"

        assert answer.status == {
            "POST": 201, "PUT": 201, "DELETE": 204,
        }.get(method, 404 if target.endswith("nothing") else 200)  # fmt: skip
        assert {
            "qop": qop,
            "nc": nc,
            "cnonce": client.cnonce,
            "rspauth": client.response(nc, qop, "", target, answer.content),
        } == info(answer)


def test_what_is_told_has_its_quotes(talk: Talk) -> None:
    """RFC 7616, 3.5: none for qop and nc."""
    value = talk.ask(talk.client()).header("authentication-info") or ""

    assert value.startswith('qop=auth, rspauth="')
    assert value.endswith('", cnonce="0a4f113b", nc=00000001')


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"response": "0" * 64}, "the response is not the one that the password makes"),
        ({"username": "admin"}, "the user is not known here"),
        ({"userhash": "true"}, "the user is not known here"),
        ({"realm": "x"}, "the realm is not that of the challenge"),
        ({"opaque": "x"}, "the opaque is not that of the challenge"),
        ({"algorithm": "MD5-sess"}, "MD5-sess is none of the algorithms of the challenges"),
        ({"algorithm": "SHA-1"}, "the algorithm is none of SHA-256, MD5, with or without -sess"),
        ({"nc": "1"}, "the nc is no count from 1 on in 8 hexadecimal digits"),
        ({"nc": "00000000"}, "the nc is no count from 1 on in 8 hexadecimal digits"),
        ({"nc": "00000002"}, "the response is not the one that the password makes"),
        ({"qop": "auth-conf"}, "the qop of the Digest credentials is neither auth nor auth-int"),
        ({"NC": "00000001"}, "the credentials have a parameter twice"),
    ],
)
def test_a_wrong_answer(server: StatusServer, talk: Talk, change: dict[str, str], why: str) -> None:
    """401, and it is not the nonce's fault; the right answer is still good afterwards."""
    client = talk.client()
    wrong = talk.ask(client, change=change)

    assert not stale(wrong)
    assert {} == info(wrong)
    assert f"{why} (RFC 7616, 3.4)" == server.journal[-1].why
    assert 200 == talk.ask(client, count=1).status


@pytest.mark.parametrize("name", ["qop", "nc", "cnonce", "response", "uri", "username", "opaque"])
def test_a_missing_parameter(talk: Talk, name: str) -> None:
    """What RFC 2069 made of Digest is gone (RFC 7616, appendix A)."""
    sent = talk.client().parameters("GET", talk.path)
    del sent[name]

    assert not stale(talk.send(written(sent)))


def test_a_wrong_password(talk: Talk) -> None:
    """401 with a new nonce, and no word of a stale one."""
    client = talk.client()
    client.password = "guessed"

    assert not stale(talk.ask(client))


def test_a_user_that_cannot_be_quoted(talk: Talk) -> None:
    """As an ext-value (RFC 8187), which US-ASCII may be too."""
    sent = talk.client().parameters("GET", talk.path)
    name = sent.pop("username")
    assert "user" == name

    assert 200 == talk.send(f"{written(sent)}, username*=UTF-8''us%65r").status
    assert 401 == talk.send(f"{written(sent)}, username*=UTF-8''us%65r, username=user").status


@pytest.mark.parametrize(
    "uri",
    ["/", "{path}/", "{path}?", "{path}%20", "//example.org{path}", "http://x{path}", "*", ""],
)
def test_a_false_uri(server: StatusServer, talk: Talk, uri: str) -> None:
    """400, and no challenge (RFC 7616, 3.4.6), even with the right response to that uri."""
    client = talk.client()
    answer = talk.ask(client, uri=uri.format(path=talk.path))

    assert (400, None) == (answer.status, answer.header("www-authenticate"))
    assert {} == info(answer)
    assert (
        "the uri of the Digest credentials is not that of the request (RFC 7616, 3.4.6)"
        == server.journal[-1].why
    )
    assert "uri" in json.loads(answer.content)["detail"]
    assert 200 == talk.ask(client, count=1).status


def test_the_uri_in_another_form(server: StatusServer, talk: Talk) -> None:
    """The absolute form, of the target or of the uri; a proxy may have changed it."""
    client = talk.client()
    absolute = f"{server.url}{talk.path}"

    assert 200 == talk.ask(client, uri=absolute).status
    assert 200 == talk.ask(client, target=absolute).status
    assert 200 == talk.ask(client, target=absolute, uri=talk.path).status
    assert 400 == talk.ask(client, target=absolute, uri=f"{server.localhost}{talk.path}").status


def test_content_that_is_not_what_was_signed(server: StatusServer, talk: Talk) -> None:
    """With auth-int, once it is there; nothing is stored, and the count is not used up."""
    client = talk.client()
    wrong = talk.ask(
        client, "PUT", target=f"{talk.path}/a", qop="auth-int", content=b"forged", signed=b"signed"
    )
    assert not stale(wrong)
    assert {} == info(wrong)
    assert "the response is not the one" in server.journal[-1].why
    right = talk.ask(
        client, "PUT", target=f"{talk.path}/a", qop="auth-int", content=b"signed", count=1
    )
    assert 201 == right.status
    auth = talk.ask(client, "PUT", target=f"{talk.path}/a", content=b"forged", signed=b"signed")
    assert 204 == auth.status


def test_content_in_chunks_is_signed_as_it_is_without_them(talk: Talk) -> None:
    """RFC 7616, 3.4.5: the hash is "computed before any transfer encoding is applied"."""
    sent = written(talk.client().parameters("POST", talk.path, qop="auth-int", content=b"chunks"))
    fields = (f"Authorization: {sent}", "Transfer-Encoding: chunked")
    talk.raw.send(message("POST", talk.path, *fields) + b"3\r\nchu\r\n3\r\nnks\r\n0\r\n\r\n")

    assert 201 == talk.raw.answer("POST").status


def test_long_content_is_signed(talk: Talk) -> None:
    """Though it is not held in memory."""
    client = talk.client()
    content = b"0123456789abcdef" * 100_000
    for signed, status in ((content[:-1], 401), (content, 201)):
        answer = talk.ask(client, "POST", qop="auth-int", content=content, signed=signed, count=1)
        assert status == answer.status


def test_what_the_head_shows_is_refused_before_content_is_invited(talk: Talk) -> None:
    """With auth-int all but the response; only who may be right gets the 100."""
    client = talk.client()
    sent = client.parameters("POST", talk.path, qop="auth-int", content=b"abc")
    expect = ("Expect: 100-continue", "Content-Length: 3")
    for change in ({"username": "x"}, {"realm": "x"}, {"uri": "/"}, {"nonce": "x"}):
        with Raw(f"http://{talk.raw.host}") as raw:
            value = f"Authorization: {written(sent | change)}"
            raw.send(message("POST", talk.path, value, *expect, host=talk.raw.host))
            answer = raw.answer("POST")

            assert [] == answer.interim
            assert (400 if "uri" in change else 401) == answer.status
            if "nonce" in change:
                assert stale(answer)
    for response, status in (("0" * 64, 401), (sent["response"], 201)):
        value = f"Authorization: {written(sent | {'response': response})}"
        talk.raw.send(message("POST", talk.path, value, *expect, host=talk.raw.host))
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == talk.raw._exactly(25)
        talk.raw.send(b"abc")
        assert status == talk.raw.answer("POST").status


def test_the_answer_of_an_earlier_rule_knows_no_user(talk: Talk) -> None:
    """An unknown method is refused before anyone is asked who they are."""
    client = talk.client()
    assert 200 == talk.ask(client).status
    answer = talk.ask(client, "FROB")

    assert (501, {}) == (answer.status, info(answer))


@pytest.mark.parametrize("qop", ["auth", "auth-int"])
def test_an_answer_that_streams(server: StatusServer, qop: str) -> None:
    """Its content is not known when its head is sent, so that there is nothing to prove it by."""
    path = path_of(server.resource(Generated(PIECE + 1), digest(once=True)))
    with Raw(server.url) as raw:
        talk = Talk(raw, path)
        client = talk.client()
        answer = talk.ask(client, qop=qop)

        assert PIECE + 1 == len(answer.content)
        found = {"auth": {"qop", "rspauth", "cnonce", "nc", "nextnonce"}, "auth-int": {"nextnonce"}}
        assert found[qop] == set(info(answer))
    path = path_of(server.resource(Generated(PIECE + 1), digest()))
    with Raw(server.url) as raw:
        talk = Talk(raw, path)
        answer = talk.ask(talk.client(), qop=qop)

        assert (qop == "auth") is (answer.header("authentication-info") is not None)
