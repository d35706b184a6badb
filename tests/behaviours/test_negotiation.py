"""Proactive negotiation, 406: which variant is sent, and what each answer says of the choice."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest

from pytest_httpcodes import Request, StatusServer
from pytest_httpcodes.behaviours.variants import negotiating, variant, variants
from tests.asking import ask, statuses
from tests.raw import Answer, Raw
from tests.scenarios import SENDERS, Send, path_of

NAMES = ("en.json", "en.html", "de.json", "de.html", "en.json.gz")
VARY = "Accept, Accept-Language, Accept-Encoding"
ALL = ("Accept: */*", "Accept-Language: *")


def chosen(answer: Answer) -> str:
    """Return the name of the variant that was sent."""
    return (answer.header("content-location") or "").rpartition("/")[2]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("en.json", ()),
        ("en.json", ALL),
        ("en.json", ("Accept: ,", "Accept-Language: en_US")),
        ("en.html", ("Accept: text/html",)),
        ("en.html", ("Accept: image/png, text/*;q=0.1",)),
        ("en.json", ("Accept: image/png", "Accept: */*;q=0.1")),
        ("en.html", ("Accept: application/json;q=0, */*",)),
        ("en.json", ("Accept: text/html;q=0.2, */*;q=0.3",)),
        ("en.html", ("Accept: text/html;charset=UTF-8, */*;q=0.3",)),
        ("en.json", ("Accept: text/html;charset=latin1, */*;q=0.3",)),
        ("de.json", ("Accept-Language: de",)),
        ("de.json", ("Accept-Language: de-DE, de;q=0.5",)),
        ("de.html", ("Accept-Language: de, en;q=0.5", "Accept: text/html, */*;q=0.9")),
        ("en.html", ("Accept-Language: de;q=0.1, en", "Accept: text/html, */*;q=0.9")),
        ("en.json.gz", ("Accept-Encoding: gzip",)),
        ("en.json.gz", ("Accept-Encoding: identity;q=0, *",)),
        ("en.json", ("Accept-Encoding:",)),
        ("en.json", ("Accept-Encoding: br, gzip;q=0",)),
        ("en.html", ("Accept-Encoding: gzip", "Accept: text/html")),
    ],
)
def test_the_variant_that_suits_best_is_sent(
    status_server: StatusServer, name: str, fields: tuple[str, ...]
) -> None:
    """With its URL, its language, its coding, and what the choice depended on (S-19, S-22)."""
    answer = ask(status_server.scenario(406), *fields)
    language, kind, *coding = name.split(".")

    assert (200, name, VARY) == (answer.status, chosen(answer), answer.header("vary"))
    assert language == answer.header("content-language")
    assert (kind == "json") is (answer.header("content-type") == "application/json")
    assert (["gz"] if answer.header("content-encoding") == "gzip" else []) == coding
    content = gzip.decompress(answer.content) if coding else answer.content
    assert {"en": b"hello", "de": b"hallo"}[language] in content


@pytest.mark.parametrize(
    "field",
    [
        "Accept: image/png",
        "Accept: */*;q=0",
        "Accept: text/html;level=1",
        "Accept-Language: fr",
        "Accept-Language: de-AT",
        "Accept-Encoding: identity;q=0",
        "Accept-Encoding: br, *;q=0",
    ],
)
def test_where_nothing_suits_there_is_a_list(status_server: StatusServer, field: str) -> None:
    """406 in JSON, which need not be acceptable itself, and as Link; with Vary all the same."""
    made = status_server.scenario(406)
    answer = ask(made, field)
    problem = json.loads(answer.content)

    assert (406, VARY) == (answer.status, answer.header("vary"))
    assert "application/problem+json" == answer.header("content-type")
    assert [f"{made}/{name}" for name in NAMES] == [a["href"] for a in problem["alternates"]]
    assert {"href": f"{made}/de.html", "type": "text/html", "language": "de"} in problem[
        "alternates"
    ]
    assert f'<{made}/de.html>; rel="alternate"; type="text/html"; hreflang="de"' in links(answer)
    assert len(NAMES) == len(links(answer))
    assert made.exchanges[0].why.endswith("(RFC 9110, 15.5.7)")


def links(answer: Answer) -> list[str]:
    """Return the lines of `Link`."""
    return [value for name, value in answer.fields if name == "Link"]


def test_the_list_has_the_form_that_is_preferred(status_server: StatusServer) -> None:
    """A page has hyperlinks that say what is behind them."""
    made = status_server.scenario(406)
    fields = ("Accept: text/html", "Accept-Language: fr")
    answer = ask(made, *fields)

    assert "text/html; charset=utf-8" == answer.header("content-type")
    assert f'<a href="{made}/de.html">text/html, de</a>' in answer.content.decode()


@pytest.mark.parametrize("client", SENDERS)
def test_each_variant_has_a_url_of_its_own(status_server: StatusServer, client: str) -> None:
    """Found in the list; nothing is negotiated there, whatever the client says."""
    made = status_server.scenario(406)
    send: Send = SENDERS[client]
    refused = send(Request("GET", made, {"Accept": "image/png"}))
    for name, known in zip(NAMES, json.loads(refused.content)["alternates"], strict=True):
        answer = send(Request("GET", known["href"], {"Accept": "image/png"}))

        assert 200 == answer.status
        assert f"{made}/{name}" == known["href"]
        assert answer.headers["Content-Type"].startswith(known["type"])
        assert known["language"] == answer.headers["Content-Language"]
        assert {"vary", "content-location"}.isdisjoint(map(str.lower, answer.headers))


def test_each_variant_has_an_entity_tag_of_its_own(status_server: StatusServer) -> None:
    """The same at its own URL (S-20)."""
    made = status_server.scenario(406)
    fields = {
        "en.json": (),
        "en.html": ("Accept: text/html",),
        "de.json": ("Accept-Language: de",),
        "de.html": ("Accept: text/html", "Accept-Language: de"),
        "en.json.gz": ("Accept-Encoding: gzip",),
    }
    tags = {name: ask(made, *given).header("etag") for name, given in fields.items()}

    assert len(NAMES) == len({*tags.values()})
    assert tags == {name: ask(f"{made}/{name}").header("etag") for name in NAMES}
    assert all(re.fullmatch(r'"[!#-~]+"', tag or "") for tag in tags.values())


def test_head_is_get_without_content(status_server: StatusServer) -> None:
    """For the variant and for the list."""
    path = path_of(status_server.scenario(406))
    with Raw(status_server.url) as raw:
        for field in ("Accept: text/html", "Accept: image/png"):
            got, head = (raw.request(method, path, field) for method in ("GET", "HEAD"))

            assert got.status == head.status
            assert [f for f in got.fields if f[0] != "Date"] == [
                f for f in head.fields if f[0] != "Date"
            ]
            assert b"" == head.content


def test_the_condition_is_that_of_the_chosen_variant(status_server: StatusServer) -> None:
    """A 304 has its Vary and Content-Location (S-38); another variant's tag is no match."""
    made = status_server.scenario(406)
    tag = ask(f"{made}/en.html").header("etag")
    same = ask(made, "Accept: text/html", f"If-None-Match: {tag}")
    other = ask(made, f"If-None-Match: {tag}")

    assert (304, tag, VARY) == (same.status, same.header("etag"), same.header("vary"))
    assert "en.html" == chosen(same)
    assert 200 == other.status
    assert 406 == ask(made, "Accept: image/png", f"If-None-Match: {tag}").status


def test_only_reading_is_negotiated(status_server: StatusServer) -> None:
    """OPTIONS says what there is to do, whatever is acceptable; nothing else is allowed."""
    made = status_server.scenario(406)
    options = ask(made, "Accept: image/png", method="OPTIONS")
    refused = ask(made, "Accept: image/png", method="PUT", content=b"x")

    assert (200, "GET, HEAD, OPTIONS") == (options.status, options.header("allow"))
    assert (405, "GET, HEAD, OPTIONS") == (refused.status, refused.header("allow"))
    assert 404 == ask(f"{made}/fr.html").status


def test_keys_and_options(status_server: StatusServer) -> None:
    """Each KEY has URLs of its own; there is no option but those of every scenario."""
    url = status_server.url_for("/406/mine")

    assert [200, 200] == statuses(f"{url}/de.html", f"{url}?delay=0")
    assert "/406/mine/en.json" == ask(url).header("content-location")
    assert 400 == ask(f"{url}?variant=en").status
    with pytest.raises(ValueError, match="has no option 'variant'"):
        status_server.scenario(406, variant="en")


def test_variants_of_ones_own(status_server: StatusServer) -> None:
    """As a rule of a resource, with the author's own qualities, and any name."""
    made = status_server.resource(
        None,
        variants(
            variant("a b/c", b"\0", type="image/png", quality=0.5),
            variant("plain", "text"),
            variant("both", "mi en", language=" mi,en"),
        ),
    )
    best = ask(made)
    second = ask(made, "Accept: image/*;q=0.9, text/plain;q=0.1")

    assert (b"text", "plain") == (best.content, chosen(best))
    assert "Accept, Accept-Language" == best.header("vary")
    assert (b"\0", "image/png") == (second.content, second.header("content-type"))
    assert f"{path_of(made)}/a%20b%2Fc" == second.header("content-location")
    assert b"\0" == ask(f"{made}/a%20b%2Fc").content
    assert "mi, en" == ask(f"{made}/both").header("content-language")
    # Content that names no language is for everybody (RFC 9110, 8.5).
    assert "plain" == chosen(ask(made, "Accept-Language: de", "Accept: text/plain"))
    assert 406 == ask(made, "Accept-Language: de", "Accept: text/plain;q=0").status


def test_a_member_of_another_name_is_no_variant(status_server: StatusServer) -> None:
    """What a POST stored is sent as it is, and what is not there is not."""
    made = status_server.resource(None, variants(variant("plain", "text")))
    stored = ask(made, "Content-Type: image/png", method="POST", content=b"picture")
    member = ask(stored.header("location") or "", "Accept: text/plain")

    assert (201, 200, b"picture") == (stored.status, member.status, member.content)
    assert 404 == ask(f"{made}/other").status


def test_without_dimensions_there_is_nothing_to_refuse(status_server: StatusServer) -> None:
    """One variant is one that everybody gets, unless its type is none that the client takes."""
    made = status_server.resource(None, variants(variant("plain", "text")))
    refused = ask(made, "Accept: image/png")

    assert [200, 200] == [ask(made).status, ask(made, "Accept-Language: de").status]
    assert (406, "Accept") == (refused.status, refused.header("vary"))


def test_the_list_depends_on_accept_in_any_case(status_server: StatusServer) -> None:
    """Where the variants have no types, the form of the list still has."""
    rules = variants(negotiating("a"), variant("b", b"b", type="a/b", coding="gzip"))
    made = status_server.resource(None, rules)
    answer = ask(made, "Accept: x/y", "Accept-Encoding: identity;q=0")

    assert (406, "Accept, Accept-Encoding") == (answer.status, answer.header("vary"))
    assert f'<{made}/a>; rel="alternate"' in links(answer)


@pytest.mark.parametrize(
    ("message", "name", "given"),
    [
        ("is no name of a variant", "", {}),
        ("is no name of a variant", 1, {}),
        ("is no media type", "a", {"type": "html"}),
        ("is no media type", "a", {"type": "text/html\r\nX: y"}),
        ("is no media type", "a", {"type": "text/html, text/plain"}),
        ("is no language tag", "a", {"language": "en_US"}),
        ("is no language tag", "a", {"language": "*"}),
        ("is not known here", "a", {"coding": "br"}),
        ("is out of range", "a", {"quality": 0}),
        ("is out of range", "a", {"quality": 1.1}),
        ("is out of range", "a", {"quality": True}),
        ("use bytes", "a", {"content": 1.5}),
    ],
)
def test_what_is_no_variant_is_a_mistake_of_the_test(
    message: str, name: Any, given: dict[str, Any]
) -> None:
    """It fails in the caller's line."""
    with pytest.raises(ValueError, match=message):
        variant(name, given.pop("content", "text"), **given)


def test_variants_have_names_of_their_own() -> None:
    """And there is at least one that can be sent."""
    with pytest.raises(ValueError, match="the same name"):
        variants(variant("a", "x"), variant("a", "y"))
    with pytest.raises(ValueError, match="no variant with content"):
        variants()
    with pytest.raises(ValueError, match="no variant with content"):
        variants(negotiating("a"))
