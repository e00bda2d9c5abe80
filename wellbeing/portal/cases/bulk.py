"""Several cases at once: chosen on a list, then given away or tagged one by one, each answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_babel import gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import work as operations
from wellbeing.cases.rules.cases import CaseRow, normalised_reference
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.portal import pages
from wellbeing.portal.addresses import LARGEST_ID
from wellbeing.portal.cases import assigning, tag_words
from wellbeing.portal.cases.blueprint import blueprint, found, head, note_change
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.work import AssignForm, PutTagForm

Page = str | tuple[str, int]
MOST = 100
"""Four pages of a list; more at once nobody has looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A case as its row was ticked: what the reader saw of it, and whether it may be opened."""

    reference: str
    version: int
    case: CaseRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one row."""

    reference: str
    words: str
    tone: str
    may_open: bool


@blueprint.post("/cases/selected")
@pages.allowed(Permission.EDIT_CASE)
def selected() -> Page:
    """Show the chosen cases, and what may be done with all of them."""
    return _page(list(_chosen()))


@blueprint.post("/cases/selected/assign")
@pages.allowed(Permission.SUPERVISE)
def assign_selected() -> Page:
    """Give the chosen cases to one person; a refused row keeps no other from its new owner."""
    chosen = list(_chosen())
    form = _assign_form(chosen)
    if not form.is_valid() or not chosen:
        return _page(chosen, assign=form), 422

    def give(case: CaseRow, version: int) -> str:
        operations.assign_case(
            case_id=case.case_id,
            to_user_id=form.to.data,
            by=pages.reader().scope,
            reason=form.text("reason"),
            version=version,
            now=pages.now(),
        )
        details = {"to": form.to.data, "bulk": True}
        note_change(case=case, action=AuditAction.CASE_TRANSFERRED, details=details)
        return gettext("has a new owner")

    return _results(gettext("Given to somebody else"), _each(chosen, give))


@blueprint.post("/cases/selected/tag")
@pages.allowed(Permission.EDIT_CASE)
def tag_selected() -> Page:
    """Put one tag on the chosen cases; a refused row keeps no other from its tag."""
    chosen = list(_chosen())
    form = _tag_form()
    if not form.is_valid() or not chosen:
        return _page(chosen, tag=form), 422
    tag = form.text("tag")

    def put(case: CaseRow, version: int) -> str:
        is_new = operations.tag_case(
            case_id=case.case_id,
            tag=tag,
            by=pages.reader().user_id,
            version=version,
            now=pages.now(),
        )
        if not is_new:
            return gettext("carried it already")
        details = {"tag": tag, "bulk": True}
        note_change(case=case, action=AuditAction.CASE_CHANGED, details=details)
        return gettext("carries it now")

    return _results(gettext("Tagged"), _each(chosen, put))


def _chosen() -> Iterator[Chosen]:
    """Read the ticked rows, each once; one that may not be opened looks like one that is not."""
    seen = set()
    for typed in request.form.getlist("case")[:MOST]:
        name, _, digits = typed.partition(" ")
        reference = normalised_reference(typed=name)
        if reference is None or reference in seen:
            continue
        seen.add(reference)
        is_number = digits.isascii() and digits.isdigit() and len(digits) < len(str(LARGEST_ID))
        yield Chosen(
            reference=reference,
            version=int(digits) if is_number else 0,
            case=_known(reference),
        )


def _known(reference: str) -> CaseRow | None:
    try:
        return found(reference)
    except NotFound:
        pages.note_refusal(arguments={"reference": reference})
        return None


def _each(chosen: list[Chosen], do: Callable[[CaseRow, int], str]) -> list[Result]:
    return [_one(row, do) for row in chosen]


def _one(row: Chosen, do: Callable[[CaseRow, int], str]) -> Result:
    """Do one row in a transaction of its own, and say what became of it."""
    if row.case is None:
        words, tone = gettext(str(NotFound())), "attention"
    else:
        try:
            with transaction():
                words, tone = do(row.case, row.version), "done"
        except DomainError as error:
            words, tone = gettext(str(error)), "attention"
    may_open = _may_open_still(row)
    return Result(reference=row.reference, words=words, tone=tone, may_open=may_open)


def _may_open_still(row: Chosen) -> bool:
    try:
        return row.case is not None and bool(found(row.reference))
    except NotFound:
        # It went to somebody whose cases this reader may not open.
        return False


def _assign_form(chosen: list[Chosen]) -> AssignForm:
    form = AssignForm()
    cases = [one.case for one in chosen if one.case is not None]
    form.to.choices = assigning.people(cases=cases)
    return form


def _tag_form() -> PutTagForm:
    form = PutTagForm()
    offered = tag_words.offered(path=pages.reader().organization_path)
    form.tag.choices = [choice(key, label) for key, label in offered.items()]
    return form


def _page(
    chosen: list[Chosen], *, assign: AssignForm | None = None, tag: PutTagForm | None = None
) -> str:
    rows = [one.case for one in chosen if one.case is not None]
    names = look_up(
        users=[row.owner_id for row in rows], organizations_=[row.organization_id for row in rows]
    )
    pages.note_read(
        action=AuditAction.LISTED,
        details={"what": "selected cases", "ids": [row.case_id for row in rows]},
    )
    may_assign = Permission.SUPERVISE in pages.reader().permissions
    return render_template(
        "cases/selected.html",
        rows=[head(case=row, names=names) for row in rows],
        missing=len(chosen) - len(rows),
        sent=[f"{one.reference} {one.version}" for one in chosen],
        assign=(assign or _blank(_assign_form(chosen))) if may_assign else None,
        tag=tag or _blank(_tag_form()),
    )


def _blank(form: Any) -> Any:
    """Show a form that was not sent yet: the rows came from the list, not from it."""
    form.process(formdata=None)
    return form


def _results(title: str, results: list[Result]) -> str:
    done = sum(1 for one in results if one.tone == "done")
    return render_template("cases/selected_results.html", title=title, results=results, done=done)
