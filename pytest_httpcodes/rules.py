"""The rules for `status_server.resource(content, *rules)`, each of one stage; see `Stage`.

- who it is: `basic`, `digest`, `bearer`, `authenticated` (several schemes), `only_for`,
  `payment_required`, `blocked_by`
- whether it is there: `unavailable`, `no_early_data`, `rate_limit`, `moved`, `gone`
- what may be sent: `length_required`, `max_octets`, `media_types`, `valid_json`, `processable`,
  `extension`, `precondition_required`
- what is sent: `variants` and `choices` of a `variant`, `deltas`, `cut_after`
"""

from __future__ import annotations

from pytest_httpcodes.behaviours.availability import no_early_data
from pytest_httpcodes.behaviours.conditional import precondition_required
from pytest_httpcodes.behaviours.delta import deltas
from pytest_httpcodes.behaviours.digest import Digest, digest
from pytest_httpcodes.behaviours.gone import gone
from pytest_httpcodes.behaviours.identity import authenticated, basic, bearer, only_for
from pytest_httpcodes.behaviours.limits import length_required, max_octets
from pytest_httpcodes.behaviours.mandatory import extension
from pytest_httpcodes.behaviours.media import media_types
from pytest_httpcodes.behaviours.moved import moved
from pytest_httpcodes.behaviours.outage import unavailable
from pytest_httpcodes.behaviours.ranges import cut_after
from pytest_httpcodes.behaviours.rate import rate_limit
from pytest_httpcodes.behaviours.refusal import blocked_by, payment_required
from pytest_httpcodes.behaviours.schemes import Basic, Bearer, Denied, Scheme
from pytest_httpcodes.behaviours.syntax import processable, valid_json
from pytest_httpcodes.behaviours.transparent import choices
from pytest_httpcodes.behaviours.variants import negotiating, variant, variants

__all__ = [
    "Basic",
    "Bearer",
    "Denied",
    "Digest",
    "Scheme",
    "authenticated",
    "basic",
    "bearer",
    "blocked_by",
    "choices",
    "cut_after",
    "deltas",
    "digest",
    "extension",
    "gone",
    "length_required",
    "max_octets",
    "media_types",
    "moved",
    "negotiating",
    "no_early_data",
    "only_for",
    "payment_required",
    "precondition_required",
    "processable",
    "rate_limit",
    "unavailable",
    "valid_json",
    "variant",
    "variants",
]
