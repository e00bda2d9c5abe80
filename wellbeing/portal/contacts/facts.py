"""The contact record: saving it, and both versions when somebody else saved in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit import queries as audit_queries
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.contacts.operations import facts as recording
from wellbeing.contacts.rules.conversations import ContactFacts, ContactRow, StaleContact
from wellbeing.foundation.database import transaction
from wellbeing.policy import current as policy
from wellbeing.policy.model import Choice
from wellbeing.portal import filters, pages
from wellbeing.portal.contacts import workspace
from wellbeing.portal.contacts.blueprint import blueprint, opened, subject_of, worked_on
from wellbeing.portal.forms.contacts import MEASURE_LABELS, FactsForm

Answer = AnyResponse | tuple[str, int]


@blueprint.post("/contacts/<public_id>/facts")
@pages.allowed(Permission.OPEN_CONTACT)
def facts(public_id: str) -> Answer:
    """Save the contact record; a stale save shows both versions and loses neither."""
    contact = worked_on(public_id)
    form = FactsForm(prefix="facts-", language=pages.language())
    if not form.is_valid():
        return workspace.page(opened(public_id), {"facts": form}), 422
    wanted = form.facts(non_data_kind=contact.facts.non_data_kind)
    try:
        with transaction():
            recording.record_facts(
                contact_id=contact.contact_id,
                facts=wanted,
                version=int(form.version.data or 0),
                now=pages.now(),
            )
            audit.record(
                action=AuditAction.RECORDED_FACTS,
                subject=subject_of(contact),
                actor=pages.actor(),
                details={},
                now=pages.now(),
            )
    except StaleContact as error:
        return _conflict(opened(public_id), wanted), error.status
    flash(gettext("The record is saved."), "success")
    return redirect(url_for("contacts.show", public_id=public_id, _anchor="facts"), 303)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One line of the record, as it is saved and as it was sent now."""

    label: str
    saved: str
    yours: str


def _conflict(contact: ContactRow, yours: ContactFacts) -> str:
    again = FactsForm(
        formdata=_as_sent(yours, contact.version), prefix="facts-", language=pages.language()
    )
    saved_by, saved_at = last_saved(contact=contact, action=AuditAction.RECORDED_FACTS)
    return render_template(
        "contacts/stale.html",
        contact=contact,
        rows=list(_compared(contact.facts, yours)),
        saved_by=saved_by,
        saved_at=saved_at,
        form=again,
    )


def _as_sent(yours: ContactFacts, version: int) -> MultiDict[str, str]:
    values: list[tuple[str, Any]] = [
        ("caller_type", yours.caller_type),
        ("age_band", yours.age_band),
        *(("reasons", reason) for reason in yours.reasons),
        *((name, getattr(yours, name)) for name in MEASURE_LABELS),
        ("version", version),
    ]
    return MultiDict([(f"facts-{key}", str(value)) for key, value in values if value is not None])


def _compared(saved: ContactFacts, yours: ContactFacts) -> Iterator[Compared]:
    triage = policy.current().triage
    for label, name, choices in (
        (gettext("Who is writing"), "caller_type", triage.caller_types),
        (gettext("Age"), "age_band", triage.age_bands),
    ):
        one, other = ([getattr(facts, name)] for facts in (saved, yours))
        yield Compared(label=label, saved=_named(one, choices), yours=_named(other, choices))
    yield Compared(
        label=gettext("Reasons for contact"),
        saved=_named(saved.reasons, triage.reasons),
        yours=_named(yours.reasons, triage.reasons),
    )
    for measure, words in MEASURE_LABELS.items():
        one, other = ([getattr(facts, measure)] for facts in (saved, yours))
        yield Compared(label=str(words), saved=_number(one[0]), yours=_number(other[0]))


def _named(keys: Sequence[str | None], choices: Sequence[Choice]) -> str:
    names = {choice.key: choice.name(language=pages.language()) for choice in choices}
    return "\n".join(names.get(key, key) for key in keys if key)


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def last_saved(*, contact: ContactRow, action: AuditAction) -> tuple[str, datetime]:
    """Tell who saved last, by the log; a change of hands alone makes a save stale as well."""
    wanted = EventFilter(action=action, subject=subject_of(contact))
    saved = audit_queries.events(wanted=wanted, limit=1)
    user_id = saved[0].actor_id if saved else contact.claimed_by
    at = saved[0].at if saved else contact.claimed_at or contact.arrived_at
    name = accounts.names_of(user_ids={user_id}).get(user_id) if user_id else None
    return filters.in_language(name, "display_name") if name else gettext("The line"), at
