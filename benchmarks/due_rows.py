"""The rows of the bench of due work: a real escalation and a real promise, copied many times."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Table

from wellbeing.accounts.models import USER
from wellbeing.cases.models.cases import CASE, CASE_CONTACT, ENTRY
from wellbeing.cases.operations import opening
from wellbeing.contacts import text
from wellbeing.contacts.models import CONTACT
from wellbeing.contacts.rules.conversations import IncomingText
from wellbeing.escalation.models import ATTEMPT, ESCALATION, PAGE, RECEIVER
from wellbeing.escalation.operations import senders
from wellbeing.escalation.rules.words import NewEscalation
from wellbeing.followups.models import FOLLOW_UP
from wellbeing.followups.models import FOLLOW_UP_ATTEMPT as TRY
from wellbeing.foundation.database import changed, session, transaction
from wellbeing.messaging.models import OUTBOUND
from wellbeing.organizations import queries as organizations
from wellbeing.policy.model import RiskLevel

STARTS = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
"""19:00 on a Tuesday in Chongqing: a promise may be kept, and everybody's shift has begun."""
DUE = STARTS - timedelta(minutes=1)
AT_ONCE = 500
SENDER = "school"
"""The invented teacher of the demonstration whose unit passes everything up."""


class Kind(Enum):
    """Which rows are due."""

    ESCALATION = "escalations"
    FOLLOW_UP = "follow_ups"

    @property
    def table(self) -> Table:
        """Give the table whose rows are due."""
        return ESCALATION if self is Kind.ESCALATION else FOLLOW_UP


def make(*, count: int) -> None:
    """Make `count` red escalations and promised check-ins, of a case each; none of them is due."""
    with transaction():
        case_id = _one()
    with transaction():
        _clear()
        escalation_id = _id(ESCALATION, ESCALATION.c.case_id == case_id)
        contact_id = _id(CASE_CONTACT, CASE_CONTACT.c.case_id == case_id, column="contact_id")
        promise_id = _id(FOLLOW_UP, FOLLOW_UP.c.case_id == case_id, FOLLOW_UP.c.kind == "check_in")
        others = (FOLLOW_UP.c.case_id == case_id, FOLLOW_UP.c.id != promise_id)
        changed(sa.delete(FOLLOW_UP).where(*others))
        contacts = _copied(CONTACT, contact_id, [
            {"public_id": secrets.token_hex(10), "state": "closed", "next_page_at": None}
            for _ in range(count)
        ])  # fmt: skip
        cases = _copied(CASE, case_id, [{"reference": f"B-{n:08d}"} for n in range(count)])
        pairs = zip(contacts, cases, strict=True)
        _insert(CASE_CONTACT, [
            {"contact_id": contact, "case_id": one, "attached_at": DUE} for contact, one in pairs
        ])  # fmt: skip
        window = {"window_start": DUE, "due_at": DUE, "window_end": STARTS + timedelta(days=1)}
        asleep = {"next_step_at": None, "level": int(RiskLevel.IMMINENT)}
        _copied(FOLLOW_UP, promise_id, [asleep | window | {"case_id": one} for one in cases])
        made = _copied(ESCALATION, escalation_id, [asleep | {"case_id": one} for one in cases])
        receiver_id = _id(RECEIVER, RECEIVER.c.escalation_id == escalation_id)
        _copied(RECEIVER, receiver_id, [{"escalation_id": one} for one in made])
        for table in (RECEIVER, ESCALATION, FOLLOW_UP):
            first = RECEIVER.c.escalation_id == escalation_id
            changed(sa.delete(table).where(
                first if table is RECEIVER else table.c.case_id == case_id
            ))  # fmt: skip


def wake(*, kind: Kind, limit: int | None = None) -> tuple[int, ...]:
    """Make the rows due, all at one moment; give their ids."""
    table = kind.table
    with transaction():
        chosen = sa.select(table.c.id).order_by(table.c.id).limit(limit)
        woken = sa.update(table).where(table.c.id.in_(chosen)).values(next_step_at=DUE)
        found = session().execute(woken.returning(table.c.id)).scalars().all()
    return tuple(sorted(found))


def put_back(*, kind: Kind) -> int:
    """Undo what a run made; tell how many rows it had left due."""
    table = kind.table
    with transaction():
        left = sa.select(sa.func.count()).where(table.c.next_step_at <= STARTS)
        found = int(session().execute(left).scalar_one())
        _clear()
        values: dict[str, Any] = {"state": "sent", "step": 1}
        if kind is Kind.FOLLOW_UP:
            values = {"state": "planned", "step": 0, "sent_at": None, "outbound_id": None}
        changed(sa.update(table).values(next_step_at=None, **values))
    return found


def _clear() -> None:
    """Take away every ring, order, attempt and later receiver."""
    changed(sa.delete(ATTEMPT))
    changed(sa.delete(PAGE))
    changed(sa.update(FOLLOW_UP).values(outbound_id=None))
    changed(sa.delete(TRY))
    changed(sa.delete(OUTBOUND))
    changed(sa.delete(RECEIVER).where(RECEIVER.c.position > 0))
    changed(sa.delete(ENTRY))


def _one() -> int:
    """Let a student text, open a red case, and pass it up, fifteen minutes before they are due."""
    at = DUE - timedelta(minutes=15)
    line = organizations.municipality()
    incoming = IncomingText(
        sid="SM" + secrets.token_hex(16),
        sender="+8613700099999",
        line_number="+862300000000",
        body="你好",
        organization_id=line.id,
        organization_path=line.path,
        language=None,
    )
    contact_id = text.receive_text(text=incoming, now=at).contact_id
    sender = sa.select(USER).where(USER.c.username == SENDER)
    person = session().execute(sender).mappings().one()
    case = opening.open_case(
        contact_id=contact_id,
        by=person["id"],
        organization_id=person["organization_id"],
        level=RiskLevel.IMMINENT,
        note="虚构：性能测试。",
        now=at,
    )
    new = NewEscalation(case_id=case.case_id, reason="虚构：性能测试。")
    senders.escalate(new=new, by=person["id"], now=at)
    return int(case.case_id)


def _id(table: Table, *where: sa.ColumnElement[bool], column: str = "id") -> int:
    statement = sa.select(table.c[column]).where(*where).order_by(table.c[column]).limit(1)
    return int(session().execute(statement).scalar_one())


def _copied(table: Table, row_id: int, changes: Sequence[dict[str, Any]]) -> list[int]:
    """Copy one row as often as there are changes to it; give the ids of the copies."""
    found = session().execute(sa.select(table).where(table.c.id == row_id)).mappings().one()
    kept = {name: value for name, value in found.items() if name != "id"}
    before = int(session().execute(sa.select(sa.func.max(table.c.id))).scalar_one())
    _insert(table, [kept | change for change in changes])
    ids = sa.select(table.c.id).where(table.c.id > before).order_by(table.c.id)
    return list(session().execute(ids).scalars())


def _insert(table: Table, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        session().execute(sa.insert(table), list(rows[start : start + AT_ONCE]))
