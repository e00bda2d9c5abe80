"""What the menu offers to whom. Pages themselves check permissions again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _

from wellbeing.accounts.rules.roles import Permission

NAVIGATION: tuple[tuple[Permission, str, Any], ...] = (
    (Permission.SEE_QUEUE, "queue.home", _("Live queue")),
    (Permission.ANSWER_LINE, "queue.mine", _("My work")),
    (Permission.ANSWER_LINE, "calls.phone", _("Phone")),
    (Permission.ANSWER_LINE, "roster.mine", _("My duty")),
    (Permission.SEE_QUEUE, "canned.index", _("Ready-made replies")),
    (Permission.OPEN_CASE, "cases.index", _("Cases")),
    (Permission.SEE_CASE_EXISTS, "cases.index", _("Cases")),
    (Permission.RECEIVE_ESCALATION, "escalations.inbox", _("Escalations")),
    (Permission.OPEN_CASE, "followups.due", _("Follow-ups")),
    (Permission.OPEN_CASE, "grants.index", _("Access")),
    (Permission.SUPERVISE, "wall.show", _("Supervisor wall")),
    (Permission.SUPERVISE, "cases.caseloads", _("Caseloads")),
    (Permission.SEE_REPORTS, "reports.escalations", _("Reports")),
    (Permission.SUPERVISE, "roster.show", _("Duty roster")),
    (Permission.MANAGE_PEOPLE, "people.index", _("People and roles")),
    (Permission.SEE_AUDIT, "audit.show", _("Audit")),
    (Permission.SEE_POLICY, "policy_viewer.show", _("Policy")),
)
"""By permission; the first entry that a person may see is where they start."""
PART_OF = {"followups.calendar": "followups.due"}
"""Pages without an entry of their own, and whose entry is marked on them."""


def entries(*, permissions: Collection[Permission]) -> list[dict[str, Any]]:
    """List the menu of a person, the current page marked."""
    here = request.endpoint or ""
    current = PART_OF.get(here, here)
    return [
        {"url": url_for(endpoint), "label": str(label), "current": current == endpoint}
        for permission, endpoint, label in NAVIGATION
        if permission in permissions
    ]


def start_url(*, permissions: Collection[Permission]) -> str:
    """Tell where a person lands after signing in; somebody without work there: the account."""
    for permission, endpoint, _label in NAVIGATION:
        if permission in permissions:
            return url_for(endpoint)
    return url_for("account.show")
