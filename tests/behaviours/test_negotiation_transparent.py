"""Reactive and transparent negotiation: the list, 300, the choice, and the variant of a 506."""

from __future__ import annotations

import json
import re

import pytest

from pytest_httpcodes import Request, StatusServer
from pytest_httpcodes.behaviours.transparent import SMALL, choices
from pytest_httpcodes.behaviours.variants import negotiating, variant
from tests.asking import ask, statuses
from tests.raw import Answer, Raw
from tests.scenarios import SENDERS, path_of

NAMES = ("paper.html.en", "paper.html.fr", "paper.ps.en")
VARY = "Negotiate, Accept, Accept-Language"
# Enough for a choice: the best variant is known without a wildcard.
DECISIVE = ("Accept: text/html, application/postscript;q=0.5", "Accept-Language: en, fr;q=0.5")
# Where it is matched by a wildcard, or by a field that is not there, it is not.
SPECULATIVE = [
    (),
    ("Accept: text/*", "Accept-Language: en"),
    ("Accept: text/html", "Accept-Language: *"),
    ("Accept: text/html",),
    ("Accept: image/png", "Accept-Language: en"),
]


def alternates(answer: Answer) -> list[str]:
    """Return the URLs of `Alternates`, a whole variant list."""
    found = answer.header("alternates") or ""
    one = r'\{"([^"]+)" (?:0\.\d{1,3}|1\.0)(?: \{\w+ [^}]+\})*\}'

    assert re.fullmatch(rf"{one}(?:, {one})*", found), found
    return [match[1] for match in re.finditer(one, found)]


def is_list(made: str, answer: Answer) -> bool:
    """Tell whether an answer is a list response: all that RFC 2295, 10.1 wants is there."""
    urls = [f"{path_of(made)}/{name}" for name in NAMES]
    if (300, "list") != (answer.status, answer.header("tcn")):
        return False
    assert urls == alternates(answer)
    assert VARY == answer.header("vary")
    assert re.fullmatch(r'"[^";]+;[^";]+"', answer.header("etag") or "")
    assert answer.header("location") is None
    return True


@pytest.mark.parametrize("fields", [(), DECISIVE, ("Negotiate: other",)])
def test_without_negotiate_there_is_a_list(
    status_server: StatusServer, fields: tuple[str, ...]
) -> None:
    """RFC 9110, 15.4.1: in the content and as Link; S-55 has it for whoever asks."""
    made = status_server.scenario(300)
    answer = ask(made, *fields)
    links = [value for name, value in answer.fields if name == "Link"]

    assert is_list(made, answer)
    assert len(NAMES) == len(links)
    assert f'<{made}/paper.html.fr>; rel="alternate"; type="text/html"; hreflang="fr"' in links
    assert made.exchanges[0].why.endswith("(RFC 9110, 15.4.1)")


@pytest.mark.parametrize(
    ("kind", "accept"),
    [
        ("text/html; charset=utf-8", "*/*"),
        ("text/html; charset=utf-8", "image/png"),
        ("application/json", "application/json"),
    ],
)
def test_the_list_is_a_page_unless_json_is_preferred(
    status_server: StatusServer, kind: str, accept: str
) -> None:
    """Each form has the URLs, and a tag of its own."""
    made = status_server.scenario(300)
    answer = ask(made, f"Accept: {accept}")
    text = answer.content.decode()

    assert (300, kind) == (answer.status, answer.header("content-type"))
    if kind == "application/json":
        assert [f"{made}/{name}" for name in NAMES] == [
            known["href"] for known in json.loads(text)["alternates"]
        ]
    else:
        assert f'<a href="{made}/paper.ps.en">application/postscript, en</a>' in text
    assert answer.header("etag") == ask(made, f"Accept: {accept}").header("etag")


def test_the_tags_of_the_lists_differ_in_their_content_alone(status_server: StatusServer) -> None:
    """RFC 2295, 9.2: what stands behind the semicolon is the validator of the variant list."""
    made = status_server.scenario(300)
    page, data = (
        (ask(made, f"Accept: {kind}").header("etag") or "").strip('"').split(";")
        for kind in ("text/html", "application/json")
    )

    assert page[0] != data[0]
    assert page[1] == data[1]


@pytest.mark.parametrize("negotiate", ["trans", "vlist", "TRANS, vlist", "2.5", "1.1, trans"])
def test_a_client_that_chooses_itself_gets_the_list(
    status_server: StatusServer, negotiate: str
) -> None:
    """RFC 2295, 12.1: "a list response MUST ALWAYS be sent", however decisive the request is."""
    made = status_server.scenario(300)
    answer = ask(made, f"Negotiate: {negotiate}", *DECISIVE)

    assert is_list(made, answer)
    assert made.exchanges[0].why.endswith("(RFC 2295, 10.1)")


@pytest.mark.parametrize("negotiate", ["1.0", "*", "2.5, 1.0", "vlist, 1.0", "guess-small, *"])
def test_a_choice_has_what_the_variant_has(status_server: StatusServer, negotiate: str) -> None:
    """RFC 2295, 10.2: the variant's answer, its URL, the list, and a structured tag."""
    made = status_server.scenario(300)
    answer = ask(made, f"Negotiate: {negotiate}", *DECISIVE)
    variant_itself = ask(f"{made}/paper.html.en")
    tag = (variant_itself.header("etag") or "").strip('"')

    assert (200, "choice") == (answer.status, answer.header("tcn"))
    assert f"{path_of(made)}/paper.html.en" == answer.header("content-location")
    assert [f"{path_of(made)}/{name}" for name in NAMES] == alternates(answer)
    assert VARY == answer.header("vary")
    assert re.fullmatch(rf'"{re.escape(tag)};[^";]+"', answer.header("etag") or "")
    assert variant_itself.content == answer.content
    assert "en" == answer.header("content-language")


@pytest.mark.parametrize("negotiate", ["1.0", "*"])
@pytest.mark.parametrize("fields", SPECULATIVE)
def test_what_is_not_known_is_not_chosen(
    status_server: StatusServer, fields: tuple[str, ...], negotiate: str
) -> None:
    """RFC 2296, 3.5: a quality that rests on a wildcard, or on an absent field, is no ground."""
    made = status_server.scenario(300)

    assert is_list(made, ask(made, f"Negotiate: {negotiate}", *fields))


def test_a_small_variant_may_be_guessed(status_server: StatusServer) -> None:
    """RFC 2295, 8.4: by any algorithm, if it is not much larger than the list."""
    rules = choices(variant("long", "x" * (SMALL + 1)), variant("short", "x" * SMALL, quality=0.5))
    made = status_server.resource(None, rules)
    short = status_server.scenario(300)

    assert "choice" == ask(short, "Negotiate: guess-small").header("tcn")
    assert b"PS" in ask(short, "Negotiate: guess-small").content
    assert "list" == ask(short, "Negotiate: guess-small", "Accept: image/png").header("tcn")
    assert "list" == ask(made, "Negotiate: guess-small").header("tcn")


@pytest.mark.parametrize("code", [300, 506])
@pytest.mark.parametrize("client", SENDERS)
def test_a_variants_own_url_is_no_end_of_a_negotiation(
    status_server: StatusServer, client: str, code: int
) -> None:
    """It answers 200, and has no field of RFC 2295: "a TCN header MUST NOT be included"."""
    made = status_server.scenario(code)
    for name in NAMES:
        answer = SENDERS[client](Request("GET", f"{made}/{name}", {"Negotiate": "*"}))

        assert 200 == answer.status
        assert {"tcn", "alternates", "vary", "content-location"}.isdisjoint(
            map(str.lower, answer.headers)
        )
        assert ";" not in answer.headers["ETag"]


def test_a_choice_can_be_a_304(status_server: StatusServer) -> None:
    """RFC 2295, 10: the tag of the shortened answer tells what it was."""
    made = status_server.scenario(300)
    tag = ask(made, "Negotiate: 1.0", *DECISIVE).header("etag")
    again = ask(made, "Negotiate: 1.0", *DECISIVE, f"If-None-Match: {tag}")

    assert (304, tag, VARY) == (again.status, again.header("etag"), again.header("vary"))
    assert 300 == ask(made, f"If-None-Match: {tag}").status


@pytest.mark.parametrize("negotiate", ["1.0", "*", "vlist, 1.0", "guess-small", "1.0, guess-small"])
@pytest.mark.parametrize("fields", [(), DECISIVE, ("Accept: image/png", "Accept-Language: de")])
def test_a_variant_that_negotiates_itself_is_an_error(
    status_server: StatusServer, negotiate: str, fields: tuple[str, ...]
) -> None:
    """RFC 2295, 8.1 and 10.2: it is chosen, as it has the highest quality, whatever is asked."""
    made = status_server.scenario(506)
    answer = ask(made, f"Negotiate: {negotiate}", *fields)

    assert (506, VARY) == (answer.status, answer.header("vary"))
    assert answer.header("tcn") is None
    assert [f"{path_of(made)}/{name}" for name in ("paper", *NAMES)] == alternates(answer)
    assert f"{path_of(made)}/paper negotiates itself" in answer.content.decode()
    assert made.exchanges[0].why.endswith("(RFC 2295, 8.1)")


@pytest.mark.parametrize("negotiate", ["vlist", "trans", "2.5", "other"])
def test_without_a_choice_there_is_no_error(status_server: StatusServer, negotiate: str) -> None:
    """The list is sent, with the variant at fault in it."""
    made = status_server.scenario(506)
    answer = ask(made, f"Negotiate: {negotiate}", *DECISIVE)

    assert (300, "list") == (answer.status, answer.header("tcn"))
    assert f"{path_of(made)}/paper" == alternates(answer)[0]
    assert 300 == ask(made).status


def test_the_variant_at_fault_does_negotiate(status_server: StatusServer) -> None:
    """Its own URL has the field TCN, which is how an origin server can tell."""
    url = f"{status_server.scenario(506)}/paper"
    chosen = ask(url, "Negotiate: 1.0", *DECISIVE)

    assert is_list(url.rpartition("/")[0], ask(url))
    assert (200, "choice") == (chosen.status, chosen.header("tcn"))
    assert (chosen.header("content-location") or "").endswith("/paper.html.en")


@pytest.mark.parametrize(
    ("code", "field"), [(300, "Accept: */*"), (300, "Negotiate: *"), (506, "Negotiate: 1.0")]
)
def test_head_is_get_without_content(status_server: StatusServer, code: int, field: str) -> None:
    """The same fields, the list among them (RFC 2295, 10.1)."""
    path = path_of(status_server.scenario(code))
    with Raw(status_server.url) as raw:
        got, head = (raw.request(method, path, field) for method in ("GET", "HEAD"))

        assert [f for f in got.fields if f[0] != "Date"] == [
            f for f in head.fields if f[0] != "Date"
        ]
        assert (got.status, b"") == (head.status, head.content)
        assert str(len(got.content)) == head.header("content-length")


@pytest.mark.parametrize("code", [300, 506])
def test_other_methods_are_not_negotiated(status_server: StatusServer, code: int) -> None:
    """RFC 2295, 12.2: "this only has an impact on the GET and HEAD transactions"."""
    made = status_server.scenario(code)
    options = ask(made, "Negotiate: 1.0", method="OPTIONS")

    assert (200, "GET, HEAD, OPTIONS") == (options.status, options.header("allow"))
    assert options.header("tcn") is None
    assert 405 == ask(made, "Negotiate: 1.0", method="POST", content=b"x").status
    assert 404 == ask(f"{made}/nothing").status


@pytest.mark.parametrize("code", [300, 506])
def test_keys_and_options(status_server: StatusServer, code: int) -> None:
    """Each KEY has URLs of its own; there is no option but those of every scenario."""
    url = status_server.url_for(f"/{code}/mine")

    assert [300, 200, 400] == statuses(url, f"{url}/paper.html.fr", f"{url}?quality=1")
    with pytest.raises(ValueError, match="has no option 'quality'"):
        status_server.scenario(code, quality=1)


def test_choices_of_ones_own(status_server: StatusServer) -> None:
    """As a rule of a resource; the first of equals is chosen."""
    made = status_server.resource(
        None, choices(variant("a", "a", language="en"), variant("b", "b", language="en"))
    )
    fields = ("Negotiate: 1.0", "Accept: text/plain", "Accept-Language: en")
    broken = status_server.resource(None, choices(variant("a", "a"), negotiating("b", quality=0.5)))

    assert b"a" == ask(made, *fields).content
    assert b"a" == ask(broken, *fields).content
    assert 300 == ask(broken, "Negotiate: 1.0", "Accept: text/*").status
    assert 506 == ask(broken, "Negotiate: 1.0", "Accept: text/plain;q=0.1").status


def test_a_list_has_no_codings() -> None:
    """RFC 2295, 10.8: they are negotiated apart, so such a variant is a mistake."""
    with pytest.raises(ValueError, match="has a coding"):
        choices(variant("a", "a", coding="gzip"))
    with pytest.raises(ValueError, match="the same name"):
        choices(variant("a", "x"), variant("a", "y"))
