"""Questions about reports required by law: one, those of a case or contact, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.models.reporting import REPORT
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.reporting import NoSuchReport, ReportRow, ReportState
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope

ACCOUNT_PLACE = "mandatory_report.account"
REASON_PLACE = "mandatory_report.reason"
RECEIPT_PLACE = "mandatory_report.receipt"


def get(*, report_id: int, scope: Scope, now: datetime) -> ReportRow:
    """Give a report to whoever may open its case or its conversation.

    Raises:
        NoSuchReport: there is none, or this reader may not know of it.

    """
    row = by_id(report_id=report_id)
    try:
        if row.case_id is not None:
            cases.get(case_id=row.case_id, scope=scope, now=now)
        else:
            contact = contacts.contact_by_id(contact_id=row.contact_id or 0)
            cases.contact(public_id=contact.public_id, scope=scope, now=now)
    except NotFound as error:
        raise NoSuchReport from error
    return row


def by_id(*, report_id: int) -> ReportRow:
    """Give one report to a room that has decided itself that it may be opened.

    Raises:
        NoSuchReport: there is none with this id.

    """
    found = _rows(select(REPORT).where(REPORT.c.id == report_id))
    if not found:
        raise NoSuchReport
    return found[0]


def of(*, case_id: int | None = None, contact_id: int | None = None) -> tuple[ReportRow, ...]:
    """List the reports of a case or of a contact, newest first; the reader was let in before."""
    statement = select(REPORT).where(about(case_id=case_id, contact_id=contact_id))
    return _rows(statement.order_by(REPORT.c.id.desc()))


def open_of(*, case_id: int | None = None, contact_id: int | None = None) -> ReportRow | None:
    """Give the report that is not closed yet, if there is one."""
    found = [one for one in of(case_id=case_id, contact_id=contact_id) if one.is_waiting]
    return found[0] if found else None


def about(*, case_id: int | None, contact_id: int | None) -> ColumnElement[bool]:
    """Limit a statement to the reports of one case, or of one contact."""
    return REPORT.c.case_id == case_id if case_id is not None else REPORT.c.contact_id == contact_id


def waiting(
    *, scope: Scope, holder_id: int | None = None, limit: int = 100
) -> tuple[ReportRow, ...]:
    """List what supervisors still have to do, most pressing first; words stay sealed."""
    supervised = (
        organizations.within(path=ORGANIZATION.c.path, scope=scope)
        if scope.may(Permission.SUPERVISE)
        else false()
    )
    statement = (
        select(REPORT)
        .join(ORGANIZATION, ORGANIZATION.c.id == REPORT.c.organization_id)
        .where(
            REPORT.c.closed_at.is_(None),
            or_(REPORT.c.holder_id == scope.user_id, supervised),
        )
        .order_by(REPORT.c.report_by, REPORT.c.id)
        .limit(limit)
    )
    if holder_id is not None:
        statement = statement.where(REPORT.c.holder_id == holder_id)
    return _rows(statement, with_words=False)


def references(*, rows: tuple[ReportRow, ...]) -> Mapping[int, str]:
    """Name the cases of reports by their reference, with one query."""
    wanted = [row.case_id for row in rows if row.case_id is not None]
    if not wanted:
        return {}
    statement = select(CASE.c.id, CASE.c.reference).where(CASE.c.id.in_(wanted))
    return {row.id: row.reference for row in session().execute(statement)}


def due_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List the reports that are late and of which somebody hears now, longest due first."""
    statement = select(REPORT.c.id).where(REPORT.c.next_step_at <= now)
    soonest = statement.order_by(REPORT.c.next_step_at, REPORT.c.id).limit(limit)
    return tuple(session().execute(soonest).scalars())


def next_due_at() -> datetime | None:
    """Tell when the next report is late; None when none waits."""
    return session().execute(select(func.min(REPORT.c.next_step_at))).scalar()


_AS_STORED = tuple(
    name
    for name in ReportRow.__dataclass_fields__
    if name not in {"report_id", "state", "situations", "account", "reason", "receipt"}
)


def _rows(statement: Select[Any], *, with_words: bool = True) -> tuple[ReportRow, ...]:
    return tuple(
        ReportRow(
            report_id=row["id"],
            state=ReportState(row["state"]),
            situations=tuple(row["situations"]),
            account=_opened(row["account_sealed"], ACCOUNT_PLACE) if with_words else "",
            reason=_opened(row["reason_sealed"], REASON_PLACE) if with_words else "",
            receipt=_opened(row["receipt_sealed"], RECEIPT_PLACE) if with_words else "",
            **{name: row[name] for name in _AS_STORED},
        )
        for row in session().execute(statement).mappings()
    )


def _opened(blob: bytes | None, place: str) -> str:
    return sealed.open_what_is_kept(blob, place=place)
