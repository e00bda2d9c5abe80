"""Sealed records: that they exist, for auditors and supervisors. Not a word of them is read."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.queries import resting
from wellbeing.cases.rules.resting import AtRest
from wellbeing.policy import current as policy
from wellbeing.portal import pages
from wellbeing.portal.cases.blueprint import blueprint
from wellbeing.portal.cases.naming import look_up

SHOWN = 200
SOON = timedelta(days=30)


@blueprint.get("/sealed-cases")
@pages.allowed(None)
def sealed_cases() -> str:
    """List what is sealed and what soon will be; principals and counselors find nothing here."""
    reader = pages.reader()
    if not reader.permissions & {Permission.SUPERVISE, Permission.SEE_AUDIT}:
        return pages.never()
    sealed = resting.sealed_cases(scope=reader.scope, limit=SHOWN)
    coming = resting.coming(scope=reader.scope, now=pages.now(), within=SOON, limit=SHOWN)
    details = {"what": "sealed_cases", "ids": [one.case_id for one in (*sealed, *coming)]}
    pages.note_read(action=AuditAction.LISTED, details=details)
    names = look_up(users=[], organizations_={one.organization_id for one in (*sealed, *coming)})

    def rows(found: tuple[AtRest, ...]) -> list[dict[str, object]]:
        return [{"row": one, "place": names.place(one.organization_id)} for one in found]

    return render_template(
        "cases/sealed.html",
        sealed=rows(sealed),
        coming=rows(coming),
        years=policy.current().privacy.retention_years,
    )
