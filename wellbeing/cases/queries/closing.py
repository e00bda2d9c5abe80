"""What closing a case looks at, collected. Who may open the case is asked before."""

from __future__ import annotations

from sqlalchemy import BindParameter, String, bindparam, cast, literal, or_, select, union_all

from wellbeing.cases.models.cases import CASE_CONTACT, ENTRY, LEVEL_CHANGE
from wellbeing.cases.models.plans import PLAN
from wellbeing.cases.models.referrals import MOMENT, SIGNATURE
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow, EntryKind
from wellbeing.cases.rules.closing import Facts, LevelStep, MomentKind, unmet
from wellbeing.cases.rules.plans import PlanKind
from wellbeing.contacts.models import CONTACT
from wellbeing.contacts.rules.conversations import Channel
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel

MOMENT_PLACE = "student_moment.note"
SIGNATURE_PLACE = "closing_signature.reason"


_CASE: BindParameter[int] = bindparam("of_case")
_COLLECTED = union_all(
    select(
        literal("moment").label("what"), MOMENT.c.kind.label("word"), MOMENT.c.at, MOMENT.c.id
    ).where(MOMENT.c.case_id == _CASE),
    select(
        literal("level"), cast(LEVEL_CHANGE.c.to_level, String), LEVEL_CHANGE.c.at,
        LEVEL_CHANGE.c.id,
    ).where(LEVEL_CHANGE.c.case_id == _CASE),
    # A human and the student spoke on the line, or met; an unanswered call is none.
    select(literal("spoke"), literal(""), CONTACT.c.arrived_at, CONTACT.c.id)
    .join(CASE_CONTACT, CASE_CONTACT.c.contact_id == CONTACT.c.id)
    .where(
        CASE_CONTACT.c.case_id == _CASE,
        or_(
            CONTACT.c.first_human_reply_at.is_not(None),
            CONTACT.c.channel == Channel.WALK_IN.value,
        ),
    ),
    select(literal("reopened"), literal(""), ENTRY.c.at, ENTRY.c.id).where(
        ENTRY.c.case_id == _CASE, ENTRY.c.kind == EntryKind.REOPENED.value
    ),
    select(literal("signed"), literal(""), SIGNATURE.c.at, SIGNATURE.c.id).where(
        SIGNATURE.c.case_id == _CASE, SIGNATURE.c.by_user_id != bindparam("owner")
    ),
    select(literal("planned"), literal(""), PLAN.c.at, PLAN.c.id).where(
        PLAN.c.case_id == _CASE, PLAN.c.kind == PlanKind.SAFETY.value
    ),
)  # fmt: skip
"""All moments of a case that closing looks at, with one statement: every page of a case asks."""


def facts_of(*, case: CaseRow, told: bool) -> Facts:
    """Collect all that closing a case looks at; `told` is what the reader says."""
    asked = {"of_case": case.case_id, "owner": case.owner_id}
    rows = sorted(session().execute(_COLLECTED, asked), key=lambda row: (row.at, row.id))
    found = {
        what: tuple(row.at for row in rows if row.what == what)
        for what in ("spoke", "reopened", "signed", "planned")
    }
    moments = {
        kind: tuple(row.at for row in rows if (row.what, row.word) == ("moment", kind.value))
        for kind in MomentKind
    }
    levels = sorted((row for row in rows if row.what == "level"), key=lambda row: row.id)
    since = max(found["reopened"], default=case.opened_at)
    return Facts(
        since=since,
        level=case.level,
        levels=tuple(LevelStep(level=RiskLevel(int(row.word)), at=row.at) for row in levels),
        met=(*found["spoke"], *moments[MomentKind.REACHED]),
        declined=moments[MomentKind.DECLINED],
        signed_at=max((at for at in found["signed"] if at >= since), default=None),
        has_safety_plan=bool(found["planned"]),
        held_by=tuple(hold.kind for hold in cases.holds(case_id=case.case_id)),
        told=told,
    )


def missing(*, case: CaseRow, told: bool) -> tuple[str, ...]:
    """Name what still stops a case from closing: rules by name, holds by kind."""
    return unmet(facts=facts_of(case=case, told=told), policy=policy.current().cases.closing)
