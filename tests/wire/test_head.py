"""What a request's head says of target, framing and persistence (RFC 9112, 3, 6 and 9)."""

from __future__ import annotations

import pytest

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal, RequestHead, options, shown
from pytest_httpcodes.wire.limits import Limits


def head(
    target: str = "/",
    *fields: tuple[str, str],
    method: str = "GET",
    version: str = "HTTP/1.1",
    host: str | None = "a",
    strict: bool = False,
) -> RequestHead:
    """Return the head of a request, interpreted."""
    lines = [*fields] if host is None else [("Host", host), *fields]
    made = RequestHead(method, target, version, lines, b"")
    made.interpret(Limits(strict=strict))
    return made


def refusal(
    target: str = "/",
    *fields: tuple[str, str],
    method: str = "GET",
    version: str = "HTTP/1.1",
    host: str | None = "a",
    strict: bool = False,
) -> Refusal:
    """Return the refusal of a head."""
    with pytest.raises(Refusal) as caught:
        head(target, *fields, method=method, version=version, host=host, strict=strict)
    return caught.value


class TestHost:
    """The field that names the authority (RFC 9110, 7.2)."""

    @pytest.mark.parametrize(
        "host",
        [
            "",
            "a",
            "a.example",
            "a_b",
            "xn--bcher-kva.example",
            "a%20b",
            "!$&'()*+,;=-._~",
            "127.0.0.1",
            "999.1.1.1",
            "a:",
            "a:0",
            "a:80",
            "a:65535",
            "a:0000000080",
            "[::]",
            "[::1]:8080",
            "[2001:DB8::ff00:42:8329]",
            "[::ffff:192.0.2.1]",
            "[v1.a:b]",
            "[VFe.~]:1",
        ],
    )
    def test_valid(self, host: str) -> None:
        """It is a host with or without a port, or empty, and is the authority as it came."""
        assert host == head(host=host).authority

    @pytest.mark.parametrize(
        "host",
        [
            ":",
            ":80",
            "###",
            "a b",
            "a\tb",
            "a/",
            "a?",
            "a\\b",
            'a"',
            "<a>",
            "a@b",
            "u:p@b",
            "http://a",
            "a:b",
            "a:-1",
            "a:+1",
            "a: 80",
            "a:80:80",
            "a:65536",
            "a:99999999999999999999",
            f"a:{'9' * 5000}",
            "a%",
            "a%2",
            "a%zz",
            "\xe9",
            "a:\xb2",
            "::1",
            "[]",
            "[::1",
            "::1]",
            "[:::]",
            "[1::2::3]",
            "[12345::]",
            "[127.0.0.1]",
            "[fe80::1%25eth0]",
            "[fe80::1%eth0]",
            "[v.a]",
            "[v1]",
            "[v1.]",
            "[::1]a",
            "[::1]:65536",
            "a, a",
        ],
    )
    def test_invalid(self, host: str) -> None:
        """Anything else is a 400 that shows it."""
        found = refusal(host=host)

        assert (400, Section(9112, "3.2")) == (found.status, found.section)
        assert shown(host) in found.detail

    def test_two(self) -> None:
        """Two are one too many, also if they are the same, and in HTTP/1.0."""
        details = {
            refusal("/", ("HOST", "a"), version=version).detail
            for version in ("HTTP/1.0", "HTTP/1.1")
        }

        assert {"there are 2 Host fields; there must be one"} == details

    def test_missing(self) -> None:
        """HTTP/1.1 demands it, and HTTP/1.0 does not know it."""
        assert "there is no Host field" in refusal(host=None).detail
        assert "" == head(host=None, version="HTTP/1.0").authority

    def test_other_fields_may_repeat(self) -> None:
        """Only two lines of Host are refused."""
        found = head("/", ("A", "1"), ("a", "2"), ("B", "3"))

        assert {"host": "a", "a": "1, 2", "b": "3"} == found.known


class TestTarget:
    """The four forms of a request target (RFC 9112, 3.2)."""

    @pytest.mark.parametrize(
        ("method", "target", "path", "query", "scheme", "authority"),
        [
            ("GET", "/", "/", "", "", "a"),
            ("GET", "/b/c?d=e?f", "/b/c", "d=e?f", "", "a"),
            ("GET", "//b//c", "//b//c", "", "", "a"),
            ("GET", "/http://b/", "/http://b/", "", "", "a"),
            ("GET", "/?http://b/", "/", "http://b/", "", "a"),
            ("GET", "/%zz|{}", "/%zz|{}", "", "", "a"),
            ("GET", "http://b/c?d", "/c", "d", "http", "b"),
            ("GET", "http://b", "/", "", "http", "b"),
            ("GET", "http://b?d", "/", "d", "http", "b"),
            ("GET", "HTTPS://B:443/c", "/c", "", "https", "B:443"),
            ("GET", "http://[::1]:80/", "/", "", "http", "[::1]:80"),
            ("GET", "http://b/http://c/", "/http://c/", "", "http", "b"),
            ("GET", "x-y+z.1://b:/", "/", "", "x-y+z.1", "b:"),
            ("OPTIONS", "*", "", "", "", "a"),
            ("OPTIONS", "/", "/", "", "", "a"),
            ("CONNECT", "b:443", "", "", "", "b:443"),
            ("CONNECT", "[::1]:00443", "", "", "", "[::1]:00443"),
        ],
    )
    def test_forms(
        self, method: str, target: str, path: str, query: str, scheme: str, authority: str
    ) -> None:
        """Each form has its path, query, scheme and authority; the target's wins over Host."""
        found = head(target, method=method)

        assert (path, query) == (found.path, found.query)
        assert (scheme, authority) == (found.scheme, found.authority)

    @pytest.mark.parametrize(
        "target",
        [
            "**",
            "b",
            "b:80",
            "b/c",
            "?b",
            "http:",
            "http:/b",
            "http:b",
            "http://",
            "http:///b",
            "http://:80/",
            "http://?b",
            "http://b:65536/",
            "http://b:x/",
            "http://b\\c/",
            "http://[::1/",
            "http://[:::]/",
            "1http://b/",
            "://b/",
            "mailto:b",
            "[::1]",
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "OPTIONS"])
    def test_no_form(self, method: str, target: str) -> None:
        """What is in none of them is a 400 that shows it."""
        found = refusal(target, method=method)

        assert (400, Section(9112, "3.2")) == (found.status, found.section)
        assert shown(target) in found.detail

    @pytest.mark.parametrize("method", ["GET", "POST", "options", "TRACE"])
    def test_asterisk(self, method: str) -> None:
        """The asterisk is for OPTIONS alone."""
        found = refusal("*", method=method)

        assert (400, Section(9112, "3.2")) == (found.status, found.section)
        assert f"for OPTIONS alone, not {method}" in found.detail

    @pytest.mark.parametrize(
        "target",
        [
            "/",
            "*",
            "b",
            "b:",
            ":443",
            "b:0",
            "b:65536",
            "b:000065536",
            "b:+1",
            "b:x",
            "u@b:443",
            "b:443/",
            "[:::]:443",
            "http://b/",
            "http://b:443",
        ],
    )
    def test_connect(self, target: str) -> None:
        """CONNECT takes HOST:PORT and nothing else, with a port that there is."""
        found = refusal(target, method="CONNECT")

        assert (400, Section(9110, "9.3.6")) == (found.status, found.section)
        assert f"{target!r}; it must be HOST:PORT" in found.detail

    @pytest.mark.parametrize(
        "target", ["http://u@b/", "https://u:p@b:1/", "http://@b/", "ftp://b@c"]
    )
    def test_userinfo(self, target: str) -> None:
        """An absolute target with userinfo is a 400 that says so."""
        found = refusal(target)

        assert (400, Section(9110, "4.2.4")) == (found.status, found.section)
        assert "has userinfo" in found.detail

    def test_host_is_needed_all_the_same(self) -> None:
        """An absolute target does not make up for a Host field that is missing or invalid."""
        assert "there is no Host field" in refusal("http://b/", host=None).detail
        assert "'#' is no host" in refusal("http://b/", host="#").detail

    @pytest.mark.parametrize("octet", '"<>[]\\^`{|}')
    @pytest.mark.parametrize("target", ["/b{}", "/?b{}", "http://b/{}", "http://b?{}"])
    def test_strict(self, target: str, octet: str) -> None:
        """A character that a URI has to encode is refused if `strict` is on, and else taken."""
        target = target.replace("{}", octet)
        found = refusal(target, strict=True)

        assert (400, Section(9112, "3.2")) == (found.status, found.section)
        assert "must percent-encode" in found.detail
        assert target == head(target).target

    @pytest.mark.parametrize("target", ["/%", "/%2", "/%zz", "/%%20"])
    def test_strict_percent(self, target: str) -> None:
        """A percent sign that encodes nothing is one of those."""
        assert "must percent-encode" in refusal(target, strict=True).detail

    @pytest.mark.parametrize(
        ("method", "target"),
        [
            ("GET", "/aZ09-._~!$&'()*+,;=:@%fF/?/?"),
            ("GET", "http://[::1]:80/b?c"),
            ("OPTIONS", "*"),
            ("CONNECT", "[::1]:443"),
        ],
    )
    def test_strict_takes_a_uri(self, method: str, target: str) -> None:
        """All that a URI may have is right, an address in brackets included."""
        assert target == head(target, method=method, strict=True).target


class TestLength:
    """The size of the content (RFC 9112, 6.3)."""

    @pytest.mark.parametrize(
        ("fields", "length"),
        [
            ([], 0),
            (["0"], 0),
            (["5"], 5),
            (["0005"], 5),
            (["0" * 9000], 0),
            (["0" * 9000 + "7"], 7),
            (["99999999999999999999"], 10**20 - 1),
            (["5, 5"], 5),
            (["5,5 ,\t5"], 5),
            (["5", "5"], 5),
            (["5, 5", "5"], 5),
        ],
    )
    @pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1", "HTTP/1.9"])
    def test_valid(self, fields: list[str], length: int, version: str) -> None:
        """It is one number, however often it is said."""
        found = head("/", *(("Content-Length", value) for value in fields), version=version)

        assert length == found.length

    def test_huge(self) -> None:
        """More digits than Python converts are more octets than will come."""
        assert 10**20 == head("/", ("Content-Length", "1" * 9000)).length

    @pytest.mark.parametrize(
        "fields",
        [
            [""],
            [","],
            ["5,"],
            [",5"],
            ["5,,5"],
            ["5, 6"],
            ["5, 05"],
            ["5", "6"],
            ["5", ""],
            ["+5"],
            ["-3"],
            ["-0"],
            ["0x5"],
            ["5 5"],
            ["5;5"],
            ["5.0"],
            ["5e0"],
            ["5_0"],
            ['"5"'],
            ["five"],
            ["\xb2"],
            ["\u0665".encode().decode("latin-1")],
            ["\u0665"],
            ["5\n"],
            ["9" * 9000 + "x"],
        ],
    )
    def test_invalid(self, fields: list[str]) -> None:
        """Anything else is a 400, since the end of the request is not known."""
        found = refusal("/", *(("Content-Length", value) for value in fields))

        assert (400, Section(9112, "6.3")) == (found.status, found.section)
        assert "is not one number" in found.detail


class TestCoding:
    """Content in chunks, and other codings (RFC 9112, 6.1)."""

    @pytest.mark.parametrize(
        "fields",
        [
            ["chunked"],
            ["Chunked"],
            ["CHUNKED"],
            [", chunked"],
            ["chunked,\t,"],
            ["", "chunked"],
        ],
    )
    @pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.9"])
    def test_chunked(self, fields: list[str], version: str) -> None:
        """Its name is in any case, and empty members of the list do not count."""
        found = head("/", *(("Transfer-Encoding", value) for value in fields), version=version)

        assert found.length is None
        assert found.persistent

    @pytest.mark.parametrize(
        ("fields", "status", "part"),
        [
            ([""], 400, "6.3"),
            ([","], 400, "6.3"),
            (["gzip"], 400, "6.3"),
            (["identity"], 400, "6.3"),
            (["xchunked"], 400, "6.3"),
            (["chunkedx"], 400, "6.3"),
            (["chunked;x=1"], 400, "6.3"),
            (["chunked;"], 400, "6.3"),
            (["chunked chunked"], 400, "6.3"),
            (["chunked, chunked"], 400, "6.3"),
            (["chunked", "chunked"], 400, "6.3"),
            (["chunked, gzip"], 400, "6.3"),
            (["chunked", "gzip"], 400, "6.3"),
            (["chunked, gzip, chunked"], 400, "6.3"),
            (['a;b=", chunked"'], 400, "6.3"),
            (["\x0bchunked"], 400, "6.3"),
            (["\xa0chunked"], 400, "6.3"),
            (["gzip, chunked"], 501, "6.1"),
            (["gzip", "chunked"], 501, "6.1"),
            (["identity, chunked"], 501, "6.1"),
            (["chunked;x=1, chunked"], 501, "6.1"),
            (["gzip, deflate,, chunked"], 501, "6.1"),
        ],
    )
    def test_refused(self, fields: list[str], status: int, part: str) -> None:
        """Without chunked at the end, once, it is a 400; with another coding before it a 501."""
        found = refusal("/", *(("Transfer-Encoding", value) for value in fields))

        assert (status, Section(9112, part)) == (found.status, found.section)

    @pytest.mark.parametrize("value", ["chunked", "gzip", ""])
    def test_in_http_1_0(self, value: str) -> None:
        """HTTP/1.0 has none: the framing is faulty, even with a Content-Length."""
        fields = ("Content-Length", "5"), ("Transfer-Encoding", value)
        found = refusal("/", *fields, version="HTTP/1.0")

        assert (400, Section(9112, "6.1")) == (found.status, found.section)

    @pytest.mark.parametrize("length", ["5", "0", "x", "5, 6"])
    def test_with_a_length(self, length: str) -> None:
        """The length is ignored, and the connection closes."""
        found = head("/", ("Content-Length", length), ("Transfer-Encoding", "chunked"))

        assert found.length is None
        assert not found.persistent


class TestPersistence:
    """Whether the connection goes on (RFC 9112, 9.3)."""

    @pytest.mark.parametrize(
        ("version", "connection", "persistent"),
        [
            ("HTTP/1.1", [], True),
            ("HTTP/1.1", ["keep-alive"], True),
            ("HTTP/1.1", ["closed, x-close"], True),
            ("HTTP/1.1", ["close"], False),
            ("HTTP/1.1", ["Close"], False),
            ("HTTP/1.1", ["te,\tCLOSE ,"], False),
            ("HTTP/1.1", ["keep-alive", "close"], False),
            ("HTTP/1.7", [], True),
            ("HTTP/1.0", [], False),
            ("HTTP/1.0", ["keep-alive"], False),
        ],
    )
    def test_connection(self, version: str, connection: list[str], persistent: bool) -> None:
        """It does in HTTP/1.1 unless the client says close, and does not in HTTP/1.0."""
        found = head("/", *(("Connection", value) for value in connection), version=version)

        assert persistent is found.persistent


class TestExpectation:
    """Whether the client waits for 100 (RFC 9110, 10.1.1)."""

    @pytest.mark.parametrize(
        ("version", "expect", "expects"),
        [
            ("HTTP/1.1", [], False),
            ("HTTP/1.1", [""], False),
            ("HTTP/1.1", ["100-continue"], True),
            ("HTTP/1.1", ["100-Continue"], True),
            ("HTTP/1.1", ["x, 100-CONTINUE"], True),
            ("HTTP/1.1", ["200-maybe"], False),
            ("HTTP/1.2", ["100-continue"], True),
            ("HTTP/1.0", ["100-continue"], False),
        ],
    )
    def test_expect(self, version: str, expect: list[str], expects: bool) -> None:
        """It does if it says so in any case, and not in HTTP/1.0."""
        found = head("/", *(("Expect", value) for value in expect), version=version)

        assert expects is found.expects_continue


def test_options() -> None:
    """A list is split at its commas, without white space, in lower case."""
    assert ["a", "b c", ""] == options("A,\tb C , ")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", "''"),
        ("a\r", r"'a\r'"),
        ("x" * 80, f"'{'x' * 80}'"),
        ("x" * 81, f"'{'x' * 77}'..."),
    ],
)
def test_shown(text: str, quoted: str) -> None:
    """What a client sent is quoted in an explanation, and cut if it is long."""
    assert quoted == shown(text)
