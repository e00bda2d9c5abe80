"""Change a case: level, status, owner, next step, its end. Opening one is told in `opening`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from wellbeing.accounts.operations import grants as accounts
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.cases.events import CaseClosed, CaseReopened, LevelChanged, OwnerChanged
from wellbeing.cases.models.cases import CASE, LEVEL_CHANGE
from wellbeing.cases.operations import duties, entries
from wellbeing.cases.queries import cases as queries
from wellbeing.cases.queries import closing
from wellbeing.cases.rules.cases import (
    LIVING,
    CaseIsClosed,
    CaseRow,
    CaseStatus,
    EntryKind,
    HoldsRemain,
    NotByHand,
    OwnedBySomebodyElse,
    StaleCase,
    check_level,
    check_transition,
)
from wellbeing.cases.rules.lowerings import LoweringRow
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import path_ids
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.levels import Decider, Source, Standing, SupervisorNeeded


def change_level(
    *,
    case_id: int,
    level: RiskLevel,
    by: Decider,
    note: str,
    version: int | None = None,
    now: datetime,
) -> bool:
    """Set the level of a case by a person's judgement (product.md 4.3); False if it stands so.

    `version` is the one that the person saw, if they saw one.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: nobody works on it any more.
        NoteMissing: it would fall without a reason.
        SupervisorNeeded: a counselor would lower a red that a person set.
        StaleCase: somebody else changed the case in the meantime.

    """
    case = _living(case_id, version)
    check_level(
        standing=Standing(level=case.level, set_by=case.level_set_by),
        level=level,
        note=note,
        by=by,
    )
    if level is case.level and case.level_set_by is not None:
        return False
    _update(case, level=level.value, level_set_by=by.user_id)
    _note_level(case, level, Why(by_user_id=by.user_id, note=note.strip()), now)
    return True


def lower_by_two(
    *, case: CaseRow, proposal: LoweringRow, note: str, by: Decider, now: datetime
) -> None:
    """Let a red fall that one person proposed to lower and a supervisor decided about.

    Raises:
        SupervisorNeeded: whoever decides is no supervisor, or proposed it themselves.
        StaleCase: somebody else changed the case in the meantime.

    """
    if not by.is_supervisor or by.user_id == proposal.proposed_by:
        raise SupervisorNeeded
    _update(case, level=proposal.to_level.value, level_set_by=by.user_id)
    why = Why(
        by_user_id=by.user_id, note=f"{proposal.reason}\n{note}", proposed_by=proposal.proposed_by
    )
    _note_level(case, proposal.to_level, why, now)


def raise_level(
    *,
    case_id: int,
    level: RiskLevel,
    by: int,
    source: Source = Source.COUNSELOR,
    note: str = "",
    now: datetime,
) -> bool:
    """Let a case rise to what was found in one of its contacts; it never falls by this.

    What only a screener found was set by no person: a counselor may lower it with a note.
    """
    case = queries.case_by_id(case_id=case_id)
    if case.closed_at is not None or level <= case.level:
        return False
    is_judged = source is not Source.SCREENER
    _update(case, level=level.value, level_set_by=by if is_judged else None)
    _note_level(case, level, Why(by_user_id=by, note=note, source=source), now)
    return True


def change_status(
    *,
    case_id: int,
    status: CaseStatus,
    by: int,
    note: str = "",
    version: int | None = None,
    now: datetime,
) -> None:
    """Move a case to a status that a person may choose; a closed one is opened again.

    Raises:
        NotFound: there is no such case.
        NotByHand: closing, sealing and erasing have ways of their own.
        IllegalTransition: there is no such step.
        StaleCase: somebody else changed the case in the meantime.

    """
    if status not in LIVING:
        raise NotByHand
    case = queries.case_by_id(case_id=case_id)
    _refuse_stale(case, version)
    check_transition(old=case.status, new=status)
    if case.closed_at is not None:
        reopen(case=case, by=by, note=note, now=now)
        return
    _update(case, status=status.value)
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.STATUS_CHANGED,
        actor_id=by,
        facts={"from_status": case.status.value, "to_status": status.value},
        details={"note": note.strip()},
        now=now,
    )


def close_case(
    *, case_id: int, by: int, note: str, told: bool, version: int | None = None, now: datetime
) -> None:
    """End the work on a case, if all that product.md 5.7 asks for is there.

    `told` says that the student was told how to come back at any hour.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: it is closed already.
        HoldsRemain: something still stops it; the error names what, by kind.
        StaleCase: somebody else changed the case in the meantime.

    """
    case = _living(case_id, version)
    # The version first: it locks the row, so that no hold slips in between look and end.
    _update(case, status=CaseStatus.CLOSED.value, closed_at=now, next_step_at=None)
    kinds = closing.missing(case=case, told=told)
    if kinds:
        raise HoldsRemain(kinds=kinds)
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.CLOSED,
        actor_id=by,
        facts={"from_status": case.status.value},
        details={"note": note.strip()},
        now=now,
    )
    events.publish(CaseClosed(case_id=case_id, by_user_id=by, at=now))


def reopen(*, case: CaseRow, by: int, note: str = "", now: datetime) -> None:
    """Take up the work on a closed case again.

    Raises:
        IllegalTransition: it was sealed or erased.
        StaleCase: somebody else changed the case in the meantime.

    """
    check_transition(old=case.status, new=CaseStatus.OPEN)
    _update(case, status=CaseStatus.OPEN.value, closed_at=None)
    entries.add_entry(
        case_id=case.case_id,
        kind=EntryKind.REOPENED,
        actor_id=by,
        facts={"from_status": case.status.value},
        details={"note": note.strip()},
        now=now,
    )
    events.publish(
        CaseReopened(
            case_id=case.case_id,
            owner_id=case.owner_id,
            organization_id=case.organization_id,
            level=case.level,
            at=now,
        )
    )


def transfer(
    *, case_id: int, to_user_id: int, to_organization_id: int, from_user_id: int, now: datetime
) -> None:
    """Hand a case from its owner to another; of two who try at once, one wins (promise P3).

    The old owner's assignment ends with it, the new one's begins, duties go along.

    Raises:
        NotFound: there is no such case.
        NoSuchOrganization: there is no such organization.
        CaseIsClosed: nobody works on it any more.
        OwnedBySomebodyElse: `from_user_id` does not own it (any more).

    """
    case = _living(case_id, None)
    place = place_of(organization_id=to_organization_id)
    guarded = (
        update(CASE)
        .where(
            CASE.c.id == case_id,
            CASE.c.owner_id == from_user_id,
            CASE.c.organization_id == case.organization_id,
            CASE.c.version == case.version,
        )
        .values(owner_id=to_user_id, owned_since=now, version=case.version + 1, **place)
    )
    if changed(guarded) != 1:
        raise OwnedBySomebodyElse
    _move_assignment(case_id, from_user_id, to_user_id, now)
    duties.hand_over(
        case_id=case_id,
        from_user_id=from_user_id,
        to_user_id=to_user_id,
        to_organization_id=to_organization_id,
    )
    _tell_owner(case, to_user_id, to_organization_id, now)


def set_next_step(*, case_id: int, at: datetime | None) -> None:
    """Note when the next promise of a case is due, for lists; None when nothing is planned."""
    changed(update(CASE).where(CASE.c.id == case_id).values(next_step_at=at))


def place_of(*, organization_id: int) -> dict[str, Any]:
    """Give the columns that say where a case lies.

    Raises:
        NoSuchOrganization: there is no such organization.

    """
    path = organizations.get(organization_id=organization_id).path
    root, *below = path_ids(path=path)
    return {
        "organization_id": organization_id,
        "organization_path": path,
        "branch_id": below[0] if below else root,
    }


def _living(case_id: int, version: int | None) -> CaseRow:
    case = queries.case_by_id(case_id=case_id)
    _refuse_stale(case, version)
    if case.closed_at is not None:
        raise CaseIsClosed
    return case


def _refuse_stale(case: CaseRow, version: int | None) -> None:
    if version is not None and version != case.version:
        raise StaleCase


def _update(case: CaseRow, **values: Any) -> None:
    statement = (
        update(CASE)
        .where(CASE.c.id == case.case_id, CASE.c.version == case.version)
        .values(version=case.version + 1, **values)
    )
    if changed(statement) != 1:
        raise StaleCase


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Who set a level, on what it rests, and who proposed it where two were needed."""

    by_user_id: int
    note: str
    source: Source = Source.COUNSELOR
    proposed_by: int | None = None


def _note_level(case: CaseRow, level: RiskLevel, why: Why, now: datetime) -> None:
    note, by = why.note, why.by_user_id
    words = sealed.seal(note, key_id=case.data_key_id, place=queries.LEVEL_PLACE) if note else None
    session().execute(
        insert(LEVEL_CHANGE).values(
            case_id=case.case_id,
            from_level=case.level.value,
            to_level=level.value,
            by_user_id=by,
            note_sealed=words,
            source=why.source.value,
            proposed_by=why.proposed_by,
            at=now,
        )
    )
    entries.add_entry(
        case_id=case.case_id,
        kind=EntryKind.LEVEL_CHANGED,
        actor_id=by,
        facts={"from_level": case.level.value, "to_level": level.value},
        details={"note": note},
        now=now,
    )
    events.publish(
        LevelChanged(case_id=case.case_id, level=level, previous=case.level, by_user_id=by, at=now)
    )


def _move_assignment(case_id: int, from_user_id: int, to_user_id: int, now: datetime) -> None:
    accounts.end_grants(
        subject_kind=queries.GRANT_SUBJECT,
        subject_id=case_id,
        now=now,
        user_id=from_user_id,
        kind=GrantKind.ASSIGNMENT,
    )
    accounts.grant_access(
        user_id=to_user_id,
        subject_kind=queries.GRANT_SUBJECT,
        subject_id=case_id,
        kind=GrantKind.ASSIGNMENT,
        now=now,
    )


def _tell_owner(case: CaseRow, user_id: int, organization_id: int, now: datetime) -> None:
    entries.add_entry(
        case_id=case.case_id,
        kind=EntryKind.TRANSFERRED,
        actor_id=user_id,
        facts={
            "from_user_id": case.owner_id,
            "to_user_id": user_id,
            "from_organization_id": case.organization_id,
            "to_organization_id": organization_id,
        },
        now=now,
    )
    events.publish(
        OwnerChanged(
            case_id=case.case_id,
            from_user_id=case.owner_id,
            from_organization_id=case.organization_id,
            user_id=user_id,
            organization_id=organization_id,
            at=now,
        )
    )
