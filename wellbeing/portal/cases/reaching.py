"""How a person is reached: numbers, what they allowed, the code word that is asked on return."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import reaching as operations
from wellbeing.cases.queries import people as queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.people import (
    CodeWordCheck,
    NumberKind,
    PermissionRow,
    PersonRow,
    Safety,
    StalePermission,
    Wish,
)
from wellbeing.cases.rules.people import Permission as Allowed
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.foundation.phone import NotAPhoneNumber
from wellbeing.portal import pages
from wellbeing.portal.cases import asking, people_words, posting
from wellbeing.portal.cases.asking import Page, Question
from wellbeing.portal.cases.blueprint import blueprint, found, head, note_change, opened
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.people import note_identity, people_url, readable, relation_words
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.people import NumberForm, ReachingForm

FIELDS = (
    "safety", "may_text", "may_call", "may_leave_message", "safe_times", "care", "code_word",
)  # fmt: skip


@blueprint.route("/cases/<reference>/people/<int:person_id>/numbers", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def numbers(reference: str, person_id: int) -> Page:
    """List the numbers of a person, masked, and take down another one."""
    case = opened(reference)
    person = readable(case, person_id)
    form = NumberForm()
    form.kind.choices = [choice(*one) for one in people_words.choices(people_words.NUMBER_KINDS)]
    if not posting.is_sent(form=form):
        return _numbers(case, person, form), posting.status()
    try:
        with transaction():
            operations.add_number(
                person=person,
                typed=form.text("number"),
                kind=NumberKind(form.kind.data),
                is_shared=bool(form.is_shared.data),
                by=pages.reader().user_id,
                now=pages.now(),
            )
            note_identity(case, person_id, change="number_added")
    except DomainError as error:
        form.refuse("number", str(error))
        return _numbers(case, person, form), getattr(error, "status", NotAPhoneNumber.status)
    flash(gettext("The number is saved."), "success")
    return redirect(people_url(reference), 303)


@blueprint.post("/cases/<reference>/people/<int:person_id>/numbers/<int:number_id>/remove")
@pages.allowed(Permission.EDIT_CASE)
def remove_number(reference: str, person_id: int, number_id: int) -> Page:
    """Take a number away for good."""
    case = found(reference)
    person = readable(case, person_id)
    with transaction():
        operations.remove_number(
            person=person, number_id=number_id, by=pages.reader().user_id, now=pages.now()
        )
        note_identity(case, person_id, change="number_removed")
    flash(gettext("The number is gone."), "success")
    return redirect(url_for("cases.numbers", reference=reference, person_id=person_id), 303)


@blueprint.route("/cases/<reference>/people/<int:person_id>/reaching", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def reaching(reference: str, person_id: int) -> Page:
    """Write down how a person may be reached; it names nobody, so the school may do it too."""
    case = opened(reference)
    person = queries.person(person_id=person_id, case_id=case.case_id)
    form = _form(queries.permissions_of(person_ids=[person_id])[person_id])
    question = Question(
        title=gettext("How to reach: %(relation)s", relation=relation_words(person.relation)),
        intro=gettext(
            "A call at the wrong time can put a child in danger. Ask, and write it down."
        ),
        fields=FIELDS,
        button=gettext("Save"),
        back=people_url(reference),
        rows=2,
    )

    def change() -> None:
        operations.set_permission(
            person=person,
            wish=_wish(form),
            version=form.version.data or 0,
            by=pages.reader().user_id,
            now=pages.now(),
        )
        _note(case, person_id, safety=str(form.safety.data))

    try:
        return asking.answered(
            case=case,
            form=form,
            question=question,
            change=change,
            done=gettext("Saved."),
            passing=StalePermission,
        )
    except StalePermission as stale:
        return _conflict(case, person, form, stale), stale.status


@blueprint.post("/cases/<reference>/people/<int:person_id>/code-word/<check>")
@pages.allowed(Permission.EDIT_CASE)
def check_code_word(reference: str, person_id: int, check: str) -> Page:
    """Write down how it went to ask for the code word; whatever it was, the talk goes on."""
    case = found(reference)
    if check not in set(CodeWordCheck):
        raise NotFound
    person = queries.person(person_id=person_id, case_id=case.case_id)
    with transaction():
        operations.note_code_word(
            person=person,
            check=CodeWordCheck(check),
            by=pages.reader().user_id,
            now=pages.now(),
        )
        _note(case, person_id, code_word=check)
    flash(gettext("Written down. Whoever it is: listen first."), "success")
    return redirect(people_url(reference), 303)


def _form(standing: PermissionRow) -> ReachingForm:
    wish = standing.wish
    form = ReachingForm(
        data={
            "safety": wish.safety.value,
            "may_text": wish.may_text.value,
            "may_call": wish.may_call.value,
            "may_leave_message": wish.may_leave_message.value,
            "safe_times": wish.safe_times,
            "care": wish.care,
            "code_word": wish.code_word,
            "version": standing.version,
        }
    )
    form.safety.choices = [choice(*one) for one in people_words.choices(people_words.SAFETIES)]
    wishes = [choice(*one) for one in people_words.choices(people_words.WISHES)]
    for one in (form.may_text, form.may_call, form.may_leave_message):
        one.choices = wishes
    return form


def _wish(form: ReachingForm) -> Allowed:
    return Allowed(
        safety=Safety(form.safety.data),
        may_text=Wish(form.may_text.data),
        may_call=Wish(form.may_call.data),
        may_leave_message=Wish(form.may_leave_message.data),
        safe_times=form.text("safe_times"),
        care=form.text("care"),
        code_word=form.text("code_word"),
    )


def _numbers(case: CaseRow, person: PersonRow, form: NumberForm) -> str:
    cards = queries.cards(case=case, scope=pages.reader().scope)
    kept = next(one.numbers for one in cards if one.person_id == person.person_id)
    return render_template(
        "cases/numbers.html",
        case=head(case=case),
        person_id=person.person_id,
        relation=relation_words(person.relation),
        numbers=[
            {
                "id": one.number_id,
                "masked": one.masked,
                "kind": str(people_words.NUMBER_KINDS[one.kind]),
                "is_shared": one.is_shared,
            }
            for one in kept
        ],
        form=form,
    )


def _conflict(case: CaseRow, person: PersonRow, form: ReachingForm, stale: StalePermission) -> str:
    saved = stale.saved
    form.follow(version=saved.version)
    names = look_up(users=[case.owner_id, saved.by_user_id], organizations_=[case.organization_id])
    theirs, mine = _worded(saved.wish), _worded(stale.yours)
    return render_template(
        "cases/reaching_conflict.html",
        case=head(case=case, names=names),
        form=form,
        rows=[
            {"label": str(form[key].label.text), "saved": theirs[key], "yours": mine[key]}
            for key in FIELDS
        ],
        saved={"by": names.user(saved.by_user_id), "at": saved.at},
        fields=[form[key] for key in FIELDS],
        person_id=person.person_id,
    )


def _worded(wish: Allowed) -> dict[str, str]:
    return {
        "safety": str(people_words.SAFETIES[wish.safety][0]),
        "may_text": str(people_words.WISHES[wish.may_text]),
        "may_call": str(people_words.WISHES[wish.may_call]),
        "may_leave_message": str(people_words.WISHES[wish.may_leave_message]),
        "safe_times": wish.safe_times,
        "care": wish.care,
        "code_word": wish.code_word,
    }


def _note(case: CaseRow, person_id: int, **details: Any) -> None:
    note_change(
        case=case, action=AuditAction.CONSENT_CHANGED, details={"person": person_id, **details}
    )
