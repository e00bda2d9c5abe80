"""What a document of a case is, and what is refused. Pure; what a file is, `foundation` tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wellbeing.foundation.documents import DocumentKind
from wellbeing.foundation.errors import Conflict, DomainError, NotFound


class DocumentEntry(StrEnum):
    """What happened to a document, as the timeline has it.

    Facts: added(document_id, document_kind); withdrawn(the same; details: reason).
    """

    ADDED = "document_added"
    WITHDRAWN = "document_withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A file that was looked into and is fit to be kept."""

    kind: DocumentKind
    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A document without its bytes; `name` is opened, empty where the file had none."""

    document_id: int
    case_id: int
    kind: DocumentKind
    name: str
    size: int
    by_user_id: int
    at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: int | None
    reason: str

    @property
    def is_withdrawn(self) -> bool:
        """Tell whether it was taken back."""
        return self.withdrawn_at is not None


class NoSuchDocument(NotFound):
    """This case has no such document."""


class EmptyFile(DomainError):
    """Please choose a file; this one is empty."""


class FileTooLarge(DomainError):
    """This file is larger than a document may be."""

    status = 413


class NotKept(DomainError):
    """Only pictures, PDF, plain text and office files are kept, and they must be whole."""


class MightDoHarm(DomainError):
    """This file holds a program, a further file or a password; save it as a plain PDF."""


class TooManyDocuments(Conflict):
    """This case holds as many documents as a case may; withdraw one first."""


class DocumentKnown(Conflict):
    """This very document is in the case already."""


class AlreadyWithdrawn(Conflict):
    """Somebody has withdrawn this document in the meantime."""


class NotYoursToWithdraw(Conflict):
    """A document is withdrawn by whoever added it, by the case's owner, or by a supervisor."""


def check_withdrawal(*, document: DocumentRow, by: int, owner_id: int, is_supervisor: bool) -> None:
    """Refuse somebody who has no business with a document.

    Raises:
        NotYoursToWithdraw: they did not add it, do not own the case and supervise nothing.

    """
    if by not in {document.by_user_id, owner_id} and not is_supervisor:
        raise NotYoursToWithdraw


def may_see(*, document: DocumentRow, is_supervisor: bool) -> bool:
    """Tell whether a reader of the case sees a document; withdrawn ones a supervisor alone."""
    return is_supervisor or not document.is_withdrawn
