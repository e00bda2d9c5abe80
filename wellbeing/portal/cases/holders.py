"""Who has to do a step of a rescue, in words."""

from __future__ import annotations

from flask_babel import gettext

from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.rescue import StepRow
from wellbeing.policy.model import StepHolder
from wellbeing.portal.cases.naming import Names


def step_holder(*, step: StepRow, case: CaseRow, names: Names) -> str:
    """Name who has to do a step."""
    if step.holder is StepHolder.OWNER:
        return names.user(case.owner_id)
    return gettext("the supervisors of %(place)s", place=names.place(case.organization_id))
