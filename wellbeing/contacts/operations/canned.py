"""Propose, approve, decline and retire ready-made replies; of two who decide at once, one does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, update

from wellbeing.accounts.rules.roles import Permission
from wellbeing.contacts.models import CANNED
from wellbeing.contacts.queries import canned as queries
from wellbeing.contacts.rules import canned as rules
from wellbeing.contacts.rules.canned import (
    AlreadyDecided,
    CannedRow,
    CannedState,
    NewCanned,
    NoSuchReply,
    OwnProposal,
    ReplacedMeanwhile,
)
from wellbeing.contacts.rules.conversations import clean_body
from wellbeing.foundation.database import changed, session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope


def propose(*, new: NewCanned, organization_id: int, by: int, now: datetime) -> int:
    """Propose a ready-made reply for a unit and those below it; give its id.

    Raises:
        BothLanguages: one of them is missing, or longer than 600 characters.
        NotAShortcut: the shortcut has other signs.

    """
    rules.check(new=new)
    unit = organizations.get(organization_id=organization_id)
    row = {
        "organization_id": unit.id,
        "organization_path": unit.path,
        "shortcut": new.shortcut,
        "text_zh": clean_body(raw=new.text_zh).text.strip(),
        "text_en": clean_body(raw=new.text_en).text.strip(),
        "state": CannedState.PROPOSED.value,
        "proposed_by": by,
        "proposed_at": now,
        "replaces_id": new.replaces_id,
    }
    return int(session().execute(insert(CANNED).returning(CANNED.c.id), row).scalar_one())


def approve(*, canned_id: int, scope: Scope, now: datetime) -> None:
    """Let a unit use what a colleague proposed; what it replaces goes at the same moment.

    Raises:
        NoSuchReply: there is none that this reader decides about.
        OwnProposal: the reader wrote it.
        AlreadyDecided: somebody decided in the meantime.
        ReplacedMeanwhile: another wording took the place of the same reply, or it went.

    """
    row = _decided_by(canned_id, scope)
    if row.proposed_by == scope.user_id:
        raise OwnProposal
    before = queries.one(canned_id=row.replaces_id) if row.replaces_id is not None else None
    if before is not None and before.state is CannedState.RETIRED:
        raise ReplacedMeanwhile
    _decide(row, CannedState.PROPOSED, CannedState.APPROVED, scope.user_id, now)
    # A unit may word its own: the reply of a unit above goes on being used by all others.
    is_used = before is not None and before.state is CannedState.APPROVED
    if before is not None and is_used and scope.covers(before.organization_path):
        _decide(before, CannedState.APPROVED, CannedState.RETIRED, scope.user_id, now)


def decline(*, canned_id: int, scope: Scope, now: datetime) -> None:
    """Turn a proposal down; its writer may take it back in the same way.

    Raises:
        NoSuchReply: there is none that this reader decides about.
        AlreadyDecided: somebody decided in the meantime.

    """
    row = queries.one(canned_id=canned_id)
    if row.proposed_by != scope.user_id:
        row = _decided_by(canned_id, scope)
    _decide(row, CannedState.PROPOSED, CannedState.DECLINED, scope.user_id, now)


def retire(*, canned_id: int, scope: Scope, now: datetime) -> None:
    """Take an approved reply out of use.

    Raises:
        NoSuchReply: there is none that this reader decides about.
        AlreadyDecided: somebody decided in the meantime.

    """
    row = _decided_by(canned_id, scope)
    _decide(row, CannedState.APPROVED, CannedState.RETIRED, scope.user_id, now)


def _decided_by(canned_id: int, scope: Scope) -> CannedRow:
    row = queries.one(canned_id=canned_id)
    if not (scope.may(Permission.SUPERVISE) and scope.covers(row.organization_path)):
        raise NoSuchReply
    return row


def _decide(row: CannedRow, old: CannedState, new: CannedState, by: int, now: datetime) -> None:
    statement = update(CANNED).where(CANNED.c.id == row.canned_id, CANNED.c.state == old.value)
    if changed(statement.values(state=new.value, decided_by=by, decided_at=now)) != 1:
        raise AlreadyDecided
