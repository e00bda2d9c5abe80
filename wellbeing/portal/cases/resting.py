"""Sealed records: that they exist, for auditors and supervisors. Not a word of them is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import render_template, request, url_for
from flask_babel import gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.queries import erasures, resting
from wellbeing.cases.rules.resting import AtRest, Last
from wellbeing.policy import current as policy
from wellbeing.portal import addresses, pages
from wellbeing.portal.cases.blueprint import blueprint
from wellbeing.portal.cases.naming import look_up

PAGE = 50
SOON = timedelta(days=30)
COMING = "coming"


@blueprint.get("/sealed-cases")
@pages.allowed(None)
def sealed_cases() -> str:
    """List what is sealed, or what soon will be; principals and counselors find nothing here."""
    reader = pages.reader()
    if not reader.permissions & {Permission.SUPERVISE, Permission.SEE_AUDIT}:
        return pages.never()
    is_coming = request.args.get("list") == COMING
    rows = _rows(is_coming=is_coming)
    shown = rows[:PAGE]
    waiting = erasures.waiting(scope=reader.scope, limit=PAGE)
    details = {"what": "sealed_cases", "ids": [one.case_id for one in shown]}
    pages.note_read(action=AuditAction.LISTED, details=details)
    names = look_up(
        users={one.row.asked_by for one in waiting},
        organizations_={one.organization_id for one in shown},
    )
    return render_template(
        "cases/sealed.html",
        rows=[{"row": one, "place": names.place(one.organization_id)} for one in shown],
        waiting=[{"item": one, "by": names.user(one.row.asked_by)} for one in waiting],
        is_coming=is_coming,
        may_decide=Permission.SUPERVISE in reader.permissions,
        lists=_lists(is_coming=is_coming),
        next_url=_next(shown[-1], is_coming=is_coming) if len(rows) > PAGE else None,
        years=policy.current().privacy.retention_years,
    )


def _rows(*, is_coming: bool) -> tuple[AtRest, ...]:
    scope, after = pages.reader().scope, _after()
    if is_coming:
        return resting.coming(
            scope=scope, now=pages.now(), within=SOON, limit=PAGE + 1, after=after
        )
    return resting.sealed_cases(scope=scope, limit=PAGE + 1, after=after)


def _after() -> Last | None:
    """Read after which record the page begins; anything odd means the first page."""
    case_id = addresses.asked_id("after")
    try:
        closed_at = datetime.fromisoformat(request.args["closed"])
        in_utc = closed_at.astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None
    if case_id is None or closed_at.tzinfo is None:
        return None
    return Last(closed_at=in_utc, case_id=case_id)


def _next(last: AtRest, *, is_coming: bool) -> str:
    which, closed = COMING if is_coming else None, last.closed_at.isoformat()
    return url_for("cases.sealed_cases", after=last.case_id, closed=closed, list=which)


def _lists(*, is_coming: bool) -> list[dict[str, object]]:
    here = url_for("cases.sealed_cases")
    soon = url_for("cases.sealed_cases", list=COMING)
    return [
        {"url": here, "label": gettext("Sealed"), "current": not is_coming},
        {"url": soon, "label": gettext("Sealed within 30 days"), "current": is_coming},
    ]
