"""Reports that the law requires: what asks for one, who decides, how it ends. Pure.

Law on the Protection of Minors, Art. 11(2); nine situations: opinion of 7 May 2020, Art. 4
(facts.md 1.11). Reported at once: decided within an hour, reported on the same day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.policy.model import ReportPolicy
from wellbeing.triage.rules.levels import Decider

HOLD = "report"
"""Kind of the hold that keeps a case from closing until its report is closed."""


class ReportState(StrEnum):
    """Where a report stands; `merged` went into the report of the case."""

    OPEN = "open"
    TO_REPORT = "to_report"
    FILED = "filed"
    REPORTED = "reported"
    NOT_REPORTABLE = "not_reportable"
    MERGED = "merged"


WAITING = (ReportState.OPEN, ReportState.TO_REPORT, ReportState.FILED)
"""States in which something is still to be done."""


class Entry(StrEnum):
    """What a report writes into the timeline of its case; words are sealed.

    All carry report_id. opened(situations); decided(state; details: reason);
    filed(organ; details: receipt); closed(organ); checked(situations), for a check without a yes.
    """

    OPENED = "report_opened"
    DECIDED = "report_decided"
    FILED = "report_filed"
    CLOSED = "report_closed"


class NoSuchReport(NotFound):
    """There is no report that you may open."""


class ReportOver(Conflict):
    """This report is closed."""


class NotFiledYet(Conflict):
    """Record first to whom it was reported, with the receipt."""


class DecidedBefore(Conflict):
    """A supervisor has decided already."""


class FiledBefore(Conflict):
    """It is recorded already to whom this was reported."""


class OnlySupervisors(DomainError):
    """Only a supervisor may do this with a report."""


class ReportReasonMissing(DomainError):
    """Say why; this is kept."""


class UnknownSituation(DomainError):
    """Some of these situations or organs are not on the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """Why a report may be due; `by` None when words of a student asked for it."""

    case_id: int | None = None
    contact_id: int | None = None
    situations: tuple[str, ...] = ()
    account: str = ""
    by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """To whom it was reported, when, and what they gave as a receipt."""

    organ: str
    receipt: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A report as it stands; words opened."""

    report_id: int
    case_id: int | None
    contact_id: int | None
    organization_id: int
    state: ReportState
    situations: tuple[str, ...]
    account: str
    opened_at: datetime
    opened_by: int | None
    decide_by: datetime
    report_by: datetime
    decided_at: datetime | None
    decided_by: int | None
    reason: str
    organ: str | None
    receipt: str
    filed_at: datetime | None
    filed_by: int | None
    closed_at: datetime | None
    closed_by: int | None
    holder_id: int | None

    @property
    def is_waiting(self) -> bool:
        """Tell whether something is still to be done."""
        return self.state in WAITING

    @property
    def by_at(self) -> datetime:
        """Tell by when the next thing is done: the decision, then the report."""
        return self.decide_by if self.state is ReportState.OPEN else self.report_by


def deadlines(*, policy: ReportPolicy, opened_at: datetime) -> tuple[datetime, datetime]:
    """Tell by when it is decided and reported: an hour, and the end of the same day.

    What is found late at night leaves at least `at_least` to report it.
    """
    day = opened_at.astimezone(policy.zone).date() + timedelta(days=1)
    end = datetime.combine(day, time(), tzinfo=policy.zone).astimezone(opened_at.tzinfo)
    return opened_at + policy.decide_within, max(end, opened_at + policy.at_least)


def check_situations(*, policy: ReportPolicy, situations: Iterable[str]) -> None:
    """Refuse a situation that the law does not name.

    Raises:
        UnknownSituation: one is not on the list.

    """
    if not set(situations) <= {one.key for one in policy.situations}:
        raise UnknownSituation


def check_decision(*, row: ReportRow, reason: str, by: Decider) -> None:
    """Refuse a decision that is not a supervisor's, or comes a second time, or says not why.

    Raises:
        OnlySupervisors: a counselor would decide.
        ReportReasonMissing: no reason is given.
        DecidedBefore: it is decided.
        ReportOver: it is closed.

    """
    _check_supervisor(by)
    if not reason.strip():
        raise ReportReasonMissing
    if not row.is_waiting:
        raise ReportOver
    if row.state is not ReportState.OPEN:
        raise DecidedBefore


def check_filing(*, row: ReportRow, filing: Filing, organs: Collection[str]) -> None:
    """Refuse to record a report that is closed, goes nowhere, or has no receipt.

    Whoever works on it may record it, also before the decision: the law says at once.

    Raises:
        ReportOver: it is closed.
        FiledBefore: it is recorded already; nothing is written over.
        UnknownSituation: there is no such organ.
        ReportReasonMissing: the receipt is missing.

    """
    if not row.is_waiting:
        raise ReportOver
    if row.state is ReportState.FILED:
        raise FiledBefore
    if filing.organ not in organs:
        raise UnknownSituation
    if not filing.receipt.strip():
        raise ReportReasonMissing


def check_closing(*, row: ReportRow, by: Decider) -> None:
    """Let only a supervisor close a report, and only one that was filed.

    Raises:
        OnlySupervisors: a counselor would close it.
        ReportOver: it is closed.
        NotFiledYet: nobody recorded to whom it was reported.

    """
    _check_supervisor(by)
    if not row.is_waiting:
        raise ReportOver
    if row.state is not ReportState.FILED:
        raise NotFiledYet


def _check_supervisor(by: Decider) -> None:
    if not by.is_supervisor:
        raise OnlySupervisors
