"""Searching cases. What was typed travels in the form's body, never in an address or a log."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import searches
from wellbeing.cases.queries import search as queries
from wellbeing.cases.rules.cases import CaseRow, CaseStatus, normalised_reference
from wellbeing.cases.rules.search import CaseSearch, SearchRow, Standing
from wellbeing.foundation import phone
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError
from wellbeing.foundation.phone import NotAPhoneNumber
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import paging, tag_words, words
from wellbeing.portal.cases.blueprint import blueprint, head
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.search import LabelForm, SearchForm

Page = str | AnyResponse | tuple[str, int]


@blueprint.get("/cases/search")
@pages.allowed(Permission.OPEN_CASE)
def search() -> str:
    """Offer the search and the reader's saved views."""
    return _blank(_offered(SearchForm(formdata=None)))


@blueprint.post("/cases/search")
@pages.allowed(Permission.OPEN_CASE)
def start_search() -> Page:
    """Keep what is asked for and lead to its results: the address names only the search."""
    form = _offered(SearchForm())
    if not form.is_valid():
        return _blank(form), 422
    try:
        wanted = _wanted(form)
    except NotAPhoneNumber as error:
        form.refuse("number", str(error))
        return _blank(form), 422
    except _Unknown as unknown:
        form.refuse(unknown.field, str(unknown))
        return _blank(form), 422
    with transaction():
        found = searches.keep(search=wanted, by=pages.reader().user_id, now=pages.now())
    return redirect(url_for("cases.found_by", search_id=found), 303)


@blueprint.get("/cases/search/<search_id>")
@pages.allowed(Permission.OPEN_CASE)
def found_by(search_id: str) -> str:
    """Show a page of what a search finds; one event of the log, without its words."""
    kept = queries.kept(public_id=search_id, user_id=pages.reader().user_id)
    return _results(kept, LabelForm(formdata=None, data={"label": kept.label}))


@blueprint.post("/cases/search/<search_id>/save")
@pages.allowed(Permission.OPEN_CASE)
def save_search(search_id: str) -> Page:
    """Keep a search under a label, for this reader only."""
    reader = pages.reader()
    kept = queries.kept(public_id=search_id, user_id=reader.user_id)
    form = LabelForm()
    if not form.is_valid():
        return _results(kept, form), 422
    with transaction():
        searches.save(public_id=search_id, label=form.text("label"), by=reader.user_id)
    flash(gettext("The view is saved."), "success")
    return redirect(url_for("cases.found_by", search_id=search_id), 303)


@blueprint.post("/cases/search/<search_id>/remove")
@pages.allowed(Permission.OPEN_CASE)
def remove_search(search_id: str) -> Page:
    """Forget a search of the reader's."""
    with transaction():
        searches.remove(public_id=search_id, by=pages.reader().user_id)
    flash(gettext("The view is removed."), "success")
    return redirect(url_for("cases.search"), 303)


class _Unknown(DomainError):
    """Nobody here is called so; please check it."""

    def __init__(self, *, field: str) -> None:
        super().__init__()
        self.field = field


def _wanted(form: SearchForm) -> CaseSearch:
    typed = form.text("reference")
    reference = normalised_reference(typed=typed) if typed else None
    if typed and reference is None:
        raise _Unknown(field="reference")
    number = form.text("number")
    return CaseSearch(
        reference=reference,
        number=phone.normalised(number) if number else None,
        name=form.text("name") or None,
        level=RiskLevel(int(form.level.data)) if form.level.data else None,
        status=CaseStatus(form.status.data) if form.status.data else None,
        standing=Standing(form.standing.data),
        owner_id=_owner(form),
        organization_id=int(form.unit.data) if form.unit.data else None,
        tag=form.tag.data or None,
        opened_from=form.opened_from.data,
        opened_to=form.opened_to.data,
    )


def _owner(form: SearchForm) -> int | None:
    username = form.text("owner")
    if not username:
        return None
    found = accounts.by_username(username=username.casefold())
    if found is None:
        raise _Unknown(field="owner")
    return found.id


def _offered(form: SearchForm) -> SearchForm:
    reader = pages.reader()
    may_choose = Permission.SUPERVISE in reader.permissions
    day = pages.now().astimezone(ZoneInfo(policy.current().followups.zone)).date()
    units = organizations.children(organization_id=reader.organization_id, on=day)
    units = units if may_choose else ()
    form.offer(
        levels=[choice(str(one.value), filters.level_label(one)) for one in reversed(RiskLevel)],
        statuses=[choice(one.value, str(words.STATUSES[one][0])) for one in CaseStatus],
        units=[choice(str(one.id), one.name(language=pages.language())) for one in units],
        tags=[
            choice(key, label) for key, label in tag_words.searchable(path=reader.organization_path)
        ],
    )
    return form


def _blank(form: SearchForm) -> str:
    views = queries.views_of(user_id=pages.reader().user_id)
    return render_template("cases/search.html", form=form, views=[_view(one) for one in views])


def _view(row: SearchRow) -> dict[str, str]:
    return {
        "label": row.label,
        "url": url_for("cases.found_by", search_id=row.public_id),
        "remove_url": url_for("cases.remove_search", search_id=row.public_id),
    }


def _results(kept: SearchRow, form: LabelForm) -> str:
    scope, now, before = pages.reader().scope, pages.now(), paging.cursor()
    rows = queries.find(
        scope=scope, search=kept.search, before=before, limit=paging.PAGE + 1, now=now
    )
    shown = rows[: paging.PAGE]
    total = queries.count(scope=scope, search=kept.search, now=now)
    pages.note_read(
        action=AuditAction.SEARCHED,
        details={
            "what": "cases",
            "by": list(kept.search.fields),
            "hash": queries.fingerprint(search=kept.search),
            "ids": [row.case_id for row in shown],
        },
    )
    names = look_up(
        users=[row.owner_id for row in shown], organizations_=[row.organization_id for row in shown]
    )
    return render_template(
        "cases/found.html",
        search=kept,
        form=form,
        asked=_asked(kept.search),
        rows=[head(case=row, names=names) for row in shown],
        students=paging.students(shown),
        may_select=Permission.EDIT_CASE in pages.reader().permissions,
        total=paging.total(total),
        first_url=_url(kept) if before else None,
        next_url=_url(kept, shown[-1]) if len(rows) > paging.PAGE else None,
        url=request.path,
    )


def _url(kept: SearchRow, last: CaseRow | None = None) -> str:
    turned: dict[str, Any] = {}
    if last is not None:
        turned = {"opened": last.opened_at.isoformat(), "before": last.case_id}
    return url_for("cases.found_by", search_id=kept.public_id, **turned)


def _asked(search: CaseSearch) -> list[tuple[str, str]]:
    """Say what is asked for, on the reader's own page alone; a number shows two digits."""
    names = look_up(
        users=[search.owner_id],
        organizations_=[search.organization_id] if search.organization_id else [],
    )
    said = [
        (gettext("Reference"), search.reference),
        (gettext("Number"), phone.masked(search.number) if search.number else None),
        (gettext("Name"), search.name),
        (gettext("Level"), filters.level_label(search.level) if search.level else None),
        (gettext("Status"), str(words.STATUSES[search.status][0]) if search.status else None),
        (gettext("Owner"), names.user(search.owner_id) if search.owner_id else None),
        (
            gettext("Organization"),
            names.place(search.organization_id) if search.organization_id else None,
        ),
        (gettext("Tag"), tag_words.names(keys=[search.tag])[search.tag] if search.tag else None),
        (gettext("Opened from"), search.opened_from.isoformat() if search.opened_from else None),
        (gettext("Opened until"), search.opened_to.isoformat() if search.opened_to else None),
    ]
    return [(label, text) for label, text in said if text]
