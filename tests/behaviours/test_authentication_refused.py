"""The scenarios of 403 and 511 over a socket: no challenge, and a way past."""

from __future__ import annotations

import json
import re

import pytest

from pytest_httpcodes import StatusServer
from tests.behaviours.test_authentication import ask, authorization, challenges
from tests.raw import Raw, message
from tests.scenarios import path_of


@pytest.mark.parametrize(
    "fields",
    [
        (),
        (authorization("user:password"),),
        (authorization("admin:wrong"),),
        (authorization("admin:"),),
        (authorization("Admin:password"),),
        ("Authorization: Basic",),
        ("Authorization: Basic YWRtaW46cGFzc3dvcmQ",),
        ("Authorization: Bearer YWRtaW46cGFzc3dvcmQ=",),
        (authorization("admin:password"), authorization("admin:password")),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_403(server: StatusServer, fields: tuple[str, ...], method: str) -> None:
    """Without or with credentials: the reason, and no challenge."""
    answer = ask(server, "/403/mine", *fields, method=method)

    assert (403, []) == (answer.status, challenges(answer))
    assert "this is for admin only (RFC 9110, 15.5.4)" == server.journal[0].why
    if method != "HEAD":
        assert "this is for admin only" == json.loads(answer.content)["detail"]


def test_403_lets_admin_pass(server: StatusServer) -> None:
    """Credentials of another user may help (RFC 9110, 15.5.4)."""
    for scheme in ("Basic", "basic", "Basic "):
        answer = ask(server, "/403/mine", authorization("admin:password", scheme))

        assert (200, b"you are admin\n") == (answer.status, answer.content)
    assert 403 == ask(server, "/403/mine").status


def test_403_comes_instead_of_the_100(server: StatusServer) -> None:
    """From the head alone."""
    with Raw(server.url) as raw:
        raw.send(message("POST", "/403", "Expect: 100-continue", "Content-Length: 9"))
        answer = raw.answer("POST")

    assert (403, []) == (answer.status, answer.interim)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_511_before_login(server: StatusServer, method: str) -> None:
    """Not to be stored, no challenge, and the address of the login resource below the instance."""
    for target, path in (
        ("/511/mine", "/511/mine"),
        ("/511", "/511/shared"),
        ("/511/a/b", "/511/a"),
    ):
        answer = ask(server, target, method=method)

        assert (511, []) == (answer.status, challenges(answer))
        assert "no-store" == answer.header("cache-control")
        assert "text/html; charset=utf-8" == answer.header("content-type")
        if method != "HEAD":
            assert f'<a href="{server.url}{path}/login">'.encode() in answer.content
            assert b"<form" not in answer.content
    assert server.journal[0].why.endswith("(RFC 6585, 6)")


@pytest.mark.parametrize("target", ["/401", "/403", "/511", "/511/mine/login"])
def test_an_unknown_method_is_unknown_here_too(server: StatusServer, target: str) -> None:
    """501 before anyone is asked who they are (RFC 9110, 9.1)."""
    assert 501 == ask(server, target, method="FROB").status


def test_511_as_json(server: StatusServer) -> None:
    """With the address as a member, and the condition is temporary."""
    answer = ask(server, "/511/mine", "Accept: application/json")
    problem = json.loads(answer.content)

    assert f"{server.url}/511/mine/login" == problem["location"]
    assert problem["temporary"] is True


def test_511_and_the_login(server: StatusServer) -> None:
    """Its form is for everyone; only a POST to it lets pass, and only this instance."""
    with Raw(server.url) as raw:
        form = raw.request("GET", "/511/mine/login")
        assert (200, "text/html; charset=utf-8") == (form.status, form.header("content-type"))
        assert b'<form method="post">' in form.content
        for method in ("HEAD", "OPTIONS"):
            assert 200 == raw.request(method, "/511/mine/login").status
        for method in ("PUT", "DELETE"):
            refused = raw.request(method, "/511/mine/login")
            assert (405, "GET, HEAD, POST, OPTIONS") == (refused.status, refused.header("allow"))
        assert 511 == raw.request("GET", "/511/mine").status
        done = raw.request("POST", "/511/mine/login", content=b"user=me")
        assert (200, "text/html; charset=utf-8") == (done.status, done.header("content-type"))
        assert "logged in to the network (RFC 6585, 6)" == server.journal[-1].why
        answer = raw.request("GET", "/511/mine")
        assert (200, b"you have access to the network\n") == (answer.status, answer.content)
        assert 511 == raw.request("GET", "/511/yours").status


def test_511_again_after_it_is_forgotten(server: StatusServer) -> None:
    """DELETE of its journal logs out."""
    with Raw(server.url) as raw:
        assert 200 == raw.request("POST", "/511/mine/login", content=b"").status
        assert 200 == raw.request("GET", "/511/mine").status
        assert 204 == raw.request("DELETE", "/journal/511/mine").status
        assert 511 == raw.request("GET", "/511/mine").status
        assert 200 == raw.request("GET", "/511/mine/login").status


def test_511_of_the_shared_one(server: StatusServer) -> None:
    """Its login is below its KEY, as each page says."""
    made = server.scenario(511)
    login, _ = made.relief
    assert not callable(login)
    assert f"{path_of(made)}/login" == path_of(login.url)
    page = ask(server, "/511").content.decode()
    found = re.search(r'href="([^"]+)"', page)
    assert found
    assert 200 == ask(server, path_of(found[1]), method="POST").status
    assert 200 == ask(server, "/511").status
