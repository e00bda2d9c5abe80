"""How pages word people, permission and consent. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.cases.rules.consents import (
    LATE_NOTICE,
    Basis,
    ConsentEntry,
    Giver,
    Purpose,
    approval_kind,
)
from wellbeing.cases.rules.matching import Likeness
from wellbeing.cases.rules.people import (
    CodeWordCheck,
    NumberKind,
    PeopleEntry,
    Relation,
    RevealReason,
    Safety,
    Wish,
)

RELATIONS: Mapping[Relation, Any] = {
    Relation.STUDENT: _("The student"),
    Relation.MOTHER: _("Mother"),
    Relation.FATHER: _("Father"),
    Relation.GUARDIAN: _("Other guardian"),
    Relation.GRANDPARENT: _("Grandparent"),
    Relation.SIBLING: _("Brother or sister"),
    Relation.FRIEND: _("Friend or classmate"),
    Relation.PARTNER: _("Boyfriend or girlfriend"),
    Relation.TEACHER: _("Teacher"),
    Relation.DOCTOR: _("Doctor"),
    Relation.OTHER: _("Somebody else"),
}

NUMBER_KINDS: Mapping[NumberKind, Any] = {
    NumberKind.MOBILE: _("Mobile phone"),
    NumberKind.HOME: _("Telephone at home"),
    NumberKind.WATCH: _("Watch phone"),
    NumberKind.SCHOOL: _("Telephone at school"),
    NumberKind.OTHER: _("Another telephone"),
}

WISHES: Mapping[Wish, Any] = {
    Wish.UNKNOWN: _("nobody asked yet"),
    Wish.YES: _("allowed"),
    Wish.NO: _("not allowed"),
}

SAFETIES: Mapping[Safety, tuple[Any, str]] = {
    Safety.UNKNOWN: (_("Not known whether contact is safe: ask first"), "waiting"),
    Safety.SAFE: (_("Contact is safe"), "done"),
    Safety.UNSAFE: (_("Not safe: do not contact"), "attention"),
}
"""Words and tone."""

CHECKS: Mapping[CodeWordCheck, Any] = {
    CodeWordCheck.MATCHED: _("It was the right word"),
    CodeWordCheck.DIFFERENT: _("It was another word"),
    CodeWordCheck.NOT_GIVEN: _("No word was given"),
}

REVEAL_REASONS: Mapping[RevealReason, Any] = {
    RevealReason.CALL: _("To reach this person"),
    RevealReason.VERIFY: _("To find out who is calling"),
    RevealReason.RESCUE: _("Rescue: 110 or 120 needs it"),
    RevealReason.REFERRAL: _("For a referral that was agreed"),
    RevealReason.REPORT: _("For a report that the law demands"),
    RevealReason.CORRECT: _("To correct the record"),
    RevealReason.OTHER: _("For another reason, written below"),
}

PURPOSES: Mapping[Purpose, Any] = {
    Purpose.KEEP_IDENTITY: _("Keep name and number here"),
    Purpose.CONTACT_BY_TEXT: _("Text the student"),
    Purpose.CONTACT_BY_CALL: _("Call the student"),
    Purpose.NAME_TO_SCHOOL: _("Name the student to the school"),
    Purpose.TELL_GUARDIAN: _("Speak with a guardian"),
    Purpose.PASS_TO_HOSPITAL: _("Pass the name on to a hospital"),
}

BASES: Mapping[Basis, Any] = {
    Basis.CONSENT: _("Somebody agreed"),
    Basis.STATUTORY_DUTY: _("The law demands it"),
    Basis.EMERGENCY: _("Emergency: to protect life or health"),
}

GIVERS: Mapping[Giver, Any] = {
    Giver.STUDENT: _("the student"),
    Giver.GUARDIAN: _("a guardian"),
    Giver.BOTH: _("the student and a guardian"),
    Giver.NOBODY: _("nobody"),
}

TAKEN_BACK: Mapping[Purpose, Any] = {
    Purpose.CONTACT_BY_CALL: _("The student took back that we may call."),
    Purpose.CONTACT_BY_TEXT: _("The student took back that we may text."),
}

SUSPENDED: Mapping[Purpose, Any] = {
    Purpose.KEEP_IDENTITY: _(
        "Keeping the name rests on a child under 14 alone: it stays sealed. Ask a guardian;"
        " what a rescue needs is written down all the same."
    ),
    Purpose.CONTACT_BY_TEXT: _(
        "Texts rest on a child under 14 alone: none leaves by itself, and a promised text becomes a"
        " call when it is due. Answering what the child writes is always right."
    ),
    Purpose.CONTACT_BY_CALL: _(
        "Calls rest on a child under 14 alone: call where safety asks for it, and ask a guardian."
    ),
    Purpose.NAME_TO_SCHOOL: _(
        "Naming to the school rests on a child under 14 alone: below orange the school sees no"
        " name."
    ),
    Purpose.PASS_TO_HOSPITAL: _(
        "Passing on to a hospital rests on a child under 14 alone: ask a guardian first; in an"
        " emergency write that down as the ground."
    ),
}
"""What waits while a consent is suspended; whether a guardian may be told is the child's own."""

LIKENESSES: Mapping[Likeness, Any] = {
    Likeness.NUMBER: _("the same number"),
    Likeness.NAME: _("the same name"),
    Likeness.CALLER: _("a call came from this person's number"),
}

TITLES: Mapping[str, Any] = {
    PeopleEntry.ADDED: _("Written down: %(relation)s"),
    PeopleEntry.CHANGED: _("Record changed: %(relation)s"),
    PeopleEntry.REMOVED: _("Removed for good: %(relation)s"),
    PeopleEntry.REVEALED: _("Name and numbers were shown: %(relation)s. %(why)s"),
    PeopleEntry.NUMBER_ADDED: _("A number was added: %(relation)s, %(number_kind)s"),
    PeopleEntry.NUMBER_REMOVED: _("A number was removed: %(relation)s, %(number_kind)s"),
    PeopleEntry.PERMISSION_SET: _("How to reach %(relation)s was agreed: %(safety)s"),
    PeopleEntry.CODE_WORD_CHECKED: _("Code word asked for: %(relation)s. %(check)s"),
    PeopleEntry.MERGED: _("Found to be the same person as one of another case: %(relation)s"),
    PeopleEntry.TOLD_APART: _("Found not to be the person of another case: %(relation)s"),
    PeopleEntry.UNMERGED: _(
        "That two records are one person, or two, was taken back: %(relation)s"
    ),
    ConsentEntry.GIVEN: _("Consent written down: %(purpose)s. %(basis)s"),
    ConsentEntry.WITHDRAWN: _("Consent withdrawn: %(purpose)s"),
    ConsentEntry.EMERGENCY: _(
        "Emergency without consent: %(purpose)s; %(approver_id)s answers for it"
    ),
    ConsentEntry.APPROVED: _("Emergency confirmed: %(purpose)s"),
    ConsentEntry.SUSPENDED: _("Consent suspended, under 14 and no guardian: %(purpose)s"),
    ConsentEntry.RESUMED: _("Consent holds again, the age was corrected: %(purpose)s"),
    ConsentEntry.NOTICE_GIVEN: _("The people concerned were told afterwards"),
}
"""One sentence of the timeline for each kind; facts stand in it by name."""

DUTIES: Mapping[str, Any] = {
    LATE_NOTICE: _("tell the people concerned what was passed on in the emergency"),
    **dict.fromkeys(
        (approval_kind(purpose=one) for one in Purpose),
        _("confirm an emergency that you answer for, or withdraw it"),
    ),
}

FACTS: Mapping[str, Callable[[Any], str]] = {
    "relation": lambda value: str(RELATIONS[Relation(value)]),
    "number_kind": lambda value: str(NUMBER_KINDS[NumberKind(value)]),
    "safety": lambda value: str(SAFETIES[Safety(value)][0]),
    "check": lambda value: str(CHECKS[CodeWordCheck(value)]),
    "why": lambda value: str(REVEAL_REASONS[RevealReason(value)]),
    "purpose": lambda value: str(PURPOSES[Purpose(value)]),
    "basis": lambda value: str(BASES[Basis(value)]),
}
"""How a fact is worded, by its name."""


def choices(words: Mapping[Any, Any]) -> list[tuple[str, str]]:
    """Give a list to choose from, in the order of its table."""
    return [(_value(key), str(_first(label))) for key, label in words.items()]


def _value(key: StrEnum) -> str:
    return key.value


def _first(label: Any) -> Any:
    return label[0] if isinstance(label, tuple) else label
