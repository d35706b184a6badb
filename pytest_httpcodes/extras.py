"""Libraries that only some tests need, and the extras that have them."""

from __future__ import annotations

from importlib import import_module


class MissingExtra(ImportError):  # noqa: N818 - it says what it is
    """A library that an optional part needs is not installed."""


def need(library: str, extra: str, what: str) -> None:
    """Raise `MissingExtra`, which names the extra, if the library for `what` is not installed."""
    try:
        import_module(library)
    except ModuleNotFoundError as error:
        if error.name != library:
            raise  # it is there, and lacks something itself
        raise MissingExtra(
            f"{what} needs the library {library}: python -m pip install 'pytest-httpcodes[{extra}]'"
        ) from None
