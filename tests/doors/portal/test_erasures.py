"""Erasure in the portal: two people, two confirmations, a fresh proof, and nothing left of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, func, insert, select, update

from tests.factories.records import events
from tests.house import page_gate, samples
from tests.house.samples import Staff
from wellbeing.accounts.models import SESSION, USER
from wellbeing.cases.models.cases import CASE, CASE_CONTACT, DUTY, HOLD
from wellbeing.cases.operations import erasures as operations
from wellbeing.cases.operations import searches
from wellbeing.cases.queries import cases, search
from wellbeing.cases.queries import erasures as queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.erasures import Ground
from wellbeing.cases.rules.search import CaseSearch
from wellbeing.contacts.models import CALLER, CONTACT
from wellbeing.foundation import clock
from wellbeing.foundation.crypto.sealed import DataKey
from wellbeing.foundation.database import Model, session, transaction

ASKER, DECIDER, HOLDER = "district supervisor", "municipal supervisor", "district counselor"
YEARS = timedelta(days=4 * 366)
SAID = samples.SAID


@pytest.fixture
def full(app: Flask, people: Any, student: Any) -> CaseRow:
    """Give a case with something of everything in it, settled and closed four years ago.

    It is settled by hand: how each thing ends is told where it belongs.
    """
    staff = Staff(
        reader=people(HOLDER),
        below=people("sending school counselor"),
        unit_below="north-school",
        asker=people("asking counselor"),
    )
    sample = samples.make(app, staff, student)
    with app.app_context():
        reference = sample.arguments["reference"]
        case_id = (
            session().execute(select(CASE.c.id).where(CASE.c.reference == reference)).scalar_one()
        )
        mine = select(CASE_CONTACT.c.contact_id).where(CASE_CONTACT.c.case_id == case_id)
        callers = select(CONTACT.c.caller_id).where(CONTACT.c.id.in_(mine))
        long_ago = clock.now() - YEARS
        with transaction():
            others = select(CONTACT.c.id).where(
                CONTACT.c.caller_id.in_(callers), CONTACT.c.id.not_in(mine)
            )
            for contact_id in session().execute(others).scalars().all():
                row = {"contact_id": contact_id, "case_id": case_id, "attached_at": long_ago}
                session().execute(insert(CASE_CONTACT), row)
            for statement in (
                update(CASE)
                .where(CASE.c.id == case_id)
                .values(status="closed", closed_at=long_ago),
                update(HOLD).where(HOLD.c.case_id == case_id).values(lifted_at=long_ago),
                update(DUTY).where(DUTY.c.case_id == case_id).values(done_at=long_ago),
                update(CONTACT)
                .where(CONTACT.c.id.in_(mine))
                .values(state="closed", ended_at=long_ago),
            ):
                session().execute(statement)
            wanted = CaseSearch(name=f"示例{case_id}")
            kept = searches.keep(search=wanted, by=people(HOLDER).user_id, now=clock.now())
            searches.save(public_id=kept, label="示例", by=people(HOLDER).user_id)
        return cases.case_by_id(case_id=case_id)


def asked(app: Flask, people: Any, case: CaseRow) -> str:
    asker = people(ASKER)
    with app.app_context(), transaction():
        made = operations.ask(
            case=case,
            ground=Ground.TIME_OVER,
            reason="示例：期限已满。",
            by=asker.user_id,
            now=clock.now(),
        )
    return f"/erasures/{made}"


def erase(case: CaseRow, **changes: Any) -> dict[str, Any]:
    return {"decision": "erase", "reference": case.reference, "is_sure": "y"} | changes


def blobs() -> Iterator[tuple[str, bytes]]:
    """Give every ciphertext of every table there is, whatever is added later."""
    for table in Model.metadata.sorted_tables:
        for column in table.c:
            if isinstance(column.type, LargeBinary) and column.name.endswith("_sealed"):
                rows = session().execute(select(column).where(column.is_not(None))).scalars()
                yield from ((f"{table.name}.{column.name}", bytes(one)) for one in rows)


def living_keys() -> set[UUID]:
    statement = select(DataKey.id).where(DataKey.wrapped.is_not(None))
    return set(session().execute(statement).scalars())


def everything() -> str:
    """Write out every column of every table that is not sealed, as a thief of the disk reads it."""
    found: list[str] = []
    for table in Model.metadata.sorted_tables:
        for row in session().execute(select(table)):
            found += [
                json.dumps(one, ensure_ascii=False, default=str)
                for one in row
                if not isinstance(one, bytes)
            ]
    return "\n".join(found)


def keys_of(case: CaseRow) -> set[UUID]:
    """Name the keys of a case by its own rows: its own, its contacts', its people's."""
    mine = select(CASE_CONTACT.c.contact_id).where(CASE_CONTACT.c.case_id == case.case_id)
    contact_keys = session().execute(select(CONTACT.c.data_key_id).where(CONTACT.c.id.in_(mine)))
    person = Model.metadata.tables["person"]
    person_keys = session().execute(
        select(person.c.data_key_id).where(person.c.case_id == case.case_id)
    )
    return {case.data_key_id, *contact_keys.scalars(), *person_keys.scalars()}


def test_nothing_of_an_erased_record_can_be_read_in_any_table(
    app: Flask, clients: Any, post: Any, people: Any, full: CaseRow
):
    """Over every encrypted column of every table: whatever the record's keys opened is shut."""
    url = asked(app, people, full)
    with app.app_context():
        keys = keys_of(full)
        before = {place for place, blob in blobs() if UUID(bytes=blob[1:17]) in keys}
        number = (
            session()
            .execute(
                select(CALLER.c.number_index, CALLER.c.id)
                .join(CONTACT, CONTACT.c.caller_id == CALLER.c.id)
                .join(CASE_CONTACT, CASE_CONTACT.c.contact_id == CONTACT.c.id)
                .where(CASE_CONTACT.c.case_id == full.case_id)
            )
            .first()
        )
        assert number is not None

    done = post(clients(DECIDER), url, erase(full))

    assert done.status_code == 303
    with app.app_context():
        left = living_keys()
        assert keys & left == set()
        assert [one for one, blob in blobs() if UUID(bytes=blob[1:17]) in keys & left] == []
        assert len(before) >= 20, f"the sample does not fill enough: {sorted(before)}"
        for table in Model.metadata.sorted_tables:
            for name in ("number_index", "to_index"):
                if name in table.c and table.name != "opt_out":
                    found = session().execute(
                        select(func.count()).where(table.c[name] == number.number_index)
                    )
                    assert found.scalar_one() == 0, f"{table.name}.{name}"
        shown = everything()
        for word in (SAID, "示例医院", "室友"):
            assert word not in shown
        mine = Model.metadata.tables
        for table, column in (
            ("person_name_index", "token_hmac"),
            ("case_document", "content_index"),
        ):
            of_case = mine[table].c.case_id == full.case_id
            kept = select(func.count()).where(of_case, mine[table].c[column].is_not(None))
            assert session().execute(kept).scalar_one() == 0, table
        assert search.views_of(user_id=people(HOLDER).user_id) == ()


def test_other_records_and_the_staff_are_untouched(
    app: Flask, clients: Any, post: Any, people: Any, full: CaseRow
):
    url = asked(app, people, full)
    with app.app_context():
        keys, before = keys_of(full), living_keys()

    assert post(clients(DECIDER), url, erase(full)).status_code == 303

    with app.app_context():
        gone = before - living_keys()
        callers = session().execute(
            select(CALLER.c.data_key_id).where(CALLER.c.number_index.is_(None))
        )
        assert gone <= keys | set(callers.scalars())
        staff = set(session().execute(select(USER.c.data_key_id)).scalars())
        assert staff & gone == set()


def test_the_audit_log_and_the_figures_stay(
    app: Flask, clients: Any, post: Any, people: Any, full: CaseRow
):
    url = asked(app, people, full)
    post(clients(DECIDER), url, erase(full))

    (event,) = events(app, "erasure_decided")
    assert (event["subject_id"], event["details"]["decision"]) == (full.case_id, "erase")
    with app.app_context():
        case = cases.case_by_id(case_id=full.case_id)
        assert (case.level, case.opened_at) == (full.level, full.opened_at)
        assert case.status == "erased"


@pytest.mark.parametrize(
    "changes",
    [{"reference": "WB-234567"}, {"reference": ""}, {"is_sure": ""}],
    ids=["another", "none", "not sure"],
)
def test_destroying_is_confirmed_twice(
    app: Flask, clients: Any, post: Any, people: Any, full: CaseRow, changes: dict[str, Any]
):
    url = asked(app, people, full)

    answer = post(clients(DECIDER), url, erase(full, **changes))

    assert answer.status_code == 400
    assert "请输入这个个案的编号，并勾选确认" in answer.text
    with app.app_context():
        assert cases.case_by_id(case_id=full.case_id).status == "closed"


def test_whoever_asked_does_not_decide(
    app: Flask, clients: Any, post: Any, people: Any, full: CaseRow
):
    url = asked(app, people, full)

    page = clients(ASKER).get(url)
    answer = post(clients(ASKER), url, erase(full))

    assert "这是你自己的申请" in page.text
    assert answer.status_code == 409


def test_it_wants_a_fresh_proof(app: Flask, clients: Any, post: Any, people: Any, full: CaseRow):
    url, client = asked(app, people, full), clients(DECIDER)
    with app.app_context(), transaction():
        session().execute(
            update(SESSION).values(stepped_up_at=clock.real_now() - timedelta(days=1))
        )

    answer = post(client, url, erase(full))

    assert answer.status_code == 303
    assert "/step-up" in answer.location
    with app.app_context():
        assert cases.case_by_id(case_id=full.case_id).status == "closed"


def test_after_erasure_no_page_opens_and_no_list_breaks(
    app: Flask, clients: Any, post: Any, people: Any, full: CaseRow
):
    """Lists that named the record, its requests and its emergency views still open."""
    url = asked(app, people, full)
    post(clients(DECIDER), url, erase(full))

    for label in (HOLDER, ASKER, DECIDER, "asking counselor"):
        client = clients(label)
        for page in ("/cases", "/access", "/my-work", "/sealed-cases"):
            assert client.get(page).status_code in {200, 302, 404}, f"{label} {page}"
        assert client.get(f"/cases/{full.reference}").status_code == 404
        assert client.get(f"/sealed-cases/{full.reference}").status_code == 404
    again = post(
        clients("asking counselor"),
        "/access/emergency",
        {"reference": full.reference, "reason": "示例"},
    )
    assert again.status_code in {404, 400, 422}
    assert clients(DECIDER).get(url).status_code == 200


def test_the_way_from_the_wish_to_the_refusal_in_writing(
    app: Flask, clients: Any, post: Any, full: CaseRow
):
    root, asker, decider = f"/sealed-cases/{full.reference}", clients(ASKER), clients(DECIDER)

    first = post(asker, root, {"ground": "student_asks", "reason": "示例：学生来信。"})
    twice = post(asker, root, {"ground": "student_asks", "reason": "示例"})
    with app.app_context():
        (row,) = queries.of_case(case_id=full.case_id)
    url = f"/erasures/{row.erasure_id}"
    silent = post(decider, url, {"decision": "refuse"})
    refused = post(decider, url, {"decision": "refuse", "reason": "示例：投诉未了。"})

    assert [one.status_code for one in (first, twice, silent, refused)] == [303, 409, 400, 303]
    assert "示例：投诉未了。" in asker.get(root).text
    assert [one["details"] for one in events(app, "erasure_decided")] == [
        {"erasure": row.erasure_id, "decision": "refuse"}
    ]


def test_a_hold_for_the_law_is_placed_shown_and_lifted(
    app: Flask, clients: Any, post: Any, people: Any, full: CaseRow
):
    root, client = f"/sealed-cases/{full.reference}", clients(ASKER)
    url = asked(app, people, full)

    held = post(client, f"{root}/hold", {"hold-reason": "示例：法院来函。"})
    stopped = post(clients(DECIDER), url, erase(full))
    page = client.get(root).text
    lifted = post(client, f"{root}/release")

    assert [held.status_code, stopped.status_code, lifted.status_code] == [303, 409, 303]
    assert "示例：法院来函。" in page
    assert "法院、公安或投诉处理需要保留它" in page
    assert [one["details"]["held"] for one in events(app, "legal_hold_changed")] == [True, False]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_pages_pass_the_gate(
    app: Flask, clients: Any, people: Any, full: CaseRow, language: str
):
    url = asked(app, people, full)
    for label, page in (
        (ASKER, f"/sealed-cases/{full.reference}"),
        (DECIDER, url),
        (ASKER, url),
        (DECIDER, "/sealed-cases"),
        (DECIDER, "/sealed-cases?list=coming"),
        ("auditor", "/sealed-cases"),
    ):
        answer = clients(label, language=language).get(page)
        assert answer.status_code == 200
        page_gate.check_html(answer.text, url=page)


def test_the_door_of_sealed_cases(clients: Any):
    """Odd pages mean the first; whoever supervises nothing finds nothing."""
    assert clients(ASKER).get("/sealed-cases?after=x&closed=never").status_code == 200
    assert (
        clients(ASKER).get("/sealed-cases?after=1&closed=0001-01-01T00:00:00%2B14:00").status_code
        == 200
    )
    for label in (HOLDER, "principal", "administrator"):
        assert clients(label).get("/sealed-cases").status_code == 404
