"""Decide that two records are one person or two, and take that back. Both records stay whole."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from wellbeing.cases.models.people import LINK
from wellbeing.cases.operations import people
from wellbeing.cases.queries import matching as queries
from wellbeing.cases.queries import people as people_queries
from wellbeing.cases.rules.matching import LinkStands, NoSuchLink, check_merge
from wellbeing.cases.rules.people import PeopleEntry, PersonRow, Verdict
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.foundation.database import changed, session

ENTRIES = {Verdict.SAME: PeopleEntry.MERGED, Verdict.DIFFERENT: PeopleEntry.TOLD_APART}


def decide(
    *, one: PersonRow, other: PersonRow, verdict: Verdict, reason: str, by: int, now: datetime
) -> int:
    """Write down that two records are one person, or two; both timelines tell it. Gives the id.

    Nothing is copied and nothing is lost: each record keeps its case, its key and its words.

    Raises:
        NotTheSamePerson: the student and a third party of one case would become one.
        LinkStands: it was decided before; that must be taken back first.
        CaseIsClosed: one of the cases is sealed or erased.

    """
    for case_id in sorted({one.case_id, other.case_id}):
        people.lock_case(case_id=case_id)
    check_merge(one=one, other=other)
    first, second = sorted((one.person_id, other.person_id))
    statement = contacts.meeting(LINK).values(
        one_id=first, other_id=second, verdict=verdict.value, by_user_id=by, at=now
    )
    made = session().execute(statement.on_conflict_do_nothing().returning(LINK.c.id)).scalar()
    if made is None:
        raise LinkStands
    _tell(_once_a_case(one, other), ENTRIES[verdict], (one.case_id, reason), by=by, now=now)
    return int(made)


def take_back(*, link_id: int, case_id: int, reason: str, by: int, now: datetime) -> None:
    """End a decision about two records, as if it had never been made; both timelines tell it.

    Raises:
        NoSuchLink: no person of this case has such a link, or it was taken back just now.
        CaseIsClosed: this case is sealed or erased.

    """
    people.lock_case(case_id=case_id)
    pair = queries.pair_of(link_id=link_id, case_id=case_id)
    statement = update(LINK).where(LINK.c.id == link_id, LINK.c.ended_at.is_(None))
    if changed(statement.values(ended_at=now, ended_by=by)) != 1:
        raise NoSuchLink
    persons = _once_a_case(*_still_there(*pair))
    _tell(persons, PeopleEntry.UNMERGED, (case_id, reason), by=by, now=now)


def _tell(
    persons: tuple[PersonRow, ...],
    kind: PeopleEntry,
    told: tuple[int, str],
    *,
    by: int,
    now: datetime,
) -> None:
    """Tell it in every case; why, only where it was decided: others may not read those words."""
    case_id, reason = told
    for person in persons:
        words = people.clean(text=reason) if person.case_id == case_id else ""
        people.note(about=person.about, kind=kind, by=by, reason=words, now=now)


def _still_there(*person_ids: int) -> tuple[PersonRow, ...]:
    places = {one: queries.case_of_person(person_id=one) for one in person_ids}
    return tuple(
        people_queries.person(person_id=person_id, case_id=case_id)
        for person_id, case_id in places.items()
        if case_id is not None
    )


def _once_a_case(*persons: PersonRow) -> tuple[PersonRow, ...]:
    return tuple({one.case_id: one for one in persons}.values())
