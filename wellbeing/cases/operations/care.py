"""Save a care plan (一生一策) as a new version, and raise a duty when its review is due."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from wellbeing.cases.models.plans import PLAN
from wellbeing.cases.operations import duties, plans
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import NewDuty
from wellbeing.cases.rules.plans import (
    REVIEW_DUTY,
    CareWords,
    Measure,
    MeasureUnfit,
    PlanKind,
    PlanRow,
    care_words,
    opened_care,
)
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy

REVIEW_STARTS = time(8, 0)
"""By wall time: nobody is asked for a review at midnight."""


def save_care_plan(*, case_id: int, by: int, typed: CareWords, version: int, now: datetime) -> int:
    """Save a care plan over the version that its writer saw; it also settles a due review.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: nobody works on it any more.
        NothingPlanned: no goal, no measure, or a measure that nobody does.
        ReviewOutOfReach: the review is not in the future, or too far away (policy).
        StalePlan: somebody saved since `version`; carries what is saved and what was typed.

    """
    zone = ZoneInfo(policy.current().followups.zone)
    today = now.astimezone(zone).date()
    furthest = today + policy.current().cases.care_review_within
    words = care_words(typed=typed, today=today, furthest=furthest)
    new = plans.New(
        case_id=case_id,
        kind=PlanKind.CARE,
        by=by,
        words=words,
        seen=version,
        review_at=_review_at(typed.review_on),
    )
    saved = plans.save(new=new, now=now)
    for duty in cases.duties_of(case_id=case_id):
        if duty.kind == REVIEW_DUTY:
            duties.settle_duty(duty_id=duty.duty_id, by=by, now=now)
    return saved


def take_over(*, case_id: int, plan: PlanRow, by: int, now: datetime) -> int:
    """Let a case without a care plan begin with the one of the same student's other case.

    Its words are sealed anew under the key of this case; the other plan stays as it is. A review
    whose day has passed is due here at once.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: nobody works on it any more.
        StalePlan: it has a plan of its own by now.

    """
    review_on = opened_care(words=plan.words).review_on
    new = plans.New(
        case_id=case_id,
        kind=PlanKind.CARE,
        by=by,
        words=plan.words,
        seen=0,
        review_at=_review_at(review_on),
        taken_from=plan,
    )
    return plans.save(new=new, now=now)


def measure(*, what: str, who: str, until: str) -> Measure:
    """Read one line of a plan as it was typed; an empty day is none.

    Raises:
        MeasureUnfit: a part is too long, or the day is none.

    """
    try:
        day = date.fromisoformat(until.strip()) if until.strip() else None
    except ValueError as error:
        raise MeasureUnfit from error
    return Measure(what=what, who=who, until=day)


def advance(plan_id: int, *, now: datetime) -> bool:
    """Make a due review a duty of whoever owns the case, once; tell whether it was.

    A closed case is reviewed no more.
    """
    statement = (
        update(PLAN).where(PLAN.c.id == plan_id, PLAN.c.review_at <= now).values(review_at=None)
    )
    if changed(statement) != 1:
        return False
    case_id = session().execute(select(PLAN.c.case_id).where(PLAN.c.id == plan_id)).scalar_one()
    case = cases.case_by_id(case_id=case_id)
    if case.closed_at is None:
        duty = NewDuty(
            kind=REVIEW_DUTY,
            case_id=case_id,
            holder_id=case.owner_id,
            organization_id=case.organization_id,
            by_at=now + timedelta(days=1),
        )
        duties.open_duty(new=duty, now=now)
    return True


def _review_at(day: date) -> datetime:
    zone = ZoneInfo(policy.current().followups.zone)
    return datetime.combine(day, REVIEW_STARTS, tzinfo=zone)
