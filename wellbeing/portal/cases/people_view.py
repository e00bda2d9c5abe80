"""What the page of the people of a case shows, worded and masked; print shows the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.queries import cases, consents, matching
from wellbeing.cases.queries import people as queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.consents import LATE_NOTICE, ConsentRow, Giver
from wellbeing.cases.rules.matching import LinkRow, Suggestion
from wellbeing.cases.rules.people import PersonCard, Safety, Wish
from wellbeing.foundation.errors import NotFound
from wellbeing.portal import pages
from wellbeing.portal.cases import people_words as words
from wellbeing.portal.cases.blueprint import head
from wellbeing.portal.cases.naming import Names, look_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One person, worded; `name` is masked or says why there is none."""

    id: int
    relation: str
    name: str
    is_masked: bool
    hidden: bool
    marks: tuple[str, ...]
    facts: list[tuple[str, str]]
    numbers: list[tuple[str, str]]
    safety: str
    tone: str
    ways: list[tuple[str, str]]
    safe_times: str
    care: str
    code_word: str
    asked: str
    asked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """One consent, worded."""

    id: int
    purpose: str
    basis: str
    given_by: str
    given_at: datetime
    words: str
    by: str
    in_force: bool
    approver: str
    waits_for_me: bool
    approved_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawal: str
    value: str
    suspended_at: datetime | None
    suspension: str


def context(*, case: CaseRow) -> dict[str, Any]:
    """Gather everything that the page says; one number of queries, whatever is in the case."""
    reader = pages.reader()
    cards = queries.cards(case=case, scope=reader.scope)
    agreed = consents.consents_of(case_id=case.case_id)
    links = matching.links_of(case=case, scope=reader.scope, now=pages.now())
    offered = matching.suggestions(case=case, scope=reader.scope, now=pages.now())
    waiting = cases.duties_of(case_id=case.case_id)
    names = look_up(
        users=[case.owner_id, *_users(cards, agreed, links)],
        organizations_=[case.organization_id],
    )
    return {
        "case": head(case=case, names=names),
        "cards": [_card(one, names) for one in cards],
        "agreed": [_agreed(one, names) for one in agreed],
        "links": [_link(one, names) for one in links],
        "offered": [_offer(one) for one in offered],
        "checks": words.choices(words.CHECKS),
        "late_notice_by": next((one.by_at for one in waiting if one.kind == LATE_NOTICE), None),
        "hides_names": any(one.hidden for one in cards),
        "may_edit": Permission.EDIT_CASE in reader.permissions,
    }


def summary(*, case: CaseRow) -> dict[str, Any]:
    """Say in a few lines who is in a case and what to ask a student who comes back."""
    cards = queries.cards(case=case, scope=pages.reader().scope)
    return {
        "rows": [(str(words.RELATIONS[one.relation]), _name(one)) for one in cards],
        "code_words": [
            (str(words.RELATIONS[one.relation]), one.permission.wish.code_word)
            for one in cards
            if one.permission.wish.code_word
        ],
        "safe_times": [
            (str(words.RELATIONS[one.relation]), one.permission.wish.safe_times)
            for one in cards
            if one.permission.wish.safe_times
        ],
        "unsafe": [
            str(words.RELATIONS[one.relation])
            for one in cards
            if one.permission.wish.safety is Safety.UNSAFE
        ],
        "refusals": _refusals(case, cards),
        "url": url_for("cases.people", reference=case.reference),
    }


def _refusals(case: CaseRow, cards: Iterable[PersonCard]) -> list[str]:
    """Say whom not to call or text, before somebody does."""
    found: list[str] = []
    for one in cards:
        relation = str(words.RELATIONS[one.relation])
        if one.permission.wish.may_call is Wish.NO:
            found.append(gettext("No calls: %(relation)s.", relation=relation))
        if one.permission.wish.may_text is Wish.NO:
            found.append(gettext("No texts: %(relation)s.", relation=relation))
    gone = consents.not_relied_on(case_id=case.case_id)
    return [
        *found,
        *(str(said) for one, said in words.TAKEN_BACK.items() if one in gone.taken_back),
        *(str(said) for one, said in words.SUSPENDED.items() if one in gone.suspended),
    ]


def returning(*, case: CaseRow | None) -> dict[str, Any] | None:
    """Give the same for a conversation of this case, and write down that it was shown."""
    shown = if_opened(case=case)
    if case is not None and shown is not None and shown["rows"]:
        pages.note_read(
            action=AuditAction.OPENED_CASE,
            subject=Subject(kind="case", id=case.case_id),
            details={"what": "people", "in": "conversation"},
        )
    return shown


def if_opened(*, case: CaseRow | None) -> dict[str, Any] | None:
    """Give the summary to a reader who may open the case; whoever shows it has to audit it."""
    if case is None:
        return None
    try:
        found = cases.get(reference=case.reference, scope=pages.reader().scope, now=pages.now())
    except NotFound:
        return None
    return summary(case=found)


def _users(
    cards: Iterable[PersonCard], agreed: Iterable[ConsentRow], links: Iterable[LinkRow]
) -> list[int | None]:
    return [
        *(one.permission.by_user_id for one in cards),
        *(user for one in agreed for user in (one.by_user_id, one.approver_id, one.withdrawn_by)),
        *(one.by_user_id for one in links),
    ]


def _card(one: PersonCard, names: Names) -> Card:
    wish = one.permission.wish
    safety, tone = words.SAFETIES[wish.safety]
    return Card(
        id=one.person_id,
        relation=str(words.RELATIONS[one.relation]),
        name=_name(one),
        is_masked=bool(one.masked_name),
        hidden=one.hidden,
        marks=_marks(one),
        facts=_facts(one),
        numbers=[(_number_words(number), number.masked) for number in one.numbers],
        safety=str(safety),
        tone=tone,
        ways=[
            (gettext("Text"), str(words.WISHES[wish.may_text])),
            (gettext("Call"), str(words.WISHES[wish.may_call])),
            (gettext("Leave a message"), str(words.WISHES[wish.may_leave_message])),
        ],
        safe_times=wish.safe_times,
        care=wish.care,
        code_word=wish.code_word,
        asked=names.user(one.permission.by_user_id) if one.permission.version else "",
        asked_at=one.permission.at,
    )


def _name(one: PersonCard) -> str:
    if one.hidden:
        return gettext("not named to the school")
    return one.masked_name or gettext("no name known")


def _marks(one: PersonCard) -> tuple[str, ...]:
    found = ((one.is_caller, gettext("reached us")), (one.is_guardian, gettext("guardian by law")))
    return tuple(label for holds, label in found if holds)


def _facts(one: PersonCard) -> list[tuple[str, str]]:
    found = ((gettext("School"), one.school), (gettext("Grade and class"), one.grade))
    return [(label, value) for label, value in found if value]


def _number_words(number: Any) -> str:
    kind = str(words.NUMBER_KINDS[number.kind])
    return gettext("%(kind)s, shared", kind=kind) if number.is_shared else kind


def _agreed(one: ConsentRow, names: Names) -> Agreed:
    return Agreed(
        id=one.consent_id,
        purpose=str(words.PURPOSES[one.purpose]),
        basis=str(words.BASES[one.basis]),
        given_by="" if one.given_by is Giver.NOBODY else str(words.GIVERS[one.given_by]),
        given_at=one.given_at,
        words=one.words,
        by=names.user(one.by_user_id),
        in_force=one.is_in_force,
        approver=names.user(one.approver_id) if one.approver_id else "",
        waits_for_me=one.awaits_approval and one.approver_id == pages.reader().user_id,
        approved_at=one.approved_at,
        withdrawn_at=one.withdrawn_at,
        withdrawn_by=names.user(one.withdrawn_by) if one.withdrawn_by else "",
        withdrawal=one.withdrawal,
        value=one.purpose.value,
        suspended_at=one.suspended_at if one.is_in_force else None,
        suspension=str(words.SUSPENDED[one.purpose]) if one.purpose in words.SUSPENDED else "",
    )


def _link(one: LinkRow, names: Names) -> dict[str, Any]:
    return {
        "id": one.link_id,
        "relation": str(words.RELATIONS[one.relation]),
        "their_relation": str(words.RELATIONS[one.their_relation]),
        "reference": one.reference,
        "by": names.user(one.by_user_id),
        "at": one.at,
    }


def _offer(one: Suggestion) -> dict[str, Any]:
    return {
        "our_id": one.our_id,
        "their_id": one.their_id,
        "relation": str(words.RELATIONS[one.our_relation]) if one.our_relation else "",
        "their_relation": str(words.RELATIONS[one.their_relation]),
        "reference": one.reference,
        "likeness": ", ".join(str(words.LIKENESSES[like]) for like in sorted(one.likeness)),
    }
