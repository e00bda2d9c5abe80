"""Look into a file, keep it with its case, take it back. Nothing is deleted but by erasure."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from wellbeing.cases.models.documents import DOCUMENT
from wellbeing.cases.operations import entries, people
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import documents as queries
from wellbeing.cases.rules.documents import (
    AlreadyWithdrawn,
    DocumentEntry,
    DocumentKnown,
    DocumentRow,
    EmptyFile,
    FileTooLarge,
    MightDoHarm,
    NewDocument,
    NotKept,
    TooManyDocuments,
    check_withdrawal,
)
from wellbeing.cases.rules.people import check_reason
from wellbeing.foundation import documents
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy
from wellbeing.triage.rules.levels import Decider

INDEX_PURPOSE = "case_document"


def inspected(*, raw: bytes, name: str) -> NewDocument:
    """Look into a file before any transaction: what it is, and whether it is fit to be kept.

    Raises:
        EmptyFile: there is nothing in it.
        FileTooLarge: it is larger than the policy allows.
        NotKept: it is of no kind that is kept, or damaged.
        MightDoHarm: it holds a program, a further file or a lock.

    """
    if not raw:
        raise EmptyFile
    if len(raw) > policy.current().cases.documents.largest:
        raise FileTooLarge
    try:
        found = documents.cleaned(raw=raw)
    except documents.NotADocument as error:
        raise NotKept from error
    except documents.Unsafe as error:
        raise MightDoHarm from error
    shown = documents.safe_name(typed=name, kind=found.kind)
    return NewDocument(kind=found.kind, name=shown, content=found.content)


def add(*, case_id: int, new: NewDocument, by: int, now: datetime) -> int:
    """Seal a document under its case's key; give its id.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: it is sealed or erased.
        TooManyDocuments: it holds as many as the policy allows.
        DocumentKnown: it holds these very bytes already.

    """
    people.lock_case(case_id=case_id)
    if queries.standing_count(case_id=case_id) >= policy.current().cases.documents.most:
        raise TooManyDocuments
    key_id = cases.case_by_id(case_id=case_id).data_key_id
    digest = hashlib.sha256(new.content).hexdigest()
    values = {
        "case_id": case_id,
        "kind": new.kind.value,
        "name_sealed": sealed.seal(new.name, key_id=key_id, place=queries.NAME_PLACE)
        if new.name
        else None,
        "content_sealed": sealed.seal_bytes(
            new.content, key_id=key_id, place=queries.CONTENT_PLACE
        ),
        "content_index": ring.blind_index(purpose=INDEX_PURPOSE, value=f"{case_id} {digest}"),
        "size": len(new.content),
        "by_user_id": by,
        "at": now,
    }
    try:
        with session().begin_nested():
            made = session().execute(insert(DOCUMENT).values(values).returning(DOCUMENT.c.id))
            document_id = int(made.scalar_one())
    except IntegrityError as error:
        raise DocumentKnown from error
    _enter(case_id, DocumentEntry.ADDED, (document_id, new.kind.value), by, "", now)
    return document_id


def withdraw(*, document: DocumentRow, reason: str, by: Decider, now: datetime) -> None:
    """Take a document back: from now on only supervisors of its case see it, with the reason.

    Raises:
        ReasonMissing: nothing says why.
        CaseIsClosed: the case is sealed or erased.
        NotYoursToWithdraw: somebody else must.
        AlreadyWithdrawn: somebody was faster.

    """
    people.lock_case(case_id=document.case_id)
    case = cases.case_by_id(case_id=document.case_id)
    check_withdrawal(
        document=document,
        by=by.user_id,
        owner_id=case.owner_id,
        is_supervisor=by.is_supervisor,
    )
    why = people.clean(text=check_reason(reason=reason))
    standing = update(DOCUMENT).where(
        DOCUMENT.c.id == document.document_id, DOCUMENT.c.withdrawn_at.is_(None)
    )
    values = {
        "withdrawn_at": now,
        "withdrawn_by": by.user_id,
        "reason_sealed": sealed.seal(why, key_id=case.data_key_id, place=queries.REASON_PLACE),
    }
    if changed(standing.values(values)) != 1:
        raise AlreadyWithdrawn
    named = (document.document_id, document.kind.value)
    _enter(document.case_id, DocumentEntry.WITHDRAWN, named, by.user_id, why, now)


def _enter(
    case_id: int, kind: DocumentEntry, named: tuple[int, str], by: int, reason: str, now: datetime
) -> None:
    entries.add_entry(
        case_id=case_id,
        kind=kind,
        actor_id=by,
        facts={"document_id": named[0], "document_kind": named[1]},
        details={"reason": reason},
        now=now,
    )
