"""Open, decide, file and close a report that the law requires. No counselor closes one.

Who holds it and who is called when it is late is decided above.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from wellbeing.cases.events import ReportClosed, ReportLate, ReportOpened
from wellbeing.cases.models.reporting import REPORT
from wellbeing.cases.operations import entries, holds, keys
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import reporting as queries
from wellbeing.cases.rules.reporting import (
    HOLD,
    Entry,
    Filing,
    NewReport,
    ReportOver,
    ReportRow,
    ReportState,
    check_closing,
    check_decision,
    check_filing,
    check_situations,
    deadlines,
)
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy
from wellbeing.triage.rules.levels import Decider


def open_report(*, new: NewReport, now: datetime) -> int:
    """Open a report for a supervisor to decide about; what was open already takes up the new.

    Raises:
        UnknownSituation: a situation is not one of the nine.

    """
    check_situations(policy=policy.current().safety.report, situations=new.situations)
    place = _place(new)
    standing = queries.open_of(**place)
    if standing is not None:
        return _add(standing, new, now)
    try:
        with session().begin_nested():
            report_id = _insert(new, place, now)
    except IntegrityError:
        # Somebody opened it for the same student in this very moment.
        standing = queries.open_of(**place)
        if standing is None:
            raise
        return _add(standing, new, now)
    row = queries.by_id(report_id=report_id)
    _hold(row, now)
    facts = {"situations": list(new.situations), "by_at": row.decide_by}
    _tell(row, Entry.OPENED, new.by, facts, {}, now)
    events.publish(
        ReportOpened(
            report_id=report_id,
            case_id=row.case_id,
            contact_id=row.contact_id,
            organization_id=row.organization_id,
            at=now,
        )
    )
    return report_id


def bind_holder(*, report_id: int, holder_id: int, organization_id: int) -> None:
    """Note which supervisor has a report, and whose unit's it is."""
    changed(
        update(REPORT)
        .where(REPORT.c.id == report_id)
        .values(holder_id=holder_id, organization_id=organization_id)
    )


def decide(*, report_id: int, reportable: bool, reason: str, by: Decider, now: datetime) -> None:
    """Take a supervisor's decision; not reportable ends it, with the reason kept.

    Raises:
        DomainError: whatever `rules.reporting.check_decision` refuses.

    """
    row = queries.by_id(report_id=report_id)
    check_decision(row=row, reason=reason, by=by)
    state = ReportState.TO_REPORT if reportable else ReportState.NOT_REPORTABLE
    values: dict[str, Any] = {
        "state": state.value,
        "decided_at": now,
        "decided_by": by.user_id,
        "reason_sealed": sealed.seal(
            reason.strip(), key_id=_key_of(row), place=queries.REASON_PLACE
        ),
        "next_step_at": row.report_by,
        "calls": 0,
    }
    if not reportable:
        values |= {"closed_at": now, "closed_by": by.user_id, "next_step_at": None}
    _move(row, values)
    _tell(row, Entry.DECIDED, by.user_id, {"report_state": state.value}, {"note": reason}, now)
    if not reportable:
        _finish(row, by.user_id, now)


def file(*, report_id: int, filing: Filing, by: int, now: datetime) -> None:
    """Record to whom it was reported, with the receipt; a supervisor still closes it.

    Raises:
        DomainError: whatever `rules.reporting.check_filing` refuses.

    """
    row = queries.by_id(report_id=report_id)
    organs = {one.key for one in policy.current().safety.report.organs}
    check_filing(row=row, filing=filing, organs=organs)
    receipt = filing.receipt.strip()
    values = {
        "state": ReportState.FILED.value,
        "organ": filing.organ,
        "receipt_sealed": sealed.seal(receipt, key_id=_key_of(row), place=queries.RECEIPT_PLACE),
        "filed_at": filing.at,
        "filed_by": by,
    }
    _move(row, values)
    _tell(row, Entry.FILED, by, {"organ": filing.organ}, {"note": receipt}, now)


def close(*, report_id: int, by: Decider, now: datetime) -> None:
    """Close a report that was filed.

    Raises:
        DomainError: whatever `rules.reporting.check_closing` refuses.

    """
    row = queries.by_id(report_id=report_id)
    check_closing(row=row, by=by)
    values: dict[str, Any] = {
        "state": ReportState.REPORTED.value,
        "closed_at": now,
        "closed_by": by.user_id,
        "next_step_at": None,
    }
    _move(row, values)
    _tell(row, Entry.CLOSED, by.user_id, {"organ": row.organ}, {}, now)
    _finish(row, by.user_id, now)


def take_along(*, contact_id: int, case_id: int, now: datetime) -> None:
    """Let a contact's open report go into the case that the contact joins."""
    row = queries.open_of(contact_id=contact_id)
    if row is None or row.case_id is not None:
        return
    standing = queries.open_of(case_id=case_id)
    if standing is not None:
        new = NewReport(situations=row.situations, account=row.account)
        _add(standing, new, now)
        _move(row, {"state": ReportState.MERGED.value, "closed_at": now, "next_step_at": None})
        events.publish(ReportClosed(report_id=row.report_id, by_user_id=None, at=now))
        return
    changed(update(REPORT).where(REPORT.c.id == row.report_id).values(case_id=case_id))
    _hold(queries.by_id(report_id=row.report_id), now)


def advance(report_id: int, *, now: datetime) -> bool:
    """Let somebody hear of a late report, once; False when another process did it."""
    row = queries.by_id(report_id=report_id)
    again = now + policy.current().safety.report.climb_every
    claim = (
        update(REPORT)
        .where(REPORT.c.id == report_id, REPORT.c.next_step_at <= now, REPORT.c.closed_at.is_(None))
        .values(next_step_at=again, calls=REPORT.c.calls + 1)
        .returning(REPORT.c.calls)
    )
    calls = session().execute(claim).scalar()
    if calls is None:
        return False
    events.publish(
        ReportLate(
            report_id=report_id,
            case_id=row.case_id,
            organization_id=row.organization_id,
            calls=calls,
            at=now,
        )
    )
    return True


def _place(new: NewReport) -> dict[str, int | None]:
    """Tell whose report it is: the case's, if the contact has one."""
    if new.case_id is None and new.contact_id is not None:
        case = cases.case_of_contact(contact_id=new.contact_id)
        return {"case_id": case.case_id if case else None, "contact_id": new.contact_id}
    return {"case_id": new.case_id, "contact_id": new.contact_id}


def _insert(new: NewReport, place: Mapping[str, int | None], now: datetime) -> int:
    decide_by, report_by = deadlines(policy=policy.current().safety.report, opened_at=now)
    case_id, contact_id = place["case_id"], place["contact_id"]
    if case_id is not None:
        organization_id = cases.case_by_id(case_id=case_id).organization_id
        key_id = keys.key_of(case_id=case_id)
    else:
        contact = contacts.contact_by_id(contact_id=contact_id or 0)
        organization_id, key_id = contact.organization_id, contact.data_key_id
    account = new.account.strip()
    statement = insert(REPORT).values(
        case_id=case_id,
        contact_id=contact_id,
        organization_id=organization_id,
        state=ReportState.OPEN.value,
        situations=list(new.situations),
        account_sealed=sealed.seal(account, key_id=key_id, place=queries.ACCOUNT_PLACE)
        if account
        else None,
        opened_at=now,
        opened_by=new.by,
        decide_by=decide_by,
        report_by=report_by,
        calls=0,
        next_step_at=decide_by,
    )
    return int(session().execute(statement.returning(REPORT.c.id)).scalar_one())


def _add(row: ReportRow, new: NewReport, now: datetime) -> int:
    """Take further situations and words into a report that is open; nothing of it is lost."""
    situations = [*row.situations, *(one for one in new.situations if one not in row.situations)]
    account = "\n".join(part for part in (row.account, new.account.strip()) if part)
    if situations == list(row.situations) and account == row.account:
        return row.report_id
    values: dict[str, Any] = {"situations": situations}
    if account:
        values["account_sealed"] = sealed.seal(
            account, key_id=_key_of(row), place=queries.ACCOUNT_PLACE
        )
    changed(update(REPORT).where(REPORT.c.id == row.report_id).values(**values))
    facts = {"situations": list(new.situations), "by_at": row.by_at}
    _tell(row, Entry.OPENED, new.by, facts, {}, now)
    return row.report_id


def _move(row: ReportRow, values: Mapping[str, Any]) -> None:
    """Change a report that nobody else changed meanwhile; of two at once the second is told."""
    statement = update(REPORT).where(
        REPORT.c.id == row.report_id, REPORT.c.state == row.state.value
    )
    if changed(statement.values(**values)) != 1:
        raise ReportOver


def _hold(row: ReportRow, now: datetime) -> None:
    if row.case_id is not None and holds.is_living(case_id=row.case_id):
        holds.place_hold(case_id=row.case_id, kind=HOLD, source_id=row.report_id, now=now)


def _finish(row: ReportRow, by: int, now: datetime) -> None:
    if row.case_id is not None:
        holds.lift_hold(case_id=row.case_id, kind=HOLD, source_id=row.report_id, now=now)
    events.publish(ReportClosed(report_id=row.report_id, by_user_id=by, at=now))


def _key_of(row: ReportRow) -> uuid.UUID:
    if row.case_id is not None:
        return keys.key_of(case_id=row.case_id)
    return contacts.contact_by_id(contact_id=row.contact_id or 0).data_key_id


def _tell(
    row: ReportRow,
    kind: Entry,
    by: int | None,
    facts: Mapping[str, Any],
    words: Mapping[str, str],
    now: datetime,
) -> None:
    if row.case_id is not None:
        entries.add_entry(
            case_id=row.case_id,
            kind=kind,
            actor_id=by,
            facts={"report_id": row.report_id, **facts},
            details=words,
            now=now,
        )
