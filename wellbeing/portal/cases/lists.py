"""The list of cases: filters, search by reference, keyset pages; for principals only counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseFilters, CaseRow, CaseStatus
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import paging, words
from wellbeing.portal.cases.blueprint import blueprint, head
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.cases import FilterForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many cases stand at a level."""

    level: RiskLevel
    words: str


@blueprint.get("/cases")
@pages.allowed(None)
def index() -> str:
    """List the reader's cases; a principal sees that there are some."""
    permissions = pages.reader().permissions
    if Permission.OPEN_CASE in permissions:
        return _listed()
    if Permission.SEE_CASE_EXISTS in permissions:
        return _counted()
    return pages.never()


def _listed() -> str:
    form = _filter_form()
    wanted, before = _wanted(form), paging.cursor()
    scope, now = pages.reader().scope, pages.now()
    rows = cases.list_cases(
        scope=scope, filters=wanted, before=before, limit=paging.PAGE + 1, now=now
    )
    shown = rows[: paging.PAGE]
    total = cases.count_cases(scope=scope, filters=wanted, now=now)
    _note(shown, wanted)
    names = look_up(
        users=[row.owner_id for row in shown], organizations_=[row.organization_id for row in shown]
    )
    return render_template(
        "cases/index.html",
        form=form,
        rows=[head(case=row, names=names) for row in shown],
        students=paging.students(shown),
        may_select=Permission.EDIT_CASE in pages.reader().permissions,
        total=paging.total(total),
        filtered=bool(form.reference.data or form.level.data or form.status.data),
        first_url=_page_url(None) if before else None,
        next_url=_page_url(shown[-1]) if len(rows) > paging.PAGE else None,
    )


def _counted() -> str:
    counts = cases.exists_for(scope=pages.reader().scope)
    pages.note_read(action=AuditAction.LISTED, details={"what": "cases", "counts_only": True})
    reader = pages.reader()
    return render_template(
        "cases/existence.html",
        rows=[Count(level=one, words=str(counts.get(one, 0))) for one in reversed(RiskLevel)],
        total=sum(counts.values()),
        organization=filters.in_language(reader, "organization_name"),
    )


def _filter_form() -> FilterForm:
    form = _offered(FilterForm(formdata=request.args))
    is_offered = form.is_valid() and not _blank(form)
    # An address that somebody bent shows the plain list, never an error.
    return form if is_offered else _offered(FilterForm(formdata=MultiDict()))


def _blank(form: FilterForm) -> bool:
    """Tell whether a choice is nothing but blanks, which counts as left out and is no choice."""
    return any(one.data and not one.data.strip() for one in (form.level, form.status))


def _offered(form: FilterForm) -> FilterForm:
    form.offer(
        levels=[choice(str(one.value), filters.level_label(one)) for one in reversed(RiskLevel)],
        statuses=[choice(one.value, str(words.STATUSES[one][0])) for one in CaseStatus],
        whose=[choice("", gettext("All that I may open")), choice("mine", gettext("Mine"))],
    )
    return form


def _wanted(form: FilterForm) -> CaseFilters:
    reference = form.reference.data or None
    status = CaseStatus(form.status.data) if form.status.data else None
    return CaseFilters(
        level=RiskLevel(int(form.level.data)) if form.level.data else None,
        status=status,
        owner_id=pages.reader().user_id if form.whose.data == "mine" else None,
        reference=reference,
        open_only=status is None and reference is None,
    )


def _page_url(last: CaseRow | None) -> str:
    kept: dict[str, Any] = {
        key: value
        for key, value in request.args.items()
        if key in {"reference", "level", "status", "whose"} and value
    }
    if last is not None:
        kept |= {"opened": last.opened_at.isoformat(), "before": last.case_id}
    return url_for("cases.index", **kept)


def _note(rows: tuple[CaseRow, ...], wanted: CaseFilters) -> None:
    pages.note_read(
        action=AuditAction.SEARCHED if wanted.reference else AuditAction.LISTED,
        details={
            "what": "cases",
            "ids": [row.case_id for row in rows],
            "level": wanted.level.value if wanted.level else None,
            "status": wanted.status.value if wanted.status else None,
            "owner": wanted.owner_id,
            "reference": wanted.reference,
        },
    )
