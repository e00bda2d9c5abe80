"""What a text that nobody asked for must not say: of whom, from whom, and why (product.md 2.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.queries import cases, people
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.contacts.queries import conversations, words
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import OrganizationKind


def never_said(
    *, contact_id: int, case: CaseRow | None, user_ids: Iterable[int]
) -> tuple[str, ...]:
    """Name what no unasked text to the number of a contact may contain.

    The people of its case and where they learn, its reference, the units, whoever writes, and
    the agreed word, which anybody who has read it could repeat.
    """
    said = (*_of_case(case), *_of_staff(user_ids), *_of_units(contact_id, case))
    return tuple(dict.fromkeys((*said, *words.never_said_to(contact_id=contact_id))))


def never_said_in_answer(*, contact_id: int, user_id: int) -> tuple[str, ...]:
    """Name it for a counselor's own text, which is held to it once the student is long gone."""
    case = cases.case_of_contact(contact_id=contact_id)
    return never_said(contact_id=contact_id, case=case, user_ids=[user_id])


def has_lessons(*, organization_ids: Iterable[int]) -> bool:
    """Tell whether somebody of these units sits in lessons; students of a university do not."""
    found = organizations.many(organization_ids=organization_ids).values()
    return not any(one.kind is OrganizationKind.UNIVERSITY for one in found)


def _of_case(case: CaseRow | None) -> Iterator[str]:
    if case is not None:
        yield case.reference
        yield from people.never_said_about(case_id=case.case_id)


def _of_staff(user_ids: Iterable[int]) -> Iterator[str]:
    for one in accounts.names_of(user_ids=user_ids).values():
        yield one.display_name_zh
        yield one.display_name_en


def _of_units(contact_id: int, case: CaseRow | None) -> Iterator[str]:
    units = {conversations.contact_by_id(contact_id=contact_id).organization_id}
    units |= {case.organization_id} if case is not None else set()
    for one in organizations.many(organization_ids=units).values():
        yield one.name_zh
        yield one.name_en
