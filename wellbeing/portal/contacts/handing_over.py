"""A conversation goes to a colleague on duty, with a note. Giving it back to all is `release`."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction
from wellbeing.contacts.operations import handing_over
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactRow, NotYours
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages
from wellbeing.portal.contacts.blueprint import blueprint, found, is_mine, opened, subject_of
from wellbeing.portal.forms.contacts import HandOverForm
from wellbeing.roster import queries as roster

Page = str | AnyResponse | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody on duty who may see this contact, and how many conversations they hold."""

    user_id: int
    name: str
    unit: str
    held: int


@blueprint.get("/contacts/<public_id>/hand-over")
@pages.allowed(Permission.ANSWER_LINE)
def choose_colleague(public_id: str) -> Page:
    """Show who is on duty and may take the conversation."""
    return _page(_mine(opened(public_id)), HandOverForm(colleagues=(), formdata=None))


@blueprint.post("/contacts/<public_id>/hand-over")
@pages.allowed(Permission.ANSWER_LINE)
def hand_over(public_id: str) -> Page:
    """Give the conversation to the chosen colleague; the note goes along."""
    contact = _mine(found(public_id))
    form = HandOverForm(colleagues=_labels(_on_duty(contact)), prefix="hand-over-")
    if not form.is_valid():
        return _page(_mine(opened(public_id)), form), 422
    colleague_id = int(form["colleague"].data)
    try:
        with transaction():
            handing_over.hand_over(
                contact_id=contact.contact_id,
                by=pages.reader().user_id,
                to=accounts.scope_of(user_id=colleague_id),
                note=form.text("note"),
                now=pages.now(),
            )
            audit.record(
                action=AuditAction.HANDED_OVER,
                subject=subject_of(contact),
                actor=pages.actor(),
                details={"to": colleague_id},
                now=pages.now(),
            )
    except DomainError as error:
        form.refuse("colleague", str(error))
        return _page(_mine(opened(public_id)), form), error.status
    flash(gettext("The conversation is with your colleague now."), "success")
    return redirect(url_for("queue.home"), 303)


def _mine(contact: ContactRow) -> ContactRow:
    if not is_mine(contact):
        raise NotYours
    return contact


def _page(contact: ContactRow, form: HandOverForm) -> str:
    colleagues = _on_duty(contact)
    if form["colleague"].data is None and not form.errors:
        form = HandOverForm(colleagues=_labels(colleagues), formdata=None, prefix="hand-over-")
    return render_template(
        "contacts/hand_over.html",
        contact=contact,
        form=form,
        colleagues=colleagues,
        cap=policy.current().line.text.counselor_thread_cap,
    )


def _labels(colleagues: tuple[Colleague, ...]) -> tuple[tuple[int, str], ...]:
    return tuple(
        (
            one.user_id,
            gettext(
                "%(name)s · %(unit)s · holds %(count)s now",
                name=one.name,
                unit=one.unit,
                count=one.held,
            ),
        )
        for one in colleagues
    )


def _on_duty(contact: ContactRow) -> tuple[Colleague, ...]:
    """List who is on call at a desk of this unit or above it, without oneself."""
    own = organizations.get(organization_id=contact.organization_id)
    chain = (own, *organizations.chain_above(organization_id=own.id))
    units: dict[int, str] = {}
    for unit in chain:
        for desk in policy.current().line.desks:
            if desk.tier is unit.tier:
                for one in roster.on_call_at(
                    organization_id=unit.id, desk=desk.key, at=pages.now()
                ):
                    units.setdefault(one.user_id, unit.name(language=pages.language()))
    units.pop(pages.reader().user_id, None)
    names = accounts.names_of(user_ids=units)
    return tuple(
        Colleague(
            user_id=user_id,
            name=filters.in_language(names[user_id], "display_name"),
            unit=unit,
            held=contacts.conversations_held(user_id=user_id),
        )
        for user_id, unit in units.items()
        if _may_take(user_id, contact)
    )


def _may_take(user_id: int, contact: ContactRow) -> bool:
    scope = accounts.scope_of(user_id=user_id)
    return scope.may(Permission.ANSWER_LINE) and scope.covers(contact.organization_path)
