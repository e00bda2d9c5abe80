"""The signed inbound text beside a bare route, a signed route and a floor with as many statements.

    python -m benchmarks.webhooks --database sqlite|postgresql [--quick] [--url …]

Prints a table and, last, one line of JSON with the ratios.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from rich.console import Console
from rich.progress import track
from rich.table import Table
from twilio.request_validator import RequestValidator

from benchmarks import floors, load, servers
from wellbeing.app import create_app
from wellbeing.cli import seeding
from wellbeing.cli.commands import DISTRICTS
from wellbeing.foundation.database import db, schema_changes

TOKEN = secrets.token_hex(16)
ACCOUNT = "AC" + secrets.token_hex(16)
PUBLIC = "https://bench.example.test"
LINE = "+862300000103"
CONNECTIONS = 8
WARM = 80


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often every kind of work is measured, in turn, and with how many requests each time.

    In turn, because the machine is rarely quiet: what slows one slows its neighbours, too. No
    round begins after `seconds`.
    """

    rounds: int
    fast: int
    slow: int
    seconds: float


QUICK = Rounds(rounds=4, fast=1_000, slow=160, seconds=15.0)
FULL = Rounds(rounds=6, fast=4_000, slow=600, seconds=600.0)
ROUTES = {
    "bare": "/bare",
    "signed": "/signed",
    "floor": "/floor",
    "text": "/twilio/text/in",
    "unsigned": "/twilio/text/in",
}
OF = ("of bare", "of signed")
BESIDE = ("bare", "signed", "floor")
WORDS = "今天考试没考好,有点难过,不知道跟谁说。"
"""A text without a signal: the common case; a red one also pages, which is counted apart."""


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    plan_of_rounds = QUICK if arguments.quick else FULL
    with servers.database(arguments.database, url=arguments.url) as url:
        environment = settings(url=url)
        app = create_app(environment="production", overrides=environment | {"PRODUCTION": False})
        prepare(app=app)
        plan = _statements_of_one_text(app)
        with app.app_context():
            db.engine.dispose()
        measured = _measure(environment, plan, plan_of_rounds)
    _report(arguments.database, plan, measured)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--url", help="an empty database to use instead of a temporary one")
    parser.add_argument("--quick", action="store_true", help="fewer requests, under 50 s")
    return parser.parse_args()


def settings(*, url: str) -> dict[str, str]:
    """Give the product the settings of a bench: keys and a token of its own, no carrier."""
    key = "YmVuY2gta2V5LTAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="
    return {
        "WELLBEING_ENV": "production",
        "SECRET_KEY": secrets.token_hex(16),
        "DATABASE_URL": url,
        "PUBLIC_BASE_URL": PUBLIC,
        "KEY_RING": f"bench={key}",
        "INDEX_KEY": key,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKENS": TOKEN,
        "AUDIT_ANCHOR_FILE": os.devnull,
        "LOG_LEVEL": "ERROR",
    }


def prepare(*, app: Flask, at: datetime | None = None) -> None:
    """Make the tables, the city's places and its invented staff, who are on call since `at`."""
    now = at or datetime.now(tz=UTC)
    with app.app_context():
        with schema_changes():
            db.create_all()
        seeding.seed_organizations(districts=DISTRICTS, now=now)
        seeding.seed_people(now=now)


def _order(path: str, number: str) -> load.Order:
    sid = "SM" + secrets.token_hex(16)
    form = {
        "MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": ACCOUNT,
        "From": number, "To": LINE, "Body": WORDS, "NumMedia": "0", "NumSegments": "1",
        "SmsStatus": "received", "ApiVersion": "2010-04-01", "FromCountry": "CN", "ToCountry": "CN",
    }  # fmt: skip
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, form)
    headers = {
        "X-Twilio-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
    }
    return ("POST", path, urlencode(form).encode(), headers)


def _number(position: int) -> str:
    return f"+861390{position:07d}"


def _statements_of_one_text(app: Flask) -> Mapping[str, int]:
    """Count the statements that one text from a new number runs, by kind."""
    seen: Counter[str] = Counter()

    def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
        del connection, cursor, rest
        seen[statement.split(None, 1)[0].lower()] += 1

    with app.app_context():
        engine = db.engine
    client = app.test_client()
    for position in range(2):
        # The first text of a process also loads what later ones find in memory.
        sa.event.listen(engine, "before_cursor_execute", count)
        method, path, body, headers = _order("/twilio/text/in", f"+861380{position:07d}")
        answer = client.open(path, method=method, data=body, headers=headers, base_url=PUBLIC)
        sa.event.remove(engine, "before_cursor_execute", count)
        if answer.status_code != 200:  # noqa: PLR2004 - anything else is no measurement
            raise SystemExit(f"the webhook answered {answer.status_code}")
        if not position:
            seen.clear()
    return {kind: seen[kind] for kind in ("select", "insert", "update")}


def _measure(
    environment: Mapping[str, str], plan: Mapping[str, int], rounds: Rounds
) -> dict[str, load.Result]:
    url = environment["DATABASE_URL"]
    floor = {
        "FLOOR_TOKEN": TOKEN,
        "FLOOR_PUBLIC_URL": PUBLIC,
        "FLOOR_DATABASE_URL": url,
        "FLOOR_STATEMENTS": ",".join(f"{kind}={number}" for kind, number in plan.items()),
    }
    engine = floors.floor_engine(url)
    floors.metadata.create_all(engine)
    engine.dispose()
    found: dict[str, list[load.Result]] = {name: [] for name in ROUTES}
    with (
        servers.gunicorn("benchmarks.floors:create_floor()", environment=floor) as floor_server,
        servers.gunicorn("wsgi:app", environment=environment) as server,
    ):
        at = dict.fromkeys(ROUTES, floor_server) | {"text": server, "unsigned": server}
        numbers = itertools.count()
        for name in ROUTES:
            _run(at[name], name, WARM, numbers)
        until = time.monotonic() + rounds.seconds
        for _ in track(range(rounds.rounds), description="Rounds", console=Console(stderr=True)):
            if time.monotonic() > until:
                break
            for name in ROUTES:
                count = rounds.slow if name in {"floor", "text"} else rounds.fast
                found[name].append(_run(at[name], name, count, numbers))
    return {name: load.joined(results) for name, results in found.items()}


def _run(server: servers.Server, name: str, count: int, numbers: Iterator[int]) -> load.Result:
    path = ROUTES[name]
    orders = [_order(path, _number(number)) for number in itertools.islice(numbers, count)]
    if name == "unsigned":
        orders = [("POST", path, body, {}) for _, path, body, _ in orders]
    expected = 403 if name == "unsigned" else 200
    before = server.cpu_seconds()
    result = load.run(port=server.port, orders=orders, connections=CONNECTIONS, expected=expected)
    return replace(result, cpu_seconds=server.cpu_seconds() - before)


def _report(database: str, plan: Mapping[str, int], measured: Mapping[str, load.Result]) -> None:
    table = Table(title=f"Signed inbound text, {database}, {servers.WORKERS} workers")
    headings = ("work", "per second", "p50 ms", "p95 ms", "CPU ms", "errors", *OF)
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "work" else "right")
    for name, result in measured.items():
        table.add_row(
            name,
            f"{result.per_second:.0f}",
            f"{result.percentile_ms(50):.1f}",
            f"{result.percentile_ms(95):.1f}",
            f"{result.cpu_ms:.2f}",
            str(result.errors),
            f"{result.per_second / measured['bare'].per_second:.2f}",
            f"{result.per_second / measured['signed'].per_second:.2f}",
        )
    Console(width=100).print(table)
    text = measured["text"]
    ratios = {
        "bench": "webhooks",
        "database": database,
        "statements": dict(plan),
        **{f"of_{name}": round(text.per_second / measured[name].per_second, 3) for name in BESIDE},
        **{f"cpu_of_{name}": round(measured[name].cpu_ms / text.cpu_ms, 3) for name in BESIDE},
        "errors": text.errors,
    }
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
