"""Real clients mount, list, upload, lock, move and delete: cadaver, litmus, curl, webdavclient3."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_httpcodes import StatusServer
from tests.behaviours.webdav.locker import INFO, submit

CADAVER = shutil.which("cadaver")
LITMUS = shutil.which("litmus")
CURL = shutil.which("curl")


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """Return the address of `httpcodes serve`, run once for the module."""
    command = [sys.executable, "-m", "pytest_httpcodes", "serve", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().rpartition(" ")[2].strip()
        finally:
            process.kill()


def run(directory: Path, *command: str, typed: str = "") -> str:
    """Run a program in a directory that is its home, too; return what it prints."""
    done = subprocess.run(
        command,
        cwd=directory,
        env={"HOME": str(directory), "LC_ALL": "C.UTF-8"},
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=30,
        check=False,
    )
    return done.stdout


@pytest.mark.skipif(LITMUS is None, reason="litmus is not installed")
def test_litmus(served: str, tmp_path: Path) -> None:
    """The test suite for WebDAV servers finds nothing: no failure, no warning, none skipped."""
    said = run(tmp_path, f"{LITMUS}", "-k", f"{served}/207/litmus/")

    tried = re.findall("of ([0-9]+) tests run: ([0-9]+) passed, 0 failed. 100.0%", said)
    assert 5 == len(tried), said
    assert all(count == passed for count, passed in tried), said
    assert not re.search("FAIL|WARNING|SKIPPED", said), said


SESSION = """\
ls
mkcol new
put local.txt new/a.txt
lock new/a.txt
put other.txt new/a.txt
discover new/a.txt
unlock new/a.txt
move new/a.txt new/b.txt
copy new/b.txt c.txt
lock c.txt
put other.txt c.txt
unlock c.txt
propset c.txt colour red
cat c.txt
rmcol new
delete readme.txt
quit
"""


@pytest.mark.skipif(CADAVER is None, reason="cadaver is not installed")
def test_cadaver(status_server: StatusServer, tmp_path: Path) -> None:
    """A session in which all succeeds, and what is there then."""
    (tmp_path / "local.txt").write_text("local\n")
    (tmp_path / "other.txt").write_text("other\n")
    url = status_server.webdav(tree={"readme.txt": b"read me", "folder/note.txt": b"note"})
    said = run(tmp_path, f"{CADAVER}", url, typed=SESSION)
    assert "failed" not in said, said
    assert "Could not" not in said, said
    assert 12 <= said.count("succeeded"), said
    assert "Scope: exclusive  Type: write  Timeout: 3600 seconds" in said

    contents = {"folder/": None, "folder/note.txt": b"note", "c.txt": b"other\n"}
    assert contents == url.tree.contents()
    assert [] == url.tree.locks()
    assert b"red" in next(iter(url.tree.properties("c.txt").values())).encode()
    methods = {exchange.method for exchange in url.exchanges}
    assert {"MKCOL", "PUT", "LOCK", "MOVE", "COPY", "UNLOCK", "PROPPATCH", "DELETE"} < methods


@pytest.mark.skipif(CADAVER is None, reason="cadaver is not installed")
def test_cadaver_is_locked_out(status_server: StatusServer, tmp_path: Path) -> None:
    """What another principal has locked cannot be changed, and it says so."""
    (tmp_path / "local.txt").write_text("local\n")
    url = status_server.webdav(tree={"a.txt": b"a"}, locked=["a.txt"])
    typed = "put local.txt a.txt\ndelete a.txt\nmove a.txt b.txt\nlock a.txt\nquit\n"
    said = run(tmp_path, f"{CADAVER}", url, typed=typed)

    assert "423 Locked" in said
    assert {"a.txt": b"a"} == url.tree.contents()
    assert {423} == {exchange.status for exchange in url.exchanges if exchange.method in CHANGING}


CHANGING = ("PUT", "DELETE", "MOVE", "LOCK")


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
def test_curl(status_server: StatusServer, tmp_path: Path) -> None:
    """Each method by itself, as one line of a shell."""
    (tmp_path / "local.txt").write_text("local\n")
    url = status_server.webdav(tree={"a.txt": b"a"})

    def curl(*arguments: str) -> str:
        return run(tmp_path, f"{CURL}", "-sS", "-w", "%{http_code}", *arguments)

    listed = curl("-X", "PROPFIND", "-H", "Depth: 1", url)
    assert listed.endswith("207")
    assert 2 == listed.count("<D:response>")
    assert "201" == curl("-X", "MKCOL", f"{url}new/")
    assert "201" == curl("-T", "local.txt", f"{url}new/")
    lock = ("-H", "Content-Type: application/xml", "-d", INFO.format(scope="exclusive", owner=""))
    answer = curl("-i", "-X", "LOCK", *lock, f"{url}new/local.txt")
    token = "".join(re.findall("Lock-Token: <(.*)>", answer))
    assert curl("-T", "local.txt", f"{url}new/local.txt").endswith("423")
    assert "204" == curl("-T", "local.txt", "-H", submit(token), f"{url}new/local.txt")
    unlock = ("-X", "UNLOCK", "-H", f"Lock-Token: <{token}>")
    assert "204" == curl(*unlock, f"{url}new/local.txt")
    move = ("-X", "MOVE", "-H", f"Destination: {url}moved.txt")
    assert "201" == curl(*move, f"{url}new/local.txt")
    assert "204" == curl("-X", "DELETE", f"{url}new/")

    assert {"a.txt": b"a", "moved.txt": b"local\n"} == url.tree.contents()


def test_webdavclient(status_server: StatusServer, tmp_path: Path) -> None:
    """A client in Python: it lists, uploads, locks, copies, moves, downloads and deletes."""
    module = pytest.importorskip("webdav3.client", reason="webdavclient3 is not installed")
    local = tmp_path / "local.txt"
    local.write_text("local\n")
    url = status_server.webdav(tree={"a.txt": b"a"}, locked=["a.txt"])
    client = module.Client({"webdav_hostname": url.rstrip("/"), "webdav_login": "user"})
    assert "a.txt" in client.list()
    client.mkdir("new")
    client.upload_sync(remote_path="new/b.txt", local_path=str(local))
    with client.lock("new") as holder:
        holder.upload_sync(remote_path="new/b.txt", local_path=str(local))
        with pytest.raises(module.ResourceLocked):
            client.upload_sync(remote_path="new/b.txt", local_path=str(local))
    with pytest.raises(module.ResourceLocked):
        client.clean("a.txt")
    client.copy(remote_path_from="new/b.txt", remote_path_to="c.txt")
    client.move(remote_path_from="new/b.txt", remote_path_to="d.txt")
    client.download_sync(remote_path="c.txt", local_path=str(tmp_path / "down.txt"))
    assert "6" == client.info("c.txt")["size"]
    client.clean("new")

    assert "local\n" == (tmp_path / "down.txt").read_text()
    assert {"a.txt": b"a", "c.txt": b"local\n", "d.txt": b"local\n"} == url.tree.contents()
