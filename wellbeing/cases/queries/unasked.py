"""What a text that nobody asked for must not say: of whom, from whom, and why (product.md 2.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.queries import cases, people
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.contacts.queries import conversations, words
from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.organizations.rules import OrganizationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One text that nobody asked for: to whom, of which case, in whose name."""

    contact: ContactRow
    case: CaseRow | None
    user_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    units: Mapping[int, OrganizationRow]
    staff: Mapping[int, accounts.UserName]
    people: Mapping[int, tuple[str, ...]]
    words: Mapping[int, tuple[str, ...]]


def never_said(
    *, contact_id: int, case: CaseRow | None, user_ids: Iterable[int]
) -> tuple[str, ...]:
    """Name what no unasked text to the number of a contact may contain.

    The people of its case and where they learn, its reference, the units, whoever writes, and
    the agreed word, which anybody who has read it could repeat.
    """
    contact = conversations.contact_by_id(contact_id=contact_id)
    asked = Asked(contact=contact, case=case, user_ids=tuple(user_ids))
    return never_said_to_many(asked=[asked])[0]


def never_said_to_many(*, asked: Sequence[Asked]) -> tuple[tuple[str, ...], ...]:
    """Name it for many texts, in their order, with four queries whatever their number."""
    units = {one.contact.organization_id for one in asked}
    units |= {one.case.organization_id for one in asked if one.case is not None}
    known = _Known(
        units=organizations.many(organization_ids=units),
        staff=accounts.names_of(user_ids={one for text in asked for one in text.user_ids}),
        people=people.never_said_about(
            case_ids=[one.case.case_id for one in asked if one.case is not None]
        ),
        words=words.never_said_to_many(contact_ids=[one.contact.contact_id for one in asked]),
    )
    return tuple(tuple(dict.fromkeys(_said(one, known))) for one in asked)


def never_said_in_answer(*, contact_id: int, user_id: int) -> tuple[str, ...]:
    """Name it for a counselor's own text, which is held to it once the student is long gone."""
    case = cases.case_of_contact(contact_id=contact_id)
    return never_said(contact_id=contact_id, case=case, user_ids=[user_id])


def without_lessons(*, organization_ids: Iterable[int]) -> frozenset[int]:
    """List those of these units whose students sit in no lessons: universities."""
    found = organizations.many(organization_ids=organization_ids).values()
    return frozenset(one.id for one in found if one.kind is OrganizationKind.UNIVERSITY)


def _said(one: Asked, known: _Known) -> Iterator[str]:
    units = [one.contact.organization_id]
    if one.case is not None:
        yield one.case.reference
        yield from known.people[one.case.case_id]
        units.append(one.case.organization_id)
    for user_id in one.user_ids:
        if user_id in known.staff:
            yield known.staff[user_id].display_name_zh
            yield known.staff[user_id].display_name_en
    for unit in units:
        if unit in known.units:
            yield known.units[unit].name_zh
            yield known.units[unit].name_en
    yield from known.words[one.contact.contact_id]
