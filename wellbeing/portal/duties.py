"""One duty: what is to be done, by whom, by when, and the word that it is done.

Duties whose end is a decision of its own kind (a report by law) are settled on their own pages.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.operations import duties
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import DutyRow
from wellbeing.cases.rules.consents import is_settled_by_consent
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.portal import pages
from wellbeing.portal.cases import happened
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.forms.cases import DutyForm

blueprint = Blueprint("duties", __name__)


@blueprint.route("/duties/<int:duty_id>", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def show(duty_id: int) -> str | AnyResponse | tuple[str, int]:
    """Show a duty; its holder or a supervisor of its unit says how it was done."""
    duty = _opened(duty_id)
    if duty.reference and is_settled_by_consent(kind=duty.kind):
        return redirect(url_for("cases.people", reference=duty.reference), 303)
    form = DutyForm()
    if not is_sent(form=form):
        return _page(duty, form), status()
    try:
        with transaction():
            duties.settle_duty(
                duty_id=duty_id, by=pages.reader().user_id, note=form.text("note"), now=pages.now()
            )
            _note(duty)
    except NotFound:
        raise
    except DomainError as error:
        return _page(duty, form, refused=gettext(str(error))), error.status
    flash(gettext("The duty is done."), "success")
    return redirect(url_for("queue.mine"), 303)


def _opened(duty_id: int) -> DutyRow:
    duty = cases.duty(duty_id=duty_id, scope=pages.reader().scope)
    pages.note_read(
        action=AuditAction.OPENED_CASE if duty.case_id else AuditAction.OPENED_CONTACT,
        subject=_subject(duty),
        details={"duty": duty_id},
    )
    return duty


def _subject(duty: DutyRow) -> Subject:
    if duty.case_id is None:
        return Subject(kind="contact", id=duty.contact_id)
    return Subject(kind="case", id=duty.case_id)


def _page(duty: DutyRow, form: Any, *, refused: str = "") -> str:
    names = look_up(users=[duty.holder_id], organizations_=[duty.organization_id])
    return render_template(
        "duties/show.html",
        duty=duty,
        kind_words=happened.duty(kind=duty.kind),
        holder=names.user(duty.holder_id),
        place=names.place(duty.organization_id),
        contact_url=_contact_url(duty),
        form=form,
        refused=refused,
        now=pages.now(),
    )


def _contact_url(duty: DutyRow) -> str | None:
    if duty.contact_id is None:
        return None
    contact = contacts.contact_by_id(contact_id=duty.contact_id)
    return url_for("contacts.show", public_id=contact.public_id)


def _note(duty: DutyRow) -> None:
    audit.record(
        action=AuditAction.DUTY_DONE,
        subject=_subject(duty),
        actor=pages.actor(),
        details={"duty": duty.duty_id},
        now=pages.now(),
    )
