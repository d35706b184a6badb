"""A resource whose policy demands an extension: 510 (RFC 2774)."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest
import requests

from pytest_httpcodes import Stage, StatusServer, refuse, rule
from pytest_httpcodes.behaviours.extension import POLICY
from pytest_httpcodes.behaviours.limits import max_octets
from pytest_httpcodes.behaviours.mandatory import extension
from pytest_httpcodes.resource import Steps
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from tests.asking import ask
from tests.raw import Answer, Raw, message
from tests.scenarios import path_of

MAN = f'Man: "{POLICY}"'
C_MAN = f'C-Man: "{POLICY}"'
PROTECTED = "Connection: C-Man"


@pytest.mark.parametrize(
    ("method", "fields", "detail"),
    [
        ("GET", (), "GET demands no extension, and one is needed here"),
        ("HEAD", (), ""),
        ("POST", (), "POST demands no extension"),
        ("OPTIONS", (), "OPTIONS demands no extension"),
        # "The method name of a mandatory request MUST be prefixed by "M-"" (RFC 2774, 5).
        ("GET", (MAN,), "GET demands no extension"),
        ("M-GET", (), "M-GET needs a mandatory declaration, and there is none"),
        ("M-GET", ("Man:",), "M-GET needs a mandatory declaration"),
        ("M-GET", (MAN.replace("Man", "Opt"),), "M-GET needs a mandatory declaration"),
        ("M-GET", ('Man: "http://a.example/x"',), "'http://a.example/x' is not known here"),
        ("M-GET", (MAN, 'Man: "Range"'), "the extension 'Range' is not known here"),
        ("M-GET", (f"{MAN}/2",), "cannot be told"),
        ("M-GET", (MAN.upper(),), "'HTTP://HTTPCODES.EXAMPLE/POLICY' is not known here"),
        ("M-GET", (f"Man: {POLICY}",), "cannot be told: 'http://httpcodes.example/policy' starts"),
        ("M-GET", (f"{MAN}; ns=1",), "cannot be told: ns='1' reserves no fields"),
        ("M-GET", (f"{MAN}; ns=16", f"{MAN}; ns=16"), "the prefix 16 is reserved by two"),
        ("M-GET", (C_MAN,), "the field c-man is for one hop, and Connection does not name it"),
        ("M-GET", (C_MAN, "Connection: close"), "the field c-man is for one hop"),
        ("M-GET", (f"{C_MAN}; ns=16", PROTECTED, "16-x: 1"), "the field 16-x is for one hop"),
        ("M-GET", (MAN, 'C-Man: "a:b"', PROTECTED), "the extension 'a:b' is not known here"),
        ("M-PUT", (), "M-PUT needs a mandatory declaration"),
    ],
)
def test_the_policy_is_not_met(
    status_server: StatusServer, method: str, fields: tuple[str, ...], detail: str
) -> None:
    """The answer says what is wrong, and what would be right."""
    made = status_server.scenario(510)
    answer = ask(made, *fields, method=method)

    assert (510, "Not Extended") == (answer.status, answer.reason)
    assert answer.header("ext") is None
    assert answer.header("c-ext") is None
    assert made.exchanges[0].why.endswith("(RFC 2774, 7)")
    if method != "HEAD":
        problem = json.loads(answer.content)
        assert detail in problem["detail"]
        assert problem["detail"].endswith(f'; send M-GET, say, with Man: "{POLICY}"')
        assert (POLICY, False) == (problem["extension"], problem["temporary"])


@pytest.mark.parametrize(
    ("fields", "ext", "c_ext"),
    [
        ((MAN,), True, False),
        ((f"{MAN}; ns=16", "16-mode: x"), True, False),
        ((MAN, MAN), True, False),
        ((f'{MAN}, "{POLICY}"; a=b',), True, False),
        ((MAN, 'Opt: "http://a.example/unknown"', "C-Opt: junk"), True, False),
        ((C_MAN, PROTECTED), False, True),
        ((f"{C_MAN}; ns=16", "Connection: keep-alive, 16-X, c-man", "16-x: 1"), False, True),
        ((MAN, C_MAN, PROTECTED), True, True),
    ],
)
def test_the_policy_is_met(
    status_server: StatusServer, fields: tuple[str, ...], ext: bool, c_ext: bool
) -> None:
    """What was demanded is acknowledged, for all of the way, for the hop, or for both."""
    made = status_server.scenario(510)
    answer = ask(made, *fields, method="M-GET")

    assert (200, b"the policy is met\n") == (answer.status, answer.content)
    assert ("" if ext else None) == answer.header("ext")
    assert ('no-cache="Ext"' if ext else None) == answer.header("cache-control")
    assert ("" if c_ext else None) == answer.header("c-ext")
    assert ("C-Ext" if c_ext else None) == answer.header("connection")
    assert answer.header("expires") is None
    assert "M-GET" == made.exchanges[0].method


def test_a_connection_that_closes_says_that_too(status_server: StatusServer) -> None:
    """Beside what it has to say for the hop."""
    made = status_server.scenario(510)
    answer = ask(made, C_MAN, "Connection: close, C-Man", method="M-GET")

    assert (200, "C-Ext, close") == (answer.status, answer.header("connection"))


class TestOldIntermediaries:
    """HTTP/1.0 knows neither `Cache-Control` nor what is for one hop."""

    @pytest.mark.parametrize(
        ("version", "fields", "expired"),
        [
            ("HTTP/1.0", (), True),
            ("HTTP/1.1", ("Via: 1.0 old",), True),
            ("HTTP/1.1", ("Via: 1.1 new, HTTP/1.0 old (really), 1.1 new",), True),
            ("HTTP/1.1", ("Via: 1.1 new",), False),
        ],
    )
    def test_what_they_forward_has_expired(
        self,
        status_server: StatusServer,
        version: str,
        fields: tuple[str, ...],
        expired: bool,
    ) -> None:
        """Before its `Date`, so that they do not keep it (RFC 2774, 5.1)."""
        made = status_server.scenario(510)
        with Raw(made) as raw:
            answer = raw.request("M-GET", path_of(made), MAN, *fields, version=version)

        assert 200 == answer.status
        expires = "Thu, 01 Jan 1970 00:00:00 GMT" if expired else None
        assert (expires, 'no-cache="Ext"') == (
            answer.header("expires"), answer.header("cache-control"),
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ((C_MAN, PROTECTED), 510),
            ((C_MAN,), 510),
            ((MAN, "Connection: Man"), 510),
            ((MAN, C_MAN, PROTECTED), 200),
        ],
    )
    def test_what_they_cannot_have_meant_is_ignored(
        self, status_server: StatusServer, fields: tuple[str, ...], status: int
    ) -> None:
        """A field that `Connection` names was not for us (RFC 2616, 14.10)."""
        made = status_server.scenario(510)
        with Raw(made) as raw:
            answer = raw.request("M-GET", path_of(made), *fields, version="HTTP/1.0")

        assert status == answer.status
        assert answer.header("c-ext") is None


def test_a_mandatory_request_is_what_it_is_without_its_prefix(status_server: StatusServer) -> None:
    """Each method does its work, and what it makes can be asked for (RFC 2774, 5)."""
    made = status_server.scenario(510)
    posted = ask(made, MAN, method="M-POST", content=b"abc")
    stored = posted.header("location") or ""
    put = ask(f"{made}/member", MAN, method="M-PUT", content=b"def")
    deleted = ask(f"{made}/1", MAN, method="M-DELETE")
    allowed = ask(made, MAN, method="M-OPTIONS")

    assert [201, 201, 204, 200] == [a.status for a in (posted, put, deleted, allowed)]
    assert [""] * 4 == [a.header("ext") for a in (posted, put, deleted, allowed)]
    assert b"def" == ask(f"{made}/member", MAN, method="M-GET").content
    assert 404 == ask(stored, MAN, method="M-GET").status
    assert 510 == ask(stored).status


def test_m_head_has_no_content(status_server: StatusServer) -> None:
    """It is a HEAD to those who know the framework."""
    made = status_server.scenario(510)
    with Raw(made) as raw:
        raw.send(message("M-HEAD", path_of(made), MAN, host=raw.host))
        head = raw.answer("HEAD")
        get = raw.request("M-GET", path_of(made), MAN)

    assert (200, 200) == (head.status, get.status)
    assert head.header("content-length") == get.header("content-length")
    assert b"the policy is met\n" == get.content


def test_what_is_an_error_all_the_same_is_not_acknowledged(status_server: StatusServer) -> None:
    """The request was not fulfilled."""
    answer = ask(status_server.scenario(510), MAN, method="M-BREW")

    assert (405, None) == (answer.status, answer.header("ext"))


def test_the_method_comes_first(status_server: StatusServer) -> None:
    """Before who one is, and how much content there is; and nothing is invited."""

    @rule(Stage.IDENTITY)
    def nobody(request: Received) -> Steps | None:
        return refuse(request, 403, "nobody may", Section(9110, "15.5.4"))

    made = status_server.resource("x", nobody, max_octets(3), extension(POLICY))

    def status(method: str, *fields: str) -> Answer:
        with Raw(made) as raw:
            raw.send(message(method, path_of(made), "Content-Length: 4", *fields))
            return raw.answer()

    refused = status("M-POST", "Expect: 100-continue")
    assert (510, []) == (refused.status, refused.interim)
    assert 403 == status("M-POST", MAN).status
    assert 501 == status("M-FROBNICATE", MAN).status


def test_as_a_rule(status_server: StatusServer) -> None:
    """For any extension; a cache that has to ask every time need not be told of `Ext`."""
    made = status_server.resource("x", extension("urn:example:x"))
    answer = ask(made, 'Man: "urn:example:x"', method="M-GET")

    assert (200, "", "no-cache") == (
        answer.status, answer.header("ext"), answer.header("cache-control"),
    )  # fmt: skip
    assert 510 == ask(made, MAN, method="M-GET").status


@pytest.mark.parametrize("wrong", ["", "a b", 'a:"', "a:", 'a:b", "c:d'])
def test_what_identifies_no_extension(wrong: str) -> None:
    """Is refused when the rule is made."""
    with pytest.raises(ValueError, match=r"identifies no extension; use an absolute URI such as"):
        extension(wrong)


@pytest.mark.parametrize("method", ["M-GET", "M-POST", "M-PROPFIND"])
def test_a_resource_without_extensions(status_server: StatusServer, method: str) -> None:
    """Knows none: it cannot obey what is demanded, and must not pretend (RFC 2774, 5)."""
    made = status_server.resource("x")
    answer = ask(made, MAN, method=method)

    assert 510 == answer.status
    assert (
        f"{method} demands an extension, and none is known here"
        == (json.loads(answer.content)["detail"])
    )
    assert made.exchanges[0].why.endswith("(RFC 2774, 5)")


def by_requests(url: str) -> tuple[int, str | None]:
    """Send a mandatory request through requests."""
    with requests.Session() as session:
        session.trust_env = False
        found = session.request("M-GET", url, headers={"Man": f'"{POLICY}"'})
    return found.status_code, found.headers.get("Ext")


def by_httpx(url: str) -> tuple[int, str | None]:
    """Send a mandatory request through httpx."""
    with httpx.Client(trust_env=False) as client:
        found = client.request("M-GET", url, headers={"Man": f'"{POLICY}"'})
    return found.status_code, found.headers.get("Ext")


@pytest.mark.parametrize("send", [by_requests, by_httpx])
def test_through_clients(
    status_server: StatusServer, send: Callable[[str], tuple[int, str | None]]
) -> None:
    """A method is any token to them."""
    assert (200, "") == send(status_server.scenario(510))


def test_people_can_read_it(status_server: StatusServer) -> None:
    """Whoever prefers HTML gets a page, which names the extension."""
    answer = ask(status_server.scenario(510), "Accept: text/html")

    assert b"<h1>510 Not Extended</h1>" in answer.content
    assert POLICY.encode() in answer.content
