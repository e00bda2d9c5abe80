"""The whole service as it runs at night: web, jobs and the pretend carrier, each a process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
MONDAY_EVENING = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
"""21:00 in Chongqing: before quiet hours, after lessons."""
CITY_LINE, DISTRICT_LINE = "+862300000000", "+862300000103"
SPARE_LINE = "+862300000001"
SECRETS = {
    "SECRET_KEY": "invented-for-the-browser-tests",
    "KEY_RING": "b1=dGVzdC1rZXktb25lLTAwMDAwMDAwMDAwMDAwMDAwMDA=",
    "INDEX_KEY": "dGVzdC1pbmRleC0wMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKENS": "0123456789abcdef0123456789abcdef",
}
LOOK_AGAIN = 0.05


def until(condition: Callable[[], object], *, seconds: float, what: str) -> None:
    """Wait for a condition of another process; fail with words if it does not come true."""
    deadline = datetime.now(tz=UTC) + timedelta(seconds=seconds)
    pause = threading.Event()
    while not condition():
        assert datetime.now(tz=UTC) < deadline, f"within {seconds:g} s: {what}"
        pause.wait(LOOK_AGAIN)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Phones:
    """The pretend carrier's phones, by the name on their label's end or the student's."""

    url: str

    def all(self) -> list[dict[str, Any]]:
        """Give every phone with its texts and calls."""
        found: list[dict[str, Any]] = self._ask("GET", "/handsets")["handsets"]
        return found

    def phone(self, name: str) -> dict[str, Any]:
        """Give one phone; `district` finds the label that ends with it."""
        (found,) = [one for one in self.all() if one["label"].split(" · ")[-1] == name]
        return found

    def texts(self, name: str) -> list[str]:
        """Give the texts that a phone received, oldest first."""
        return [one["body"] for one in self.phone(name)["thread"] if one["direction"] == "in"]

    def heard(self, name: str) -> str:
        """Give what somebody with this phone at the ear has heard."""
        return " ".join(one["text"] for one in self.phone(name)["heard"])

    def does(self, name: str, action: str, **body: str) -> None:
        """Let a hand text, answer, press or hang up."""
        self._ask("POST", f"/handsets/{quote(self.phone(name)['number'])}/{action}", body)

    def puts(self, *, number: str, label: str) -> None:
        """Put one more phone on the desk."""
        self._ask("POST", "/handsets", {"number": number, "label": label})

    def order_fault(self, **fault: object) -> None:
        """Let the carrier fail once in the way ordered."""
        self._ask("POST", "/control/faults", fault)

    def orders(self, *, kind: str, to: str) -> list[dict[str, Any]]:
        """List the texts or calls that the service ordered for a number, by the journal."""
        return [one for one in self._asked("POST", kind) if _is_for(to, one["body"])]

    def questions(self, *, kind: str, to: str) -> list[dict[str, Any]]:
        """List how often the service asked what became of texts or calls to a number."""
        return [one for one in self._asked("GET", kind) if _is_for(to, one["url"])]

    def _asked(self, method: str, kind: str) -> list[dict[str, Any]]:
        return [
            one
            for one in self._ask("GET", "/control/journal")["entries"]
            if one["direction"] == "in"
            and one["method"] == method
            and one["url"].split("?")[0].endswith(f"/{kind}.json")
        ]

    def alerts(self) -> list[dict[str, Any]]:
        """List what the carrier complained of."""
        found: list[dict[str, Any]] = self._ask("GET", "/control/alerts")["alerts"]
        return found

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own server on 127.0.0.1
            self.url + path,
            method=method,
            data=None if method == "GET" else json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return json.load(answer)


def _is_for(number: str, parameters: str) -> bool:
    return f"To={quote(number, safe='')}" in parameters


@dataclass
class Service:
    """A service in its own folder with its own database, clock and ports."""

    folder: Path
    web_port: int = field(default_factory=free_port)
    phones_port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Give the portal's address."""
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def phones(self) -> Phones:
        """Give the phones."""
        return Phones(f"http://127.0.0.1:{self.phones_port}")

    def environment(self) -> dict[str, str]:
        """Give what `script/demo` gives, in this folder."""
        return {
            **os.environ,
            **SECRETS,
            "WELLBEING_ENV": "development",
            "DATABASE_URL": f"sqlite:///{self.folder / 'wellbeing.sqlite3'}",
            "PUBLIC_BASE_URL": self.url,
            "TELEPHONY_BASE_URL": f"http://127.0.0.1:{self.phones_port}",
            "AUDIT_ANCHOR_FILE": str(self.folder / "audit-anchor.txt"),
            "CLOCK_FILE": str(self.folder / "clock"),
        }

    def command(self, *arguments: str) -> None:
        """Run one command of ours to its end."""
        done = subprocess.run(  # noqa: S603 - our own program
            [PROGRAMS / "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def start(self, name: str, program: str, *arguments: str) -> None:
        """Start a process; its words go to a file of the folder."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(  # noqa: S603 - our own program
                [PROGRAMS / program, *arguments],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_jobs(self, name: str) -> None:
        """Start a process for scheduled work; any number may run."""
        self.start(name, "flask", "--app", "wsgi", "jobs")

    def start_web_and_carrier(self) -> None:
        """Start the two that answer requests, and wait until they do."""
        self.start(
            "carrier", "python", "-m", "wellbeing.simulator", "--port", str(self.phones_port),
            "--account-sid", SECRETS["TWILIO_ACCOUNT_SID"],
            "--auth-token", SECRETS["TWILIO_AUTH_TOKENS"], "--public-base-url", self.url,
            "--number", CITY_LINE, "--number", SPARE_LINE, "--number", DISTRICT_LINE,
            "--voice-fallback-path", "/twilio/fallback/voice",
            "--text-fallback-path", "/twilio/fallback/text",
            "--connection-overrides", "#rc=2&rp=ct,5xx,rt&ct=1000&rt=3500",
            "--phones", str(self.folder / "phones.json"),
        )  # fmt: skip
        self.start(
            "web", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{self.web_port}",
            "--workers", "1", "--threads", "8", "--worker-class", "gthread",
            "--no-control-socket", "--graceful-timeout", "1",
        )  # fmt: skip
        self._wait_for("carrier", self.phones.url + "/")
        self._wait_for("web", self.url + "/sign-in")

    def set_clock(self, moment: datetime) -> None:
        """Let the service's clock show a moment."""
        self._write_offset(moment - datetime.now(tz=UTC))

    def forward(self, **span: float) -> None:
        """Move the service's clock on at once by days, hours, minutes or seconds."""
        offset = float((self.folder / "clock").read_text(encoding="ascii"))
        self._write_offset(timedelta(seconds=offset) + timedelta(**span))

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process and to what it started."""
        os.killpg(self.processes[name].pid, number)

    def stop(self) -> None:
        """End every process, by its id."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def log(self, name: str) -> str:
        """Give what a process wrote."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def _write_offset(self, offset: timedelta) -> None:
        draft = self.folder / "clock.new"
        draft.write_text(f"{offset.total_seconds():.6f}\n", encoding="ascii")
        draft.replace(self.folder / "clock")

    def _wait_for(self, name: str, url: str) -> None:
        def answers() -> bool:
            assert self.processes[name].poll() is None, self.log(name)
            try:
                urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - our own server
            except OSError:
                return False
            return True

        until(answers, seconds=30, what=f"{name} answers")


def seed(folder: Path) -> None:
    """Fill a folder with the demonstration's city on a Monday evening."""
    service = Service(folder)
    service.set_clock(MONDAY_EVENING)
    service.command("db", "upgrade")
    service.command("seed", "--phones-file", str(folder / "phones.json"))


@contextmanager
def running(*, seeded: Path, folder: Path) -> Iterator[Service]:
    """Run a service on a copy of a seeded folder; jobs are for the test to start."""
    shutil.copytree(seeded, folder)
    service = Service(folder)
    service.set_clock(MONDAY_EVENING)
    try:
        service.start_web_and_carrier()
        yield service
    finally:
        service.stop()
