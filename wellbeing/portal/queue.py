"""The live queue: who waits, and who takes them. What waits on one person is in `my_work`.

What belongs on the list is decided in worklists; a conversation itself is in `contacts`.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.contacts.operations import conversations as contacts_operations
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import (
    AlreadyClaimed,
    ContactState,
    NobodyWaits,
    QueueRow,
    TooManyConversations,
)
from wellbeing.escalation import queries as escalation
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.policy import current as policy
from wellbeing.portal import filters, my_work, navigation, pages
from wellbeing.portal.calls import board
from wellbeing.portal.escalations.words import CALLED_FOR
from wellbeing.triage import queries as triage

blueprint = Blueprint("queue", __name__)

TOLD = (AlreadyClaimed, NobodyWaits, TooManyConversations)
"""Said on the queue itself: whoever was too late wants the next one, not an error page."""
SHOWN_REASONS = 3


@blueprint.get("/")
@pages.allowed(None)
def home() -> AnyResponse | str:
    """Show the live queue; people without one are sent to where they start."""
    permissions = pages.reader().permissions
    if Permission.SEE_QUEUE not in permissions:
        return redirect(navigation.start_url(permissions=permissions))
    return render_template("queue/home.html", **_queue())


@blueprint.get("/queue/fragment")
@pages.allowed(Permission.SEE_QUEUE, poll=True)
def fragment() -> Response | tuple[str, int]:
    """Give the queue again when it changed; 204 after one indexed read when it did not."""
    if request.args.get("since") == str(contacts.queue_version()):
        return "", 204
    shown = _queue()
    html = render_template("queue/_live.html", **shown)
    return Response(html, headers={"X-Version": shown["version"]})


@blueprint.get("/my-work")
@pages.allowed(Permission.ANSWER_LINE)
def mine() -> str:
    """Show what waits on the reader."""
    work = my_work.gathered()
    pages.note_read(action=AuditAction.LISTED, details=my_work.ids(work))
    return render_template(
        "queue/mine.html",
        conversations=my_work.conversations(work.conversations),
        parts=my_work.parts(work),
        cases=my_work.cases(work.cases),
        more=work.more_cases is not None,
        now=pages.now(),
    )


@blueprint.post("/queue/next", endpoint="next")
@pages.allowed(Permission.ANSWER_LINE)
def next_one() -> AnyResponse:
    """Take whoever is most urgent, then has waited longest."""
    reader = pages.reader()
    try:
        with transaction():
            contact_id = contacts_operations.claim_next(
                scope=reader.scope, user_id=reader.user_id, now=pages.now()
            )
            _note_claim(contact_id)
    except TOLD as error:
        return _told(error)
    public_id = contacts.contact_by_id(contact_id=contact_id).public_id
    return redirect(url_for("contacts.show", public_id=public_id), 303)


@blueprint.post("/queue/<public_id>/accept")
@pages.allowed(Permission.ANSWER_LINE)
def accept(public_id: str) -> AnyResponse:
    """Take one waiting contact; of several who press at once, one wins."""
    reader = pages.reader()
    contact_id = contacts.open_id(public_id=public_id, scope=reader.scope)
    try:
        with transaction():
            contacts_operations.claim(
                contact_id=contact_id,
                scope=reader.scope,
                user_id=reader.user_id,
                now=pages.now(),
            )
            _note_claim(contact_id)
    except TOLD as error:
        return _told(error)
    return redirect(url_for("contacts.show", public_id=public_id), 303)


def _told(error: DomainError) -> AnyResponse:
    flash(gettext(str(error)), "warning")
    return redirect(url_for("queue.home"), 303)


def _note_claim(contact_id: int) -> None:
    audit.record(
        action=AuditAction.CLAIMED,
        subject=Subject(kind="contact", id=contact_id),
        actor=pages.actor(),
        details={},
        now=pages.now(),
    )


def _queue() -> dict[str, Any]:
    # Asked before the list: a change in between is then shown at the next poll, never lost.
    version = str(contacts.queue_version())
    rows, live = contacts.live(scope=pages.reader().scope), board.live_calls()
    pages.note_read(
        action=AuditAction.LISTED,
        details={
            "list": "live_queue",
            "contacts": [row.contact_id for row in rows],
            "calls": [call.contact_id for call in live],
        },
    )
    why = triage.why(contact_ids=[row.contact_id for row in rows])
    names = accounts.names_of(user_ids={row.claimed_by for row in rows if row.claimed_by})
    calling = {call.contact_id for call in live}
    return {
        "version": version,
        "paged": escalation.ringing_for(user_id=pages.reader().user_id),
        "paged_for": CALLED_FOR,
        "calls": board.entries(live),
        "wrap_up": [_engaged(row, names) for row in rows if board.is_wrap_up(row, live)],
        "waiting": [
            _waiting(row, why.get(row.contact_id, ()))
            for row in rows
            if row.state is ContactState.WAITING
        ],
        "engaged": [
            _engaged(row, names)
            for row in rows
            if row.state is ContactState.IN_CONVERSATION
            and row.contact_id not in calling
            and not board.is_wrap_up(row, live)
        ],
        "may_answer": Permission.ANSWER_LINE in pages.reader().permissions,
        "now": pages.now(),
    }


def _waiting(row: QueueRow, rules: tuple[str, ...]) -> dict[str, Any]:
    kinds = {one.key: one.kind for one in policy.current().triage.lexicon.phrases}
    said = dict.fromkeys(filters.words(kinds[rule]) for rule in rules if rule in kinds)
    return {
        "row": row,
        "since": row.waiting_since or row.arrived_at,
        "why": " · ".join(list(said)[:SHOWN_REASONS]),
    }


def _engaged(row: QueueRow, names: Any) -> dict[str, Any]:
    reader = pages.reader()
    holder = names.get(row.claimed_by)
    is_mine = row.claimed_by == reader.user_id
    return {
        "row": row,
        "holder": filters.in_language(holder, "display_name") if holder else "",
        "is_mine": is_mine,
        "may_open": is_mine or Permission.SUPERVISE in reader.permissions,
    }
