"""What a client would rather have: Accept, Accept-Language, Accept-Encoding (RFC 9110, 12.5).

Rule 1: weights are whole thousandths, so that their products are exact.
Rule 2: a field that is not there is None, and states no preference (RFC 9110, 12.4.1).
Rule 3: a member that is malformed is as good as absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias, TypeVar

from pytest_httpcodes.wire.grammar import TOKEN

ONE = 1000
LEAST = 1

# A quote that is never closed takes all that follows, and white space can be read in one way only,
# so that these need linear time.
_MEMBER = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.?)*(?:"|\Z))+', re.DOTALL)
_VALUE = rf'(?:({TOKEN})|"((?:[^"\\]|\\.)*)")'
# RFC 9110, 5.6.6: parameters = *( OWS ";" OWS [ parameter ] )
_PARAMETER = re.compile(rf"[ \t]*;(?:[ \t]*({TOKEN})(?:={_VALUE})?)?")
_ITEM = re.compile(rf"[ \t]*({TOKEN}(?:/{TOKEN})?)((?:{_PARAMETER.pattern})*)[ \t]*", re.DOTALL)
_PAIR = re.compile(r"\\(.)", re.DOTALL)
# RFC 9110, 12.4.2, but for the number of digits, and the zero that old clients leave out.
_WEIGHT = re.compile(r"0(?:\.[0-9]*)?|1(?:\.0*)?|\.[0-9]+")
# RFC 9110, 12.5.1: media-range = ( "*/*" / ( type "/" "*" ) / ( type "/" subtype ) ) parameters
_MEDIA_RANGE = re.compile(r"\*/\*|(?!\*/)[^/]+/.+")
# RFC 4647, 2.1: language-range = (1*8ALPHA *("-" 1*8alphanum)) / "*"
_LANGUAGE = re.compile(r"[a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*")
_ALIASES = {"x-gzip": "gzip", "x-compress": "compress"}  # RFC 9110, 8.4.1.1 and 8.4.1.3

Parameters: TypeAlias = "frozenset[tuple[str, str]]"
Weights: TypeAlias = "Mapping[str, int]"


class Range(NamedTuple):
    """A member of a field: its name in lower case, its parameters, its weight in thousandths."""

    name: str
    parameters: Parameters
    weight: int

    @property
    def specific(self) -> tuple[int, int]:
        """How much it says of a media type: the number of names, then that of parameters."""
        return 2 - self.name.count("*"), len(self.parameters)

    def matches(self, kind: MediaType) -> bool:
        """Whether a media type is in this range."""
        main = kind.name.partition("/")[0]
        return self.name in ("*/*", f"{main}/*", kind.name) and self.parameters <= kind.parameters


class MediaType(NamedTuple):
    """A media type: its name in lower case, and its parameters likewise."""

    name: str
    parameters: Parameters


@lru_cache(256)
def media_type(text: str) -> MediaType:
    """Return a media type, as `Content-Type` has it, in parts that can be compared.

    Values of parameters are compared without regard to case, as that of `charset` is to be.
    """
    match = _ITEM.fullmatch(text)
    if not match:
        return MediaType(text.lower(), frozenset())
    return MediaType(match[1].lower(), frozenset(_parameters(match[2])))


def _parameters(text: str) -> list[tuple[str, str]]:
    return [
        (name.lower(), (token or _PAIR.sub(r"\1", quoted)).lower())
        for name, token, quoted in _PARAMETER.findall(text)
        if name
    ]


def members(field: str) -> list[Range]:
    """Return the members of a field in their order, without those that are malformed."""
    return [found for found in map(_member, _MEMBER.findall(field)) if found]


def _member(text: str) -> Range | None:
    match = _ITEM.fullmatch(text)
    if not match:
        return None
    given = _parameters(match[2])
    # "Recipients SHOULD process any parameter named "q" as weight, regardless of parameter
    # ordering" (RFC 9110, 12.5.1). What stands behind it was an extension of earlier
    # specifications, and says nothing of the type.
    place = next((i for i, (name, _) in enumerate(given) if name == "q"), len(given))
    weight = _thousandths(given[place][1]) if place < len(given) else ONE
    return None if weight is None else Range(match[1].lower(), frozenset(given[:place]), weight)


def _thousandths(text: str) -> int | None:
    # None for what is no weight. "0.001 is the least preferred", so what is less, and more than
    # nothing, is as much.
    if not _WEIGHT.fullmatch(text):
        return None
    whole, _, digits = text.partition(".")
    if whole == "1":
        return ONE
    return int((digits + "000")[:3]) or (LEAST if digits.strip("0") else 0)


def media_ranges(accept: str | None) -> list[Range] | None:
    """Return the media ranges of `Accept`, None where it states no preference.

    A field without any range that can be read does not: there is nothing that such a client could
    be sent otherwise. A lone "*" is any type, which is what Java's own client has always sent.
    """
    if accept is None:
        return None
    found = [r._replace(name="*/*") if r.name == "*" else r for r in members(accept)]
    return [r for r in found if _MEDIA_RANGE.fullmatch(r.name)] or None


def of_type(ranges: Sequence[Range] | None, *types: str) -> int:
    """Return the weight of a media type; of several names for one thing, where they are given.

    "If more than one media range applies to a given type, the most specific reference has
    precedence" (RFC 9110, 12.5.1). The last row of Table 5 there does not follow from that.
    """
    if ranges is None or not types:
        return ONE
    kinds = [media_type(text) for text in types]
    found = [(r.specific, r.weight) for r in ranges if any(map(r.matches, kinds))]
    return max(found)[1] if found else 0


def tokens(field: str, aliases: Mapping[str, str] = MappingProxyType({})) -> dict[str, int]:
    """Return the names in a field of weighted tokens, in their order, with their weights.

    A name that is given twice, or under an alias too, has the greater weight.
    """
    weights: dict[str, int] = {}
    for name, parameters, weight in members(field):
        if "/" not in name and not parameters:
            known = aliases.get(name, name)
            weights[known] = max(weight, weights.get(known, 0))
    return weights


def language_ranges(accept_language: str | None) -> Weights | None:
    """Return the ranges of `Accept-Language`, None where it states no preference."""
    if accept_language is None:
        return None
    found = tokens(accept_language).items()
    return {name: weight for name, weight in found if _LANGUAGE.fullmatch(name)} or None


def of_language(ranges: Weights | None, *languages: str) -> int:
    """Return the weight of content in some languages: that of the one which is liked best.

    The scheme is Basic Filtering (RFC 4647, 3.3.1), "identical to the matching scheme that was
    previously defined for HTTP" (RFC 9110, 12.5.4): "en" matches "en-GB", and "en-GB" does not
    match "en". The longest range that matches has precedence, then "*" for what none matches.
    Lookup (RFC 4647, 3.4) would go the other way: it shortens "en-GB" until something equals it,
    and so finds one tag or a default, where a filter may find none.
    """
    if ranges is None or not languages:
        return ONE
    return max(_of_tag(ranges, tag.lower()) for tag in languages)


def _of_tag(ranges: Weights, tag: str) -> int:
    while tag not in ranges:
        if "-" not in tag:
            return ranges.get("*", 0)
        tag = tag.rpartition("-")[0]
    return ranges[tag]


def codings(accept_encoding: str | None) -> Weights | None:
    """Return the codings of `Accept-Encoding`, None where it states no preference.

    "An Accept-Encoding header field with a field value that is empty implies that the user agent
    does not want any content coding in response" (RFC 9110, 12.5.3).
    """
    return None if accept_encoding is None else tokens(accept_encoding, _ALIASES)


def of_codings(wanted: Weights | None, *applied: str) -> int:
    """Return the weight of content with some content codings, or with none.

    Without one it "is acceptable by default unless specifically excluded by the Accept-Encoding
    header field stating either "identity;q=0" or "*;q=0" without a more specific entry for
    "identity"" (RFC 9110, 12.5.3), but less liked than any coding that is listed.
    """
    if wanted is None:
        return ONE
    if not applied:
        return wanted.get("identity", wanted.get("*", LEAST))
    names = (_ALIASES.get(name.lower(), name.lower()) for name in applied)
    return min(wanted.get(name, wanted.get("*", 0)) for name in names)


class Preferences(NamedTuple):
    """What a request prefers, in each dimension of negotiation."""

    types: Sequence[Range] | None = None
    languages: Weights | None = None
    codings: Weights | None = None


def preferences(fields: Mapping[str, str]) -> Preferences:
    """Return what a request prefers, from its fields by lower-case name."""
    return Preferences(
        media_ranges(fields.get("accept")),
        language_ranges(fields.get("accept-language")),
        codings(fields.get("accept-encoding")),
    )


@dataclass(frozen=True, slots=True)
class Variant:
    """A representation to choose from, and the URL that is its own.

    `type`, `language` and `coding` are as the `Content-` fields have them; what is empty does not
    matter for the choice. `quality` is the author's own weight, in thousandths; `length` in octets.
    """

    url: str
    type: str = ""
    language: str = ""
    coding: str = ""
    quality: int = ONE
    length: int | None = None


V = TypeVar("V", bound=Variant)


def quality(variant: Variant, wanted: Preferences) -> int:
    """Return how well a variant's type and language suit a request, in units of 10^-9."""
    return (
        variant.quality
        * of_type(wanted.types, *filter(None, [variant.type]))
        * of_language(wanted.languages, *listed(variant.language))
    )


def listed(value: str) -> list[str]:
    """Return the words of a list, such as `Content-Language` has them."""
    return [word.strip() for word in value.split(",") if word.strip()]


def rank(variants: Iterable[V], wanted: Preferences) -> list[V]:
    """Return the variants that a request accepts, the best one first.

    Between equals the order in which they are given decides. The coding comes last, since it
    changes nothing of what there is to read: it excludes, and decides between equals.
    """
    scored = []
    for variant in variants:
        coding = of_codings(wanted.codings, *listed(variant.coding))
        score = (quality(variant, wanted), coding)
        if all(score):
            scored.append((score, variant))
    return [variant for _, variant in sorted(scored, key=lambda pair: pair[0], reverse=True)]


def vary(variants: Iterable[Variant]) -> tuple[str, ...]:
    """Return the fields that the choice depends on, for `Vary`.

    They are the same whichever variant is chosen, and if none is: "a different representation
    might be sent in a subsequent request if other values are provided" (RFC 9110, 12.5.5).
    """
    every = tuple(variants)
    dimensions = {
        "Accept": any(variant.type for variant in every),
        "Accept-Language": any(variant.language for variant in every),
        "Accept-Encoding": any(variant.coding for variant in every),
    }
    return tuple(name for name, matters in dimensions.items() if matters)
