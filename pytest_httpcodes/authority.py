"""A certificate authority of a moment, for a server under TLS (extra `tls`)."""

from __future__ import annotations

import ssl
import tempfile


class MissingExtra(ImportError):  # noqa: N818 - it says what it is
    """A library that an optional part needs is not installed."""


def throwaway(*names: str) -> tuple[ssl.SSLContext, str]:
    """Return a context for a server with these names, and the file that a client must trust.

    Raises `MissingExtra`, which names the extra, where trustme is not installed.
    """
    try:
        import trustme
    except ImportError:
        raise MissingExtra(
            "TLS needs the library trustme: python -m pip install 'pytest-httpcodes[tls]'"
        ) from None
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    with tempfile.NamedTemporaryFile(prefix="httpcodes-ca-", suffix=".pem", delete=False) as file:
        file.write(authority.cert_pem.bytes())
    return context, file.name
