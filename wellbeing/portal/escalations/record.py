"""One escalation: a summary until somebody of the desk has acknowledged it, then everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template
from flask_babel import gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.queries import cases
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.rules.rows import EscalationRow, EscalationWords
from wellbeing.escalation.rules.words import EscalationState, PageSubject, PageSubjectKind
from wellbeing.portal import filters, pages
from wellbeing.portal.cases.naming import Names
from wellbeing.portal.escalations import cards, words
from wellbeing.portal.escalations.blueprint import blueprint
from wellbeing.portal.forms.escalations import DeclineForm


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """What the reader may do with an escalation as it stands."""

    acknowledge: bool
    accept: bool
    decline: bool
    release: bool
    confirm_read_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the sender wrote, opened for whoever may read it."""

    reference: str
    reason: str
    safety_plan: str
    may_be_told: str
    skip_reason: str
    agreement: str
    declined: tuple[str, ...]


@blueprint.get("/escalations/<int:escalation_id>")
@pages.allowed(Permission.RECEIVE_ESCALATION)
def show(escalation_id: int) -> str:
    """Show an escalation to its sender, its receivers and their supervisors."""
    return page(row=opened(escalation_id), form=DeclineForm())


def opened(escalation_id: int) -> EscalationRow:
    """Give an escalation to a reader who may know of it, and write down that it was shown."""
    row = escalation.get(escalation_id=escalation_id, scope=pages.reader().scope)
    pages.note_read(
        action=AuditAction.OPENED_CASE,
        subject=subject_of(row),
        details={"escalation": row.escalation_id},
    )
    return row


def subject_of(row: EscalationRow) -> Subject:
    """Name the case of an escalation as the audit log does."""
    return Subject(kind="case", id=row.case_id)


def page(*, row: EscalationRow, form: DeclineForm) -> str:
    """Put the page together; the reader was let in and it was written down."""
    receivers = escalation.receivers(row=row)
    called = PageSubject(kind=PageSubjectKind.ESCALATION, id=row.escalation_id)
    attempts = escalation.attempts_of(subjects=[called])
    names = cards.names_for(escalations=[row], receivers=receivers, rings=attempts)
    said = _words(row)
    return render_template(
        "escalations/show.html",
        card=cards.card(row=row, names=names),
        escalation={
            "receivers": cards.desks(receivers=receivers, names=names),
            "called": cards.called(attempts=attempts, names=names),
            "attempts": cards.rings(attempts=attempts, names=names),
        },
        is_open=row.is_open,
        is_late=row.is_late,
        contact_by=row.contact_by,
        ending=_ending(row, names),
        said=said,
        times=_times(row, names),
        may=_may(row, is_full=said is not None),
        decline_form=form,
        now=pages.now(),
    )


def _words(row: EscalationRow) -> Words | None:
    scope, now = pages.reader().scope, pages.now()
    if not escalation.may_read_words(row=row, scope=scope, now=now):
        return None
    found: EscalationWords = escalation.words(escalation_id=row.escalation_id, scope=scope, now=now)
    return Words(
        reference=cases.case_by_id(case_id=row.case_id).reference,
        reason=found.reason,
        safety_plan=found.safety_plan,
        may_be_told=found.may_be_told,
        skip_reason=found.skip_reason,
        agreement=str(words.AGREEMENTS[row.agreement]),
        declined=found.decline_reasons,
    )


def _may(row: EscalationRow, *, is_full: bool) -> May:
    reader = pages.reader()
    waits = row.is_open or (row.is_late and row.accepted_by != reader.user_id)
    receives = waits and (
        escalation.receiving_organization(escalation_id=row.escalation_id, user_id=reader.user_id)
        is not None
    )
    return May(
        acknowledge=receives and (not is_full or row.is_late or row.state is EscalationState.SENT),
        accept=receives,
        decline=receives and row.is_open,
        release=row.is_open and row.from_user_id == reader.user_id,
        confirm_read_back=row.from_user_id == reader.user_id
        and row.state in {EscalationState.ACKNOWLEDGED, EscalationState.ACCEPTED}
        and not row.is_warm,
    )


def _ending(row: EscalationRow, names: Names) -> str:
    if row.state is EscalationState.ACCEPTED:
        return gettext(
            "Accepted by %(name)s at %(time)s. The student is contacted by %(by)s.",
            name=names.user(row.accepted_by),
            time=filters.local_time(row.accepted_at),
            by=filters.local_time(row.contact_by),
        )
    if row.state is EscalationState.DECLINED:
        return gettext("Every desk declined. The sender's supervisor decides what happens.")
    return gettext("The sender took it back. Nothing more happens here.")


def _times(row: EscalationRow, names: Names) -> list[tuple[str, str]]:
    def done(at: datetime | None, by: int | None) -> str:
        if at is None:
            return gettext("not yet")
        return gettext("%(name)s, %(time)s", name=names.user(by), time=filters.local_time(at))

    return [
        (gettext("Sent"), done(row.sent_at, row.from_user_id)),
        (gettext("Answer by"), filters.local_time(row.acknowledge_by)),
        (gettext("Acknowledged"), done(row.acknowledged_at, row.acknowledged_by)),
        (gettext("Accepted"), done(row.accepted_at, row.accepted_by)),
        (gettext("Hand-over"), _hand_over(row)),
        (gettext("Student contacted by"), filters.local_time(row.contact_by)),
        (gettext("Student contacted"), filters.local_time(row.contacted_at) or gettext("not yet")),
    ]


def _hand_over(row: EscalationRow) -> str:
    if row.is_warm:
        return gettext("warm: read back at %(time)s", time=filters.local_time(row.read_back_at))
    return gettext("cold so far: nobody noted a read-back")
