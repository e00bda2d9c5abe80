"""A supervisor decides whether the red of a contact may fall."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.rules.lowerings import About
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.portal import pages
from wellbeing.portal.cases import lowerings
from wellbeing.portal.contacts import workspace
from wellbeing.portal.contacts.blueprint import blueprint, found, opened, subject_of
from wellbeing.portal.forms.safety import DecideForm


@blueprint.post("/contacts/<public_id>/lowering/<int:lowering_id>")
@pages.allowed(Permission.SUPERVISE)
def decide_lowering(public_id: str, lowering_id: int) -> AnyResponse | tuple[str, int]:
    """Lower the contact's red as proposed, or keep it; of two supervisors one decides."""
    contact = found(public_id)
    row = lowerings.waiting(lowering_id=lowering_id, about=About(contact_id=contact.contact_id))
    form = DecideForm(prefix="decide-")
    if not form.is_valid():
        return workspace.page(opened(public_id), {"decide": form}), 422
    try:
        with transaction():
            outcome = lowerings.decide(row=row, form=form)
            audit.record(
                action=AuditAction.ASSESSED,
                subject=subject_of(contact),
                actor=pages.actor(),
                details={"lowering": lowering_id, "outcome": outcome.value},
                now=pages.now(),
            )
    except NotFound:
        raise
    except DomainError as error:
        flash(gettext(str(error)), "warning")
        return workspace.page(opened(public_id)), error.status
    flash(lowerings.decided(outcome), "success")
    return redirect(url_for("contacts.show", public_id=public_id, _anchor="level"), 303)
