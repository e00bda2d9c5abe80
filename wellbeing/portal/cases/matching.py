"""Two records of perhaps one person: what a counselor decided, and taking it back."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import matching as operations
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import matching as queries
from wellbeing.cases.queries import people as people_queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.matching import Suggestion
from wellbeing.cases.rules.people import NoSuchPerson, Verdict
from wellbeing.portal import pages
from wellbeing.portal.cases import asking, people_words
from wellbeing.portal.cases.asking import Page, Question
from wellbeing.portal.cases.blueprint import blueprint, note_change, opened
from wellbeing.portal.cases.people import people_url, readable
from wellbeing.portal.forms.base import choice
from wellbeing.portal.forms.people import DecisionForm, ReasonForm


@blueprint.route(
    "/cases/<reference>/people/<int:person_id>/same/<int:other_id>", methods=["GET", "POST"]
)
@pages.allowed(Permission.EDIT_CASE)
def decide_match(reference: str, person_id: int, other_id: int) -> Page:
    """Decide whether two records are one person; only what is offered can be decided."""
    case = opened(reference)
    person = readable(case, person_id)
    offered = _offered(case, person_id, other_id)
    other_case = cases.get(reference=offered.reference, scope=pages.reader().scope, now=pages.now())
    other = people_queries.person(person_id=other_id, case_id=other_case.case_id)
    form = DecisionForm()
    form.verdict.choices = [
        choice(Verdict.SAME.value, gettext("One person")),
        choice(Verdict.DIFFERENT.value, gettext("Two persons")),
    ]

    def change() -> None:
        operations.decide(
            one=person,
            other=other,
            verdict=Verdict(form.verdict.data),
            reason=form.text("reason"),
            by=pages.reader().user_id,
            now=pages.now(),
        )
        for one, theirs in ((case, other_id), (other_case, person_id)):
            _note(one, theirs, verdict=str(form.verdict.data))

    return asking.answered(
        case=case,
        form=form,
        question=_question(reference, offered),
        change=change,
        done=gettext("Written down in both cases. Both records stay as they are."),
    )


@blueprint.route("/cases/<reference>/links/<int:link_id>/end", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def take_back_match(reference: str, link_id: int) -> Page:
    """Take back that two records are one person."""
    case = opened(reference)
    pair = queries.pair_of(link_id=link_id, case_id=case.case_id)
    form = ReasonForm()

    def change() -> None:
        operations.take_back(
            link_id=link_id,
            case_id=case.case_id,
            reason=form.text("reason"),
            by=pages.reader().user_id,
            now=pages.now(),
        )
        _note(case, list(pair), verdict="taken_back")

    question = Question(
        title=gettext("Two persons after all"),
        intro=gettext("Both records are whole; only the link between them ends."),
        fields=("reason",),
        button=gettext("Take it back"),
        back=people_url(reference),
    )
    return asking.answered(
        case=case, form=form, question=question, change=change, done=gettext("Taken back.")
    )


def _offered(case: CaseRow, person_id: int, other_id: int) -> Suggestion:
    found = queries.suggestions(case=case, scope=pages.reader().scope, now=pages.now())
    for one in found:
        if (one.our_id, one.their_id) == (person_id, other_id):
            return one
    raise NoSuchPerson


def _question(reference: str, offered: Suggestion) -> Question:
    ours = str(people_words.RELATIONS[offered.our_relation]) if offered.our_relation else ""
    theirs = str(people_words.RELATIONS[offered.their_relation])
    shared = [str(people_words.LIKENESSES[one]) for one in sorted(offered.likeness)]
    return Question(
        title=gettext("One person or two?"),
        intro=gettext(
            "Phones are shared and names repeat. Decide only what you know; it can be taken back."
        ),
        facts=[
            (gettext("In this case"), ours),
            (gettext("In case %(reference)s", reference=offered.reference), theirs),
            (gettext("What they share"), ", ".join(shared)),
        ],
        fields=("verdict", "reason"),
        button=gettext("Save"),
        back=people_url(reference),
    )


def _note(case: CaseRow, person: Any, **details: Any) -> None:
    note_change(case=case, action=AuditAction.PERSONS_LINKED, details={"person": person, **details})
