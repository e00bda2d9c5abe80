"""Consent: written down, withdrawn, overridden in an emergency and made good afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, request
from flask_babel import gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import consents as operations
from wellbeing.cases.queries import ages
from wellbeing.cases.queries import consents as queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.consents import Basis, Giver, NewConsent, Purpose
from wellbeing.foundation.database import transaction
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import asking, people_words
from wellbeing.portal.cases.asking import Page, Question
from wellbeing.portal.cases.blueprint import blueprint, found, note_change, opened
from wellbeing.portal.cases.people import people_url
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.people import ConsentForm, ReasonForm


@blueprint.route("/cases/<reference>/consents/new", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def give_consent(reference: str) -> Page:
    """Write down for which purpose the identity may be used, and on which ground of the law."""
    case = opened(reference)
    form = _form(case)

    def change() -> None:
        consent_id = operations.give_consent(
            case_id=case.case_id, new=_new(form), by=pages.reader().user_id, now=pages.now()
        )
        _note(case, consent_id, change="given", basis=str(form.basis.data))

    question = Question(
        title=gettext("Write down a consent"),
        intro=gettext(
            "Ask for each purpose by itself. Under 14 the law asks for a guardian too, unless the"
            " guardian is the danger. In an emergency act first: it holds at once, a supervisor"
            " confirms it, and the people concerned are told afterwards."
        ),
        facts=_known_age(case),
        fields=("purpose", "basis", "given_by", "given_at", "in_words", "approver_id"),
        button=gettext("Save"),
        back=people_url(reference),
    )
    return asking.answered(
        case=case, form=form, question=question, change=change, done=gettext("Written down.")
    )


@blueprint.route("/cases/<reference>/consents/<int:consent_id>/withdraw", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def withdraw_consent(reference: str, consent_id: int) -> Page:
    """Take a consent back with a reason; texts that have not left go with it."""
    case = opened(reference)
    consent = queries.consent(consent_id=consent_id, case_id=case.case_id)
    form = ReasonForm()

    def change() -> None:
        operations.withdraw_consent(
            consent=consent,
            reason=form.text("reason"),
            by=pages.reader().user_id,
            now=pages.now(),
        )
        _note(case, consent_id, change="withdrawn")

    question = Question(
        title=gettext("Withdraw a consent"),
        intro=gettext("From now on nothing is done on it. What was done before stays lawful."),
        facts=[
            (gettext("For which purpose"), str(people_words.PURPOSES[consent.purpose])),
            (gettext("On which ground"), str(people_words.BASES[consent.basis])),
            (gettext("When"), filters.local_time(consent.given_at)),
        ],
        fields=("reason",),
        button=gettext("Withdraw"),
        back=people_url(reference),
    )
    return asking.answered(
        case=case, form=form, question=question, change=change, done=gettext("Withdrawn.")
    )


@blueprint.post("/cases/<reference>/consents/<int:consent_id>/approve")
@pages.allowed(Permission.SUPERVISE)
def approve_emergency(reference: str, consent_id: int) -> Page:
    """Confirm an emergency for which one answers."""
    case = found(reference)
    consent = queries.consent(consent_id=consent_id, case_id=case.case_id)
    with transaction():
        operations.approve_emergency(consent=consent, by=pages.reader().user_id, now=pages.now())
        _note(case, consent_id, change="approved")
    flash(gettext("Confirmed."), "success")
    return redirect(people_url(reference), 303)


@blueprint.route("/cases/<reference>/consents/notice", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def give_late_notice(reference: str) -> Page:
    """Write down that the people concerned were told of what an emergency made necessary."""
    case = opened(reference)
    form = ReasonForm()

    def change() -> None:
        operations.give_late_notice(
            case_id=case.case_id,
            words=form.text("reason"),
            by=pages.reader().user_id,
            now=pages.now(),
        )
        _note(case, None, change="late_notice")

    question = Question(
        title=gettext("They were told afterwards"),
        intro=gettext(
            "Say whom you told, how, and what was passed on to whom. The law asks for it as soon"
            " as the emergency is over."
        ),
        fields=("reason",),
        button=gettext("Save"),
        back=people_url(reference),
    )
    return asking.answered(
        case=case, form=form, question=question, change=change, done=gettext("Written down.")
    )


def _known_age(case: CaseRow) -> list[tuple[str, str]]:
    if ages.consents_alone(case_id=case.case_id, now=pages.now()):
        return []
    return [(gettext("Age"), gettext("Under 14, as far as we were told: ask a guardian too."))]


def _form(case: CaseRow) -> ConsentForm:
    alone = ages.consents_alone(case_id=case.case_id, now=pages.now())
    giver = Giver.STUDENT if alone else Giver.BOTH
    asked = {"given_by": giver.value, "basis": Basis.CONSENT.value}
    form = ConsentForm(data=asked | {"purpose": request.args.get("purpose")})
    form.purpose.choices = _choices(people_words.PURPOSES)
    form.basis.choices = _choices(people_words.BASES)
    form.given_by.choices = _choices(people_words.GIVERS)
    approvers = queries.approvers_of(case=case, by=pages.reader().user_id)
    form.approver_id.choices = [
        choice("", gettext("nobody")),
        *(choice(str(one.id), one.display_name(language=pages.language())) for one in approvers),
    ]
    return form


def _new(form: ConsentForm) -> NewConsent:
    at = form.given_at.data
    approver = form.approver_id.data
    return NewConsent(
        purpose=Purpose(form.purpose.data),
        basis=Basis(form.basis.data),
        given_by=Giver(form.given_by.data),
        given_at=_moment(at) if at else pages.now(),
        words=form.text("in_words"),
        approver_id=int(approver) if approver else None,
    )


def _moment(wall: datetime) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(policy.current().followups.zone)).astimezone(UTC)


def _choices(words: Any) -> list[Any]:
    return [choice(*one) for one in people_words.choices(words)]


def _note(case: CaseRow, consent_id: int | None, **details: Any) -> None:
    note_change(
        case=case, action=AuditAction.CONSENT_CHANGED, details={"consent": consent_id, **details}
    )
