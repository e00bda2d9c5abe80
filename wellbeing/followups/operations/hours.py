"""Whose texts keep which hours: pupils sit in lessons, students of a university do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wellbeing.cases.queries import cases, unasked
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpPolicy


def of_case(*, case_id: int | None) -> FollowUpPolicy:
    """Give the rules by which somebody may be reached unasked; no lessons where none are held.

    What counts is where the case stands and where its student was heard from, so that a case
    that its university handed up keeps the hours of a university.
    """
    if case_id is None:
        return policy.current().followups
    case = cases.case_by_id(case_id=case_id)
    heard = contacts.contacts_by_id(contact_ids=cases.contacts_of(case_id=case_id))
    return of_cases(known={case_id: case}, heard={case_id: heard})[case_id]


def of_cases(
    *, known: Mapping[int, CaseRow], heard: Mapping[int, Sequence[ContactRow]]
) -> Mapping[int, FollowUpPolicy]:
    """Give the rules of several cases whose contacts are at hand, with one query."""
    rules = policy.current().followups
    without = replace(rules, class_hours=())
    units = {
        case_id: {case.organization_id, *(one.organization_id for one in heard[case_id])}
        for case_id, case in known.items()
    }
    free = unasked.without_lessons(
        organization_ids={one for several in units.values() for one in several}
    )
    return {case_id: without if several & free else rules for case_id, several in units.items()}
