"""Sections: how they read, and where their text is."""

from __future__ import annotations

import pytest

from pytest_httpcodes.section import Section


@pytest.mark.parametrize(
    ("text", "url", "section"),
    [
        (
            "RFC 9110, 13.1.1",
            "https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.1",
            Section(9110, "13.1.1"),
        ),
        (
            "RFC 6585, 4",
            "https://www.rfc-editor.org/rfc/rfc6585.html#section-4",
            Section(6585, "4"),
        ),
        ("RFC 9457", "https://www.rfc-editor.org/rfc/rfc9457.html", Section(9457)),
    ],
)
def test_a_section_reads_as_text_and_as_an_address(text: str, url: str, section: Section) -> None:
    """Without a part it is the whole specification."""
    assert text == str(section)
    assert url == section.url
