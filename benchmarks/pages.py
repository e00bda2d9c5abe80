"""Queue, case list, search and case page at 1,000 and at 1,000,000 cases, beside their floor.

    python -m benchmarks.pages --database sqlite|postgresql [--quick] [--url …] [--cases 1000000]

Prints a table and, last, one line of JSON. Ends with 1 if a page runs another number of queries at
the larger size than at the smaller one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from rich.console import Console
from rich.table import Table

from benchmarks import page_floors, page_seeds, servers, webhooks
from benchmarks.page_seeds import NAMED_SHARE, Original, moment, name_of, number_of, reference_of
from wellbeing.accounts.operations import sessions
from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.queries.people import UserRow
from wellbeing.app import create_app
from wellbeing.cases.operations import people, searches
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseFilters
from wellbeing.cases.rules.people import NewPerson, Relation
from wellbeing.cases.rules.search import CaseSearch, Standing
from wellbeing.cli import seeding
from wellbeing.foundation import clock
from wellbeing.foundation.crypto import ring
from wellbeing.foundation.database import db, transaction
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import path_ids

SMALL = 1_000
READER = "district.lead"
"""Supervises one of the districts: the common reader of lists."""
OWNER = "district"
WARM = 5
GROWTH = 1.3
"""What quality.md allows the p95 to grow by from the smaller to the larger size."""
COOKIE = "SIGN_IN_COOKIE_NAME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One page at one size: times in milliseconds, queries of one request."""

    queries: int
    p50: float
    p95: float
    cpu: float
    floor_p50: float
    floor_p95: float
    floor_cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The two applications, and the addresses of each page by turn."""

    engine: sa.Engine
    product: FlaskClient
    floor: FlaskClient
    pages: Mapping[str, Callable[[int], tuple[str, str]]]


def main() -> None:
    """Measure at both sizes and print."""
    arguments = _arguments()
    times = 20 if arguments.quick else 40
    large = 20_000 if arguments.quick else arguments.cases
    with servers.database(arguments.database, url=arguments.url) as url:
        environment = webhooks.settings(url=url)
        app = create_app(environment="production", overrides=environment | {"PRODUCTION": False})
        _leave_the_disk_out(url)
        webhooks.prepare(app=app)
        with app.app_context():
            original = _original()
        results = {}
        for start, stop in ((0, SMALL), (SMALL, large)):
            with app.app_context():
                page_seeds.grow(original=original, start=start, stop=stop, now=moment())
                bench = _bench(app, url, stop)
            # Outside of the context: inside, every request would share its reader with the others.
            results[stop] = _measure(bench, times)
        bench.engine.dispose()
    _print(arguments.database, results)
    sys.exit(0 if _is_constant(results) else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--url", help="an empty database instead of one of its own")
    parser.add_argument("--cases", type=int, default=1_000_000)
    return parser.parse_args()


def _leave_the_disk_out(url: str) -> None:
    """Let PostgreSQL answer before its disk does, to product and floor alike.

    Each page commits one row; on a busy disk that wait is longer than all the rest together.
    """
    engine = sa.create_engine(url)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            name = connection.execute(sa.text("SELECT current_database()")).scalar_one()
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    engine.dispose()


def _original() -> Original:
    """Open one case by the real operations, with a student in its vault."""
    now = clock.now()
    seeding.seed_contacts(count=10, now=now)
    owner = _person(OWNER)
    (first, *_rest) = cases.list_cases(
        scope=accounts.scope_of(user_id=owner.id), filters=CaseFilters(), limit=1, now=now
    )
    with transaction():
        people.add_person(
            case_id=first.case_id,
            new=NewPerson(relation=Relation.STUDENT, name=name_of(0)),
            by=owner.id,
            now=now,
        )
    db.session.rollback()
    home_id = _person(READER).organization_id
    db.session.rollback()
    return page_seeds.read_original(case_id=first.case_id, places=_places(), home_id=home_id)


def _places() -> tuple[tuple[int, int, str, int], ...]:
    """Spread copies over the districts; whoever belongs to one owns its cases, else the city."""
    rows = db.session.execute(
        sa.select(ORGANIZATION.c.id, ORGANIZATION.c.path).where(ORGANIZATION.c.kind == "district")
    ).all()
    city, here = _person("city"), {_person(OWNER).organization_id: _person(OWNER).id}
    db.session.rollback()
    return tuple(
        (unit, path_ids(path=path)[1], path, here.get(unit, city.id)) for unit, path in rows
    )


def _person(username: str) -> UserRow:
    found = accounts.by_username(username=username)
    if found is None:
        raise RuntimeError(f"the seeds have nobody called {username}")
    return found


def _bench(app: Flask, url: str, size: int) -> Bench:
    reader = _person(READER)
    branch = path_ids(path=reader.organization_path)[1]
    with transaction():
        token = sessions.start_session(
            user_id=reader.id, address="127.0.0.1", real_now=clock.real_now(),
            second_factor_done=True,
        )  # fmt: skip
    # Copies whose place is the reader's: only those can be found and opened. All have a student, so
    # that the page of a case asks the same at either size.
    step = len(_places())
    offset = next(i for i, place in enumerate(_places()) if place[0] == reader.organization_id)
    mine = [one for one in range(offset, size, step) if one % NAMED_SHARE == 0][-40:]
    kept = {position: _keep(reader.id, position) for position in mine}
    floor_app = page_floors.create_floor(url=url, branch_id=branch, path=reader.organization_path)
    product, floor = app.test_client(), floor_app.test_client()
    product.set_cookie(app.config[COOKIE], token)
    floor.set_cookie("floor", token)

    def turn(position: int) -> int:
        return mine[position % len(mine)]

    def number(position: int) -> str:
        return ring.blind_index(purpose="phone", value=number_of(turn(position))).hex()

    return Bench(
        engine=db.engine,
        product=product,
        floor=floor,
        pages={
            "queue": lambda _: ("/", "/queue"),
            "case list": lambda _: ("/cases", "/list"),
            "search by number": lambda i: (kept[turn(i)]["number"], f"/search/{number(i)}"),
            "search by name": lambda i: (kept[turn(i)]["name"], "/list"),
            "search by reference": lambda i: (
                f"/cases?reference={reference_of(turn(i))}", f"/search/{number(i)}",
            ),
            "case": lambda i: (
                f"/cases/{reference_of(turn(i))}",
                f"/case/{reference_of(turn(i))}/{turn(i) + 1_000_000}",
            ),
        },
    )  # fmt: skip


def _keep(user_id: int, position: int) -> dict[str, str]:
    """Keep the searches whose pages are measured: the form was sent before."""
    asked = {
        "number": CaseSearch(number=number_of(position), standing=Standing.ANY),
        # The last copy before this one that has a name: somebody is found at either size.
        "name": CaseSearch(name=name_of(position // NAMED_SHARE), standing=Standing.ANY),
    }
    with transaction():
        return {
            key: f"/cases/search/{searches.keep(search=search, by=user_id, now=clock.now())}"
            for key, search in asked.items()
        }


def _measure(bench: Bench, times: int) -> dict[str, Measured]:
    found = {}
    for name, address in bench.pages.items():
        for turn in range(WARM):
            for client, url in zip((bench.product, bench.floor), address(turn), strict=True):
                answer = client.get(url)
                if answer.status_code != 200:  # noqa: PLR2004 - anything else measures nothing
                    raise RuntimeError(f"{name}: {url} answers {answer.status_code}")
        ours: list[tuple[float, float]] = []
        floors: list[tuple[float, float]] = []
        # In turn: what slows one slows its neighbour, too.
        for turn in range(times):
            product_url, floor_url = address(turn)
            ours.append(_timed(bench.product, product_url))
            floors.append(_timed(bench.floor, floor_url))
        found[name] = Measured(
            queries=_queries(bench, address(0)[0]),
            p50=_percentile(ours, 50),
            p95=_percentile(ours, 95),
            cpu=sum(cpu for _, cpu in ours) / times,
            floor_p50=_percentile(floors, 50),
            floor_p95=_percentile(floors, 95),
            floor_cpu=sum(cpu for _, cpu in floors) / times,
        )
    return found


def _timed(client: FlaskClient, url: str) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    client.get(url)
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def _percentile(times: list[tuple[float, float]], percent: int) -> float:
    return quantiles([wall for wall, _ in times], n=100)[percent - 1]


def _queries(bench: Bench, url: str) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE")):
            seen.append(statement)

    # A page touches its session at most once a minute; this one does it for the next.
    bench.product.get(url)
    sa.event.listen(bench.engine, "before_cursor_execute", note)
    try:
        bench.product.get(url)
    finally:
        sa.event.remove(bench.engine, "before_cursor_execute", note)
    return len(seen)


def _is_constant(results: Mapping[int, Mapping[str, Measured]]) -> bool:
    few, many = results.values()
    return all(few[name].queries == many[name].queries for name in few)


def _print(kind: str, results: Mapping[int, Mapping[str, Measured]]) -> None:
    few, many = results.values()
    table = Table(title=f"Pages on {kind}; load {os.getloadavg()[0]:.1f}")
    for heading in (
        "page", "cases", "queries", "p50 ms", "p95 ms", "CPU ms", "floor p50", "floor p95",
        "floor CPU", "of floor",
    ):  # fmt: skip
        table.add_column(heading, justify="left" if heading == "page" else "right")
    for size, measured in results.items():
        for name, one in measured.items():
            table.add_row(
                name, f"{size:,}", str(one.queries), f"{one.p50:.1f}", f"{one.p95:.1f}",
                f"{one.cpu:.1f}", f"{one.floor_p50:.1f}", f"{one.floor_p95:.1f}",
                f"{one.floor_cpu:.1f}", f"{one.floor_p50 / one.p50:.2f}",
            )  # fmt: skip
    Console(width=120).print(table)
    ratios = {
        name: {
            "of_floor": round(many[name].floor_p50 / many[name].p50, 3),
            "cpu_of_floor": round(many[name].floor_cpu / many[name].cpu, 3),
            "p50_growth": round(many[name].p50 / few[name].p50, 3),
            "p95_growth": round(many[name].p95 / few[name].p95, 3),
            "p95_growth_of_the_floor": round(many[name].floor_p95 / few[name].floor_p95, 3),
            "same_queries": few[name].queries == many[name].queries,
        }
        for name in few
    }
    sys.stdout.write(json.dumps({
        "bench": "pages", "database": kind, "sizes": list(results), "load": os.getloadavg()[0],
        "p95_growth_allowed": GROWTH, "pages": ratios,
    }) + "\n")  # fmt: skip


if __name__ == "__main__":
    main()
