"""What a run leaves behind: no thread, no socket, no file, no warning."""

from __future__ import annotations

import pytest

pytest.importorskip("trustme")

# The last word of a run, behind the plugin's own; by then each server has stopped.
CONFTEST = """
import gc
import socket
import threading

def pytest_configure(config):
    config.pluginmanager.register(Last(), "last")

class Last:
    def pytest_unconfigure(self):
        for thread in threading.enumerate():
            if thread.name.startswith("httpcodes"):
                thread.join(10)
        gc.collect()
        threads = [thread.name for thread in threading.enumerate()]
        held = [o for o in gc.get_objects() if isinstance(o, socket.socket) and o.fileno() >= 0]
        print("threads", threads, "sockets", held)
"""
TESTS = """
import http.client
import pathlib
import socket
import ssl
from urllib.parse import urlsplit

import pytest

FAULTS = ["reset", "close", "stall", "truncate", "garbage"]

def get(url, context=None, method="GET"):
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=5, **({"context": context} if context else {}))
    try:
        connection.request(method, parts.path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException) as error:
        return type(error)
    finally:
        connection.close()

def connect(server):
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname, parts.port))

def test_in_clear(status_server):
    assert 404 == get(status_server.status(404))
    other = status_server.origin()
    assert 204 == get(other.status(204))

def test_inside(secure_status_server):
    context = ssl.create_default_context(cafile=secure_status_server.ca_file)
    assert 404 == get(secure_status_server.status(404), context)
    context.load_cert_chain(secure_status_server.client_file())
    assert 404 == get(secure_status_server.status(404), context)
    assert 400 == get(secure_status_server.url.replace("https", "http"))
    pathlib.Path("directory").write_text(str(pathlib.Path(secure_status_server.ca_file).parent))

@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", ["start", "content"])
def test_faults(status_server, fault, at):
    if fault == "stall":
        with connect(status_server) as sock:
            path = urlsplit(status_server.status(200, fault=fault, at=at)).path
            sock.sendall(f"GET {path} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n".encode())
    elif fault != "truncate" or at == "content":
        get(status_server.status(200, fault=fault, at=at))

@pytest.mark.parametrize("octets", [b"", b"GET / HT", b"POST / HTTP/1.1\\r\\nHost: x\\r\\n"
                                    b"Content-Length: 9\\r\\n\\r\\nhalf"])
def test_a_client_that_stays(status_server, secure_status_server, octets):
    # Both ends are open when the test ends; the client's is closed by the next one.
    for server in (status_server, secure_status_server):
        sock = connect(server)
        sock.sendall(octets)
        held.append(sock)

held = []

def test_they_have_ended():
    for sock in held:
        with sock:
            sock.settimeout(5)
            try:
                while sock.recv(1000):
                    pass
            except ConnectionResetError:
                pass

def test_upgraded(status_server):
    made = status_server.scenario(426)
    with connect(status_server) as sock:
        fields = "Host: x\\r\\nUpgrade: TLS/1.0\\r\\nConnection: Upgrade\\r\\n\\r\\n"
        sock.sendall(f"GET {urlsplit(made).path} HTTP/1.1\\r\\n{fields}".encode())
        assert b"101" in sock.recv(1000)
        context = ssl.create_default_context(cafile=status_server.ca_file)
        with context.wrap_socket(sock, server_hostname="127.0.0.1") as tls:
            assert b"200 OK" in tls.recv(1000)
"""


def test_nothing_is_left_behind(pytester: pytest.Pytester) -> None:
    """After answers, faults, clients that stay, and TLS; with each warning an error."""
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=17)
    result.stdout.fnmatch_lines(["threads ['MainThread'] sockets []"])
    result.stderr.no_fnmatch_line("*Warning*")
    directory = (pytester.path / "directory").read_text()
    assert not pytester.path.joinpath(directory).exists()
