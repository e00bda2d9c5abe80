"""Asking a screener. What follows from its answers is decided in triage."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.policy import current as policy
from wellbeing.portal import pages
from wellbeing.portal.contacts import workspace
from wellbeing.portal.contacts.blueprint import blueprint, opened, subject_of, worked_on
from wellbeing.portal.forms.base import Form
from wellbeing.portal.forms.contacts import screener_answers, screener_form
from wellbeing.triage import operations as triage
from wellbeing.triage.rules.records import ScreeningRow
from wellbeing.triage.rules.results import OutsideBranch

Answer = AnyResponse | tuple[str, int]


@blueprint.post("/contacts/<public_id>/screening/<screener>")
@pages.allowed(Permission.OPEN_CONTACT)
def screening(public_id: str, screener: str) -> Answer:
    """Keep the answers to a screener; what was asked outside of its branch is refused."""
    contact = worked_on(public_id)
    definition = policy.current().triage.screeners.get(screener)
    if definition is None or not definition.offered:
        return pages.never()
    form = screener_form(definition=definition, language=pages.language())
    answers = screener_answers(form=form, definition=definition) if form.is_valid() else {}
    if not answers:
        return _again(public_id, screener, form)
    try:
        with transaction():
            row = triage.record_screening(
                contact_id=contact.contact_id,
                screener=screener,
                answers=answers,
                by=pages.reader().user_id,
                now=pages.now(),
            )
            audit.record(
                action=AuditAction.SCREENED,
                subject=subject_of(contact),
                actor=pages.actor(),
                details={"screener": screener, "complete": row.complete},
                now=pages.now(),
            )
    except OutsideBranch as error:
        for key in error.keys:
            form.refuse(key, str(error))
        return _again(public_id, screener, form)
    except DomainError as error:
        form.refuse(definition.items[0].key, str(error))
        return _again(public_id, screener, form)
    flash(_said(row), "warning" if row.asks_further else "success")
    place = "screeners" if row.asks_further else "level"
    return redirect(url_for("contacts.show", public_id=public_id, _anchor=place), 303)


def _said(row: ScreeningRow) -> str:
    if row.asks_further:
        return gettext("The answers are saved. One of them asks for a C-SSRS or ASQ now.")
    return gettext("The answers are saved. Now set the level.")


def _again(public_id: str, screener: str, form: Form) -> tuple[str, int]:
    return workspace.page(opened(public_id), {screener: form}), 422
