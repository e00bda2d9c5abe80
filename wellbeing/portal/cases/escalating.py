"""Passing a case on: a filled-in summary, to whom it goes, and what happens if nobody answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.escalation.operations import senders
from wellbeing.escalation.rules.chain import Counting, Rung, build_chain, deadlines, receiver
from wellbeing.escalation.rules.school_time import SchoolTime
from wellbeing.escalation.rules.words import Agreement, NewEscalation
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel, Tier
from wellbeing.portal import filters, pages
from wellbeing.portal.cases.blueprint import blueprint, head, note_change, opened
from wellbeing.portal.cases.naming import Names, look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.escalations import words
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.cases import EscalateForm

Page = str | AnyResponse | tuple[str, int]
NEXT = "next"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A desk that will be asked, and when at the latest."""

    place: str
    desk: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """To whom a case can go from here: the organizations above, lowest first."""

    above: tuple[Rung, ...]
    names: Names

    @property
    def may_skip(self) -> bool:
        """Tell whether the reader may leave out a tier; the rules want a reason for it."""
        return len(self.above) > 1 and Permission.SUPERVISE in pages.reader().permissions


@blueprint.route("/cases/<reference>/escalate", methods=["GET", "POST"])
@pages.allowed(Permission.ESCALATE)
def escalate(reference: str) -> Page:
    """Pass a case on to the tier above; it stays with its owner until somebody accepts."""
    case = opened(reference)
    way = _way(case)
    form = _form(case, way)
    if not is_sent(form=form):
        return _page(case, way, form), status()
    new = _new(case, form)
    try:
        with transaction():
            number = senders.escalate(new=new, by=pages.reader().user_id, now=pages.now())
            note_change(case=case, action=AuditAction.ESCALATED, details={"escalation": number})
    except NotFound:
        raise
    except DomainError as error:
        return _page(case, way, form, refused=gettext(str(error))), error.status
    flash(gettext("Sent. The desk above is being called now; the case stays yours."), "success")
    return redirect(url_for("cases.show", reference=reference), 303)


def _way(case: CaseRow) -> Way:
    above = organizations.chain_above(organization_id=case.organization_id)
    return Way(
        above=tuple(Rung(organization_id=one.id, tier=one.tier) for one in above),
        names=look_up(
            users=[case.owner_id], organizations_=[case.organization_id, *(one.id for one in above)]
        ),
    )


def _form(case: CaseRow, way: Way) -> EscalateForm:
    form = EscalateForm(data={"to": NEXT, "reason": _summary(case)})
    form.agreed.choices = [choice(one.value, str(said)) for one, said in words.AGREEMENTS.items()]
    form.to.choices = [
        choice(str(rung.tier.value) if position else NEXT, way.names.place(rung.organization_id))
        for position, rung in enumerate(way.above)
    ]
    if not way.may_skip:
        del form.to, form.skip_reason
    return form


def _summary(case: CaseRow) -> str:
    changes = cases.level_changes(case_id=case.case_id)
    if not changes:
        return ""
    latest = changes[0]
    return gettext(
        "Level %(level)s, set %(time)s: %(note)s",
        level=filters.level_label(latest.level),
        time=filters.local_time(latest.at),
        note=latest.note,
    )


def _new(case: CaseRow, form: EscalateForm) -> NewEscalation:
    to = form.to.data if "to" in form else NEXT
    return NewEscalation(
        case_id=case.case_id,
        reason=form.text("reason"),
        safety_plan=form.text("safety_plan"),
        agreement=Agreement(form.agreed.data),
        may_be_told=form.text("may_be_told"),
        to_tier=None if to == NEXT else Tier(int(to)),
        skip_reason=form.text("skip_reason") if "skip_reason" in form else "",
    )


def _page(case: CaseRow, way: Way, form: EscalateForm, *, refused: str = "") -> str:
    clocks = deadlines(counting=_counting(case.level), sent_at=pages.now())
    return render_template(
        "cases/escalate.html",
        case=head(case=case, names=way.names),
        form=form,
        may_skip=way.may_skip,
        plan=_plan(case, way),
        deadlines=[
            (gettext("Answer by"), filters.local_time(clocks.acknowledge_by)),
            (gettext("Student contacted by"), filters.local_time(clocks.contact_by)),
        ],
        refused=refused,
    )


def _counting(level: RiskLevel) -> Counting:
    current = policy.current()
    school = SchoolTime(calendar=current.followups.calendar, hours=current.tiers.school_hours)
    return Counting(clock=current.tiers.clocks[level], school=school)


def _plan(case: CaseRow, way: Way) -> list[Step]:
    chain = build_chain(
        above=way.above,
        first=receiver(above=way.above, to_tier=None),
        steps=policy.current().tiers.chain[case.level],
        counting=_counting(case.level),
        sent_at=pages.now(),
    )
    return [
        Step(
            place=way.names.place(one.organization_id),
            desk=way.names.desk(one.organization_id, one.desk),
            at=one.planned_at,
        )
        for one in chain
    ]
