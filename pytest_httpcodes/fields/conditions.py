"""Preconditions, for 304 and 412, and for whether a Range applies (RFC 9110, 13).

Rule 1: the fields are tested in the order of 13.2.2, and the first that is false decides.
Rule 2: what is no date is ignored, as 13.1.3 and 13.1.4 want it.
Rule 3: what is neither `*` nor a list of entity tags does no harm. RFC 9110 leaves it open: "HTTP
does not define specific error handling mechanisms except when they have a direct impact on
security" (2.4). So with it a method that only reads gets the whole content, and one that changes
something does not happen: "no harm will result when the precondition evaluates to false" (13.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pytest_httpcodes.clock import imf_fixdate, read_http_date
from pytest_httpcodes.fields.validators import (
    entity_tags,
    is_entity_tag,
    is_weak,
    matches_strongly,
    matches_weakly,
)
from pytest_httpcodes.section import Section

# "a server MUST ignore the conditional request header fields ... when received with a request
# method that does not involve the selection or modification of a selected representation, such as
# CONNECT, OPTIONS, or TRACE" (RFC 9110, 13.2.1).
_WITHOUT = ("CONNECT", "OPTIONS", "TRACE")
_MALFORMED = "it is neither * nor a list of entity tags"
_ORDER = Section(9110, "13.2.2")
# "A conditional QUERY requests that the selected representation ... be returned in the response
# only under the circumstances described by the conditional header field(s)" (RFC 10008, 2.6); so
# it is as a GET, and its ranges are too (RFC 10008, 2.8).
READING = ("GET", "HEAD", "QUERY")
RANGED = ("GET", "QUERY")


@dataclass(frozen=True, slots=True)
class Current:
    """What is true of a resource now: whether it has a representation, and its validators.

    `etag` is a whole entity tag, None where there is none. `last_modified` is in whole seconds
    since 1970, None where it is not known. `changed_once` is whether the origin knows that no
    other representation has had that date, which makes it a strong validator (RFC 9110, 8.8.2.2).
    """

    exists: bool = True
    etag: str | None = None
    last_modified: int | None = None
    changed_once: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """What the preconditions of a request come to.

    `status` is 304 or 412, None to go on. `ranged` is whether its `Range` field applies. `field`
    is the one that was false, "" if there is none; `reason` is what is false about it, and
    `section` says where that comes from.
    """

    status: int | None = None
    ranged: bool = False
    field: str = ""
    reason: str = ""
    section: Section = _ORDER


def evaluate(method: str, fields: Mapping[str, str], current: Current, now: float) -> Decision:
    """Test the preconditions of a request.

    `fields` are the values of its fields by their lower-case names, several lines of one joined
    with commas. `now` is the origin's time, in seconds since 1970. That they count only where the
    answer without them would be a 2xx or 412 is the caller's affair (RFC 9110, 13.2.1).
    """
    if method in _WITHOUT:
        return Decision()
    # "A recipient cache or origin server MUST evaluate the request preconditions defined by this
    # specification in the following order" (RFC 9110, 13.2.2).
    false = _first(method, fields, current, now) or _second(method, fields, current, now)
    if false is not None:
        return false
    if "range" not in fields or method not in RANGED:
        # "A server MUST ignore an If-Range header field received in a request that does not
        # contain a Range header field" (RFC 9110, 13.1.5).
        return Decision()
    wrong = _if_range(fields["if-range"], current, now) if "if-range" in fields else ""
    if wrong:
        return Decision(None, False, "If-Range", wrong, Section(9110, "13.1.5"))
    return Decision(ranged=True)


def _first(method: str, fields: Mapping[str, str], current: Current, now: float) -> Decision | None:
    # Against the lost update: steps 1 and 2. "A recipient MUST ignore If-Unmodified-Since if the
    # request contains an If-Match header field" (RFC 9110, 13.1.4).
    if "if-match" in fields:
        wrong = _if_match(fields["if-match"], current)
        return Decision(412, False, "If-Match", wrong, Section(9110, "13.1.1")) if wrong else None
    if "if-unmodified-since" not in fields or current.last_modified is None:
        return None
    date = read_http_date(fields["if-unmodified-since"], now)
    if date is None or current.last_modified <= date:
        return None
    reason = f"it was modified later than that, {imf_fixdate(current.last_modified)}"
    return Decision(412, False, "If-Unmodified-Since", reason, Section(9110, "13.1.4"))


def _second(
    method: str, fields: Mapping[str, str], current: Current, now: float
) -> Decision | None:
    # For caches: steps 3 and 4. "A recipient MUST ignore If-Modified-Since if the request contains
    # an If-None-Match header field", and "if the request method is neither GET nor HEAD"
    # (RFC 9110, 13.1.3).
    reads = method in READING
    if "if-none-match" in fields:
        wrong = _if_none_match(fields["if-none-match"], current, reads=reads)
        status = 304 if reads else 412
        section = Section(9110, "13.1.2")
        return Decision(status, False, "If-None-Match", wrong, section) if wrong else None
    if not reads or "if-modified-since" not in fields or current.last_modified is None:
        return None
    date = read_http_date(fields["if-modified-since"], now)
    if date is None or current.last_modified > date:
        return None
    reason = f"it was not modified since then, but {imf_fixdate(current.last_modified)}"
    return Decision(304, False, "If-Modified-Since", reason, Section(9110, "13.1.3"))


def _if_match(value: str, current: Current) -> str:
    # What is false about it, "" if nothing is.
    if value == "*":
        return "" if current.exists else "there is no current representation"
    tags = entity_tags(value)
    return _MALFORMED if tags is None else _strongly(tags, current.etag)


def _if_none_match(value: str, current: Current, *, reads: bool) -> str:
    if value == "*":
        return "there is a current representation" if current.exists else ""
    tags = entity_tags(value)
    if tags is None:
        return "" if reads else _MALFORMED
    # "A recipient MUST use the weak comparison function when comparing entity tags for
    # If-None-Match" (RFC 9110, 13.1.2).
    if current.etag is not None and any(matches_weakly(tag, current.etag) for tag in tags):
        return f"it has the current entity tag, {current.etag}"
    return ""


def _if_range(value: str, current: Current, now: float) -> str:
    # "A valid entity-tag can be distinguished from a valid HTTP-date by examining the first three
    # characters for a DQUOTE" (RFC 9110, 13.1.5).
    if '"' in value[:3]:
        return _strongly((value,), current.etag) if is_entity_tag(value) else "it is no entity tag"
    date = read_http_date(value, now)
    if date is None:
        return "it is neither an entity tag nor a date"
    # "Note that the If-Range comparison is by exact match, including when the validator is an
    # HTTP-date" (RFC 9110, 13.1.5).
    if current.last_modified != date:
        return "it is not the date of the last modification"
    # "That origin server reliably knows that the associated representation did not change twice
    # during the second covered by the presented validator" (RFC 9110, 8.8.2.2). Who knows it does
    # not have to wait until the second is over: if there is a change in the rest of it, what comes
    # then is another representation, whose date is weak.
    return "" if current.changed_once else "another version has had that date, so it is weak"


def _strongly(tags: Iterable[str], current: str | None) -> str:
    # "An origin server MUST use the strong comparison function when comparing entity tags for
    # If-Match" (RFC 9110, 13.1.1), and for If-Range (13.1.5).
    if current is None:
        return "there is no current entity tag"
    if is_weak(current):
        return f"the current entity tag is weak, {current}, and the comparison is strong"
    if any(matches_strongly(tag, current) for tag in tags):
        return ""
    return f"it does not have the current entity tag, {current}, as a strong one"
