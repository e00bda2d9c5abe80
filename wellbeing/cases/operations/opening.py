"""Open a case for a contact, and let further contacts join it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from wellbeing.accounts.operations import grants as accounts_operations
from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.events import CaseOpened, ContactAttached
from wellbeing.cases.models.cases import CASE, CASE_CONTACT, LEVEL_CHANGE
from wellbeing.cases.operations import changes, entries, guardians, notes
from wellbeing.cases.queries import cases as queries
from wellbeing.cases.rules.cases import (
    AlreadyACase,
    CaseIsClosed,
    CaseRow,
    CaseStatus,
    EntryKind,
    check_level,
    may_reopen,
    new_reference,
)
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel
from wellbeing.triage import queries as triage
from wellbeing.triage.rules.levels import Decider, NoteMissing

TRIES = 10
"""Ten taken references in a row do not happen; if they do, the randomness is broken."""


class NoReferenceLeft(RuntimeError):
    """Ten random references in a row were taken: the source of randomness is broken."""


def open_case(
    *, contact_id: int, by: int, organization_id: int, level: RiskLevel, note: str, now: datetime
) -> CaseRow:
    """Open a case for a contact; `by` owns it, `note` says what it is about and why this level.

    Raises:
        NotFound: there is no such contact.
        NoSuchOrganization: there is no such organization.
        AlreadyACase: the contact belongs to a case; the error names it.
        NoteMissing: nothing is said about it.
        SupervisorNeeded: it would begin lower than a red that a person set for the contact.

    """
    _refuse_second(contact_id)
    _check_first_level(contact_id, by, level, note)
    values = changes.place_of(organization_id=organization_id) | {
        "owner_id": by,
        "owned_since": now,
        "level": level.value,
        "level_set_by": by,
        "status": CaseStatus.OPEN.value,
        "data_key_id": sealed.create_data_key(now=now),
        "opened_at": now,
        "version": 1,
    }
    case_id = _insert(values, (new_reference() for _ in range(TRIES)))
    _link(case_id, contact_id, now)
    accounts_operations.grant_access(
        user_id=by,
        subject_kind=queries.GRANT_SUBJECT,
        subject_id=case_id,
        kind=GrantKind.ASSIGNMENT,
        now=now,
    )
    _write_beginning(case_id, contact_id, values, note, now)
    return queries.case_by_id(case_id=case_id)


def attach_contact(*, case_id: int, contact_id: int, by: int, now: datetime) -> None:
    """Let a further contact join a case; one closed not long ago is opened again by it.

    Raises:
        NotFound: there is no such case.
        AlreadyACase: the contact belongs to a case; the error names it.
        CaseIsClosed: it was closed too long ago (`reopen_within` of the policy), or sealed.

    """
    _refuse_second(contact_id)
    case = queries.case_by_id(case_id=case_id)
    if case.closed_at is not None:
        within = policy.current().privacy.reopen_within
        is_recent = may_reopen(closed_at=case.closed_at, within=within, now=now)
        if case.status is not CaseStatus.CLOSED or not is_recent:
            raise CaseIsClosed
        changes.reopen(case=case, by=by, now=now)
    _link(case_id, contact_id, now)
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.CONTACT_ATTACHED,
        actor_id=by,
        facts={"contact_id": contact_id},
        now=now,
    )
    guardians.hold_to_age(case_id=case_id, by=by, now=now)
    events.publish(ContactAttached(case_id=case_id, contact_id=contact_id, at=now))


def _refuse_second(contact_id: int) -> None:
    existing = queries.case_of_contact(contact_id=contact_id)
    if existing is not None:
        raise AlreadyACase(reference=existing.reference)


def _check_first_level(contact_id: int, by: int, level: RiskLevel, note: str) -> None:
    """A case may not be the way around the rule about levels that persons set (product.md 4.3)."""
    if not note.strip():
        raise NoteMissing
    standing = triage.standing(contact_ids=[contact_id])
    if standing is not None and level < standing.level:
        is_supervisor = accounts.scope_of(user_id=by).may(Permission.SUPERVISE)
        decider = Decider(user_id=by, is_supervisor=is_supervisor)
        check_level(standing=standing, level=level, note=note, by=decider)


def _insert(values: Mapping[str, Any], references: Iterable[str]) -> int:
    for reference in references:
        statement = contacts.meeting(CASE).values(reference=reference, **values)
        statement = statement.on_conflict_do_nothing(index_elements=["reference"])
        made = session().execute(statement.returning(CASE.c.id)).scalar()
        if made is not None:
            return int(made)
    raise NoReferenceLeft


def _link(case_id: int, contact_id: int, now: datetime) -> None:
    statement = contacts.meeting(CASE_CONTACT).values(
        contact_id=contact_id, case_id=case_id, attached_at=now
    )
    made = session().execute(
        statement.on_conflict_do_nothing().returning(CASE_CONTACT.c.contact_id)
    )
    if made.scalar() is None:
        _refuse_second(contact_id)


def _write_beginning(
    case_id: int, contact_id: int, values: Mapping[str, Any], note: str, now: datetime
) -> None:
    by, level = values["owner_id"], values["level"]
    reason = sealed.seal(note, key_id=values["data_key_id"], place=queries.LEVEL_PLACE)
    session().execute(
        insert(LEVEL_CHANGE).values(
            case_id=case_id,
            from_level=None,
            to_level=level,
            by_user_id=by,
            note_sealed=reason,
            at=now,
        )
    )
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.OPENED,
        actor_id=by,
        facts={
            "contact_id": contact_id,
            "level": level,
            "organization_id": values["organization_id"],
        },
        now=now,
    )
    author = Decider(user_id=by, is_supervisor=False)
    notes.add_note(case_id=case_id, by=author, body=note, now=now)
    events.publish(
        CaseOpened(
            case_id=case_id,
            contact_id=contact_id,
            owner_id=by,
            organization_id=values["organization_id"],
            level=RiskLevel(level),
            at=now,
        )
    )
