"""A supervisor decides whether the red of a case may fall."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.rules.lowerings import About
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.portal import pages
from wellbeing.portal.cases import lowerings, record
from wellbeing.portal.cases.blueprint import blueprint, found, note_change, opened
from wellbeing.portal.forms.safety import DecideForm


@blueprint.post("/cases/<reference>/lowering/<int:lowering_id>")
@pages.allowed(Permission.SUPERVISE)
def decide_lowering(reference: str, lowering_id: int) -> AnyResponse | tuple[str, int]:
    """Lower the case's red as proposed, or keep it; of two supervisors one decides."""
    case = found(reference)
    row = lowerings.waiting(lowering_id=lowering_id, about=About(case_id=case.case_id))
    form = DecideForm(prefix="decide-")
    if not form.is_valid():
        return record.page(opened(reference), decide=form), 422
    try:
        with transaction():
            outcome = lowerings.decide(row=row, form=form)
            details = {"lowering": lowering_id, "outcome": outcome.value}
            note_change(case=case, action=AuditAction.CASE_CHANGED, details=details)
    except NotFound:
        raise
    except DomainError as error:
        flash(gettext(str(error)), "warning")
        return record.page(opened(reference)), error.status
    flash(lowerings.decided(outcome), "success")
    return redirect(url_for("cases.show", reference=reference), 303)
