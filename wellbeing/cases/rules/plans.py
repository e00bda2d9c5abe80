"""What a safety plan and a care plan hold, and when one may be saved. Pure.

The six headings follow Stanley and Brown's safety planning (Cognitive and Behavioral Practice,
2012), as generic headings: their form is not built in. It is no promise not to die, and asks none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from wellbeing.contacts.rules.conversations import clean_body
from wellbeing.foundation.errors import Conflict, DomainError, NotFound


class PlanKind(StrEnum):
    """Which plan it is; a case has at most one of each, in versions."""

    SAFETY = "safety"
    CARE = "care"
    """一生一策: one plan per student (MoE and 16 ministries, 2023)."""


class Heading(StrEnum):
    """The parts of a safety plan, in the order in which a student goes through them."""

    WARNING_SIGNS = "warning_signs"
    OWN_COPING = "own_coping"
    DISTRACTION = "distraction"
    HELP = "help"
    PROFESSIONALS = "professionals"
    ENVIRONMENT = "environment"
    WORTH_LIVING = "worth_living"


OPTIONAL = frozenset({Heading.WORTH_LIVING})
"""Asked for gently or not at all; whoever has no answer tonight is not pressed."""
LONGEST_PART = 200
"""Characters of what is done, or of by whom, in one measure."""
REVIEW_DUTY = "care_plan_review"
"""Kind of the duty to look at a care plan again, once its day has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that is done for a student: what, by whom, until when."""

    what: str
    who: str
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CareWords:
    """A care plan (一生一策): where the student wants to get to, how, and when all look again."""

    goals: str
    strengths: str
    measures: tuple[Measure, ...]
    review_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One version of a plan, opened; `words` are as they were saved."""

    case_id: int
    kind: PlanKind
    version: int
    words: Mapping[str, Any]
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersion:
    """That a version exists, by whom and when; not a word of it."""

    kind: PlanKind
    version: int
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """What somebody was typing into one field, and the version that they saw meanwhile."""

    field: str
    body: str
    base_version: int
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedPlan:
    """The plan of another case of the same student, and the reference of that case."""

    reference: str
    plan: PlanRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a plan that was taken over began; the reference is None for who may not open it.

    `changed` is the newer version there that nobody here has looked at since; without
    `is_same_student` the finding was taken back: the plan may be another student's.
    """

    reference: str | None
    version: int
    is_same_student: bool
    changed: PlanVersion | None


class StalePlan(Conflict):
    """Somebody else saved this plan in the meantime; both versions are shown."""

    def __init__(self, *, saved: PlanRow | None, yours: Mapping[str, Any]) -> None:
        super().__init__(version=saved.version if saved else 0)
        self.saved = saved
        self.yours = yours


class PlanNotFilled(DomainError):
    """A safety plan needs a few words under each of its six headings."""

    def __init__(self, *, headings: tuple[Heading, ...]) -> None:
        super().__init__(headings=headings)
        self.headings = headings


class NothingPlanned(DomainError):
    """A care plan needs a goal and at least one measure with somebody who does it."""


class MeasureUnfit(DomainError):
    """A measure has at most 200 characters for each part, and its day is a date."""


class ReviewOutOfReach(DomainError):
    """The review must lie in the future, and not further away than the policy allows."""


class NoSuchPlan(NotFound):
    """This case has no such version of this plan."""


class OfferGone(Conflict):
    """That plan is not offered any more, or was changed meanwhile: look at it again."""


class NoSuchDraft(NotFound):
    """There is no field of this name."""


def safety_words(*, typed: Mapping[str, str]) -> dict[str, str]:
    """Take what was typed under each heading, storable and without blanks around it.

    Raises:
        PlanNotFilled: a heading that is not optional has no words; all such are named.

    """
    words = {one.value: _clean(typed.get(one.value, "")) for one in Heading}
    empty = tuple(one for one in Heading if one not in OPTIONAL and not words[one.value])
    if empty:
        raise PlanNotFilled(headings=empty)
    return words


def care_words(*, typed: CareWords, today: date, furthest: date) -> dict[str, Any]:
    """Take a care plan as it is stored; empty lines among its measures are left out.

    Raises:
        NothingPlanned: no goal, no measure, or a measure that nobody does.
        MeasureUnfit: a part of a measure is too long.
        ReviewOutOfReach: the review is not after today, or later than `furthest`.

    """
    cleaned = [replace(one, what=_clean(one.what), who=_clean(one.who)) for one in typed.measures]
    measures = [one for one in cleaned if one.what or one.who]
    goals = _clean(typed.goals)
    if not goals or not measures or not all(one.what and one.who for one in measures):
        raise NothingPlanned
    if any(len(part) > LONGEST_PART for one in measures for part in (one.what, one.who)):
        raise MeasureUnfit
    if not today < typed.review_on <= furthest:
        raise ReviewOutOfReach
    return {
        "goals": goals,
        "strengths": _clean(typed.strengths),
        "measures": [_stored(one) for one in measures],
        "review_on": typed.review_on.isoformat(),
    }


def opened_care(*, words: Mapping[str, Any]) -> CareWords:
    """Read a care plan as it was stored."""
    return CareWords(
        goals=words["goals"],
        strengths=words["strengths"],
        measures=tuple(
            Measure(
                what=one["what"],
                who=one["who"],
                until=date.fromisoformat(one["until"]) if one["until"] else None,
            )
            for one in words["measures"]
        ),
        review_on=date.fromisoformat(words["review_on"]),
    )


NOTE_FIELD = "note"
CARE_FIELDS = ("goals", "strengths")


def draft_field(*, kind: PlanKind, name: str) -> str:
    """Name the field of a plan under which a draft of it is kept."""
    return f"{kind.value}.{name}"


DRAFT_FIELDS: Sequence[str] = (
    NOTE_FIELD,
    *(draft_field(kind=PlanKind.SAFETY, name=one.value) for one in Heading),
    *(draft_field(kind=PlanKind.CARE, name=one) for one in CARE_FIELDS),
)
"""Every field whose words are kept while somebody types."""


NOTE_CHANGE = re.compile(r"change\.([1-9][0-9]{0,17})\.body\Z")


def change_field(*, note_id: int) -> str:
    """Name the field under which a draft of a change to a note is kept."""
    return f"change.{note_id}.body"


def changed_note(*, field: str) -> int | None:
    """Tell which note a draft would change; None for one of another field."""
    found = NOTE_CHANGE.match(field)
    return int(found[1]) if found else None


def check_draft_field(*, field: str) -> None:
    """Refuse a field that no form has.

    Raises:
        NoSuchDraft: there is none of this name.

    """
    if field not in DRAFT_FIELDS and changed_note(field=field) is None:
        raise NoSuchDraft


def _clean(typed: str) -> str:
    return clean_body(raw=typed).text.strip()


def _stored(one: Measure) -> dict[str, str | None]:
    return {
        "what": one.what,
        "who": one.who,
        "until": one.until.isoformat() if one.until else None,
    }
