"""A request's head: its line, its fields, and what they say of target and framing (RFC 9112)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import AddressValueError, IPv6Address

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.grammar import ABSOLUTE, DIGITS, HOST, STRICT_TARGET
from pytest_httpcodes.wire.limits import Limits

# A Content-Length beyond this is as good as any other that is too large, and Python refuses to
# convert thousands of digits.
_HUGE = 10**20
_TARGET = Section(9112, "3.2")


class Refusal(Exception):  # noqa: N818 - it is no error of this program
    """A message that gets an answer of its own because of what it is.

    `status` is the code that the specification names, `detail` says what is wrong, and `section`
    is where that is written.
    """

    def __init__(self, status: int, detail: str, section: Section) -> None:
        super().__init__(status, detail, section)
        self.status = status
        self.detail = detail
        self.section = section


class RequestHead:
    """The head of a request as it arrived.

    `fields` has the field lines in their order and spelling; `known` has the same by lower-case
    name, those of one name joined with a comma (RFC 9110, 5.2). `length` is the content's in
    octets, None where it comes in chunks. `authority` is the target's, or that of `Host`.
    `version` is the one received; `http10` is whether the answer has to be one for HTTP/1.0.
    `persistent` is False where the request alone is reason to close the connection after it.
    """

    __slots__ = (
        "authority",
        "fields",
        "http10",
        "known",
        "length",
        "method",
        "persistent",
        "raw",
        "scheme",
        "target",
        "version",
    )

    def __init__(
        self, method: str, target: str, version: str, fields: list[tuple[str, str]], raw: bytes
    ) -> None:
        self.method = method
        self.target = target
        self.version = version
        self.http10 = version == "HTTP/1.0"
        self.fields = fields
        self.raw = raw
        self.scheme = ""
        self.known: Mapping[str, str] = {name.lower(): value for name, value in fields}
        if len(self.known) != len(fields):
            self.known = _joined(fields)

    def interpret(self, limits: Limits) -> None:
        """Work out target, framing and persistence; raises `Refusal` where the rules say so."""
        known = self.known
        self.authority = self._host()
        if self.target[0] != "/" or self.method == "CONNECT":
            self._other_form()
        if limits.strict:
            self._check_characters()
        self.length: int | None = 0
        if "content-length" in known or "transfer-encoding" in known:
            self.length = self._framing()
        connection = known.get("connection", "")
        # "Connection options are case-insensitive" (RFC 9110, 7.6.1).
        self.persistent = not self.http10 and not (
            # "Regardless, the server MUST close the connection after responding" to a request
            # with both (RFC 9112, 6.1).
            ("content-length" in known and self.length is None)
            or (connection and "close" in options(connection))
        )

    @property
    def path(self) -> str:
        """The target's path as received, from its first slash on; "" where it has none."""
        target = self.target.partition("?")[0]
        if self.scheme:
            return "/" + target.partition("://")[2].partition("/")[2]
        return target if target.startswith("/") else ""

    @property
    def query(self) -> str:
        """The target's query as received, without its question mark."""
        return self.target.partition("?")[2]

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for `100 Continue` (RFC 9110, 10.1.1)."""
        expected = self.known.get("expect", "")
        return bool(expected) and not self.http10 and "100-continue" in options(expected)

    def _host(self) -> str:
        # "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request
        # message that lacks a Host header field and to any request message that contains more
        # than one Host header field line or a Host header field with an invalid field value"
        # (RFC 9112, 3.2).
        host = self.known.get("host")
        if host is None:
            if self.http10:
                return ""
            raise Refusal(400, "there is no Host field, which HTTP/1.1 demands", _TARGET)
        if len(self.known) != len(self.fields):
            lines = sum(name.lower() == "host" for name, _ in self.fields)
            if lines > 1:
                raise Refusal(400, f"there are {lines} Host fields; there must be one", _TARGET)
        # "If the authority component is missing or undefined for the target URI, then a client
        # MUST send a Host header field with an empty field value" (RFC 9112, 3.2).
        if host and not _split(host)[0]:
            raise Refusal(
                400, f"the Host field {shown(host)} is no host with an optional port", _TARGET
            )
        return host

    def _other_form(self) -> None:
        # RFC 9112, 3.2: authority-form (CONNECT), asterisk-form (OPTIONS) and absolute-form.
        target, method = self.target, self.method
        if method == "CONNECT":
            # "A server MUST reject a CONNECT request that targets an empty or invalid port
            # number" (RFC 9110, 9.3.6).
            if not all(_split(target)):
                detail = f"the target of CONNECT is {shown(target)}; it must be HOST:PORT"
                raise Refusal(400, detail, Section(9110, "9.3.6"))
            self.authority = target
        elif target != "*":
            self._absolute_form()
        elif method != "OPTIONS":
            raise Refusal(400, f"the target * is for OPTIONS alone, not {method}", _TARGET)

    def _absolute_form(self) -> None:
        match = ABSOLUTE.match(self.target)
        if match and "@" in match[2]:
            # "a recipient SHOULD parse for userinfo and treat its presence as an error; it is
            # likely being used to obscure the authority" (RFC 9110, 4.2.4).
            detail = f"the authority {shown(match[2])} of the request target has userinfo"
            raise Refusal(400, detail, Section(9110, "4.2.4"))
        if not match or not _split(match[2])[0]:
            raise Refusal(
                400,
                f"the request target {shown(self.target)} is neither a path that starts with / "
                f"nor an absolute URI with a host",
                _TARGET,
            )
        # "the origin server MUST ignore the received Host header field (if any) and instead use
        # the host information of the request-target" (RFC 9112, 3.2.2).
        self.scheme = match[1].lower()
        self.authority = match[2]

    def _check_characters(self) -> None:
        # The authority has been looked at already.
        text = ABSOLUTE.sub(r"\3", self.target) if self.scheme else self.target
        if self.method != "CONNECT" and not STRICT_TARGET.match(text):
            raise Refusal(
                400,
                f"the request target {shown(self.target)} has a character that a URI must "
                f"percent-encode",
                _TARGET,
            )

    def _framing(self) -> int | None:
        coding = self.known.get("transfer-encoding")
        if coding is None:
            return content_length(self.known["content-length"])
        section = Section(9112, "6.1")
        if self.http10:
            raise Refusal(400, "HTTP/1.0 has no Transfer-Encoding", section)
        codings = [c.strip(" \t").lower() for c in coding.split(",")]
        codings = [c for c in codings if c]
        # "If a Transfer-Encoding header field is present in a request and the chunked transfer
        # coding is not the final encoding, the message body length cannot be determined
        # reliably; the server MUST respond with the 400 (Bad Request) status code and then
        # close the connection" (RFC 9112, 6.3).
        if not codings or codings[-1] != "chunked" or "chunked" in codings[:-1]:
            raise Refusal(
                400,
                f"Transfer-Encoding is {shown(coding)}; chunked must be the last coding, once",
                Section(9112, "6.3"),
            )
        if len(codings) > 1:
            raise Refusal(
                501,
                f"the transfer coding {shown(codings[0])} is not known; chunked alone is",
                section,
            )
        return None


def options(value: str) -> Sequence[str]:
    """Split a list of case-insensitive words, such as `Connection` has, into lower-case ones."""
    return [option.strip(" \t").lower() for option in value.split(",")]


def shown(text: str) -> str:
    """Return text from a request as an explanation shows it: quoted, and not all of a long one."""
    return repr(text) if len(text) <= 80 else f"{text[:77]!r}..."


def _joined(fields: list[tuple[str, str]]) -> dict[str, str]:
    known: dict[str, str] = {}
    for name, value in fields:
        key = name.lower()
        known[key] = f"{known[key]}, {value}" if key in known else value
    return known


def _split(authority: str) -> tuple[str, str]:
    # The host and the port, "" where there is none or it is zero; no host where either is invalid.
    match = HOST.match(authority)
    if not match:
        return "", ""
    host, port = match[1], (match[2] or "").lstrip("0")
    if len(port) > 5 or int(port or "0") > 65_535:
        return "", ""
    if host[:1] == "[" and host[1] not in "vV":
        try:
            IPv6Address(host[1:-1])
        except AddressValueError:
            return "", ""
    return host, port


def content_length(value: str) -> int:
    """Return what a `Content-Length` says, in octets; raises `Refusal` unless it is one number."""
    # An invalid one is an unrecoverable error, "unless the field value can be successfully
    # parsed as a comma-separated list ..., all values in the list are valid, and all values in
    # the list are the same" (RFC 9112, 6.3). An empty member is no valid value.
    if not DIGITS.match(value):
        members = {member.strip(" \t") for member in value.split(",")}
        if len(members) != 1 or not DIGITS.match(min(members)):
            raise Refusal(
                400, f"the Content-Length {shown(value)} is not one number", Section(9112, "6.3")
            )
        value = members.pop()
    digits = value.lstrip("0")
    return int(digits or "0") if len(digits) <= 20 else _HUGE
