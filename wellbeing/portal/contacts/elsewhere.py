"""Writing down a contact that was made elsewhere: in person at a school, or by letter."""

from __future__ import annotations

import secrets
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.operations import walk_ins
from wellbeing.cases.rules.walk_ins import ENDINGS, NewWalkIn, Recorded
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.walk_ins import NotYetHappened, TooLongAgo
from wellbeing.foundation.database import transaction
from wellbeing.foundation.phone import NotAPhoneNumber
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import pages
from wellbeing.portal.cases.blueprint import decider
from wellbeing.portal.contacts import workspace
from wellbeing.portal.contacts.blueprint import blueprint
from wellbeing.portal.forms.base import _
from wellbeing.portal.forms.contacts import MEASURE_LABELS
from wellbeing.portal.forms.walk_ins import WalkInForm
from wellbeing.triage.rules.levels import NoteMissing

STAY = _("In imminent danger somebody stays: open a case, or go on in the workspace.")
Page = str | AnyResponse | tuple[str, int]


@blueprint.get("/contacts/elsewhere")
@pages.allowed(Permission.ANSWER_LINE)
def elsewhere() -> str:
    """Offer the form; it carries a token, so that sending it twice writes one contact."""
    zone = ZoneInfo(policy.current().followups.zone)
    form = _form(
        formdata=None,
        data={
            "token": secrets.token_urlsafe(16),
            "happened_at": pages.now().astimezone(zone),
            "organization_id": pages.reader().organization_id,
        },
    )
    return _page(form)


@blueprint.post("/contacts/elsewhere")
@pages.allowed(Permission.ANSWER_LINE)
def write_down() -> Page:
    """Write the contact down; what is refused stays in its form."""
    form = _form()
    if not form.is_valid() or not _is_safe(form):
        return _page(form), 422
    try:
        with transaction():
            new = _wanted(form)
            done = walk_ins.record(new=new, by=decider(), now=pages.now())
            note_recorded(done=done, new=new)
    except NotAPhoneNumber as error:
        form.refuse("number", str(error))
    except (NotYetHappened, TooLongAgo) as error:
        form.refuse("happened_at", str(error))
    except NoteMissing as error:
        form.refuse("level_note", str(error))
    else:
        return _onward(done, new)
    return _page(form), 422


def note_recorded(*, done: Recorded, new: NewWalkIn) -> None:
    """Write down in the log that a contact was written down; a repeated one was before."""
    if not done.is_new:
        return
    audit.record(
        action=AuditAction.RECORDED_ELSEWHERE,
        subject=Subject(kind="contact", id=done.contact_id),
        actor=pages.actor(),
        details={
            "channel": new.walk_in.channel.value,
            "level": new.level.value if new.level else None,
            "case": done.reference is not None,
        },
        now=pages.now(),
    )


def _is_safe(form: WalkInForm) -> bool:
    """Tell whether somebody stays with a student in imminent danger; say so by the field if not."""
    is_red = form.level.data == str(RiskLevel.IMMINENT.value)
    if not is_red or form.text("next_step") not in ENDINGS:
        return True
    form.refuse("next_step", STAY)
    return False


def _wanted(form: WalkInForm) -> NewWalkIn:
    chosen = organizations.get(organization_id=int(form.organization_id.data))
    return form.contact(path=chosen.path, by=pages.reader().user_id)


def _onward(done: Recorded, new: NewWalkIn) -> AnyResponse:
    flash(gettext("The contact is written down."), "success")
    if done.reference is not None:
        return redirect(url_for("cases.show", reference=done.reference), 303)
    if new.ending is not None:
        return redirect(url_for("queue.mine"), 303)
    contact = contacts.contact_by_id(contact_id=done.contact_id)
    return redirect(url_for("contacts.show", public_id=contact.public_id), 303)


def _form(**settings: object) -> WalkInForm:
    return WalkInForm(units=workspace.units(), language=pages.language(), **settings)


def _page(form: WalkInForm) -> str:
    return render_template(
        "contacts/elsewhere.html",
        form=form,
        measures=MEASURE_LABELS,
        reason_groups=workspace.reason_groups(form),
    )
