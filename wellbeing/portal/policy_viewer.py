"""The policy as it is in force: clocks, cadence, chain, desks. It is changed in files, not here."""

from __future__ import annotations

from flask import Blueprint, render_template

from wellbeing.accounts.rules.roles import Permission
from wellbeing.policy import current as policy
from wellbeing.policy.model import StepHolder
from wellbeing.portal import pages
from wellbeing.portal.cases import rescue_words

blueprint = Blueprint("policy_viewer", __name__)


@blueprint.get("/policy")
@pages.allowed(Permission.SEE_POLICY)
def show() -> str:
    """Show what the municipality decided, read from the same objects that the rules read."""
    current = policy.current()
    desks = {(desk.key, desk.tier): desk for desk in current.line.desks}
    return render_template(
        "policy_viewer/show.html",
        policy=current,
        voice=current.line.voice,
        levels=sorted(current.tiers.clocks, reverse=True),
        safety=current.safety,
        steps=[
            (str(rescue_words.STEPS[one]), known.within, known.holder is StepHolder.SUPERVISOR)
            for one, known in current.safety.rescue.steps.items()
        ],
        climb=[(str(rescue_words.RUNGS[one.to]), one.after) for one in current.safety.rescue.climb],
        desk_names={key: desk.name(language=pages.language()) for key, desk in desks.items()},
    )
