"""Whose texts keep which hours: pupils sit in lessons, students of a university do not."""

from __future__ import annotations

from dataclasses import replace

from wellbeing.cases.queries import cases, unasked
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpPolicy


def of_case(*, case_id: int | None) -> FollowUpPolicy:
    """Give the rules by which somebody may be reached unasked; no lessons where none are held.

    What counts is where the case stands and where its student was heard from, so that a case
    that its university handed up keeps the hours of a university.
    """
    rules = policy.current().followups
    if case_id is None:
        return rules
    units = {cases.case_by_id(case_id=case_id).organization_id}
    for contact_id in cases.contacts_of(case_id=case_id):
        units.add(contacts.contact_by_id(contact_id=contact_id).organization_id)
    return rules if unasked.has_lessons(organization_ids=units) else replace(rules, class_hours=())
