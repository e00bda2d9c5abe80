"""The webhooks of a call beside a bare route, a signed route and floors with as many statements.

    python -m benchmarks.calls --database sqlite|postgresql [--quick] [--url …]

Prints tables and, last, one line of JSON with the ratios.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import Flask
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import floors, load, servers, waiters, webhooks
from wellbeing.app import create_app
from wellbeing.foundation.database import db
from wellbeing.policy import current as policy

CONNECTIONS = 8
WARM = 80
CALLS = 64
"""Waiting calls of each kind; a multiple of every number of connections: each has its own."""
VOICE_FROM = 1_000
WORKS = (
    "bare", "signed", "floor_least", "floor_wait", "wait", "wait_many", "floor_voice", "voice",
)  # fmt: skip
LEAST = {"select": 1, "insert": 1}
"""One question and one committed row: less no webhook that writes can do."""
FAST = {"bare", "signed"}
HOLDING = {"wait": b"wait-key", "wait_many": b"wait-key", "voice": b"/menu/0"}
MOST_P95_MS = 1_000
MOST_ERRORS = 0.01


@dataclass(frozen=True, slots=True)
class Plan:
    """How often every kind of work is measured in turn, how much each time, until when.

    `steps` are the connections at once with which the most waiting calls are looked for.
    """

    rounds: int
    fast: int
    slow: int
    seconds: float
    steps: tuple[int, ...]


QUICK = Plan(rounds=3, fast=600, slow=120, seconds=6.0, steps=(8, 32))
FULL = Plan(rounds=5, fast=2_000, slow=400, seconds=50.0, steps=(8, 16, 32, 64))


@dataclass(frozen=True, slots=True)
class Seen:
    """What was learnt in this process before the servers started."""

    fetches: Mapping[str, list[load.Order]]
    wait: Mapping[str, int]
    wait_many: Mapping[str, int]
    voice: Mapping[str, int]
    places: Counter[str]
    shares: Mapping[str, float]
    loop_seconds: float


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    plan = QUICK if arguments.quick else FULL
    with servers.database(arguments.database, url=arguments.url) as url:
        environment = webhooks.settings(url=url)
        app = create_app(environment="production", overrides=environment | {"PRODUCTION": False})
        webhooks.prepare(app=app)
        seen = _prepare(app)
        with app.app_context():
            db.engine.dispose()
        measured, steps = _measure(environment, seen, plan)
    _report(arguments.database, seen, measured, steps)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--url", help="an empty database to use instead of a temporary one")
    parser.add_argument("--quick", action="store_true", help="fewer requests, under 50 s")
    return parser.parse_args()


def _prepare(app: Flask) -> Seen:
    waiters.staff(app=app, now=datetime.now(tz=UTC))
    fetches = {
        "wait": waiters.queue(app=app, line=waiters.CITY_LINE, first=0, count=CALLS),
        "wait_many": waiters.queue(app=app, line=waiters.DISTRICT_LINE, first=CALLS, count=CALLS),
    }
    waiters.hold(app=app)
    wait, places = waiters.statements(app=app, asked=fetches["wait"][-2:])
    many, _ = waiters.statements(app=app, asked=fetches["wait_many"][-2:])
    calls = [_voice(position) for position in range(VOICE_FROM - 2, VOICE_FROM)]
    voice, _ = waiters.statements(app=app, asked=calls)
    with app.app_context():
        loop = policy.current().line.voice.wait_loop.total_seconds()
    return Seen(
        fetches=fetches,
        wait=wait,
        wait_many=many,
        voice=voice,
        places=places,
        shares=waiters.profile(app=app, fetches=fetches["wait"]),
        loop_seconds=loop,
    )


def _voice(position: int) -> load.Order:
    return waiters.order(
        path="/twilio/voice/in", call=position, line=waiters.DISTRICT_LINE, CallStatus="ringing"
    )


def _measure(
    environment: Mapping[str, str], seen: Seen, plan: Plan
) -> tuple[dict[str, load.Result], dict[int, load.Result]]:
    url = environment["DATABASE_URL"]
    engine = floors.floor_engine(url)
    floors.metadata.create_all(engine)
    engine.dispose()
    with ExitStack() as stack:
        floor, voice, least = (
            stack.enter_context(
                servers.gunicorn(
                    "benchmarks.floors:create_floor()", environment=_floor(url, counted)
                )
            )
            for counted in (seen.wait, seen.voice, LEAST)
        )
        server = stack.enter_context(servers.gunicorn("wsgi:app", environment=environment))
        stack.enter_context(waiters.swept(engine=floors.floor_engine(url)))
        at = dict.fromkeys(WORKS, floor) | dict.fromkeys(HOLDING, server)
        at |= {"floor_voice": voice, "floor_least": least}
        numbers = itertools.count(VOICE_FROM)
        found = _rounds(at, seen, plan, numbers)
        steps = {
            count: _run(at["wait"], "wait", _orders("wait", seen, plan.slow * 2, numbers), count)
            for count in plan.steps
        }
    return found, steps


def _floor(url: str, counted: Mapping[str, int]) -> dict[str, str]:
    return {
        "FLOOR_TOKEN": webhooks.TOKEN,
        "FLOOR_PUBLIC_URL": webhooks.PUBLIC,
        "FLOOR_DATABASE_URL": url,
        "FLOOR_STATEMENTS": ",".join(f"{kind}={number}" for kind, number in counted.items()),
    }


def _rounds(
    at: Mapping[str, servers.Server], seen: Seen, plan: Plan, numbers: Iterator[int]
) -> dict[str, load.Result]:
    found: dict[str, list[load.Result]] = {name: [] for name in WORKS}
    for name in WORKS:
        _run(at[name], name, _orders(name, seen, WARM, numbers), CONNECTIONS)
    until = time.monotonic() + plan.seconds
    for _ in track(range(plan.rounds), description="Rounds", console=Console(stderr=True)):
        if time.monotonic() > until:
            break
        for name in WORKS:
            count = plan.fast if name in FAST else plan.slow
            found[name].append(
                _run(at[name], name, _orders(name, seen, count, numbers), CONNECTIONS)
            )
    return {name: load.joined(results) for name, results in found.items()}


def _orders(name: str, seen: Seen, count: int, numbers: Iterator[int]) -> list[load.Order]:
    if name == "voice":
        return [_voice(number) for number in itertools.islice(numbers, count)]
    if name in seen.fetches:
        return list(itertools.islice(itertools.cycle(seen.fetches[name]), count))
    path = "/floor" if name.startswith("floor") else f"/{name}"
    return [waiters.order(path=path, call=0, line=waiters.CITY_LINE)] * count


def _run(
    server: servers.Server, name: str, orders: Sequence[load.Order], connections: int
) -> load.Result:
    before = server.cpu_seconds()
    result = load.run(
        port=server.port,
        orders=list(orders),
        connections=connections,
        expected=200,
        holding=HOLDING.get(name, b""),
    )
    return replace(result, cpu_seconds=server.cpu_seconds() - before)


def _report(
    database: str,
    seen: Seen,
    measured: Mapping[str, load.Result],
    steps: Mapping[int, load.Result],
) -> None:
    bare, console = measured["bare"].per_second, Console(width=100)
    rows = {
        name: (*_figures(one), f"{one.per_second / bare:.3f}") for name, one in measured.items()
    }
    console.print(_table(f"Webhooks of a call, {database}, {servers.WORKERS} workers", rows))
    carried = {count: one.per_second * seen.loop_seconds for count, one in steps.items()}
    console.print(
        _table(
            "Fetches at once, calls carried",
            {str(count): (*_figures(one), f"{carried[count]:.0f}") for count, one in steps.items()},
            last="calls",
        )
    )
    counted = (f"{number} {place}" for place, number in seen.places.most_common())
    console.print("Statements of one fetch (wait):", *counted, sep="\n  ", highlight=False)
    costs = [f"{name} {share:.0f} %" for name, share in seen.shares.items()]
    console.print("Own time under cProfile:", ", ".join(costs), highlight=False)
    most = max((carried[count] for count, one in steps.items() if _is_fine(one)), default=0.0)
    print(json.dumps(_ratios(database, seen, measured) | {"calls_carried": round(most)}))


def _is_fine(one: load.Result) -> bool:
    return one.percentile_ms(95) < MOST_P95_MS and one.errors <= one.requests * MOST_ERRORS


def _figures(one: load.Result) -> tuple[str, ...]:
    return (
        f"{one.per_second:.0f}",
        f"{one.percentile_ms(50):.1f}",
        f"{one.percentile_ms(95):.1f}",
        f"{one.cpu_ms:.2f}",
        str(one.errors),
    )


def _table(title: str, rows: Mapping[str, tuple[str, ...]], *, last: str = "of bare") -> Table:
    table = Table(title=title)
    for heading in ("work", "per second", "p50 ms", "p95 ms", "CPU ms", "errors", last):
        table.add_column(heading, justify="left" if heading == "work" else "right")
    for name, cells in rows.items():
        table.add_row(name, *cells)
    return table


def _ratios(database: str, seen: Seen, measured: Mapping[str, load.Result]) -> dict[str, object]:
    least = measured["floor_least"].per_second / measured["bare"].per_second
    ratios: dict[str, object] = {
        "bench": "calls",
        "database": database,
        "floor_least_of_bare": round(least, 3),
    }
    for name, floor, counted in (
        ("wait", "floor_wait", seen.wait),
        ("wait_many", "floor_wait", seen.wait_many),
        ("voice", "floor_voice", seen.voice),
    ):
        one = measured[name]
        ratios[name] = {
            "statements": dict(counted),
            "of_bare": round(one.per_second / measured["bare"].per_second, 3),
            "of_signed": round(one.per_second / measured["signed"].per_second, 3),
            "of_floor": round(one.per_second / measured[floor].per_second, 3),
            "cpu_of_bare": round(measured["bare"].cpu_ms / one.cpu_ms, 3),
            "cpu_of_floor": round(measured[floor].cpu_ms / one.cpu_ms, 3),
            "errors": one.errors,
        }
    return ratios


if __name__ == "__main__":
    main()
