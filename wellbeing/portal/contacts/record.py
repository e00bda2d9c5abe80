"""What is decided about a contact: level, case, ending. Its record is in `facts`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import lowerings as lowering_operations
from wellbeing.cases.operations import opening
from wellbeing.cases.rules.cases import AlreadyACase
from wellbeing.cases.rules.lowerings import Done
from wellbeing.contacts.operations import conversations as contacts_operations
from wellbeing.contacts.operations import facts as recording
from wellbeing.contacts.rules.conversations import ContactRow, Disposition
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import NoSuchOrganization
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import pages
from wellbeing.portal.cases import lowerings
from wellbeing.portal.contacts import passed_on, workspace
from wellbeing.portal.contacts.blueprint import blueprint, opened, subject_of, worked_on
from wellbeing.portal.forms.base import Form
from wellbeing.portal.forms.contacts import (
    AssessForm,
    CloseForm,
    OpenCaseForm,
)
from wellbeing.triage import operations as triage_operations
from wellbeing.triage.rules.levels import Decider, Source, SupervisorNeeded
from wellbeing.triage.rules.wrapping_up import LevelDue, ScreenerDue

Answer = AnyResponse | tuple[str, int]


@blueprint.post("/contacts/<public_id>/assess")
@pages.allowed(Permission.OPEN_CONTACT)
def assess(public_id: str) -> Answer:
    """Set the risk level with its reason."""
    contact = worked_on(public_id)
    form = AssessForm(prefix="assess-")
    if not form.is_valid():
        return _again(contact, {"assess": form})
    try:
        with transaction():
            done = lowering_operations.set_contact_level(
                contact_id=contact.contact_id,
                level=RiskLevel(form.level.data),
                source=Source(form.source.data),
                note=form.text("note"),
                by=_decider(),
                now=pages.now(),
            )
            _note(AuditAction.ASSESSED, contact, level=form.level.data, done=done.value)
    except DomainError as error:
        form.refuse("level", str(error))
        return _again(contact, {"assess": form})
    flash(lowerings.said(done), "success" if done is Done.SET else "warning")
    return _back(contact, "level")


@blueprint.post("/contacts/<public_id>/case")
@pages.allowed(Permission.OPEN_CASE)
def open_case(public_id: str) -> Answer:
    """Open a case for this contact and, if wanted, go straight on to its escalation."""
    contact = worked_on(public_id)
    form = OpenCaseForm(units=workspace.units(), language=pages.language(), prefix="case-")
    organization_id = _chosen_unit(form) if form.is_valid() else None
    if organization_id is None:
        return _again(contact, {"case": form})
    try:
        with transaction():
            case = opening.open_case(
                contact_id=contact.contact_id,
                by=pages.reader().user_id,
                organization_id=organization_id,
                level=RiskLevel(form["level"].data),
                note=form.text("note"),
                now=pages.now(),
            )
            _note(AuditAction.CASE_OPENED, contact, case=case.case_id)
    except AlreadyACase as error:
        return _has_case(error.reference)
    except SupervisorNeeded as error:
        form.refuse("level", str(error))
        return _again(contact, {"case": form})
    flash(gettext("Case %(reference)s is open.", reference=case.reference), "success")
    wanted = "cases.escalate" if request.form.get("then") == "escalate" else "cases.show"
    return redirect(url_for(wanted, reference=case.reference), 303)


@blueprint.post("/contacts/<public_id>/case/<reference>")
@pages.allowed(Permission.OPEN_CASE)
def join_case(public_id: str, reference: str) -> Answer:
    """Let this contact join a case of the same number, where the counselor knows it is the same."""
    contact = worked_on(public_id)
    offered = workspace.offers(contact)
    chosen = next((one for one in offered if one.reference == reference), None)
    if chosen is None:
        return pages.never()
    try:
        with transaction():
            opening.attach_contact(
                case_id=chosen.case_id,
                contact_id=contact.contact_id,
                by=pages.reader().user_id,
                now=pages.now(),
            )
            _note(AuditAction.CASE_CHANGED, contact, case=chosen.case_id)
    except AlreadyACase as error:
        return _has_case(error.reference)
    flash(gettext("The conversation now belongs to case %(reference)s.", reference=reference))
    return _back(contact, "case")


def _has_case(reference: str) -> AnyResponse:
    flash(gettext("This contact belongs to a case already."), "warning")
    return redirect(url_for("cases.show", reference=reference), 303)


@blueprint.post("/contacts/<public_id>/close")
@pages.allowed(Permission.ANSWER_LINE)
def close(public_id: str) -> Answer:
    """End the conversation with its disposition and a note."""
    form = CloseForm(prefix="close-")
    try:
        contact = worked_on(public_id)
    except NotFound:
        return passed_on.too_late(public_id, words=form.text("wrap_up"))
    if not form.is_valid():
        return _again(contact, {"close": form})
    try:
        with transaction():
            _end(contact, Disposition(form.disposition.data), form.text("wrap_up"))
    except (ScreenerDue, LevelDue) as error:
        return _not_yet(contact, form, error)
    return _ended()


@blueprint.post("/contacts/<public_id>/close-non-data")
@pages.allowed(Permission.ANSWER_LINE)
def close_non_data(public_id: str) -> Answer:
    """End what was no request for help, with one click that also records its kind."""
    contact = worked_on(public_id)
    try:
        with transaction():
            triage_operations.check_wrap_up(contact_id=contact.contact_id)
            recording.record_facts(
                contact_id=contact.contact_id,
                facts=replace(contact.facts, non_data_kind=request.form.get("kind", "")),
                # One click on an old page must not end what somebody has written down since.
                version=request.form.get("version", 0, type=int),
                now=pages.now(),
            )
            _end(contact, Disposition.NON_DATA, "")
    except (ScreenerDue, LevelDue) as error:
        return _not_yet(contact, CloseForm(formdata=None, prefix="close-"), error)
    return _ended()


def _not_yet(contact: ContactRow, form: CloseForm, error: DomainError) -> tuple[str, int]:
    """Say what must be asked or judged first; what was written for the ending stays."""
    form.refuse("disposition", str(error))
    return workspace.page(opened(contact.public_id), {"close": form}), error.status


def _end(contact: ContactRow, disposition: Disposition, wrap_up: str) -> None:
    triage_operations.check_wrap_up(contact_id=contact.contact_id)
    contacts_operations.close_contact(
        contact_id=contact.contact_id,
        disposition=disposition,
        wrap_up=wrap_up,
        by=pages.reader().user_id,
        now=pages.now(),
    )
    _note(AuditAction.CLOSED_CONTACT, contact, disposition=disposition.value)


def _ended() -> AnyResponse:
    flash(gettext("The conversation is closed. Take a breath before the next one."), "success")
    return redirect(url_for("queue.home"), 303)


def _chosen_unit(form: Form) -> int | None:
    """Give the unit that was chosen or typed; None after putting the error by its field."""
    code = (form.text("other_code")).strip()
    if not code:
        return int(form["organization_id"].data)
    try:
        unit = organizations.by_code(code=code)
    except NoSuchOrganization:
        unit = None
    if unit is None or not pages.reader().scope.covers(unit.path):
        form.refuse("other_code", UNKNOWN_UNIT)
        return None
    return unit.id


UNKNOWN_UNIT = "There is no unit with this code that you may choose."


def _decider() -> Decider:
    reader = pages.reader()
    return Decider(user_id=reader.user_id, is_supervisor=Permission.SUPERVISE in reader.permissions)


def _note(action: AuditAction, contact: ContactRow, **details: Any) -> None:
    audit.record(
        action=action,
        subject=subject_of(contact),
        actor=pages.actor(),
        details=details,
        now=pages.now(),
    )


def _again(contact: ContactRow, forms: dict[str, Form]) -> tuple[str, int]:
    return workspace.page(opened(contact.public_id), forms), 422


def _back(contact: ContactRow, place: str) -> AnyResponse:
    return redirect(url_for("contacts.show", public_id=contact.public_id, _anchor=place), 303)
