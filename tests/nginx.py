"""nginx as a reverse proxy in front of a server of ours, of the tests' own and for a moment."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.raw import until

_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Connection "";
        proxy_buffering off;
        location / {{
            proxy_pass {upstream};
        }}
        location ~ stall {{
            proxy_pass {upstream};
            proxy_read_timeout 100ms;
        }}
    }}
}}
"""
_ATTEMPTS = 3  # somebody else may take the port first


def program() -> str:
    """Return the path of nginx; skips the test where there is none.

    Where the tests are run by nobody but a machine that is theirs, it is installed.
    """
    may_install = os.environ.get("CI") and getattr(os, "geteuid", lambda: 1)() == 0
    found = _found()
    apt = shutil.which("apt-get")
    if found is None and may_install and apt:
        subprocess.run([apt, "install", "-y", "nginx-light"], check=False)
        found = _found()
    if found is None:
        pytest.skip("nginx is not installed")
    return found


def _found() -> str | None:
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


@contextlib.contextmanager
def nginx(upstream: str, folder: Path) -> Iterator[str]:
    """Run nginx in front of the server at a URL; yield its own. `folder` is where its files go."""
    path = program()
    for _ in range(_ATTEMPTS):
        with socket.create_server(("127.0.0.1", 0)) as sock:
            port = sock.getsockname()[1]
        configuration = folder / "nginx.conf"
        configuration.write_text(
            _CONFIGURATION.format(folder=folder, port=port, upstream=upstream), encoding="utf-8"
        )
        command = [path, "-p", f"{folder}", "-c", f"{configuration}", "-e", f"{folder}/error.log"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            until(partial(_stands, port, process))
            if process.poll() is None:
                try:
                    yield f"http://127.0.0.1:{port}"
                finally:
                    process.terminate()
                return
    pytest.fail((folder / "error.log").read_text(encoding="utf-8"))


def _stands(port: int, process: subprocess.Popen[bytes]) -> bool:
    # Whether it listens, or has given up.
    if process.poll() is not None:
        return True
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
