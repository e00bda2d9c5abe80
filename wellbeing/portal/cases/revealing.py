"""Show somebody in the clear, once, with a reason; and correct the record while it is shown."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import people as operations
from wellbeing.cases.queries import people as queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.people import (
    NewPerson,
    PersonRow,
    Reveal,
    RevealReason,
    StalePerson,
)
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.portal import pages, step_up
from wellbeing.portal.cases import people_words, posting
from wellbeing.portal.cases.asking import Page
from wellbeing.portal.cases.blueprint import blueprint, head, note_change, opened
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.people import (
    filled_form,
    note_identity,
    people_url,
    person_form,
    readable,
    relation_words,
    written,
)
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.people import PersonForm, RevealForm


@blueprint.route("/cases/<reference>/people/<int:person_id>/reveal", methods=["GET", "POST"])
@pages.allowed(Permission.OPEN_CASE)
def reveal(reference: str, person_id: int) -> Page:
    """Ask for a reason; show the name and numbers in the answer to the form and nowhere else."""
    case = opened(reference)
    person = readable(case, person_id)
    step_up.demand()
    form = RevealForm()
    form.why.choices = [choice(*one) for one in people_words.choices(people_words.REVEAL_REASONS)]
    if not posting.is_sent(form=form):
        return _asked(case, person, form), posting.status()
    wanted = Reveal(why=RevealReason(form.why.data), words=form.text("in_words"))
    try:
        with transaction():
            operations.reveal_person(
                person=person, reveal=wanted, by=pages.reader().user_id, now=pages.now()
            )
            _note_reveal(case, person_id, wanted.why)
    except DomainError as error:
        form.refuse("in_words", str(error))
        return _asked(case, person, form), error.status
    return _in_clear(case, person, filled_form(person))


@blueprint.post("/cases/<reference>/people/<int:person_id>/edit")
@pages.allowed(Permission.EDIT_CASE)
def edit_person(reference: str, person_id: int) -> Page:
    """Save a corrected record; over somebody else's correction it is a page with both."""
    case = opened(reference)
    person = readable(case, person_id)
    step_up.demand(back=url_for("cases.reveal", reference=reference, person_id=person_id))
    form = person_form()
    if not posting.is_sent(form=form):
        return _corrected(case, person, form), posting.status()
    try:
        with transaction():
            operations.edit_person(
                person=person,
                change=written(form),
                version=form.version.data or 0,
                by=pages.reader().user_id,
                now=pages.now(),
            )
            note_identity(case, person_id, change="edited")
    except StalePerson as stale:
        return _conflict(case, form, stale), stale.status
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("relation", str(error))
        return _corrected(case, person, form), error.status
    flash(gettext("The record is saved."), "success")
    return redirect(people_url(reference), 303)


def _asked(case: CaseRow, person: PersonRow, form: RevealForm) -> str:
    return render_template(
        "cases/reveal.html",
        case=head(case=case),
        relation=relation_words(person.relation),
        person_id=person.person_id,
        form=form,
    )


def _in_clear(case: CaseRow, person: PersonRow, form: PersonForm) -> str:
    numbers = queries.numbers_in_clear(person_id=person.person_id)
    shown = person.details
    return render_template(
        "cases/revealed.html",
        case=head(case=case),
        relation=relation_words(person.relation),
        name=person.name,
        numbers=list(numbers.values()),
        facts=[
            (gettext("How they want to be called"), shown.called),
            (gettext("School"), shown.school),
            (gettext("Grade and class"), shown.grade),
            (gettext("Age or year of birth"), shown.born),
            (gettext("Where they are or live"), shown.address),
            (gettext("What to know"), shown.remark),
        ],
        form=form,
        person_id=person.person_id,
        may_edit=Permission.EDIT_CASE in pages.reader().permissions,
    )


def _corrected(case: CaseRow, person: PersonRow, form: PersonForm) -> str:
    return render_template(
        "cases/person.html",
        case=head(case=case),
        relation=relation_words(person.relation),
        form=form,
        person_id=person.person_id,
    )


def _conflict(case: CaseRow, form: PersonForm, stale: StalePerson) -> str:
    saved = stale.saved
    # Both versions are in the clear on this page, so it is a reveal like any other.
    with transaction():
        operations.reveal_person(
            person=saved,
            reveal=Reveal(why=RevealReason.CORRECT, words=""),
            by=pages.reader().user_id,
            now=pages.now(),
        )
        _note_reveal(case, saved.person_id, RevealReason.CORRECT)
    names = look_up(users=[case.owner_id, saved.edited_by], organizations_=[case.organization_id])
    form.follow(version=saved.version)
    return render_template(
        "cases/person_conflict.html",
        case=head(case=case, names=names),
        form=form,
        rows=_rows(saved.as_written(), stale.yours),
        saved={"by": names.user(saved.edited_by), "at": saved.edited_at or saved.at},
        person_id=saved.person_id,
    )


def _rows(saved: NewPerson, yours: NewPerson) -> list[dict[str, str]]:
    labels = {
        "name": gettext("Name"),
        "called": gettext("How they want to be called"),
        "school": gettext("School"),
        "grade": gettext("Grade and class"),
        "born": gettext("Age or year of birth"),
        "address": gettext("Where they are or live"),
        "remark": gettext("What to know"),
    }
    relation = {
        "label": gettext("Who it is"),
        "saved": relation_words(saved.relation),
        "yours": relation_words(yours.relation),
    }
    theirs, mine = saved.texts(), yours.texts()
    rows = [
        {"label": label, "saved": theirs[key], "yours": mine[key]} for key, label in labels.items()
    ]
    return [relation, *rows]


def _note_reveal(case: CaseRow, person_id: int, why: RevealReason) -> None:
    note_change(
        case=case,
        action=AuditAction.REVEALED_IDENTITY,
        details={"person": person_id, "why": why.value},
    )
