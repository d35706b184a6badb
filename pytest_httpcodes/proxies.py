"""The environment's proxy settings, which may catch what a client sends to this server."""

from __future__ import annotations


def proxy_hint(address: str) -> str:
    """Say which proxy setting of the environment would catch an address, if one does."""
    # Imported here, since it takes longer than all the rest of a server.
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(address)
    proxy = getproxies().get(parts.scheme)
    if not proxy or not parts.hostname or proxy_bypass(parts.netloc):
        return ""
    return (
        f"; the environment sends requests for {parts.hostname} to the proxy {proxy}, and "
        f"NO_PROXY={parts.hostname} would keep them here"
    )
