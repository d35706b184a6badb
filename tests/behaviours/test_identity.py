"""The rules that ask who a request is from, on resources that a test makes."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.digest import Digest, digest
from pytest_httpcodes.behaviours.identity import authenticated, basic, bearer, only_for
from pytest_httpcodes.behaviours.schemes import Basic, Bearer, Denied, Scheme
from pytest_httpcodes.resource import Rule, Stage, refuse
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Reply
from tests.digests import Client, parameters_of, written
from tests.raw import Answer, Raw
from tests.scenarios import path_of


def ask(url: str, *fields: str, method: str = "GET", below: str = "") -> Answer:
    """Ask on a connection of its own."""
    with Raw(url) as raw:
        return raw.request(method, path_of(url) + below, *fields)


def line(user: str, password: str) -> str:
    """Return the field line of Basic credentials."""
    return f"Authorization: Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def challenges(answer: Answer) -> list[str]:
    """Return the values of the WWW-Authenticate fields, a line each."""
    return [value for name, value in answer.fields if name == "WWW-Authenticate"]


def test_basic(server: StatusServer) -> None:
    """One user, more users, a realm; beyond US-ASCII in UTF-8 alone."""
    made = server.resource(
        b"x", basic("J\u00e4s\u00f8n", "p\u00e4ss", also={"b": "c"}, realm='the "realm"')
    )

    assert [r'Basic realm="the \"realm\"", charset="UTF-8"'] == challenges(ask(made))
    for user, password in (("J\u00e4s\u00f8n", "p\u00e4ss"), ("b", "c")):
        assert 200 == ask(made, line(user, password)).status
        assert 401 == ask(made, line(user, f"{password}c")).status
    latin_1 = base64.b64encode("J\u00e4s\u00f8n:p\u00e4ss".encode("latin-1")).decode()
    assert 401 == ask(made, f"Authorization: Basic {latin_1}").status
    assert "not in UTF-8" in made.exchanges[-1].why
    assert 200 == ask(server.resource(b"x", basic()), line("user", "password")).status


def test_bearer(server: StatusServer) -> None:
    """Tokens of one's own; without a scope none is named."""
    made = server.resource(b"x", bearer("a", "b==", expired=["c"], unscoped=["d"], realm="r"))
    for token, code in (("a", 200), ("b==", 200), ("b", 401), ("c", 401), ("d", 403)):
        answer = ask(made, f"Authorization: Bearer {token}")

        assert code == answer.status
        assert "scope=" not in (answer.header("www-authenticate") or "")
    assert ['Bearer realm="r"'] == challenges(ask(made))
    made = server.resource(b"x", bearer(scope="a b"))
    assert ['Bearer realm="pytest-httpcodes", scope="a b"'] == challenges(ask(made))
    assert 200 == ask(made, "Authorization: Bearer token").status


def test_digest(server: StatusServer) -> None:
    """A user, a realm and a lifetime of one's own."""
    made = server.resource(b"x", digest("a", "b", lifetime=10, realm="r"))
    client = Client(parameters_of(challenges(ask(made))[0]), "a", "b")
    assert "r" == client.challenge["realm"]
    values = [written(client.parameters("GET", path_of(made))) for _ in range(3)]

    assert 200 == ask(made, f"Authorization: {values[0]}").status
    server.clock.advance(11)
    answer = ask(made, f"Authorization: {values[1]}")
    assert 401 == answer.status
    assert "stale=true" in challenges(answer)[0]


def test_a_rule_forgets_its_nonces_with_the_resource(server: StatusServer) -> None:
    """The journal's DELETE makes them stale; with another secret, and the same opaque."""
    made = server.resource(b"x", digest())
    client = Client(parameters_of(challenges(ask(made))[0]))
    values = [written(client.parameters("GET", path_of(made))) for _ in range(2)]
    assert 200 == ask(made, f"Authorization: {values[0]}").status
    with Raw(made) as raw:
        assert 204 == raw.request("DELETE", f"/journal{path_of(made)}").status
    answer = ask(made, f"Authorization: {values[1]}")

    assert 401 == answer.status
    assert "stale=true" in challenges(answer)[0]


def test_several_schemes(server: StatusServer) -> None:
    """A line each, but for those that share one."""
    made = server.resource(
        b"x", authenticated(Digest(), [Bearer(["t"]), Basic([("a", "b"), ("c", "d")])])
    )
    first, second, last = challenges(ask(made))

    assert ["SHA-256", "MD5"] == [parameters_of(value)["algorithm"] for value in (first, second)]
    assert (
        'Bearer realm="pytest-httpcodes", Basic realm="pytest-httpcodes", charset="UTF-8"' == last
    )
    for field in (line("a", "b"), line("c", "d"), "Authorization: Bearer t"):
        assert 200 == ask(made, field).status
    made = server.resource(b"x", authenticated([Digest(), Basic([])]))
    (only,) = challenges(ask(made))
    assert 2 == only.count("Digest realm=")
    assert only.endswith(', Basic realm="pytest-httpcodes", charset="UTF-8"')


def test_challenged_then_forbidden(server: StatusServer) -> None:
    """401 without credentials, 403 for who may not, 200 for who may (RFC 9110, 11.4)."""
    made = server.resource(b"x", basic(also={"admin": "secret"}), only_for("admin", "secret"))

    assert 401 == ask(made).status
    assert 401 == ask(made, line("admin", "password")).status
    assert 403 == ask(made, line("user", "password")).status
    assert 200 == ask(made, line("admin", "secret")).status
    assert [] == challenges(ask(made, line("user", "password")))
    assert 403 == ask(server.resource(b"x", only_for())).status
    assert 200 == ask(server.resource(b"x", only_for()), line("admin", "password")).status


def test_order(server: StatusServer) -> None:
    """Who is asked stands behind the state and before all that the resource itself says."""
    later = Rule(Stage.RESOURCE, lambda r: refuse(r, 410, "gone", Section(9110, "15.5.11")))
    earlier = Rule(Stage.STATE, lambda r: refuse(r, 503, "busy", Section(9110, "15.6.4")))

    assert 401 == ask(server.resource(b"x", later, basic())).status
    assert 410 == ask(server.resource(b"x", later, basic()), line("user", "password")).status
    assert 503 == ask(server.resource(b"x", basic(), earlier)).status
    made = server.resource(None, basic(), methods=["GET"])
    for method in ("GET", "PUT", "POST"):
        assert 401 == ask(made, method=method).status
    assert 404 == ask(made, line("user", "password")).status
    with Raw(made) as raw:
        sent = raw.request("PUT", path_of(made), content=b"x")
    assert 401 == sent.status


def test_two_resources_share_no_nonces(server: StatusServer) -> None:
    """Each call of the rule has secrets of its own; a rule given twice has the same."""
    rules = digest()
    one, other = server.resource(b"x", rules), server.resource(b"y", rules)
    third = server.resource(b"z", digest())
    client = Client(parameters_of(challenges(ask(one))[0]))
    for made, code in ((one, 200), (other, 200), (third, 401)):
        value = written(client.parameters("GET", path_of(made)))
        assert code == ask(made, f"Authorization: {value}").status


class Custom(Scheme):
    """A scheme of a third party."""

    name = "custom"

    def challenges(self, now: float, denied: Denied | None) -> list[str]:
        """Return a challenge that has a token68."""
        return ["Custom abc="]

    def judge(self, request: Received, value: str, now: float) -> Denied | None:
        """Take what is right."""
        if value == "Custom right":
            return None
        return Denied("that is not right", Section(9110, "11.4"))


def test_a_scheme_of_a_third_party(server: StatusServer) -> None:
    """In a few lines."""
    made = server.resource(b"x", authenticated(Custom(), Basic([("a", "b")])))

    assert ["Custom abc=", 'Basic realm="pytest-httpcodes", charset="UTF-8"'] == challenges(
        ask(made, "Authorization: Custom wrong")
    )
    assert "that is not right (RFC 9110, 11.4)" == made.exchanges[-1].why
    assert 200 == ask(made, "Authorization: Custom right").status
    with Raw(made) as raw:
        assert 204 == raw.request("DELETE", f"/journal{path_of(made)}").status
    assert 200 == ask(made, "Authorization: Custom right").status


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: basic("a:b"), "user='a:b' has a colon"),
        (lambda: basic("a", "\n"), "password is no text"),
        (lambda: basic(also={"a:b": "c"}), "has a colon"),
        (lambda: basic(realm="\u00e4"), "use printable US-ASCII"),
        (lambda: digest("a:b"), "has a colon"),
        (lambda: digest(realm="a\r\nb"), "use printable US-ASCII"),
        (lambda: digest(lifetime=0), "lifetime=0 is none for a nonce; use seconds above 0"),
        (lambda: digest(lifetime=float("nan")), "lifetime=nan is none"),
        (lambda: digest(lifetime=True), "lifetime=True is none"),
        (lambda: digest(lifetime="10"), "lifetime='10' is none"),  # type: ignore[arg-type]
        (lambda: bearer("a b"), "tokens: 'a b' is no token"),
        (lambda: bearer(""), "tokens: '' is no token"),
        (lambda: bearer(1), "tokens: 1 is no token"),  # type: ignore[arg-type]
        (lambda: bearer(expired=["\u00e4"]), "expired: '\u00e4' is no token"),
        (lambda: bearer(unscoped="a,b"), "unscoped: 'a,b' is no token"),
        (lambda: bearer(scope='a"'), "is no list of scopes"),
        (lambda: bearer(realm="\u00e4"), "use printable US-ASCII"),
        (lambda: only_for("a:b"), "has a colon"),
        (lambda: authenticated(), "no scheme is given"),
        (lambda: authenticated([]), "no scheme is given"),
        (lambda: authenticated(Basic([]), [Basic([])]), "the scheme basic is given twice"),
    ],
)
def test_what_a_rule_cannot_be_made_of(make: Callable[[], object], reason: str) -> None:
    """It fails in the line that makes the rule."""
    with pytest.raises(ValueError, match=reason):
        make()


def test_what_is_no_scheme() -> None:
    """A rule is none."""
    for given in (basic(), [only_for()]):
        with pytest.raises(TypeError, match=r"is no scheme; use Basic\(...\), Digest"):
            authenticated(given)  # type: ignore[arg-type]


def test_one_token_may_be_given_as_a_str() -> None:
    """It is not taken for its letters."""
    scheme = Bearer("good", "old", "poor")

    assert (["good"], ["old"], ["poor"]) == (
        [*scheme._good],
        [*scheme._expired],
        [*scheme._unscoped],
    )


def test_an_exception_behind_the_rule_leaves_nothing(server: StatusServer) -> None:
    """The next request of the connection's thread is another one."""
    fail = [True]

    def broken(request: Received) -> Reply | None:
        if fail.pop():
            raise RuntimeError("broken")
        return None

    made = server.resource(b"x", digest(), Rule(Stage.RESOURCE, broken))
    client = Client(parameters_of(challenges(ask(made))[0]))
    value = written(client.parameters("GET", path_of(made)))
    answer = ask(made, f"Authorization: {value}")

    assert (590, None) == (answer.status, answer.header("authentication-info"))
    assert server.complaints()
    fail.append(False)
    value = written(client.parameters("GET", path_of(made)))
    answer = ask(made, f"Authorization: {value}")
    assert 200 == answer.status
    assert "nc=00000002" in (answer.header("authentication-info") or "")
