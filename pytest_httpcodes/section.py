"""Where a rule comes from: a specification's number and the section within it."""

from __future__ import annotations

from typing import NamedTuple


class Section(NamedTuple):
    """A section of an RFC: `Section(9110, "13.1.1")` reads "RFC 9110, 13.1.1"."""

    rfc: int
    part: str = ""

    def __str__(self) -> str:
        return f"RFC {self.rfc}, {self.part}" if self.part else f"RFC {self.rfc}"

    @property
    def url(self) -> str:
        """Return the address of the section's text."""
        anchor = f"#section-{self.part}" if self.part else ""
        return f"https://www.rfc-editor.org/rfc/rfc{self.rfc}.html{anchor}"
