"""The rescue of a student in imminent danger, step by step. What a step needs is in `cases`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import rescue as operations
from wellbeing.cases.queries import rescue as queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.rescue import (
    FIELDS,
    Recorded,
    RescueRow,
    StepRow,
    StepState,
    WordsMissing,
)
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy.model import RescueStep
from wellbeing.portal import pages
from wellbeing.portal.cases import rescue_words as words
from wellbeing.portal.cases.blueprint import blueprint, decider, found, head, note_change, opened
from wellbeing.portal.cases.holders import step_holder
from wellbeing.portal.cases.naming import Names, look_up
from wellbeing.portal.forms.base import Form
from wellbeing.portal.forms.safety import SkipForm, moment, step_form, step_words

Page = str | AnyResponse | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step as the page shows it; `form` where the reader may record it now."""

    key: str
    title: str
    hint: str
    state_words: str
    state_tone: str
    by_at: datetime
    holder: str
    is_waiting: bool
    happened_at: datetime | None
    by: str
    said: tuple[tuple[str, str], ...]
    form: Form | None
    skip_form: Form | None


@blueprint.get("/cases/<reference>/rescue")
@pages.allowed(Permission.EDIT_CASE)
def rescue(reference: str) -> Page:
    """Show the rescue under way, the one before it, or how to begin one."""
    return _page(opened(reference))


@blueprint.post("/cases/<reference>/rescue")
@pages.allowed(Permission.EDIT_CASE)
def start_rescue(reference: str) -> Page:
    """Begin a rescue: every clock starts now."""
    case = found(reference)

    def begin() -> None:
        operations.start(case_id=case.case_id, by=pages.reader().user_id, now=pages.now())
        note_change(case=case, action=AuditAction.CASE_CHANGED, details={"rescue": "started"})

    return _done(case, begin, {}, gettext("The rescue has begun. Its clocks are running."))


@blueprint.post("/cases/<reference>/rescue/<step>")
@pages.allowed(Permission.EDIT_CASE)
def record_step(reference: str, step: str) -> Page:
    """Record a step as done."""
    case, running, key = _running(reference, step)
    form = step_form(step=key)
    if not form.is_valid():
        return _page(opened(reference), {key: form}), 422
    done = Recorded(
        step=key,
        words=step_words(form=form, step=key),
        happened_at=moment(form=form, now=pages.now()),
    )
    return _recorded(case, running, done, {key: form})


@blueprint.post("/cases/<reference>/rescue/<step>/skip")
@pages.allowed(Permission.EDIT_CASE)
def skip_step(reference: str, step: str) -> Page:
    """Leave a step out, with the reason."""
    case, running, key = _running(reference, step)
    form = SkipForm(prefix=f"{key.value}-skip-")
    if not form.is_valid():
        return _page(opened(reference), {}, {key: form}), 422
    done = Recorded(
        step=key, words={}, happened_at=pages.now(), is_skip=True, skip_reason=form.text("reason")
    )
    return _recorded(case, running, done, {}, {key: form})


def _running(reference: str, step: str) -> tuple[CaseRow, RescueRow, RescueStep]:
    case = found(reference)
    known = {one.value: one for one in RescueStep}
    latest = queries.of_case(case_id=case.case_id)
    if step not in known or not latest:
        raise NotFound
    return case, latest[0], known[step]


def _recorded(
    case: CaseRow,
    running: RescueRow,
    done: Recorded,
    forms: Mapping[RescueStep, Form],
    skips: Mapping[RescueStep, Form] | None = None,
) -> Page:
    def record() -> None:
        operations.record(rescue_id=running.rescue_id, done=done, by=decider(), now=pages.now())
        details = {"rescue_step": done.step.value, "left_out": done.is_skip}
        note_change(case=case, action=AuditAction.CASE_CHANGED, details=details)

    return _done(case, record, forms, gettext("Recorded."), skips)


def _done(
    case: CaseRow,
    change: Callable[[], None],
    forms: Mapping[RescueStep, Form],
    said: str,
    skips: Mapping[RescueStep, Form] | None = None,
) -> Page:
    try:
        with transaction():
            change()
    except NotFound:
        raise
    except DomainError as error:
        _blame(error, forms)
        again = opened(case.reference)
        return _page(again, forms, skips, refused=gettext(str(error))), error.status
    flash(said, "success")
    return redirect(url_for("cases.rescue", reference=case.reference), 303)


def _blame(error: DomainError, forms: Mapping[RescueStep, Form]) -> None:
    if isinstance(error, WordsMissing):
        for form in forms.values():
            for name in error.names:
                form.refuse(name, str(error))


def _page(
    case: CaseRow,
    forms: Mapping[RescueStep, Form] | None = None,
    skips: Mapping[RescueStep, Form] | None = None,
    *,
    refused: str = "",
) -> str:
    rescues = queries.of_case(case_id=case.case_id)
    latest = rescues[0] if rescues else None
    names = look_up(
        users=[case.owner_id, *(one.done_by for row in rescues for one in row.steps)],
        organizations_=[case.organization_id],
    )
    shown = _Shown(case=case, names=names, forms=forms or {}, skips=skips or {})
    return render_template(
        "cases/rescue.html",
        case=head(case=case, names=names),
        rescue=latest,
        is_running=latest is not None and latest.ended_at is None,
        steps=[shown.step(latest, one) for one in latest.steps] if latest else [],
        current=latest.current.step.value if latest and latest.current else "",
        refused=refused,
        now=pages.now(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    case: CaseRow
    names: Names
    forms: Mapping[RescueStep, Form]
    skips: Mapping[RescueStep, Form]

    def step(self, rescue: RescueRow, one: StepRow) -> Step:
        """Word a step, with its forms where it can be recorded now."""
        state_words, tone = words.STATES[one.state]
        is_current = rescue.ended_at is None and rescue.current == one
        is_open = is_current or (rescue.ended_at is None and one.state is StepState.SKIPPED)
        may_skip = is_current and one.step is not RescueStep.REVIEWED
        return Step(
            key=one.step.value,
            title=str(words.STEPS[one.step]),
            hint=str(words.HINTS[one.step]),
            state_words=str(state_words),
            state_tone=tone,
            by_at=one.by_at,
            holder=step_holder(step=one, case=self.case, names=self.names),
            is_waiting=one.is_waiting,
            happened_at=one.happened_at,
            by=self.names.user(one.done_by) if one.done_by else "",
            said=tuple(_said(one)),
            form=(self.forms.get(one.step) or step_form(step=one.step, formdata=None))
            if is_open
            else None,
            skip_form=(
                self.skips.get(one.step)
                or SkipForm(prefix=f"{one.step.value}-skip-", formdata=None)
            )
            if may_skip
            else None,
        )


def _said(one: StepRow) -> list[tuple[str, str]]:
    if one.state is StepState.SKIPPED:
        return [(gettext("Why this step is left out"), one.words.get("reason", ""))]
    return [
        (
            str(words.FIELDS[(one.step, field.name)]),
            str(words.CHOICES.get((field.name, one.words[field.name]), one.words[field.name])),
        )
        for field in FIELDS[one.step]
        if field.name in one.words
    ]
