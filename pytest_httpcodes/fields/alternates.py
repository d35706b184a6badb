"""Transparent negotiation: Negotiate, Alternates, TCN, and RVSA/1.0 (RFC 2295; RFC 2296).

The server describes its variants, and either sends that list (a list response, 300) or, where the
client allows it and has said enough, the variant that the client itself would have chosen (a
choice response).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Literal, NamedTuple

from pytest_httpcodes.fields.accept import (
    ONE,
    Preferences,
    V,
    Variant,
    listed,
    quality,
    tokens,
)

# RFC 2295, 7.1: rvsa-version = major "." minor, each of 1*4DIGIT
_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})")


class Negotiate(NamedTuple):
    """What a client says of transparent negotiation.

    `transparent` is whether it can choose from a list itself. `list` asks for the list with every
    answer. `choice` lets the server run RVSA/1.0; `guess` lets it choose as it likes where that is
    not much longer than the list.
    """

    transparent: bool = False
    list: bool = False
    choice: bool = False
    guess: bool = False


def negotiate(field: str) -> Negotiate:
    """Return what `Negotiate` says (RFC 2295, 8.4).

    "Servers SHOULD ignore all negotiate-directives they do not understand."
    """
    found = set(tokens(field))
    versions = [match.groups() for match in map(_VERSION.fullmatch, found) if match]
    guess = "guess-small" in found
    return Negotiate(
        transparent=bool(versions) or not found.isdisjoint(("trans", "vlist", "guess-small", "*")),
        list=guess or "vlist" in found,
        # "with the indicated version number, or with the same major version number and a higher
        # minor version number": 1.0 is what there is here.
        choice="*" in found or any((int(major), int(minor)) == (1, 0) for major, minor in versions),
        guess=guess,
    )


def tcn(
    response: Literal["", "list", "choice", "adhoc"],
    override: Literal["", "re-choose", "keep"] = "",
) -> str:
    """Return the value of `TCN` (RFC 2295, 8.5).

    A 2xx or 3xx names the type of the response; others of a negotiable resource may have the
    field without it. `override` is for a server that did not do what `Negotiate` said.
    """
    return ", ".join(filter(None, (response, override)))


def describe(variant: Variant) -> str:
    """Return a variant description: `{"paper.1" 0.9 {type text/html} {language en}}`.

    "any charset information ... MUST be carried in the charset attribute" (RFC 2295, 5.4). All
    attributes are optional, and that one is left out, as `Accept-Charset` is deprecated. Codings
    are no dimension of this negotiation (RFC 2295, 10.8).
    """
    attributes = {
        "type": _without_charset(variant.type),
        "language": ", ".join(listed(variant.language)),
        "length": "" if variant.length is None else str(variant.length),
    }
    said = "".join(f" {{{name} {value}}}" for name, value in attributes.items() if value)
    return f'{{"{variant.url}" {_qvalue(variant.quality)}{said}}}'


def _qvalue(thousandths: int) -> str:
    text = f"{thousandths / ONE:.3f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def _without_charset(text: str) -> str:
    kept = [word for word in text.split(";") if not word.strip().lower().startswith("charset=")]
    return ";".join(kept).strip()


def alternates(variants: Iterable[Variant]) -> str:
    """Return the value of `Alternates`: the whole variant list, in its order (RFC 2295, 8.3)."""
    return ", ".join(map(describe, variants))


def structured(etag: str, variants: Iterable[Variant]) -> str:
    """Return an entity tag that is extended with the validator of the variant list.

    "If a transparently negotiated response includes an entity tag, it MUST be a structured entity
    tag" (RFC 2295, 9.2): `"etag;vlv"`.
    """
    validator = sha256(alternates(variants).encode()).hexdigest()[:8]
    return f'{etag[:-1]};{validator}"'


def selecting(variants: Iterable[Variant]) -> tuple[str, ...]:
    """Return the fields that a transparent choice depends on, for `Vary` (RFC 2295, 10.6.1)."""
    every = tuple(variants)
    names = {
        "Negotiate": True,
        "Accept": any(variant.type for variant in every),
        "Accept-Language": any(variant.language for variant in every),
    }
    return tuple(name for name, matters in names.items() if matters)


def remote_choice(variants: Sequence[V], wanted: Preferences) -> V | None:
    """Return the variant that RVSA/1.0 chooses, None where the client has to (RFC 2296, 3).

    It is the first one of the highest quality, if that is more than nothing, and definite:
    "computed without using any wildcard characters '*' in the Accept- headers, and without the
    need to use the absence of a particular Accept- header" (3.4).
    """
    certain = _certain(wanted)
    best = max(variants, key=lambda variant: _overall(variant, wanted), default=None)
    if best is None or not _overall(best, wanted):
        return None
    return best if _overall(best, wanted) == _overall(best, certain) else None


def _overall(variant: Variant, wanted: Preferences) -> int:
    # "Q = round5( qs * qt * qc * ql * qf )" (RFC 2296, 3.3), in units of 10^-5
    return (quality(variant, wanted) + 5_000) // 10_000


def _certain(wanted: Preferences) -> Preferences:
    # "If an Accept ... header is missing from the request, add this header with an empty field.
    # Delete any media ranges containing a wildcard character" (RFC 2296, 3.4).
    languages: Mapping[str, int] = wanted.languages or {}
    return Preferences(
        [found for found in wanted.types or () if "*" not in found.name],
        {name: weight for name, weight in languages.items() if name != "*"},
    )
