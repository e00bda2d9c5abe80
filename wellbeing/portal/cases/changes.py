"""Changing a case: its level, its status. A refusal keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import changes
from wellbeing.cases.operations import lowerings as lowering_operations
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow, CaseStatus, StaleCase, choices_from
from wellbeing.cases.rules.lowerings import Done
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import lowerings, posting, words
from wellbeing.portal.cases.blueprint import (
    blueprint,
    decider,
    head,
    note_change,
    opened,
)
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.cases import LevelForm, StatusForm

Page = str | AnyResponse | tuple[str, int]
Form = LevelForm | StatusForm


@blueprint.route("/cases/<reference>/level", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def level(reference: str) -> Page:
    """Set another level; the rules refuse a fall without a reason or a supervisor."""
    case = opened(reference)
    form = LevelForm(data={"version": case.version})
    form.level.choices = [choice(int(one), filters.level_label(one)) for one in reversed(RiskLevel)]

    done: list[Done] = []

    def change() -> None:
        outcome = lowering_operations.set_case_level(
            case_id=case.case_id,
            level=RiskLevel(form.level.data),
            by=decider(),
            note=form.text("note"),
            version=form.version.data or 0,
            now=pages.now(),
        )
        done.append(outcome)
        _note(case, AuditAction.CASE_CHANGED, level=form.level.data, done=outcome.value)

    return _changed(case, form, "cases/level.html", change, lambda: lowerings.said(done[-1]))


@blueprint.route("/cases/<reference>/status", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def status(reference: str) -> Page:
    """Move a case to another status; a closed one is opened again."""
    case = opened(reference)
    form = StatusForm(data={"version": case.version})
    form.status.choices = [
        choice(one.value, str(words.STATUSES[one][0])) for one in choices_from(status=case.status)
    ]

    def change() -> None:
        changes.change_status(
            case_id=case.case_id,
            status=CaseStatus(form.status.data),
            by=pages.reader().user_id,
            note=form.text("note"),
            version=form.version.data or 0,
            now=pages.now(),
        )
        _note(case, AuditAction.CASE_CHANGED, status=form.status.data)

    return _changed(case, form, "cases/status.html", change, gettext("The status is set."))


def _changed(
    case: CaseRow,
    form: Form,
    template: str,
    change: Callable[[], None],
    done: str | Callable[[], str],
) -> Page:
    if posting.is_stale(form=form, version=case.version):
        return _refused(case, form, template, StaleCase())
    if not posting.is_sent(form=form):
        return _page(case, form, template), posting.status()
    try:
        with transaction():
            change()
    except NotFound:
        raise
    except DomainError as error:
        return _refused(case, form, template, error)
    flash(done if isinstance(done, str) else done(), "success")
    return redirect(url_for("cases.show", reference=case.reference), 303)


def _refused(case: CaseRow, form: Form, template: str, error: DomainError) -> tuple[str, int]:
    now_standing = cases.case_by_id(case_id=case.case_id)
    # Saving again is meant for what is now on the screen.
    form.follow(version=now_standing.version)
    return _page(now_standing, form, template, refused=gettext(str(error))), error.status


def _page(case: CaseRow, form: Form, template: str, *, refused: str = "") -> str:
    return render_template(template, case=head(case=case), form=form, refused=refused)


def _note(case: CaseRow, action: AuditAction, **details: Any) -> None:
    note_change(case=case, action=action, details=details)
