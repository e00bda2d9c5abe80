"""Texts per second out of the outbox, beside a bare lease and beside the bare requests.

    python -m benchmarks.outbox --database sqlite|postgresql [--quick] [--url …]

Prints a table and, last, one line of JSON with the ratios.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import requests
import sqlalchemy as sa
from flask import Flask
from rich.console import Console
from rich.table import Table

from benchmarks import floors, servers
from benchmarks.webhooks import ACCOUNT, LINE, TOKEN, prepare, settings
from wellbeing.app import create_app
from wellbeing.carrier.gateway import TwilioGateway
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import db, transaction
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.delivery import sweep
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import NewText, OrderState, Purpose
from wellbeing.policy.model import RiskLevel

LEASE = 10
PROCESSES = (1, 2)
QUICK, FULL = 300, 4_000
WORDS = "我在。你现在一个人吗?慢慢说,不着急。"
FORM = {"To": "+8613800000001", "From": LINE, "Body": WORDS, "StatusCallback": "https://x.test/1"}
FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Measured:
    """One kind of work done by so many processes."""

    work: str
    processes: int
    count: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Give the texts that left, per second."""
        return self.count / self.seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--url", help="an empty database to use instead of a temporary one")
    parser.add_argument("--quick", action="store_true", help="fewer texts, under 50 s")
    arguments = parser.parse_args()
    count = QUICK if arguments.quick else FULL
    found = []
    with servers.database(arguments.database, url=arguments.url) as url, stub_carrier() as carrier:
        app = create_app(
            environment="production", overrides=settings(url=url) | {"PRODUCTION": False}
        )
        prepare(app=app)
        # Round after round, because a machine is rarely quiet.
        for processes in PROCESSES:
            found.append(_bare(carrier, processes, count))
            found.append(_floor(url, carrier, processes, count))
            found.append(_product(app, carrier, processes, count))
    _report(arguments.database, found)


@contextmanager
def stub_carrier() -> Iterator[str]:
    """Answer every request at once with a message of a new id; in processes of their own."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        workers = [FORK.Process(target=_answer, args=(listener,), daemon=True) for _ in range(4)]
        for worker in workers:
            worker.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for worker in workers:
                worker.terminate()
                worker.join()


def _answer(listener: socket.socket) -> None:
    while True:
        line, _ = listener.accept()
        with line:
            while _one(line):
                pass


def _one(line: socket.socket) -> bool:
    received = b""
    while b"\r\n\r\n" not in received:
        more = line.recv(65_536)
        if not more:
            return False
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    while len(body) < int(length or b"0"):
        body += line.recv(65_536)
    answer = json.dumps({"sid": f"SM{secrets.token_hex(16)}", "status": "queued"}).encode()
    line.sendall(
        b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: "
        + str(len(answer)).encode() + b"\r\n\r\n" + answer
    )  # fmt: skip
    return True


def _timed(work: str, processes: int, count: int, run: Callable[[int], None]) -> Measured:
    gate = FORK.Barrier(processes + 1)

    def waits(share: int) -> None:
        gate.wait()
        run(share)

    children = [FORK.Process(target=waits, args=(count // processes,)) for _ in range(processes)]
    for child in children:
        child.start()
    gate.wait()
    started = time.perf_counter()
    for child in children:
        child.join()
    seconds = time.perf_counter() - started
    failed = [child.exitcode for child in children if child.exitcode]
    if failed:
        raise RuntimeError(f"{work}: a process ended with {failed}")
    return Measured(work, processes, count, seconds)


def _bare(carrier: str, processes: int, count: int) -> Measured:
    def run(share: int) -> None:
        with requests.Session() as line:
            for _ in range(share):
                line.post(carrier, data=FORM, auth=(ACCOUNT, TOKEN), timeout=10)

    return _timed("bare requests", processes, count, run)


def _floor(url: str, carrier: str, processes: int, count: int) -> Measured:
    """Lease ten rows at a time and, for each, send a bare request and commit what came of it."""
    engine = floors.floor_engine(url)
    with engine.begin() as connection:
        floors.metadata.drop_all(connection)
        floors.metadata.create_all(connection)
        rows = [
            {"key": secrets.token_bytes(32), "body": secrets.token_bytes(300), "number": 0}
            for _ in range(count)
        ]
        connection.execute(sa.insert(floors.row), rows)
    engine.dispose()

    def run(share: int) -> None:
        del share
        own = floors.floor_engine(url)
        with requests.Session() as line:
            while ids := _leased(own):
                for one in ids:
                    line.post(carrier, data=FORM, auth=(ACCOUNT, TOKEN), timeout=10)
                    with own.begin() as connection:
                        done = sa.update(floors.row).where(floors.row.c.id == one)
                        connection.execute(done.values(number=2))

    return _timed("floor: lease, request, commit", processes, count, run)


def _leased(engine: sa.Engine) -> list[int]:
    free = sa.select(floors.row.c.id).where(floors.row.c.number == 0).limit(LEASE)
    with engine.begin() as connection:
        ids = list(connection.execute(free.with_for_update(skip_locked=True)).scalars())
        taken = sa.update(floors.row).where(floors.row.c.id.in_(ids)).values(number=1)
        connection.execute(taken)
    return ids


def _product(app: Flask, carrier: str, processes: int, count: int) -> Measured:
    gateway = TwilioGateway(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        public_base_url="https://bench.example.test",
        telephony_base_url=carrier,
    )
    with app.app_context():
        _queue(count)
        db.session.remove()
        db.engine.dispose()

    def run(share: int) -> None:
        del share
        with app.app_context():
            now = lambda: datetime.now(tz=UTC)  # noqa: E731 - the clock, as the sweep wants it
            while sweep.deliver_due(gateway=gateway, now=now, limit=200):
                pass

    measured = _timed("outbox", processes, count, run)
    with app.app_context():
        _check(count)
        db.session.remove()
        db.engine.dispose()
    return measured


def _queue(count: int) -> None:
    now = datetime.now(tz=UTC)
    with transaction():
        key_id = sealed.create_data_key(now=now)
        db.session.execute(sa.delete(OUTBOUND))
        for number in range(count):
            order = NewText(
                to=f"+86138{number:08d}",
                from_number=LINE,
                body=WORDS,
                purpose=Purpose.CHAT,
                purpose_id=number,
                data_key_id=key_id,
                urgency=RiskLevel.LOW,
                ordering_key=f"contact:{number}",
            )
            messaging.queue_text(order=order, now=now)


def _check(count: int) -> None:
    """Fail unless every text left once: a fast outbox that loses texts measures nothing."""
    sent = sa.select(sa.func.count()).where(OUTBOUND.c.state == OrderState.ACCEPTED.value)
    tries = sa.select(sa.func.sum(OUTBOUND.c.attempts))
    found = (db.session.execute(sent).scalar_one(), db.session.execute(tries).scalar_one())
    if found != (count, count):
        raise RuntimeError(f"sent and tried: {found} of {count}")


def _report(kind: str, found: list[Measured]) -> None:
    table = Table(
        title=f"outbox on {kind}: texts per second through a carrier that answers at once"
    )
    for head in ("work", "processes", "texts", "per second"):
        table.add_column(head)
    for one in found:
        table.add_row(one.work, str(one.processes), str(one.count), f"{one.per_second:,.0f}")
    Console().print(table)
    ratios: dict[str, object] = {"bench": "outbox", "database": kind}
    for start in range(0, len(found), 3):
        bare, floor, product = found[start : start + 3]
        name = f"with_{product.processes}"
        ratios[f"{name}_of_floor"] = round(product.per_second / floor.per_second, 3)
        ratios[f"{name}_of_bare"] = round(product.per_second / bare.per_second, 3)
        ratios[f"{name}_per_second"] = round(product.per_second)
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
