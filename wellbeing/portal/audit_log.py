"""The auditor's page: who saw or changed what, newest first, and whether the chain is whole."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, current_app, render_template, request, url_for

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import queries as audit
from wellbeing.audit.queries import EventFilter
from wellbeing.audit.rules import AuditAction
from wellbeing.portal import addresses, pages
from wellbeing.portal.audit_words import SUBJECT_WORDS

blueprint = Blueprint("audit", __name__)

PAGE = 50


@blueprint.get("/audit")
@pages.allowed(Permission.SEE_AUDIT)
def show() -> str:
    """List events page by page; the look at them is itself an event."""
    action = _action(request.args.get("action", ""))
    before = addresses.asked_id("before")
    rows = audit.events(wanted=EventFilter(action=action), before_id=before, limit=PAGE + 1)
    pages.note_read(
        action=AuditAction.LISTED,
        details={"list": "audit", "action": action, "before": before},
    )
    shown, more = rows[:PAGE], len(rows) > PAGE
    return render_template(
        "audit/show.html",
        rows=shown,
        names=accounts.names_of(user_ids={row.actor_id for row in shown if row.actor_id}),
        actions=tuple(AuditAction),
        subjects=SUBJECT_WORDS,
        chosen=action,
        first_url=url_for("audit.show", action=action) if before else None,
        next_url=url_for("audit.show", action=action, before=shown[-1].id) if more else None,
    )


@blueprint.get("/audit/verify")
@pages.allowed(Permission.SEE_AUDIT)
def verify() -> str:
    """Walk the whole chain and say what was found."""
    anchor = current_app.config["AUDIT_ANCHOR_FILE"]
    found = audit.verify(anchor_path=Path(anchor) if anchor else None, now=pages.now())
    pages.note_read(action=AuditAction.SEARCHED, details={"list": "audit_verify", "ok": found.ok})
    return render_template("audit/verify.html", found=found)


def _action(wanted: str) -> AuditAction | None:
    return AuditAction(wanted) if wanted in set(AuditAction) else None
