"""What a resource refuses for what it is: 402 404 405 450 451."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from pytest_httpcodes import Request, StatusServer
from pytest_httpcodes.behaviours.document import METHODS
from pytest_httpcodes.behaviours.refusal import blocked_by, payment_required
from pytest_httpcodes.problem import HTML, PROBLEM, TEXT
from tests.asking import ask, ask_json, statuses
from tests.raw import Answer, Raw
from tests.scenarios import SENDERS, path_of

REFUSING = (402, 404, 405, 450, 451)
# RFC 9110, 9.3; RFC 5789; RFC 4918, 9; RFC 5842; RFC 2324; and QUERY.
KNOWN = (
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY", "PROPFIND",
    "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "BIND", "UNBIND", "REBIND", "BREW",
    "WHEN",
)  # fmt: skip


def problem(answer: Answer) -> dict[str, Any]:
    """Return the members of an answer that is a problem."""
    assert "application/problem+json" == answer.header("Content-Type")
    return dict(json.loads(answer.content))


@pytest.mark.parametrize("accept", ["*/*", "text/html", "text/plain", "application/json"])
@pytest.mark.parametrize("code", REFUSING)
def test_forms(status_server: StatusServer, code: int, accept: str) -> None:
    """An error is JSON, a page or text, as the client prefers; 450 is a page unless JSON is."""
    url = status_server.scenario(code)
    method = "POST" if code == 405 else "GET"
    answer = ask(url, f"Accept: {accept}", method=method)
    forms = {"text/html": HTML, "text/plain": HTML if code == 450 else TEXT}
    default = HTML if code == 450 and accept == "*/*" else PROBLEM
    wanted = forms.get(accept, default)

    assert (code, wanted) == (answer.status, answer.header("Content-Type"))
    assert "Accept" == answer.header("Vary")
    assert str(code).encode() in answer.content


@pytest.mark.parametrize("code", [code for code in REFUSING if code != 405])
def test_head(status_server: StatusServer, code: int) -> None:
    """HEAD has the fields of a GET, `Content-Length` included, and nothing follows it."""
    url = status_server.scenario(code)
    with Raw(url) as raw:
        got = raw.request("GET", path_of(url))
        head = raw.request("HEAD", path_of(url))
        silent = raw.is_silent(0.01)
    fields = [[line for line in answer.fields if line[0] != "Date"] for answer in (got, head)]

    assert (code, b"", True) == (head.status, head.content, silent)
    assert fields[0] == fields[1]
    assert str(len(got.content)) == head.header("Content-Length")


@pytest.mark.parametrize("code", REFUSING)
def test_not_invited(status_server: StatusServer, code: int) -> None:
    """Content that is refused whatever it is has no 100 Continue."""
    url = status_server.scenario(code)
    with Raw(url) as raw:
        fields = ("Expect: 100-continue", "Content-Length: 5")
        answer = raw.request("POST", path_of(url), *fields)

    assert (code, []) == (answer.status, answer.interim)


@pytest.mark.parametrize("code", REFUSING)
def test_unknown_method(status_server: StatusServer, code: int) -> None:
    """501: an unknown method is unknown everywhere."""
    assert 501 == ask(status_server.scenario(code), method="FOO").status


@pytest.mark.parametrize("client", SENDERS)
def test_payment(status_server: StatusServer, client: str) -> None:
    """402: everything but what is about the resource is refused until it is paid for."""
    url = status_server.scenario(402)
    send = SENDERS[client]
    due = json.loads(send(Request("GET", url)).content)
    methods = ("HEAD", "PUT", "POST", "DELETE", "OPTIONS", "TRACE")
    before = [send(Request(method, url)).status for method in methods]
    unpaid = send(Request("GET", f"{url}/payment")).content
    paid = send(Request("POST", f"{url}/payment", content=b"a coin"))
    after = [send(Request(method, url)).status for method in ("GET", "PUT", "HEAD")]

    assert ([402] * 4 + [200] * 2, b"due\n") == (before, unpaid)
    assert (200, b"paid\n") == (paid.status, paid.content)
    assert [200, 204, 200] == after
    assert b"paid\n" == send(Request("GET", f"{url}/payment")).content
    assert f"{path_of(url)}/payment" == due["location"]
    assert due["temporary"] is False


def test_payment_has_no_field(status_server: StatusServer) -> None:
    """402: the code is reserved, and has no field of its own."""
    answer = ask(status_server.scenario(402))
    names = {name.lower() for name, _ in answer.fields}

    assert {"content-type", "content-length", "date", "server", "vary"} >= names


def test_payment_methods(status_server: StatusServer) -> None:
    """What takes the payment takes nothing else, and forgets it with the instance."""
    url = status_server.url_for("/402/mine")
    refused = ask(f"{url}/payment", method="DELETE")
    paid = statuses(url), ask(f"{url}/payment", method="POST").status, statuses(url)
    ask(status_server.url_for("/journal/402/mine"), method="DELETE")

    assert (405, "GET, HEAD, POST, OPTIONS") == (refused.status, refused.header("Allow"))
    assert ([402], 200, [200]) == paid
    assert [402, 402] == statuses(url, status_server.url_for("/402/yours"))
    assert b"due\n" == ask(f"{url}/payment").content


def test_payment_rule(status_server: StatusServer) -> None:
    """402: a rule of any resource asks whether it is paid for, at each request."""
    paid = threading.Event()
    url = status_server.resource(b"worth it", payment_required(paid.is_set))
    first = problem(ask(url))
    paid.set()
    second = ask(url).status
    paid.clear()

    assert ("a payment is due", 200, [402]) == (first["detail"], second, statuses(url))
    assert "location" not in first


def test_payment_address(status_server: StatusServer) -> None:
    """402: where to pay is a link for people."""
    url = status_server.resource(b"", payment_required(lambda: False, "https://pay.example/?a&b"))
    page = ask(url, "Accept: text/html").content

    assert b'<a href="https://pay.example/?a&amp;b">Pay here</a>' in page


def test_payment_function() -> None:
    """What cannot be asked whether it is paid for is refused where it is given."""
    with pytest.raises(TypeError, match="^paid=True is no function; use one that returns"):
        payment_required(True)  # type: ignore[arg-type]


@pytest.mark.parametrize("reference", ["https://pay here", "<", 'a"b', "é", "a\r\nX: b", 7])
def test_no_reference(reference: Any) -> None:
    """What is no URI reference is refused where it is given."""
    with pytest.raises(ValueError, match="is no URI reference; use one such as"):
        payment_required(lambda: True, reference)
    with pytest.raises(ValueError, match="^entity=.* is no URI reference; use one such as"):
        blocked_by(reference)


@pytest.mark.parametrize("client", SENDERS)
def test_not_found(status_server: StatusServer, client: str) -> None:
    """404: until something is put there, and again once it is removed."""
    url = status_server.scenario(404)
    send = SENDERS[client]
    methods = ("GET", "PUT", "GET", "DELETE", "GET", "DELETE", "POST", "HEAD", "PUT")
    found = [send(Request(method, url, content=b"now")).status for method in methods]

    assert [404, 201, 200, 204, 404, 404, 404, 404, 201] == found
    assert "RFC 9110, 15.5.5" in url.exchanges[0].why


def test_not_found_for_how_long(status_server: StatusServer) -> None:
    """404: "does not indicate whether this lack of representation is temporary or permanent"."""
    said = problem(ask(status_server.scenario(404)))

    assert {"temporary": None, "status": 404} == {key: said[key] for key in ("temporary", "status")}


def test_not_found_state(status_server: StatusServer) -> None:
    """404: what is put in one instance is not in another; once forgotten, it is not there."""
    urls = [status_server.url_for(f"/404/{key}") for key in ("a", "b")]
    ask(urls[0], method="PUT", content=b"here")
    found = statuses(*urls)
    ask(status_server.url_for("/journal/404/a"), method="DELETE")

    assert ([200, 404], [404]) == (found, statuses(urls[0]))


@pytest.mark.parametrize("method", [m for m in KNOWN if m not in ("GET", "HEAD", "OPTIONS")])
def test_not_allowed(status_server: StatusServer, method: str) -> None:
    """405: every other method is refused with those that are allowed, as OPTIONS names them."""
    url = status_server.scenario(405)
    refused = ask(url, method=method)
    options = ask(url, method="OPTIONS")

    assert (405, 200, 200) == (refused.status, options.status, ask(url).status)
    assert "GET, HEAD, OPTIONS" == refused.header("Allow") == options.header("Allow")
    assert method in problem(refused)["detail"]
    assert problem(refused)["temporary"] is False


@pytest.mark.parametrize("client", SENDERS)
def test_not_allowed_by_clients(status_server: StatusServer, client: str) -> None:
    """405: `Allow` reaches every client."""
    url = status_server.scenario(405)
    answer = SENDERS[client](Request("POST", url, content=b"more"))

    assert (405, "GET, HEAD, OPTIONS") == (answer.status, answer.headers["allow"])


@pytest.mark.parametrize("method", METHODS)
def test_nothing_allowed(status_server: StatusServer, method: str) -> None:
    """405: "An empty Allow field value indicates that the resource allows no methods"."""
    url = status_server.resource(b"disabled", methods=())
    answer = ask(url, method=method)

    assert (405, "") == (answer.status, answer.header("Allow"))


@pytest.mark.parametrize("method", [m for m in KNOWN if m != "HEAD"])
@pytest.mark.parametrize("code", [450, 451])
def test_blocked(status_server: StatusServer, code: int, method: str) -> None:
    """450 and 451: whatever is asked for, nothing gets past it."""
    url = status_server.scenario(code)
    answer = ask(url, "Accept: application/json", method=method)

    assert (code, False) == (answer.status, problem(answer)["temporary"])
    assert () == url.relief


@pytest.mark.parametrize("client", SENDERS)
def test_legal_reasons(status_server: StatusServer, client: str) -> None:
    """451: a link to who blocks it, and who demands that, by which law and for whom."""
    url = status_server.scenario(451)
    answer = SENDERS[client](Request("GET", url))
    detail = json.loads(answer.content)["detail"]

    assert '</>; rel="blocked-by"' == answer.headers["link"]
    assert [] == [
        word for word in ("Court of Example", "Example Act", "nobody", "this document")
        if word not in detail
    ]  # fmt: skip
    assert "RFC 7725, 3" in url.exchanges[0].why
    # It is cacheable by default (RFC 7725, 3).
    assert "cache-control" not in answer.headers


def test_legal_reasons_rule(status_server: StatusServer) -> None:
    """451: as a rule of any resource, with an explanation of one's own."""
    entity = "https://isp.example/blocked?why=1#a"
    plain = ask(status_server.resource(b"", blocked_by(entity)))
    explained = ask(status_server.resource(b"", blocked_by(entity, "the king demands it")))

    assert [451, 451] == [plain.status, explained.status]
    assert f'<{entity}>; rel="blocked-by"' == plain.header("Link")
    assert "a legal demand" in problem(plain)["detail"]
    assert "the king demands it" == problem(explained)["detail"]


@pytest.mark.parametrize("code", REFUSING)
def test_no_option(status_server: StatusServer, code: int) -> None:
    """A wrong option is refused: by hand with a 400 that names it, in Python at once."""
    answer = ask(status_server.url_for(f"/{code}/key?qty=1"))

    assert 400 == answer.status
    assert (
        "there is no option 'qty' here"
        in ask_json(status_server.url_for(f"/{code}/k?qty=1"))["detail"]
    )
    with pytest.raises(ValueError, match=f"the scenario of {code} .* has no option 'qty'"):
        status_server.scenario(code, qty=1)
