"""Entity tags: how they are written, read and compared, for 304 and 412 (RFC 9110, 8.8.3).

A tag is the text that stands in the field, `"v1"` with its quotes or `W/"v1"`, its octets as the
characters of ISO 8859-1, as everywhere in a head.
"""

from __future__ import annotations

import re

# entity-tag = [ weak ] opaque-tag; weak = %s"W/"; opaque-tag = DQUOTE *etagc DQUOTE
# etagc = %x21 / %x23-7E / obs-text; VCHAR except double quotes, plus obs-text (RFC 9110, 8.8.3)
_TAG = re.compile(r'(?:W/)?"[!#-~\x80-\xff]*"')
# "A recipient MUST parse and ignore a reasonable number of empty list elements"
# (RFC 9110, 5.6.1.2); how many there can be is bounded by what a field can have.
_NEXT = re.compile(r"[ \t]*(?:,[ \t,]*|\Z)")


def is_entity_tag(text: str) -> bool:
    """Tell whether a text is one entity tag."""
    return _TAG.fullmatch(text) is not None


def entity_tags(value: str) -> tuple[str, ...] | None:
    """Return the tags of a list, `#entity-tag`, in their order; None where it is no such list.

    A list is one value, of several lines joined with commas. It may be empty. One malformed member
    makes the whole malformed, since it cannot be told where the next one begins: a quote that is
    missing turns what is inside the tags into what is between them.
    """
    found = []
    at = len(value) - len(value.lstrip(" \t,"))
    while at < len(value):
        tag = _TAG.match(value, at)
        after = tag and _NEXT.match(value, tag.end())
        if not tag or not after:
            return None
        found.append(tag[0])
        at = after.end()
    return tuple(found)


def is_weak(tag: str) -> bool:
    """Tell whether a tag is marked as a weak validator; the mark is case-sensitive."""
    return tag.startswith("W/")


def matches_strongly(one: str, other: str) -> bool:
    """Compare two tags for If-Match, If-Range and whatever needs the same octets.

    "two entity tags are equivalent if both are not weak and their opaque-tags match
    character-by-character" (RFC 9110, 8.8.3.2).
    """
    return one == other and not is_weak(one)


def matches_weakly(one: str, other: str) -> bool:
    """Compare two tags for If-None-Match.

    "two entity tags are equivalent if their opaque-tags match character-by-character, regardless
    of either or both being tagged as "weak"" (RFC 9110, 8.8.3.2).
    """
    return one.removeprefix("W/") == other.removeprefix("W/")
