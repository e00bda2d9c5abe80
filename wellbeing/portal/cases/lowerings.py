"""Four eyes for leaving red: what is proposed, and a supervisor's decision about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.operations import lowerings as operations
from wellbeing.cases.queries import lowerings as queries
from wellbeing.cases.rules.lowerings import About, Done, LoweringRow, NoSuchLowering, Outcome
from wellbeing.policy.model import RiskLevel
from wellbeing.portal import filters, pages
from wellbeing.portal.cases.blueprint import decider
from wellbeing.portal.forms.base import Form
from wellbeing.portal.forms.safety import DecideForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A proposal that waits, as the page shows it; `form` for whoever may decide."""

    lowering_id: int
    to_level: RiskLevel
    reason: str
    by: str
    at: datetime
    decide_by: datetime
    form: Form | None


def shown(*, about: About, form: Form | None = None) -> Shown | None:
    """Give the proposal that waits about a case or a contact; None when there is none."""
    row = queries.open_of(about=about)
    if row is None:
        return None
    reader = pages.reader()
    may = Permission.SUPERVISE in reader.permissions and row.proposed_by != reader.user_id
    by = accounts.names_of(user_ids={row.proposed_by}).get(row.proposed_by)
    return Shown(
        lowering_id=row.lowering_id,
        to_level=row.to_level,
        reason=row.reason,
        by=filters.in_language(by, "display_name") if by else gettext("not known"),
        at=row.proposed_at,
        decide_by=row.decide_by,
        form=(form or DecideForm(prefix="decide-", formdata=None)) if may else None,
    )


def waiting(*, lowering_id: int, about: About) -> LoweringRow:
    """Give a proposal about exactly this case or contact.

    Raises:
        NoSuchLowering: there is none; an id of another record is as unknown as any.

    """
    row = queries.get(lowering_id=lowering_id)
    if row.about != about:
        raise NoSuchLowering
    return row


def decide(*, row: LoweringRow, form: DecideForm) -> Outcome:
    """Take the reader's decision about a proposal, inside the door's transaction."""
    return operations.decide(
        lowering_id=row.lowering_id,
        lower=form.decision.data == "lower",
        note=form.text("note"),
        by=decider(),
        now=pages.now(),
    )


def said(outcome: Done) -> str:
    """Tell the reader what became of the level that they chose."""
    sentences: dict[Done, Any] = {
        Done.SET: gettext("The level is set."),
        Done.UNCHANGED: gettext("The level stands as it was."),
        Done.PROPOSED: gettext(
            "It stays red until a supervisor has decided; the decision is on their list now."
        ),
    }
    return str(sentences[outcome])


def decided(outcome: Outcome) -> str:
    """Tell the reader what their decision did."""
    if outcome is Outcome.LOWERED:
        return gettext("The level is lowered as proposed.")
    return gettext("It stays red.")
