"""Shapes of what waits on whom, and which desks stand empty. The statements are in `queries`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Permission, Role
from wellbeing.cases.rules.access import RequestItem, ViewItem
from wellbeing.cases.rules.cases import CaseRow, DutyRow
from wellbeing.cases.rules.reporting import ReportRow
from wellbeing.cases.rules.rescue import RescueRow
from wellbeing.contacts.rules.conversations import QueueRow
from wellbeing.escalation.rules.rows import AttemptRow, EscalationRow, PageRow
from wellbeing.followups.queries import CallerRow, FollowUpRow
from wellbeing.foundation.errors import Conflict
from wellbeing.policy.model import DeskPolicy, RiskLevel, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """How much is in somebody's hands: no student may be left in nobody's (promise P3)."""

    cases: int
    promises: int
    duties: int
    conversations: int

    @property
    def are_none(self) -> bool:
        """Tell whether somebody's hands are empty."""
        return not (self.cases or self.promises or self.duties or self.conversations)


class StillHolds(Conflict):
    """This person still holds cases, promises, duties or conversations; hand them over first."""


def check_hands(*, held: Holdings, role: Role, organization_id: int, stays_at: int) -> None:
    """Refuse to take somebody's work from under them.

    Whoever stays at their place and goes on following cases keeps what they hold.

    Raises:
        StillHolds: they would leave something behind.

    """
    goes_on = organization_id == stays_at and Permission.EDIT_CASE in ROLE_PERMISSIONS[role]
    if not goes_on and not held.are_none:
        raise StillHolds


def check_empty(*, held: Holdings) -> None:
    """Refuse to let somebody leave who holds anything.

    Raises:
        StillHolds: they hold something.

    """
    if not held.are_none:
        raise StillHolds


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCursor:
    """The last case of a page of my cases; the next page begins after it."""

    level: RiskLevel
    opened_at: datetime
    case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationItem:
    """An open escalation; `reference` only for readers who may open its case."""

    row: EscalationRow
    reference: str | None
    rings: tuple[AttemptRow, ...]

    def is_overdue(self, *, now: datetime) -> bool:
        """Tell whether the clock that runs now has passed."""
        return now > (self.row.contact_by if self.row.acknowledged_at else self.row.acknowledge_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpItem:
    """An open promise: the reference of its case, and for a call-back whom it is for."""

    row: FollowUpRow
    reference: str | None
    caller: CallerRow | None

    def is_overdue(self, *, now: datetime) -> bool:
        """Tell whether its time has passed."""
        return now > self.row.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueItem:
    """A rescue under way, and the case it belongs to; no word of anybody."""

    row: RescueRow
    case: CaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportItem:
    """A report required by law that waits, and the reference of its case, if it has one."""

    row: ReportRow
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyWork:
    """What waits on one person, the most pressing first in each part.

    `requests` and `reviews` are a supervisor's to decide and to look at; `opened` are emergency
    views of the person's own cases; `to_contact` are escalations that they accepted and whose
    student is not reached yet; `more_cases` names the last case shown where there are more.
    """

    conversations: tuple[QueueRow, ...]
    escalations: tuple[EscalationItem, ...]
    to_contact: tuple[EscalationItem, ...]
    follow_ups: tuple[FollowUpItem, ...]
    duties: tuple[DutyRow, ...]
    requests: tuple[RequestItem, ...]
    reviews: tuple[ViewItem, ...]
    opened: tuple[ViewItem, ...]
    rescues: tuple[RescueItem, ...]
    reports: tuple[ReportItem, ...]
    cases: tuple[CaseRow, ...]
    more_cases: CaseCursor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingGroup:
    """Students of one urgency who wait at one unit: how many, and the one who waits longest."""

    organization_id: int
    urgency: RiskLevel
    count: int
    oldest_since: datetime
    next_page_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageItem:
    """A desk that is being called, or was and nobody answered, and everyone who was rung."""

    row: PageRow
    rings: tuple[AttemptRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyDesk:
    """A desk that must never be empty and is; when it was left, when somebody comes."""

    organization_id: int
    desk: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the shifts around a moment say about one desk."""

    is_covered: bool
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What a supervisor must see at a glance; not a word of a student in it.

    `escalation_count` counts all open ones where the list shows the oldest.
    """

    version: str
    waiting: tuple[WaitingGroup, ...]
    escalations: tuple[EscalationItem, ...]
    escalation_count: int
    pages: tuple[PageItem, ...]
    follow_ups: tuple[FollowUpItem, ...]
    duties: tuple[DutyRow, ...]
    rescues: tuple[RescueItem, ...]
    reports: tuple[ReportItem, ...]
    empty_desks: tuple[EmptyDesk, ...]


def empty_desks(
    *,
    places: Iterable[tuple[int, Tier]],
    desks: Iterable[DeskPolicy],
    coverage: Mapping[tuple[int, str], Coverage],
) -> tuple[EmptyDesk, ...]:
    """Name the desks around the clock at which nobody is on call, in the order of the places."""
    always = [desk for desk in desks if desk.around_the_clock]
    nothing = Coverage(is_covered=False, since=None, until=None)
    found = []
    for organization_id, tier in places:
        for desk in always:
            known = coverage.get((organization_id, desk.key), nothing)
            if desk.tier is tier and not known.is_covered:
                found.append(
                    EmptyDesk(
                        organization_id=organization_id,
                        desk=desk.key,
                        since=known.since,
                        until=known.until,
                    )
                )
    return tuple(found)


class Promise(StrEnum):
    """What must never be without a next step (promise P8), by the row that holds it."""

    CONTACT = "waiting_contact"
    CALL = "waiting_call"
    ESCALATION = "escalation"
    PAGE = "page"
    FOLLOW_UP = "follow_up"
    DUTY = "duty"
    CASE = "case"
    ORDER = "text_or_call"


class Fault(StrEnum):
    """What is wrong with a promise."""

    NO_STEP = "no_next_step"
    STALE = "next_step_passed"
    NOBODY = "nobody_holds_it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A promise that nobody keeps: which, and what is wrong; no word about a person."""

    kind: Promise
    id: int
    says: Fault
