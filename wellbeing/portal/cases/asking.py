"""One way to show a form about a case, act on it, and keep what was typed when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import flash, redirect, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.cases.rules.cases import CaseRow
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.portal.cases import posting
from wellbeing.portal.cases.blueprint import head
from wellbeing.portal.forms.base import Form

Page = str | AnyResponse | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a form asks: its title, what it explains, its fields in order, where it leads back."""

    title: str
    fields: tuple[str, ...]
    button: str
    back: str
    intro: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    kind: str = "primary"
    rows: int = 3


def shown(*, case: CaseRow, form: Form, question: Question, refused: str = "") -> str:
    """Render a form with what was typed."""
    return render_template(
        "cases/question.html",
        case=head(case=case),
        form=form,
        question=question,
        fields=[form[name] for name in question.fields],
        refused=refused,
    )


def answered(
    *,
    case: CaseRow,
    form: Form,
    question: Question,
    change: Callable[[], None],
    done: str,
    passing: type[DomainError] = NotFound,
) -> Page:
    """Show a form, or act on it once it is fit; a refusal is shown above what was typed.

    A refusal of the kind `passing` has a page of its own and is left to the caller.
    """
    if not posting.is_sent(form=form):
        return shown(case=case, form=form, question=question), posting.status()
    try:
        with transaction():
            change()
    except (NotFound, passing):
        raise
    except DomainError as error:
        page = shown(case=case, form=form, question=question, refused=gettext(str(error)))
        return page, error.status
    flash(done, "success")
    return redirect(question.back, 303)
