"""The same URLs behind any WSGI server (PEP 3333): `gunicorn pytest_httpcodes.wsgi:app`.

Rule 1: what WSGI has no way to carry is a 501 that says what it needs: interim responses, a change
of protocol, octets of one's own, and a connection that breaks, stalls or closes. Trailer fields
are left out, as RFC 9110, 6.5.1 lets every sender do. `httpcodes serve` has them all.
Rule 2: the server in front reads the request. Malformed messages (400), time (408), the sizes of
target and head (414, 431), versions (505) and `Expect` are its own, and so are `Date`, `Server`,
`Connection` and the framing of the answer.
Rule 3: state is kept in memory, by each worker process for itself. With several workers, two
requests to one URL may meet two counters, two stores and two journals; where that matters, run one
worker with threads: `gunicorn --workers 1 --threads 8 pytest_httpcodes.wsgi:app`. A `delay`, and a
reader of the journal who waits, keep a thread for as long.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_httpcodes.wsgi.host import Host

__all__ = ["app", "make_app"]


def make_app(
    *, cors: bool = False, max_content: int = 2**30, keep_octets: int = 1_048_576
) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """Return a WSGI application with these options, which are those of `StatusServer`.

    What it holds is made by each process when the first request comes, so that a server may import
    it before it forks. Raises `ValueError` for a size that is out of range.
    """
    for name, size in (("max_content", max_content), ("keep_octets", keep_octets)):
        if type(size) is not int or size < 0:
            raise ValueError(f"{name}={size!r} is out of range; use 0 or more octets")
    hosts: dict[int, Host] = {}

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request, as PEP 3333 has it."""
        process = os.getpid()
        host = hosts.get(process)
        if host is None:
            from pytest_httpcodes.wsgi.host import Host

            # Two threads may come here at once; the host of one of them is kept, for both.
            host = hosts.setdefault(process, Host(cors, max_content, keep_octets))
        return host.answer(environ, start_response)

    return app


app = make_app()
