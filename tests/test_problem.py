"""Content that explains a status: which form, what it says, and how it is escaped."""

from __future__ import annotations

import html
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_httpcodes.problem import explain, prefer, readable
from pytest_httpcodes.server import StatusServer
from tests.raw import Raw

FORMS = ("json", "html", "text")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
ACCEPT = {
    "json": "application/json",
    "html": "text/html",
    "text": "text/plain",
}
PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("form", "accept"),
    [
        # No preference.
        ("json", ""),
        ("json", "*/*"),
        ("json", " */* "),
        ("json", "*/*;q=0.1"),
        ("json", "image/png"),
        ("json", "text/html;q=0, text/plain;q=0, application/json;q=0"),
        # One type.
        ("json", "application/json"),
        ("json", "application/problem+json"),
        ("html", "text/html"),
        ("html", "TEXT/HTML"),
        ("text", "text/plain"),
        ("json", "application/*"),
        ("html", "text/*"),
        # Clients as they are.
        ("html", BROWSER),
        ("json", "application/json, text/plain, */*"),
        ("html", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"),
        ("json", "*"),
        # Weights.
        ("json", "text/html, application/json"),
        ("html", "text/plain, text/html"),
        ("text", "text/html;q=0.5, text/plain;q=0.7"),
        ("text", "text/html;q=0.5,text/plain ; q=0.501"),
        ("html", "text/html;Q=1.0, application/json;q=0.999"),
        ("html", "application/json;q=0.2, application/problem+json;q=0.3, text/html;q=0.4"),
        ("json", "application/json;q=0.2, application/problem+json;q=0.5, text/html;q=0.4"),
        # The most specific range has precedence, whatever its weight.
        ("html", "application/json;q=0, */*"),
        ("text", "text/html;q=0.1, text/*;q=0.9, application/*;q=0.2"),
        ("text", "*/*;q=0.5, text/*;q=0.3, text/plain;q=0.6"),
        ("html", "text/*;q=1, application/json;q=0.5, text/plain;q=0.1"),
        ("json", "application/json, text/html;q=0"),
        # Parameters: those of a type that is not here do not count.
        ("text", "text/html;level=1, text/plain;q=0.1"),
        ("html", "text/html;charset=utf-8, text/plain;q=0.9"),
        ("html", 'text/html;charset="UTF-8", text/plain;q=0.9'),
        ("html", "text/html;charset=utf-8;q=0.9, text/html;q=0.1, text/plain;q=0.5"),
        ("text", "text/html;charset=latin1, text/plain;q=0.1"),
        ("text", 'text/html;title="a, b; q=1";q=0.1, text/plain;q=0.05'),
        ("html", "text/html;q=0.9;level=1, text/plain;q=0.5"),
        # What is malformed is as good as absent.
        ("text", "text/html;q=2, text/plain;q=0.1"),
        ("text", "text/html;q=-1, text/plain;q=0.1"),
        ("text", "text/html;q=abc, text/plain;q=0.1"),
        ("text", 'text/html;q="0.9.1", text/plain;q=0.1'),
        ("text", "html, text/plain"),
        ("text", "*/html, text/plain;q=0.1"),
        ("text", "text/, /html, ;, ,, text/plain"),
        ("text", "text html, text/plain"),
        ("json", 'text/html;title="never closed, text/plain'),
        ("json", '"\\'),
    ],
)
def test_the_form_is_the_one_that_the_client_prefers(form: str, accept: str) -> None:
    """RFC 9110, 12.5.1: weights, specificity, parameters; else JSON."""
    assert form == prefer(accept, *FORMS)


def test_the_order_of_the_offers_decides_between_equals() -> None:
    """Where the client has no preference, the one who offers has."""
    assert "text" == prefer("text/*, application/*", "text", "json", "html")
    assert "html" == prefer("", "html", "json")
    assert "html" == prefer("text/plain", "html", "json")


@given(st.text(alphabet='abt/*;,=q01. "\\texhml\t', max_size=60))
def test_any_field_gives_some_form(accept: str) -> None:
    """Whatever a client sends, it gets an answer."""
    assert prefer(accept, *FORMS) in FORMS


@pytest.mark.parametrize(
    "piece", ['\\"', '"', "a/b;x=", "; ", ";", " ;\t", "text/html,", 'a/b;x="', ";x=y", "\t"]
)
def test_a_hostile_field_takes_no_time(piece: str) -> None:
    """As long as a field may be, the choice is made in a moment."""
    start = time.thread_time()
    for first, last in (("", ""), ("a/b", " x"), ("a/b;x=y", ' "')):
        prefer(first + piece * (16_000 // len(piece)) + last, *FORMS)

    assert time.thread_time() - start < 0.5


def test_a_problem_has_the_members_of_rfc_9457() -> None:
    """Type, title, status and detail, and whether the condition passes."""
    body = explain(503, "come <again>", "", hint=["a", 1])
    members = json.loads(body.data)

    assert (PROBLEM, True) == (body.type, body.negotiated)
    assert {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "come <again>",
        "temporary": True,
        "hint": ["a", 1],
    } == members
    assert body.data.endswith(b"\n")


@pytest.mark.parametrize(
    ("temporary", "sentence", "code"),
    [
        (True, "The condition is temporary.", 503),
        (False, "The condition is permanent.", 410),
        (None, "It is not known whether the condition is temporary.", 404),
    ],
)
def test_every_form_says_whether_the_condition_passes(
    temporary: bool | None, sentence: str, code: int
) -> None:
    """RFC 9110, 15.5 and 15.6: a member in JSON, a sentence in the others."""
    problem = json.loads(explain(code, "detail", ACCEPT["json"]).data)

    assert (code, temporary) == (problem["status"], problem["temporary"])
    assert f"<p>{sentence}</p>" in explain(code, "detail", ACCEPT["html"]).data.decode()
    assert f"\n{sentence}\n" in explain(code, "detail", ACCEPT["text"]).data.decode()


@pytest.mark.parametrize("accept", ACCEPT.values())
def test_an_answer_may_know_better_than_its_code(accept: str) -> None:
    """Whoever explains can say that it passes after all, once and not twice."""
    data = explain(413, "detail", accept, temporary=True).data.decode()

    assert 1 == data.count("temporary")
    assert "permanent" not in data


@pytest.mark.parametrize("accept", ACCEPT.values())
def test_a_redirect_says_nothing_of_a_condition(accept: str) -> None:
    """It is no error; JSON is then plain JSON, and no problem."""
    body = explain(302, "detail", accept)

    assert "temporary" not in body.data.decode()
    assert PROBLEM != body.type


def test_people_get_a_page_unless_they_prefer_json() -> None:
    """What is to be followed is HTML, even for a client that would rather have text."""
    types = [explain(511, "detail", a, html_first=True).type for a in ("", *ACCEPT.values())]

    assert "text/html; charset=utf-8" == types[0] == types[2] == types[3]
    assert PROBLEM == types[1]


def test_what_a_page_shows_is_escaped() -> None:
    """Nothing that a client sends becomes markup: details, members, links."""
    evil = "<script>\"'&"
    page = explain(
        404, evil, "text/html", link=(evil, evil), alternates=[(evil, evil)], note=evil
    ).data.decode()

    assert "<script>" not in page
    assert f"<p>{html.escape(evil)}</p>" in page
    link = f'<a href="{html.escape(evil)}">{html.escape(evil)}</a>'
    assert 2 == page.count(link)
    assert html.escape(f"note: {json.dumps(evil)}") in page


def test_every_form_has_the_links() -> None:
    """One to follow, and those to choose from, as hyperlinks where there are such."""
    more: Any = {"link": ("/there", "there"), "alternates": [("/a", "text/plain")]}
    problem = json.loads(explain(300, "detail", ACCEPT["json"], **more).data)
    page = explain(300, "detail", ACCEPT["html"], **more).data.decode()
    text = explain(300, "detail", ACCEPT["text"], **more).data.decode()

    assert "/there" == problem["location"]
    assert [{"href": "/a", "type": "text/plain"}] == problem["alternates"]
    assert '<a href="/there">there</a>' in page
    assert '<a href="/a">text/plain</a>' in page
    assert "300 Multiple Choices\ndetail\nthere: /there\ntext/plain: /a\n" == text


def test_a_code_without_a_phrase_has_a_title_all_the_same() -> None:
    """Its number; no form has a blank at the end of a line."""
    assert "471" == json.loads(explain(471, "detail").data)["title"]
    assert "<title>471</title>" in explain(471, "detail", "text/html").data.decode()
    assert explain(471, "detail", "text/plain").data.startswith(b"471\ndetail\n")


@pytest.mark.parametrize("accept", ACCEPT.values())
def test_what_is_no_text_is_shown_all_the_same(accept: str) -> None:
    """Half a character, as a path may have, becomes an escape; umlauts stay what they are."""
    data = explain(404, "\udcff \u00fc", accept).data.decode()

    assert "\\udcff \u00fc" in data


def test_octets_are_readable_as_text_or_base64() -> None:
    """JSON has no octets; what is UTF-8 is text."""
    assert {"content": "\u00fc"} == readable("content", "\u00fc".encode())
    assert {"content_base64": "/wA="} == readable("content", b"\xff\x00")


@pytest.mark.parametrize("target", ["/status/404", "/nowhere", "/status/503?delay=-1"])
@pytest.mark.parametrize("accept", ["", *ACCEPT.values(), BROWSER])
def test_an_error_is_the_same_for_head_but_for_its_content(
    server: StatusServer, target: str, accept: str
) -> None:
    """The fields are those of GET, its Content-Length among them, and then comes nothing."""
    with Raw(server.url) as raw:
        got = raw.request("GET", target, f"Accept: {accept}")
        head = raw.request("HEAD", target, f"Accept: {accept}")

        assert [f for f in got.fields if f[0] != "Date"] == [
            f for f in head.fields if f[0] != "Date"
        ]
        assert str(len(got.content)) == head.header("content-length")
        assert "Accept" == head.header("vary")
        assert 204 == raw.request("GET", "/status/204").status


def test_the_status_member_is_the_status_line(server: StatusServer) -> None:
    """RFC 9457, 3.1.2, for every error that has a problem."""
    with Raw(server.url) as raw:
        for code in range(400, 600):
            if code in (408, 411, 414, 417, 423, 424, 431, 444, 507, 508):
                continue  # these close, or are XML
            answer = raw.request("GET", f"/status/{code}", "Accept: application/json")
            problem = json.loads(answer.content)

            assert (code, PROBLEM) == (answer.status, answer.header("content-type"))
            assert (code, answer.reason or f"{code}") == (problem["status"], problem["title"])
            assert problem["temporary"] in (True, False, None)
