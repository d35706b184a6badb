"""The README's table of codes."""

from __future__ import annotations

from pytest_httpcodes.codes import CODES, Code
from pytest_httpcodes.section import Section


def table() -> str:
    """Return the codes as a table in Markdown."""
    rows = [
        f"| {code.code} | {code.phrase} | {_source(code)} | {code.summary} |"
        for code in CODES.values()
    ]
    return "\n".join(
        ["| code | phrase | specification | meaning |", "| --- | --- | --- | --- |", *rows]
    )


def _source(code: Code) -> str:
    source = code.source
    return f"[{source}]({source.url})" if isinstance(source, Section) else source
