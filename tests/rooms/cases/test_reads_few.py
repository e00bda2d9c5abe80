"""A question about cases reads what it shows, however many others there are (quality.md 5).

Not a million rows and no clock: the plan says how many rows were looked at to give a page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, select, text

from tests.factories import cases as factory
from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.followups import make_plan
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.accounts.models import GRANT
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.queries import cases, matching, plans, search, work
from wellbeing.cases.rules.cases import COUNT_CAP, CaseFilters, CaseRow, CaseStatus, Cursor
from wellbeing.cases.rules.search import CaseSearch, Standing
from wellbeing.followups import queries as followups
from wellbeing.foundation.database import db, schema_changes, session
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel

MANY = 8_000
FEW = 2 * COUNT_CAP + 500
"""A count looks at no more than its cap for each reason; a page at much less."""
GIVEN = 15
ScopeOf = Callable[[int], Scope]
PAGE = 26


@pytest.fixture
def crowd(people: People) -> Iterator[CaseRow]:
    """A city with thousands of cases, a tenth open; the counselor was given a few old ones."""
    one = factory.make_case(owner_id=people.counselor)
    city = people.city
    units = [city.district, city.other_district, *[city.other_district] * 8]
    other = make_counselor(organization_id=city.other_district.id)
    source = dict(session().execute(select(CASE).where(CASE.c.id == one.case_id)).mappings().one())
    grant = dict(session().execute(select(GRANT)).mappings().first() or {})
    session().rollback()
    rows = [
        source
        | {
            "id": 1_000_000 + place,
            "reference": f"WB-{place:06d}",
            "organization_id": units[place % 10].id,
            "organization_path": units[place % 10].path,
            "branch_id": units[place % 10].id,
            "owner_id": other,
            "level": 1 + place % 100 // 33,
            "status": "in_care" if place % 7 == 0 else "closed",
            "opened_at": NOW - timedelta(minutes=97 * place),
            "closed_at": None if place % 7 == 0 else NOW,
        }
        for place in range(MANY)
    ]
    given = [
        grant | {"id": 1_000_000 + place, "subject_id": 1_000_000 + MANY - 1 - 7 * place}
        for place in range(GIVEN)
    ]
    with schema_changes(), db.engine.begin() as connection:
        connection.execute(insert(CASE), rows)
        connection.execute(insert(GRANT), given)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE student_case, access_grant"))
    yield one
    with schema_changes(), db.engine.begin() as connection:
        connection.execute(delete(GRANT).where(GRANT.c.id >= 1_000_000))
        connection.execute(delete(CASE).where(CASE.c.id >= 1_000_000))


def filtered(**wanted: Any) -> Callable[[Scope, CaseRow], object]:
    filters = CaseFilters(**wanted)

    def ask(scope: Scope, one: CaseRow) -> object:
        last = Cursor(opened_at=NOW - timedelta(days=300), case_id=one.case_id)
        cases.list_cases(scope=scope, filters=filters, before=last, limit=PAGE, now=NOW)
        cases.list_cases(scope=scope, filters=filters, limit=PAGE, now=NOW)
        return cases.count_cases(scope=scope, filters=filters, now=NOW)

    return ask


def searched(**wanted: Any) -> Callable[[Scope, CaseRow], object]:
    asked = CaseSearch(**wanted)

    def ask(scope: Scope, _one: CaseRow) -> object:
        search.find(scope=scope, search=asked, limit=PAGE, now=NOW)
        return search.count(scope=scope, search=asked, now=NOW)

    return ask


ASKED: dict[str, Callable[[Scope, CaseRow], object]] = {
    "open": filtered(open_only=True),
    "of a level": filtered(open_only=True, level=RiskLevel.HIGH),
    "closed": filtered(status=CaseStatus.CLOSED),
    "mine": lambda scope, one: filtered(open_only=True, owner_id=scope.user_id)(scope, one),
    "by reference": filtered(reference="WB-000014"),
    "search of all": searched(standing=Standing.ANY),
    "search of the closed": searched(standing=Standing.CLOSED),
    "search of a rare level": searched(standing=Standing.ANY, level=RiskLevel.IMMINENT),
    "search by number": searched(standing=Standing.ANY, number="+8613912345678"),
    "search by name": searched(standing=Standing.ANY, name="甲子丑"),
    "search by tag": searched(standing=Standing.ANY, tag="exam"),
    "search by days": searched(
        standing=Standing.ANY, opened_from=date(2024, 3, 1), opened_to=date(2024, 3, 2)
    ),
    "one case": lambda scope, one: cases.get(reference=one.reference, scope=scope, now=NOW),
    "promises due": lambda scope, _one: followups.due_for(
        scope=scope, until=NOW + timedelta(days=90), now=NOW
    ),
    "whose promises": lambda scope, _one: followups.owners(scope=scope, now=NOW),
    "caseloads of a supervisor": lambda scope, _one: work.loads_by_unit(scope=scope),
    "same people": lambda scope, one: matching.links_of(case=one, scope=scope, now=NOW),
    "care elsewhere": lambda scope, one: plans.care_elsewhere(
        case_id=one.case_id, scope=scope, now=NOW
    ),
}


def test_a_page_looks_at_few_cases_among_thousands(
    people: People, crowd: CaseRow, scope_of: ScopeOf
) -> None:
    make_plan(case=crowd)
    city = make_supervisor(organization_id=people.city.municipality.id)
    readers = {"counselor": people.counselor, "supervisor": people.supervisor, "city": city}

    looked_at = {
        (reader, asked, sql): rows
        for reader, user_id in readers.items()
        for asked, question in ASKED.items()
        for sql, rows in rows_looked_at(partial(question, scope_of(user_id), crowd)).items()
    }

    assert len(looked_at) > len(readers) * len(ASKED)
    assert [(rows, *which) for which, rows in looked_at.items() if rows > FEW] == []


def rows_looked_at(work: Callable[[], object]) -> dict[str, int]:
    """Run it, and tell of each SELECT at how many rows its plan looked; a scan of SQLite is all."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    session().rollback()
    counts = {"postgresql": _on_postgresql, "sqlite": _on_sqlite}[db.engine.dialect.name]
    with db.engine.connect() as connection:
        return {sql: counts(connection, sql, given) for sql, given in seen}


def _on_postgresql(connection: Any, sql: str, given: Any) -> int:
    ask = f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}"
    # So few rows are read at once for good reasons; a million are not.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    plan = connection.exec_driver_sql(ask, given).scalar_one()
    (whole,) = json.loads(plan) if isinstance(plan, str) else plan

    def rows(node: dict[str, Any]) -> float:
        passed = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        here = passed * node["Actual Loops"] if "Relation Name" in node else 0
        return float(here + sum(rows(one) for one in node.get("Plans", ())))

    return int(rows(whole["Plan"]))


def _on_sqlite(connection: Any, sql: str, given: Any) -> int:
    steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given).all()
    if sql.startswith("SELECT count(*)"):
        return 0  # it stops at its cap, wherever it walks
    # A walk along an index in the order asked for stops at the page; one without is the table.
    scans = [
        step.detail
        for step in steps
        if step.detail.startswith("SCAN student_case") and "INDEX" not in step.detail
    ]
    return MANY * len(scans)
