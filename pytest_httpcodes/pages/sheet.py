"""All there is to say of one code: what `httpcodes show` prints."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pytest_httpcodes.behaviours.applied import EVERY
from pytest_httpcodes.codes import Code
from pytest_httpcodes.section import Section

if TYPE_CHECKING:
    from pytest_httpcodes.behaviours.scenario import Scenario

ROOT = "http://127.0.0.1:8080"  # where `httpcodes serve` is, unless told otherwise
KEY = "mine"
_PASSES = {
    True: "The condition is temporary.",
    False: "The condition is permanent.",
    None: "The code does not say whether the condition is temporary.",
}


def sheet(
    row: Code, kind: type[Scenario] | None, earns: Sequence[str], relieves: Sequence[str]
) -> str:
    """Return what a code means, how it is earned and how to get past it.

    `kind` is its scenario, None if it has none; `earns` and `relieves` are lines for a shell, which
    run against `httpcodes serve`.
    """
    return "\n\n".join(_parts(row, kind, earns, relieves)) + "\n"


def _parts(
    row: Code, kind: type[Scenario] | None, earns: Sequence[str], relieves: Sequence[str]
) -> Iterable[str]:
    code = row.code
    source = f"{row.source}, {row.source.url}" if isinstance(row.source, Section) else row.source
    facts = [f"{code} {row.phrase}".rstrip(), row.summary, f"{source} ({row.standing})"]
    if code >= 400:
        facts.append(_PASSES[row.temporary])
    yield "\n".join(facts)
    if kind is not None:
        about = inspect.getdoc(kind) or ""
        yield _section(f"/{code} behaves", about.removeprefix(f"{code}: "))
        yield _section("Options", "\n".join(_options(kind)))
        yield _section("Earns it", "\n".join(earns))
        if relieves:
            yield _section("Gets past it", "\n".join(relieves))
        yield _section("Starts over", f"curl -i -X DELETE {ROOT}/journal/{code}/{KEY}")
    yield _section(f"/status/{code} always answers {code}", f"curl -i {ROOT}/status/{code}")


def _section(title: str, text: str) -> str:
    return f"{title}\n{textwrap.indent(text, '    ')}"


def _options(kind: type[Scenario]) -> Iterable[str]:
    for option in kind.options:
        yield f"{option.name}={_written(option.default)}  {option.about}"
    yield f"{', '.join(EVERY)}  those of every URL"


def _written(value: Any) -> str:
    # As a URL has it.
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)
