"""The grammar of a message's head, as regular expressions (RFC 9110, 5; RFC 9112, 3 to 7).

Those of str are for what is there as a whole, and quick. Those of bytes are stretches of a line,
for octets that are gone through as they come.
"""

from __future__ import annotations

import re

# Longer than any registered method (RFC 9110, 16.1.1), the longest of which has 17 octets.
MAX_METHOD = 64

# RFC 9110, 5.6.2: token = 1*tchar
_TCHAR = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
TOKEN = rf"{_TCHAR}+"
# RFC 9110, 5.5: field-value = *field-content, of VCHAR, obs-text and SP or HTAB between them
_VALUE = r"[!-~\x80-\xff]+(?:[ \t]+[!-~\x80-\xff]+)*"
_QUOTED = r'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'

# RFC 9112, 3: request-line = method SP request-target SP HTTP-version. What a target may not
# have, a fragment, is kept out here; the rest of its grammar is a question of `strict`.
REQUEST_LINE = re.compile(rf"({_TCHAR}{{1,{MAX_METHOD}}}) ([!-\"$-~]+) HTTP/([0-9])\.([0-9])\r\n")
METHOD = re.compile(rf"{TOKEN}\Z")
# RFC 9112, 5: field-line = field-name ":" OWS field-value OWS. Anchored at the line's start, so
# that as many matches as lines means that every line matched. The value is not optional inside
# its group: white space alone can then be read in one way only, and a bad octet behind a lot of
# it costs linear time.
FIELD_LINE = re.compile(rf"^({TOKEN}):[ \t]*(?:({_VALUE})[ \t]*)?\r\n", re.MULTILINE)
# Of a response, white space before the colon is left out instead of refused (RFC 9112, 5.1).
RESPONSE_FIELD_LINE = re.compile(rf"^({TOKEN})[ \t]*:[ \t]*(?:({_VALUE})[ \t]*)?\r\n", re.MULTILINE)
# RFC 9112, 4: status-line = HTTP-version SP status-code SP [ reason-phrase ]; without a phrase,
# many servers leave out the second SP, too.
STATUS_LINE = re.compile(r"HTTP/1\.([0-9]) ([1-9][0-9]{2})(?: ([\t -~\x80-\xff]*))?\r\n")

# RFC 3986, 3.2.2, as RFC 9110, 7.2 uses it: Host = uri-host [ ":" port ]
_NAME = r"(?:[!$&-.0-9;=A-Z_a-z~]|%[0-9A-Fa-f]{2})*"
_LITERAL = r"\[[0-9A-Fa-f:.]+\]|\[[vV][0-9A-Fa-f]+\.[!$&-.0-;=A-Z_a-z~]+\]"
HOST = re.compile(rf"({_LITERAL}|{_NAME})(?::([0-9]*))?\Z")
ABSOLUTE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]*)(.*)\Z")
# RFC 9112, 3.2.1: origin-form = absolute-path [ "?" query ], of what RFC 3986 calls pchar
STRICT_TARGET = re.compile(r"(?:[!$&-;=?-Z_a-z~@]|%[0-9A-Fa-f]{2})*\Z")

DIGITS = re.compile(r"[0-9]+\Z")
# RFC 9112, 7.1: chunk-size [ chunk-ext ] CRLF
CHUNK_LINE = re.compile(
    rf"[0-9A-Fa-f]+(?:[ \t]*;[ \t]*{TOKEN}(?:[ \t]*=[ \t]*(?:{TOKEN}|{_QUOTED}))?)*\r\n"
)

# What a stretch of a line may have.
TOKEN_OCTETS = re.compile(TOKEN.encode())
TARGET_OCTETS = re.compile(rb"[!-\"$-~]+")
VALUE_OCTETS = re.compile(rb"[\t -~\x80-\xff]+")
SIZE_OCTETS = re.compile(rb"[0-9A-Fa-f]+")
VERSION_OCTETS = re.compile(rb"H(?:T(?:T(?:P(?:/(?:[0-9](?:\.[0-9]?)?)?)?)?)?)?")
