"""Closing a case: every rule with how it stands and what to do, and a supervisor's signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import changes
from wellbeing.cases.operations import closing as operations
from wellbeing.cases.queries import cases, closing
from wellbeing.cases.rules.cases import DUTY_HOLD, CaseRow, HoldsRemain
from wellbeing.cases.rules.closing import Facts, Rule, calm_moments, checks, declines
from wellbeing.cases.rules.referrals import HOLD as REFERRAL_HOLD
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import words
from wellbeing.portal.cases.blueprint import blueprint, decider, head, note_change, opened
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.forms.base import Form
from wellbeing.portal.forms.cases import CloseForm
from wellbeing.portal.forms.referrals import DeclinedForm, SignatureForm

Page = str | AnyResponse | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One rule of closing as it is shown."""

    title: str
    is_met: bool
    to_do: str
    url: str | None = None


HOLDS: tuple[tuple[Any, frozenset[str], Any], ...] = (
    (
        _("The receiving side has confirmed"),
        frozenset({REFERRAL_HOLD, "escalation"}),
        _("Note what became of each referral; an escalation must be accepted or taken back."),
    ),
    (_("No duty is open"), frozenset({DUTY_HOLD}), _("Do what is open, or ask who holds it.")),
    (
        _("No rescue is open"),
        frozenset({"rescue"}),
        _("Confirm that the student was reached, and finish the review."),
    ),
    (
        _("No promise to get back is open"),
        frozenset({"follow_up"}),
        _("Keep the promise, or let the level fall first: it decides what is promised."),
    ),
)
"""What other rooms hold a case open for, in words; a kind that is not here gets its own line."""


@blueprint.route("/cases/<reference>/close", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def close(reference: str) -> Page:
    """End the work on a case; each rule says whether it is met and what to do."""
    case = opened(reference)
    form = CloseForm(data={"version": case.version})
    if not is_sent(form=form):
        return _page(case, close=form), status()
    try:
        with transaction():
            changes.close_case(
                case_id=case.case_id,
                by=pages.reader().user_id,
                note=form.text("note"),
                told=bool(form.told.data),
                version=form.version.data or 0,
                now=pages.now(),
            )
            note_change(case=case, action=AuditAction.CASE_CLOSED, details={})
    except NotFound:
        raise
    except DomainError as error:
        standing = cases.case_by_id(case_id=case.case_id)
        # Saving again is meant for what is now on the screen.
        form.follow(version=standing.version)
        return _page(standing, refused=_refusal(error), close=form), error.status
    flash(gettext("The case is closed."), "success")
    return redirect(url_for("cases.show", reference=reference), 303)


@blueprint.post("/cases/<reference>/close/declined")
@pages.allowed(Permission.EDIT_CASE)
def note_declined(reference: str) -> Page:
    """Write down that the student wanted no more of us."""
    case = opened(reference)
    form = DeclinedForm(prefix="declined-")
    if not is_sent(form=form):
        return _page(case, declined=form), status()
    try:
        with transaction():
            operations.note_declined(
                case_id=case.case_id,
                by=pages.reader().user_id,
                note=form.text("note"),
                at=_end_of(form.on.data or pages.now().date()),
                now=pages.now(),
            )
            note_change(case=case, action=AuditAction.CASE_CHANGED, details={"declined": True})
    except NotFound:
        raise
    except DomainError as error:
        return _page(case, refused=gettext(str(error)), declined=form), error.status
    flash(gettext("Noted."), "success")
    return redirect(url_for("cases.close", reference=reference), 303)


@blueprint.post("/cases/<reference>/close/sign")
@pages.allowed(Permission.SUPERVISE)
def sign_closing(reference: str) -> Page:
    """Let a supervisor who does not own the case sign that it may end."""
    case = opened(reference)
    form = SignatureForm(prefix="sign-")
    if not is_sent(form=form):
        return _page(case, sign=form), status()
    try:
        with transaction():
            operations.sign_closing(
                case_id=case.case_id, by=decider(), reason=form.text("reason"), now=pages.now()
            )
            note_change(case=case, action=AuditAction.CASE_CHANGED, details={"signed": True})
    except NotFound:
        raise
    except DomainError as error:
        return _page(case, refused=gettext(str(error)), sign=form), error.status
    flash(gettext("Signed. The owner can close the case now."), "success")
    return redirect(url_for("cases.close", reference=reference), 303)


def _end_of(day: date) -> datetime:
    """Give the last moment of a day as people count it, or now if that is still to come."""
    zone = ZoneInfo(policy.current().followups.zone)
    end = datetime.combine(day, time(23, 59), tzinfo=zone)
    is_today = pages.now().astimezone(zone).date() == day
    return pages.now() if is_today else end


def _refusal(error: DomainError) -> str:
    message = gettext(str(error))
    if isinstance(error, HoldsRemain):
        return " ".join([message, *(words.obstacle(kind=kind) for kind in error.kinds)])
    return message


def _page(case: CaseRow, *, refused: str = "", **forms: Form) -> str:
    facts = _with_told(case, forms.get("close"))
    reader = pages.reader()
    today = pages.now().astimezone(ZoneInfo(policy.current().followups.zone)).date()
    shown: Mapping[str, Form] = {
        "close": CloseForm(formdata=None, data={"version": case.version}),
        "declined": DeclinedForm(formdata=None, prefix="declined-", data={"on": today}),
        "sign": SignatureForm(formdata=None, prefix="sign-"),
    } | forms
    counted = declines(facts=facts, policy=policy.current().cases.closing)
    return render_template(
        "cases/close.html",
        case=head(case=case),
        forms=shown,
        refused=refused,
        lines=[*_rules(case, facts), *_holds(facts)],
        declined=[filters.local_time(one) for one in counted],
        needed=policy.current().cases.closing.declines,
        signed_at=facts.signed_at,
        may_sign=Permission.SUPERVISE in reader.permissions and reader.user_id != case.owner_id,
    )


def _with_told(case: CaseRow, form: Form | None) -> Facts:
    told = isinstance(form, CloseForm) and bool(form.told.data)
    return closing.facts_of(case=case, told=told)


def _rules(case: CaseRow, facts: Facts) -> list[Line]:
    places = {
        Rule.LEVEL: url_for("cases.level", reference=case.reference),
        Rule.SAFETY_PLAN: url_for("cases.safety_plan", reference=case.reference),
    }
    found = checks(facts=facts, policy=policy.current().cases.closing)
    return [
        Line(
            title=_title(one.rule),
            is_met=one.is_met,
            to_do=_to_do(one.rule, facts),
            url=places.get(one.rule),
        )
        for one in found
    ]


def _title(rule: Rule) -> str:
    days = policy.current().cases.closing.calm_apart.days
    titles = {
        Rule.LEVEL: gettext("The level is blue"),
        Rule.CALM: gettext("Two contacts at blue, at least %(days)s days apart", days=days),
        Rule.SAFETY_PLAN: gettext("A safety plan, if the level was ever yellow or higher"),
        Rule.TOLD: gettext("The student knows how to come back"),
    }
    return titles[rule]


def _to_do(rule: Rule, facts: Facts) -> str:
    rules = policy.current().cases.closing
    calm = calm_moments(facts=facts, policy=rules)
    if rule is Rule.CALM and calm:
        return gettext(
            "The first calm contact was %(first)s; one from %(next)s on completes it.",
            first=filters.local_time(calm[0]),
            next=filters.local_time(calm[0] + rules.calm_apart),
        )
    to_do = {
        Rule.LEVEL: gettext("Let it fall with a reason when it is true, not to close the case."),
        Rule.CALM: gettext("Talk with the student at blue, and once more after that time."),
        Rule.SAFETY_PLAN: gettext("Write one with the student."),
        Rule.TOLD: gettext("Tell them, then tick it below."),
    }
    return to_do[rule]


def _holds(facts: Facts) -> list[Line]:
    held, known = set(facts.held_by), frozenset().union(*(kinds for _title, kinds, _do in HOLDS))
    lines = [
        Line(title=str(title), is_met=not held & kinds, to_do=str(to_do))
        for title, kinds, to_do in HOLDS
    ]
    lines += [
        Line(title=words.obstacle(kind=kind), is_met=False, to_do=gettext("Ask who placed it."))
        for kind in sorted(held - known)
    ]
    return lines
