"""`handbook serve`: both languages at one address, rebuilt when a file is saved."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.handbook.site.projects import small_project


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def command(folder: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "handbook", "serve", "--port", str(port)]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str, subprocess.Popen[str]]]:
    folder = small_project(tmp_path / "handbook")
    process = subprocess.Popen(
        command(folder, free_port()), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    said = ""
    while "The handbook is at" not in said:
        line = process.stdout.readline()
        assert line, f"the server ended: {said}"
        said += line
    address = re.search(r"http://[\d.:]+/", said)
    assert address
    yield folder, address[0], process
    process.kill()
    process.wait()


def fetch(address: str) -> str:
    with urlopen(address, timeout=60) as answer:
        text: str = answer.read().decode()
        return text


def test_it_serves_both_languages_rebuilds_and_ends_quietly(
    served: tuple[Path, str, subprocess.Popen[str]],
) -> None:
    folder, address, process = served
    assert 'lang="en"' in fetch(address)
    assert 'lang="es"' in fetch(f"{address}es/index.html")
    page = folder / "docs/es/index.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nRecién guardado.\n", encoding="utf-8")
    deadline = time.monotonic() + 60
    while "Recién guardado." not in fetch(f"{address}es/index.html"):
        assert time.monotonic() < deadline, "the page was saved and never rebuilt"
        time.sleep(0.3)
    taken = subprocess.run(
        command(folder, int(address.rstrip("/").rsplit(":", 1)[1])),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert taken.returncode == 2
    assert re.fullmatch(r"handbook: 127\.0\.0\.1:\d+ cannot be served on .*\n", taken.stderr)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    assert process.stdout
    assert "Traceback" not in process.stdout.read()
