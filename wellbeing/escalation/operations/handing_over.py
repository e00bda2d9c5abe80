"""Warm or cold: whether the sender heard it read back, and who is told that somebody has it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.operations import entries
from wellbeing.escalation import queries
from wellbeing.escalation.models import ATTEMPT, ESCALATION, PAGE
from wellbeing.escalation.operations import desks, receivers
from wellbeing.escalation.rules.rows import EscalationRow
from wellbeing.escalation.rules.words import (
    LINE_DESK,
    AttemptOutcome,
    Entry,
    EscalationOver,
    EscalationState,
    NobodyHeardYet,
    NotTheSender,
)
from wellbeing.foundation.database import changed, session
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import NewText, Purpose
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy

HEARD = (EscalationState.ACKNOWLEDGED.value, EscalationState.ACCEPTED.value)


def confirm_read_back(*, escalation_id: int, by: int, now: datetime) -> bool:
    """Note that the receiver read back name, level and plan to the sender: a warm hand-over.

    A ticket alone is cold and counts apart (facts.md 5). Tells whether nobody had noted it before.

    Raises:
        NotTheSender: only the sender, or a supervisor of the sending unit, heard it.
        NobodyHeardYet: nobody acknowledged it.
        EscalationOver: it was declined or released.

    """
    row = queries.by_id(escalation_id=escalation_id)
    if row.from_user_id != by and not _supervises(row, by):
        raise NotTheSender
    if row.state is EscalationState.SENT:
        raise NobodyHeardYet
    heard = (
        update(ESCALATION)
        .where(
            ESCALATION.c.id == escalation_id,
            ESCALATION.c.state.in_(HEARD),
            ESCALATION.c.read_back_at.is_(None),
        )
        .values(read_back_at=now, version=ESCALATION.c.version + 1)
    )
    if changed(heard) != 1:
        if row.state.value not in HEARD:
            raise EscalationOver
        return False
    entries.add_entry(
        case_id=row.case_id,
        kind=Entry.READ_BACK,
        actor_id=by,
        facts={
            "escalation_id": escalation_id,
            "user_id": row.accepted_by or row.acknowledged_by,
        },
        now=now,
    )
    return True


def tell_the_others(*, row: EscalationRow, winner: int, now: datetime) -> int:
    """Text everybody who was rung, and the sender, that a colleague has it; tell how many.

    Whoever won is not told, nor whoever never heard of it; no word about a student is in it.
    """
    told = 0
    for user_id, desk in sorted(_concerned(row).items()):
        person = desks.person(user_id=user_id)
        if user_id == winner or person is None:
            continue
        current = policy.current()
        word = queries.code_word(desk=desk, language=person.language)
        order = NewText(
            to=person.phone,
            from_number=current.line.numbers[0].number,
            body=current.prompts.text(
                key="page_text_already_taken", language=person.language, code_word=word
            ),
            purpose=Purpose.STAFF,
            purpose_id=row.escalation_id,
            data_key_id=person.data_key_id,
            urgency=row.level,
            # Whoever was rung at night is awake and may sleep again; whoever was not keeps quiet.
            scheduled=row.level not in current.tiers.paging.ignores_quiet_hours,
        )
        messaging.queue_text(order=order, now=now)
        told += 1
    return told


def _concerned(row: EscalationRow) -> dict[int, str]:
    statement = (
        select(ATTEMPT.c.user_id, PAGE.c.desk)
        .join(PAGE, PAGE.c.id == ATTEMPT.c.page_id)
        .where(
            queries.about(receivers.subject_of(escalation_id=row.escalation_id)),
            or_(
                ATTEMPT.c.outcome.is_(None),
                ATTEMPT.c.outcome != AttemptOutcome.WITHDRAWN.value,
            ),
        )
    )
    found = {row_.user_id: row_.desk for row_ in session().execute(statement)}
    return {row.from_user_id: LINE_DESK} | found


def _supervises(row: EscalationRow, user_id: int) -> bool:
    scope = accounts.scope_of(user_id=user_id)
    path = organizations.get(organization_id=row.from_organization_id).path
    return scope.may(Permission.SUPERVISE) and scope.covers(path)
