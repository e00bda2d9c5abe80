"""Questions about the documents of a case. Who may open the case is asked before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from wellbeing.cases.models.documents import DOCUMENT
from wellbeing.cases.rules.documents import DocumentRow, NoSuchDocument, may_see
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session
from wellbeing.foundation.documents import DocumentKind

NAME_PLACE = "case_document.name"
CONTENT_PLACE = "case_document.content"
REASON_PLACE = "case_document.reason"
_WITHOUT_BYTES = tuple(one for one in DOCUMENT.c if one is not DOCUMENT.c.content_sealed)


def of_case(*, case_id: int, is_supervisor: bool) -> tuple[DocumentRow, ...]:
    """List the documents of a case that a reader sees, newest first, without their bytes."""
    statement = select(*_WITHOUT_BYTES).where(DOCUMENT.c.case_id == case_id)
    if not is_supervisor:
        statement = statement.where(DOCUMENT.c.withdrawn_at.is_(None))
    rows = session().execute(statement.order_by(DOCUMENT.c.id.desc())).mappings()
    return tuple(_document(row) for row in rows)


def newest(*, case_id: int, limit: int) -> tuple[DocumentRow, ...]:
    """List the newest documents of a case that were not withdrawn, without their bytes."""
    statement = select(*_WITHOUT_BYTES).where(
        DOCUMENT.c.case_id == case_id, DOCUMENT.c.withdrawn_at.is_(None)
    )
    rows = session().execute(statement.order_by(DOCUMENT.c.id.desc()).limit(limit)).mappings()
    return tuple(_document(row) for row in rows)


def standing_count(*, case_id: int) -> int:
    """Count the documents of a case that were not withdrawn."""
    statement = select(func.count()).where(
        DOCUMENT.c.case_id == case_id, DOCUMENT.c.withdrawn_at.is_(None)
    )
    return int(session().execute(statement).scalar_one())


def get(*, document_id: int, case_id: int, is_supervisor: bool) -> DocumentRow:
    """Give one document of a case without its bytes.

    Raises:
        NoSuchDocument: this case has no such document, or this reader may not know of it.

    """
    statement = select(*_WITHOUT_BYTES).where(
        DOCUMENT.c.id == document_id, DOCUMENT.c.case_id == case_id
    )
    row = session().execute(statement).mappings().first()
    if row is None:
        raise NoSuchDocument
    found = _document(row)
    if not may_see(document=found, is_supervisor=is_supervisor):
        raise NoSuchDocument
    return found


def content_of(*, document: DocumentRow) -> bytes:
    """Open the bytes of a document.

    Raises:
        NoSuchDocument: they are not here any more.

    """
    statement = select(DOCUMENT.c.content_sealed).where(DOCUMENT.c.id == document.document_id)
    blob = session().execute(statement).scalar()
    if blob is None:
        raise NoSuchDocument
    return sealed.open_bytes(blob, place=CONTENT_PLACE)


def _document(row: Mapping[Any, Any]) -> DocumentRow:
    return DocumentRow(
        document_id=row["id"],
        case_id=row["case_id"],
        kind=DocumentKind(row["kind"]),
        name=_opened(row["name_sealed"], NAME_PLACE),
        size=row["size"],
        by_user_id=row["by_user_id"],
        at=row["at"],
        withdrawn_at=row["withdrawn_at"],
        withdrawn_by=row["withdrawn_by"],
        reason=_opened(row["reason_sealed"], REASON_PLACE),
    )


def _opened(blob: bytes | None, place: str) -> str:
    return sealed.open_sealed(blob, place=place) if blob else ""
