"""Requests as lines for a shell, with curl: what `httpcodes show` prints, to be pasted."""

from __future__ import annotations

import re
import shlex
from base64 import b64decode
from binascii import Error
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from pytest_httpcodes.request import Request

# Fields of an answer whose value a later request may have: each is a variable of the shell.
_HANDED_ON = ("etag", "location", "proxy", "token")
# How a line gets it out of the answer; the proxy is the target of a Link, the token a lock's.
_TAKEN = {
    "etag": "s/^ETag: //p",
    "location": "s/^Location: //p",
    "proxy": "s/^Link: <\\([^>]*\\)>.*/\\1/p",
    "token": "s/^Lock-Token: //p",
}
_ADDRESS = re.compile("<([^>]*)>")
# More of one character are written by a command.
_RUN = re.compile(r"([!-&(-\[\]-~])\1{99,}")
_OF_A_USER = {"authorization": "-u", "proxy-authorization": "-U"}
_TEXT = re.compile(r"[\t -~\xa0-\U0010ffff]*\Z")  # what stays on its line


def commands(requests: Sequence[Request], answers: Sequence[Mapping[str, str]]) -> list[str]:
    """Return lines that send requests one after the other.

    `answers` are the fields that were answered once, by lower-case name: where a later request has
    the value of one, its line takes it from the answer that it gets then.
    """
    found: list[str] = []
    given: dict[str, str] = {}
    for place, request in enumerate(requests):
        taken = _handed_on(request, answers[place - 1]) if place else {}
        for variable in taken:
            found[-1] = _take(found[-1], variable)
        given |= taken
        if request.pause and not request.content:
            found.append(f"sleep {request.pause:g}")
        found.append(command(request, given))
    return found


def _handed_on(request: Request, fields: Mapping[str, str]) -> dict[str, str]:
    # At most one variable, and its value.
    texts = [request.url, request.via or "", *(value for _, value in request.headers)]
    link = _ADDRESS.match(fields.get("link", ""))
    known = {**fields, "proxy": link[1] if link and link[1] == request.via else ""}
    known["token"] = fields.get("lock-token", "")
    for variable in _HANDED_ON:
        value = known.get(variable)
        if value and any(value in text for text in texts):
            return {variable: value}
    return {}


def _take(line: str, variable: str) -> str:
    # A line that keeps a field of the answer, in place of one that shows all of it.
    quiet = line.replace("curl -i ", "curl -si ", 1)
    return f"{variable}=$({quiet} | sed -n '{_TAKEN[variable]}' | tr -d '\\r')"


def command(request: Request, given: Mapping[str, str] | None = None) -> str:
    """Return the line that sends a request; `given` are values that are variables of the shell."""
    if request.raw is not None or request.version not in ("HTTP/1.1", "HTTP/1.0"):
        return _raw(request)
    fed, content = _content(request)
    words = [*_method(request), *_fields(request), *content]
    if request.version == "HTTP/1.0":
        words.append("--http1.0")
    if request.via:
        # The environment may say to whom no proxy is to be used.
        words += ["-x", request.via, "--noproxy", ""]
    if re.search(r"[\[\]{}]", request.url):
        words.append("-g")  # they have no meaning of curl's own
    quoted = [_quoted(word, given or {}) for word in (*words, request.url)]
    return f"{fed}curl -i {' '.join(quoted)}"


def _raw(request: Request) -> str:
    # What curl would not send as HTTP goes through its telnet, which sends what it is given.
    address = urlsplit(request.via or request.url).netloc.rpartition("@")[2]
    return f"{_printed(request.octets)} | curl -sm 2 telnet://{address}"


def _method(request: Request) -> list[str]:
    if request.method == "HEAD":
        return ["--head"]
    usual = "POST" if _encloses(request) else "GET"
    return [] if request.method == usual else ["-X", request.method]


def _encloses(request: Request) -> bool:
    # With an announcement that nothing is enclosed, for the methods that could.
    return bool(request.content) or request.method in ("POST", "PUT", "PATCH")


def _fields(request: Request) -> Iterable[str]:
    names = {name.lower() for name, _ in request.headers}
    for name, value in request.headers:
        option = _OF_A_USER.get(name.lower(), "")
        user = _user(value) if option else ""
        if user:
            yield from (option, user)
        else:
            # Of a field without a value, curl wants a semicolon for the colon.
            yield from ("-H", f"{name}: {value}" if value else f"{name};")
    if _encloses(request) and "content-type" not in names:
        yield from ("-H", "Content-Type:")  # it would be that of a form
    if "upgrade" in names:
        yield from ("-m", "2")  # what follows a change of protocol has no end


def _user(value: str) -> str:
    scheme, _, coded = value.partition(" ")
    try:
        user = b64decode(coded, validate=True).decode() if scheme == "Basic" else ""
    except (Error, UnicodeDecodeError):
        return ""
    return user if ":" in user and _TEXT.match(user) else ""


def _content(request: Request) -> tuple[str, list[str]]:
    # What feeds curl, if anything does, and its options.
    content = request.content
    waits = any(name.lower() == "expect" for name, _ in request.headers)
    if content and request.pause and not waits:
        fed = f"(sleep {request.pause:g}; {_printed(content)}) | "
        return fed, ["-H", "Expect:", "-T", "-", "-X", request.method]
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if not _TEXT.match(text):
        return f"{_printed(content)} | ", ["--data-binary", "@-"]
    return "", ["--data-raw", text] if _encloses(request) else []


def _printed(octets: bytes) -> str:
    # A command that writes octets, whatever they are.
    if len(octets) >= 100 and not octets.strip(b"\0"):
        return f"head -c {len(octets)} /dev/zero"
    escapes = {0x0D: "\\r", 0x0A: "\\n", 0x5C: "\\\\", 0x25: "%%"}
    text = "".join(
        escapes.get(octet) or (chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03o}")
        for octet in octets
    )
    return f"printf {'-- ' if text.startswith('-') else ''}{_quoted(text, {})}"


def _quoted(word: str, given: Mapping[str, str]) -> str:
    # A word as the shell reads it, with variables and commands for some parts of it.
    for variable, value in given.items():
        before, found, after = word.partition(value)
        if found:
            around = [_quoted(part, {}) if part else "" for part in (before, after)]
            return f'"${variable}"'.join(around)
    parts, at = [], 0
    for run in _RUN.finditer(word):
        if run.start() > at:
            parts.append(shlex.quote(word[at : run.start()]))
        parts.append(f"\"$(head -c {len(run[0])} /dev/zero | tr '\\0' '{run[1]}')\"")
        at = run.end()
    if at < len(word) or not word:
        parts.append(shlex.quote(word[at:]))
    return "".join(parts)
