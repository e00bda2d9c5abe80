"""Two records of perhaps one person: what speaks for it, and what somebody decided. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wellbeing.cases.rules.people import PersonRow, Relation
from wellbeing.foundation.errors import Conflict, DomainError, NotFound


class Likeness(StrEnum):
    """What two records share; none of it is proof."""

    NUMBER = "number"
    NAME = "name"
    CALLER = "caller"
    """The number that called for one case stands with somebody of the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Somebody of another case who may be somebody of this one; nobody here if only a call is."""

    our_id: int | None
    our_relation: Relation | None
    their_id: int
    their_relation: Relation
    reference: str
    likeness: frozenset[Likeness]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """Somebody of a case who was found to be somebody of another; its reference if allowed."""

    link_id: int
    person_id: int
    relation: Relation
    their_relation: Relation
    reference: str | None
    by_user_id: int
    at: datetime


class NotTheSamePerson(DomainError):
    """The student and somebody who worries about them are two persons."""


class LinkStands(Conflict):
    """This was decided already."""


class NoSuchLink(NotFound):
    """There is nothing here to take back."""


def check_merge(*, one: PersonRow, other: PersonRow) -> None:
    """Refuse to take the student of a case and a third party of the same case for one person.

    Raises:
        NotTheSamePerson: they are two persons (product.md 12), or one and the same record.

    """
    is_student = {one.relation is Relation.STUDENT, other.relation is Relation.STUDENT}
    is_mixed = one.case_id == other.case_id and len(is_student) > 1
    if is_mixed or one.person_id == other.person_id:
        raise NotTheSamePerson
