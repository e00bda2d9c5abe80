"""The people of a case: who they are, masked; how they may be reached; what was agreed."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import people as operations
from wellbeing.cases.queries import identity
from wellbeing.cases.queries import people as queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.people import (
    Details,
    NewPerson,
    NotNamedToSchool,
    PersonRow,
    Relation,
)
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import asking, people_view, people_words
from wellbeing.portal.cases.asking import Page, Question
from wellbeing.portal.cases.blueprint import (
    blueprint,
    found,
    note_change,
    opened,
    subject_of,
)
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.people import PersonForm, ReasonForm

FIELDS = (
    "relation", "name", "called", "is_caller", "is_guardian", "school", "grade", "born",
    "address", "remark",
)  # fmt: skip


@blueprint.get("/cases/<reference>/people")
@pages.allowed(Permission.OPEN_CASE)
def people(reference: str) -> str:
    """Show the people of a case, masked, with what they allowed."""
    case = opened(reference)
    return render_template("cases/people.html", **people_view.context(case=case))


@blueprint.get("/cases/<reference>/people/print")
@pages.allowed(Permission.OPEN_CASE)
def print_people(reference: str) -> str:
    """Show the same for paper: not a letter more than the page."""
    case = found(reference)
    pages.note_read(
        action=AuditAction.PRINTED, subject=subject_of(case), details={"what": "people"}
    )
    return render_template(
        "cases/people_print.html",
        printed_at=pages.now(),
        printed_by=filters.in_language(pages.reader(), "display_name"),
        **people_view.context(case=case),
    )


@blueprint.route("/cases/<reference>/people/new", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def add_person(reference: str) -> Page:
    """Write down somebody; a form sent twice writes down one person."""
    case = opened(reference)
    form = person_form()

    def change() -> None:
        person_id = operations.add_person(
            case_id=case.case_id, new=written(form), by=pages.reader().user_id, now=pages.now()
        )
        note_identity(case, person_id, change="added")

    question = Question(
        title=gettext("Write down a person"),
        intro=gettext(
            "Everything here is sealed. Only what the student wants us to know belongs here."
        ),
        fields=FIELDS,
        button=gettext("Save"),
        back=people_url(reference),
    )
    return asking.answered(
        case=case, form=form, question=question, change=change, done=gettext("Written down.")
    )


@blueprint.route("/cases/<reference>/people/<int:person_id>/remove", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def remove_person(reference: str, person_id: int) -> Page:
    """Take somebody out for good, with a reason."""
    case = opened(reference)
    person = readable(case, person_id)
    form = ReasonForm()

    def change() -> None:
        operations.remove_person(
            person=person,
            reason=form.text("reason"),
            by=pages.reader().user_id,
            now=pages.now(),
        )
        note_identity(case, person_id, change="removed")

    question = Question(
        title=gettext("Remove a person"),
        intro=gettext(
            "Name, numbers and everything else written down of this person are destroyed"
            " and cannot be brought back."
        ),
        facts=[(gettext("Who it is"), relation_words(person.relation))],
        fields=("reason",),
        button=gettext("Remove for good"),
        back=people_url(reference),
        kind="danger",
    )
    return asking.answered(
        case=case, form=form, question=question, change=change, done=gettext("Removed.")
    )


def person_form() -> PersonForm:
    """Give the form of a person with what was typed."""
    return _offered(PersonForm(data={"relation": Relation.STUDENT.value}))


def filled_form(person: PersonRow) -> PersonForm:
    """Give the form of a person, filled from a record that is shown in the clear anyway."""
    data = {
        "relation": person.relation.value,
        "is_guardian": person.is_guardian,
        "is_caller": person.is_caller,
        "version": person.version,
        **person.as_written().texts(),
    }
    return _offered(PersonForm(formdata=None, data=data))


def _offered(form: PersonForm) -> PersonForm:
    form.relation.choices = [choice(*one) for one in people_words.choices(people_words.RELATIONS)]
    return form


def written(form: PersonForm) -> NewPerson:
    """Read a person from a form that is fit."""
    return NewPerson(
        relation=Relation(form.relation.data),
        name=form.text("name"),
        is_guardian=bool(form.is_guardian.data),
        is_caller=bool(form.is_caller.data),
        details=Details(
            **{
                name: form.text(name)
                for name in ("called", "school", "grade", "born", "address", "remark")
            }
        ),
    )


def readable(case: CaseRow, person_id: int) -> PersonRow:
    """Give a person of a case to a reader who may read their name.

    Raises:
        NoSuchPerson: this case has no such person.
        NotNamedToSchool: the reader may open the case but not read its names.

    """
    person = queries.person(person_id=person_id, case_id=case.case_id)
    reader = pages.reader()
    if person.by_user_id != reader.user_id and not identity.is_named(case=case, scope=reader.scope):
        raise NotNamedToSchool
    return person


def note_identity(case: CaseRow, person_id: int, *, change: str) -> None:
    """Write down a change of somebody's record, in the transaction that makes it."""
    note_change(
        case=case,
        action=AuditAction.IDENTITY_CHANGED,
        details={"person": person_id, "change": change},
    )


def people_url(reference: str) -> str:
    """Give the address of the people of a case."""
    return url_for("cases.people", reference=reference)


def relation_words(relation: Relation) -> str:
    """Say who somebody is to the student."""
    return str(people_words.RELATIONS[relation])
