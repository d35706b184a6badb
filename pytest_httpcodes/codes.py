"""One row per status code: phrase, specification, standing, and whether what it says will pass.

The phrases are those of the IANA registry; Python's own table has older ones before 3.13, and
Werkzeug's differs in several places.
"""

from __future__ import annotations

from typing import NamedTuple

from pytest_httpcodes.section import Section


class Code(NamedTuple):
    """A status code.

    `standing` is "registered", "temporary" (a registration that may lapse), "unused" (reserved by
    the registry) or "unofficial". `temporary` is whether the condition passes by itself: True,
    False, or None where the code does not say (RFC 9110, 15.5 and 15.6 want the content to).
    """

    code: int
    phrase: str
    source: Section | str
    summary: str
    temporary: bool | None = None
    standing: str = "registered"


def _rfc(part: str, number: int = 9110) -> Section:
    return Section(number, part)


_ROWS = (
    Code(100, "Continue", _rfc("15.2.1"), "the client may send the content"),
    Code(101, "Switching Protocols", _rfc("15.2.2"), "the connection changes its protocol"),
    Code(102, "Processing", _rfc("10.1", 2518), "the request is still being worked on"),
    Code(103, "Early Hints", Section(8297, "2"), "fields to expect in the final response"),
    Code(104, "Upload Resumption Supported", "draft-ietf-httpbis-resumable-upload",
         "an upload that breaks off can be resumed", standing="temporary"),
    Code(200, "OK", _rfc("15.3.1"), "the request has succeeded"),
    Code(201, "Created", _rfc("15.3.2"), "a resource was created"),
    Code(202, "Accepted", _rfc("15.3.3"), "accepted, but not acted upon yet"),
    Code(203, "Non-Authoritative Information", _rfc("15.3.4"),
         "a proxy has changed the origin's 200"),
    Code(204, "No Content", _rfc("15.3.5"), "succeeded; there is no content to send"),
    Code(205, "Reset Content", _rfc("15.3.6"), "succeeded; the client is to reset its view"),
    Code(206, "Partial Content", _rfc("15.3.7"), "the parts of the content that were asked for"),
    Code(207, "Multi-Status", _rfc("11.1", 4918), "one status for each of several resources"),
    Code(208, "Already Reported", _rfc("7.1", 5842), "a binding whose members are listed already"),
    Code(226, "IM Used", _rfc("10.4.1", 3229), "a change to the version the client has"),
    Code(300, "Multiple Choices", _rfc("15.4.1"), "several representations to choose from"),
    Code(301, "Moved Permanently", _rfc("15.4.2"), "moved to another address for good"),
    Code(302, "Found", _rfc("15.4.3"), "at another address for now"),
    Code(303, "See Other", _rfc("15.4.4"), "the answer is to be had at another address"),
    Code(304, "Not Modified", _rfc("15.4.5"), "what the client has stored is still current"),
    Code(305, "Use Proxy", _rfc("15.4.6"), "to be had only through a proxy; deprecated"),
    Code(306, "(Unused)", _rfc("15.4.7"), "once Switch Proxy, now reserved", standing="unused"),
    Code(307, "Temporary Redirect", _rfc("15.4.8"), "at another address for now; same method"),
    Code(308, "Permanent Redirect", _rfc("15.4.9"), "moved for good; same method"),
    Code(400, "Bad Request", _rfc("15.5.1"), "the request is malformed", False),
    Code(401, "Unauthorized", _rfc("15.5.2"), "credentials are missing or wrong", False),
    Code(402, "Payment Required", _rfc("15.5.3"), "a payment is due or a quota is spent", False),
    Code(403, "Forbidden", _rfc("15.5.4"), "understood, but refused", False),
    Code(404, "Not Found", _rfc("15.5.5"), "no such resource, or one that is kept hidden"),
    Code(405, "Method Not Allowed", _rfc("15.5.6"), "the resource does not support the method",
         False),
    Code(406, "Not Acceptable", _rfc("15.5.7"), "no representation suits the client", False),
    Code(407, "Proxy Authentication Required", _rfc("15.5.8"), "the proxy wants credentials",
         False),
    Code(408, "Request Timeout", _rfc("15.5.9"), "the request did not arrive in time", True),
    Code(409, "Conflict", _rfc("15.5.10"), "it conflicts with the resource's state", True),
    Code(410, "Gone", _rfc("15.5.11"), "removed, likely for good", False),
    Code(411, "Length Required", _rfc("15.5.12"), "the length of the content is not announced",
         False),
    Code(412, "Precondition Failed", _rfc("15.5.13"), "a condition of the request is false",
         False),
    Code(413, "Content Too Large", _rfc("15.5.14"), "the content is too large", False),
    Code(414, "URI Too Long", _rfc("15.5.15"), "the target is too long", False),
    Code(415, "Unsupported Media Type", _rfc("15.5.16"), "the content has the wrong format",
         False),
    Code(416, "Range Not Satisfiable", _rfc("15.5.17"), "the content has no such part", False),
    Code(417, "Expectation Failed", _rfc("15.5.18"), "an expectation cannot be met", False),
    Code(418, "I'm a teapot", _rfc("2.3.2", 2324), "a teapot was asked to brew coffee", False,
         "unused"),
    Code(421, "Misdirected Request", _rfc("15.5.20"), "not an origin of this server or connection",
         False),
    Code(422, "Unprocessable Content", _rfc("15.5.21"), "well-formed, but makes no sense", False),
    Code(423, "Locked", _rfc("11.3", 4918), "the resource is locked", True),
    Code(424, "Failed Dependency", _rfc("11.4", 4918), "what it depended on has failed", True),
    Code(425, "Too Early", _rfc("5.2", 8470), "the request might be a replay", True),
    Code(426, "Upgrade Required", _rfc("15.5.22"), "another protocol is demanded", False),
    Code(428, "Precondition Required", _rfc("3", 6585), "the request has to be conditional",
         False),
    Code(429, "Too Many Requests", _rfc("4", 6585), "a rate limit is exceeded", True),
    Code(431, "Request Header Fields Too Large", _rfc("5", 6585), "the header fields are too large",
         False),
    Code(451, "Unavailable For Legal Reasons", _rfc("3", 7725), "refused for legal reasons", False),
    Code(500, "Internal Server Error", _rfc("15.6.1"), "the server failed unexpectedly", None),
    Code(501, "Not Implemented", _rfc("15.6.2"), "the server does not support the request", False),
    Code(502, "Bad Gateway", _rfc("15.6.3"), "the upstream's answer is invalid", True),
    Code(503, "Service Unavailable", _rfc("15.6.4"), "overload or maintenance", True),
    Code(504, "Gateway Timeout", _rfc("15.6.5"), "the upstream did not answer in time", True),
    Code(505, "HTTP Version Not Supported", _rfc("15.6.6"),
         "the major version of HTTP is not spoken", False),
    Code(506, "Variant Also Negotiates", _rfc("8.1", 2295), "the chosen variant negotiates itself",
         False),
    Code(507, "Insufficient Storage", _rfc("11.5", 4918), "there is no room to store it", True),
    Code(508, "Loop Detected", _rfc("7.2", 5842), "the operation would never end", False),
    Code(510, "Not Extended", _rfc("7", 2774), "the request lacks a required extension", False),
    Code(511, "Network Authentication Required", _rfc("6", 6585), "log in to the network first",
         True),
    Code(419, "Page Expired", "Laravel", "the form's token is missing or stale", False,
         "unofficial"),
    Code(420, "Enhance Your Calm", "Twitter's first API", "a rate limit is exceeded", True,
         "unofficial"),
    Code(440, "Login Time-out", "Microsoft IIS", "the session has expired", False, "unofficial"),
    Code(444, "No Response", "nginx", "no octet at all, and the connection closes", None,
         "unofficial"),
    Code(449, "Retry With", "Microsoft", "a required field is missing", False, "unofficial"),
    Code(450, "Blocked by Windows Parental Controls", "Microsoft", "a parental filter blocks it",
         False, "unofficial"),
    Code(494, "Request Header Too Large", "nginx", "the header fields are too large", False,
         "unofficial"),
    Code(495, "SSL Certificate Error", "nginx", "the client's certificate is invalid", False,
         "unofficial"),
    Code(496, "SSL Certificate Required", "nginx", "the client sent no certificate", False,
         "unofficial"),
    Code(497, "HTTP Request Sent to HTTPS Port", "nginx", "plain HTTP where TLS is spoken", False,
         "unofficial"),
    Code(498, "Invalid Token", "ArcGIS", "the token has expired", False, "unofficial"),
    Code(499, "Client Closed Request", "nginx", "the client did not wait for the answer", None,
         "unofficial"),
    Code(509, "Bandwidth Limit Exceeded", "cPanel", "the site's traffic is used up", True,
         "unofficial"),
    Code(520, "Web Server Returned an Unknown Error", "Cloudflare",
         "the upstream's answer is unexpected", True, "unofficial"),
    Code(521, "Web Server Is Down", "Cloudflare", "the upstream refuses connections", True,
         "unofficial"),
    Code(522, "Connection Timed Out", "Cloudflare", "the upstream takes no connection", True,
         "unofficial"),
    Code(523, "Origin Is Unreachable", "Cloudflare", "there is no route to the upstream", True,
         "unofficial"),
    Code(524, "A Timeout Occurred", "Cloudflare", "the upstream did not answer in time", True,
         "unofficial"),
    Code(525, "SSL Handshake Failed", "Cloudflare", "TLS with the upstream failed", True,
         "unofficial"),
    Code(526, "Invalid SSL Certificate", "Cloudflare", "the upstream's certificate is invalid",
         False, "unofficial"),
    Code(529, "Site Is Overloaded", "Qualys and others", "the server is overloaded", True,
         "unofficial"),
    Code(590, "Httpcodes Fault", "pytest-httpcodes", "this test server itself has failed", None,
         "unofficial"),
    Code(599, "Network Connect Timeout Error", "informal", "a proxy could not connect in time",
         True, "unofficial"),
)  # fmt: skip

CODES = {row.code: row for row in sorted(_ROWS)}
PHRASES = {row.code: row.phrase for row in _ROWS}
REDIRECTS = (300, 301, 302, 303, 305, 306, 307, 308)
WITHOUT_CONTENT = (204, 205, 304)
# What these say may pass or stay, so that an answer that knows says which.
EITHER = (402, 413, 500)


def look_up(code: int) -> Code:
    """Return the row of a code; one is made for a code that nobody has defined.

    Raises `ValueError` for what is no status code (RFC 9110, 15: three digits, from 100 on).
    """
    if not isinstance(code, int) or not 100 <= code <= 999:
        raise ValueError(f"{code!r} is no status code; use a whole number from 100 to 999")
    if code in CODES:
        return CODES[code]
    meaning = f"no meaning of its own; treated as {code // 100}00"
    if code > 599:
        # "A client that receives a response with an invalid status code SHOULD process the
        # response as if it had a 5xx (Server Error) status code" (RFC 9110, 15).
        meaning = "an invalid status code; treated as 500"
    return Code(code, "", _rfc("15"), meaning, None, "unofficial")
