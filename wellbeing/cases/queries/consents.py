"""Questions about consent: what stands, what was taken back, who may answer for an emergency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.queries.people import UserRow
from wellbeing.accounts.rules.roles import Role
from wellbeing.cases.models.people import CONSENT, NUMBER, PERMISSION, PERSON
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.consents import Basis, ConsentRow, Giver, NoSuchConsent, Purpose
from wellbeing.cases.rules.people import Relation, Safety, Wish
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import session
from wellbeing.organizations.rules import path_ids

WORDS_PLACE = "consent.words"
WITHDRAWAL_PLACE = "consent.withdrawal"
_AS_STORED = ("case_id", "given_at", "by_user_id", "at", "approver_id", "approved_at",
              "withdrawn_at", "withdrawn_by", "suspended_at", "version")  # fmt: skip


def consents_of(*, case_id: int) -> tuple[ConsentRow, ...]:
    """Open every consent of a case, those in force first, then the newest."""
    statement = select(CONSENT).where(CONSENT.c.case_id == case_id)
    rows = session().execute(statement.order_by(CONSENT.c.id.desc())).mappings()
    found = [_consent(row) for row in rows]
    return tuple(sorted(found, key=lambda one: not one.is_in_force))


def consent(*, consent_id: int, case_id: int) -> ConsentRow:
    """Open one consent of a case.

    Raises:
        NoSuchConsent: this case has no such consent.

    """
    statement = select(CONSENT).where(CONSENT.c.id == consent_id, CONSENT.c.case_id == case_id)
    row = session().execute(statement).mappings().first()
    if row is None:
        raise NoSuchConsent
    return _consent(row)


def approvers_of(*, case: CaseRow, by: int) -> tuple[UserRow, ...]:
    """List the supervisors who may answer for an emergency in a case, the nearest unit first."""
    units = reversed(path_ids(path=case.organization_path))
    return tuple(
        one
        for unit in units
        for one in accounts.users_of(organization_id=unit, role=Role.SUPERVISOR)
        if one.id != by
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReliedOn:
    """For which purposes somebody agreed once, and nothing may rely on it now."""

    taken_back: frozenset[Purpose]
    suspended: frozenset[Purpose]


def not_relied_on(*, case_id: int) -> NotReliedOn:
    """Tell what was agreed once and is not any more, or was agreed by a child under 14 alone."""
    statement = select(CONSENT.c.purpose, CONSENT.c.withdrawn_at, CONSENT.c.suspended_at)
    found = session().execute(statement.where(CONSENT.c.case_id == case_id)).all()
    standing = {row.purpose for row in found if row.withdrawn_at is None}
    suspended = {row.purpose for row in found if row.withdrawn_at is None and row.suspended_at}
    return NotReliedOn(
        taken_back=frozenset(Purpose(row.purpose) for row in found if row.purpose not in standing),
        suspended=frozenset(Purpose(one) for one in suspended),
    )


def forbids_texts(*, case_id: int, number: str) -> bool:
    """Tell whether nobody may be texted at this number for a case, asked at the last moment.

    So it is when consent to texts was taken back or is suspended (PIPL 31), or when the student,
    or whoever holds this number, said no or is not safe to contact. Where nobody was asked,
    texts are allowed: the student texted or called first.
    """
    return case_id in forbidding_texts(numbers={case_id: number})


def forbidding_texts(*, numbers: Mapping[int, str]) -> frozenset[int]:
    """List those of these cases that forbid it, each with the number it would be texted at."""
    return frozenset((*_taken_back(numbers), *_said_no(numbers)))


def _taken_back(case_ids: Iterable[int]) -> set[int]:
    texts = CONSENT.c.purpose == Purpose.CONTACT_BY_TEXT.value
    ended = func.coalesce(CONSENT.c.withdrawn_at, CONSENT.c.suspended_at).label("ended_at")
    statement = select(CONSENT.c.case_id, ended).where(
        CONSENT.c.case_id.in_(tuple(case_ids)), texts
    )
    rows = session().execute(statement).all()
    return {row.case_id for row in rows} - {row.case_id for row in rows if not row.ended_at}


def _said_no(numbers: Mapping[int, str]) -> Iterator[int]:
    refusing = or_(
        PERMISSION.c.may_text == Wish.NO.value, PERMISSION.c.safety == Safety.UNSAFE.value
    )
    statement = (
        select(PERSON.c.case_id, PERSON.c.relation, NUMBER.c.number_index)
        .join(PERMISSION, PERMISSION.c.person_id == PERSON.c.id)
        .outerjoin(NUMBER, and_(NUMBER.c.person_id == PERSON.c.id, NUMBER.c.removed_at.is_(None)))
        .where(PERSON.c.case_id.in_(tuple(numbers)), PERSON.c.removed_at.is_(None), refusing)
    )
    for row in session().execute(statement):
        index = ring.blind_index(purpose="phone", value=numbers[row.case_id])
        if row.relation == Relation.STUDENT.value or row.number_index == index:
            yield row.case_id


def _consent(row: Mapping[Any, Any]) -> ConsentRow:
    return ConsentRow(
        consent_id=row["id"],
        purpose=Purpose(row["purpose"]),
        basis=Basis(row["basis"]),
        given_by=Giver(row["given_by"]),
        words=_opened(row["words_sealed"], WORDS_PLACE),
        withdrawal=_opened(row["withdrawal_sealed"], WITHDRAWAL_PLACE),
        **{name: row[name] for name in _AS_STORED},
    )


def _opened(blob: bytes | None, place: str) -> str:
    return sealed.open_sealed(blob, place=place) if blob else ""
