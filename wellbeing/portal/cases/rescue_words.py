"""How pages word the steps of a rescue. What a step must say is decided in `cases`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.cases.rules.rescue import StepState
from wellbeing.policy.model import RescueStep, Rung

STEPS: Mapping[RescueStep, Any] = {
    RescueStep.CONSULTED: _("Consult a supervisor"),
    RescueStep.LEAST_INVASIVE: _("Try the least invasive way first"),
    RescueStep.CALLED: _("Call 110 or 120"),
    RescueStep.LOCATED: _("Tell them where the student is"),
    RescueStep.REACHED: _("Confirm that help reached the student"),
    RescueStep.TOLD: _("Tell guardian or school, or say why not"),
    RescueStep.REVIEWED: _("Review"),
}

HINTS: Mapping[RescueStep, Any] = {
    RescueStep.CONSULTED: _("One can be reached at any hour; stay with the student meanwhile."),
    RescueStep.LEAST_INVASIVE: _(
        "Somebody stays with them, means are put away, they go to a safe place. "
        "If an act is under way, leave this step out and call at once."
    ),
    RescueStep.CALLED: _("Ask for the incident number."),
    RescueStep.LOCATED: _("Say how you know: what the student said is surer than a record."),
    RescueStep.REACHED: _(
        "Ask back until somebody has seen the student. A dispatched car is not yet help."
    ),
    RescueStep.TOLD: _("Not if the guardian is the danger."),
    RescueStep.REVIEWED: _("By a supervisor, with everybody who took part."),
}  # fmt: skip

FIELDS: Mapping[tuple[RescueStep, str], Any] = {
    (RescueStep.CONSULTED, "supervisor"): _("Which supervisor"),
    (RescueStep.CONSULTED, "advice"): _("What was agreed"),
    (RescueStep.LEAST_INVASIVE, "tried"): _("What was tried"),
    (RescueStep.LEAST_INVASIVE, "result"): _("What came of it"),
    (RescueStep.CALLED, "service"): _("Which service"),
    (RescueStep.CALLED, "number"): _("Number dialled"),
    (RescueStep.CALLED, "incident"): _("Incident number"),
    (RescueStep.LOCATED, "source"): _("How the place is known"),
    (RescueStep.LOCATED, "place"): _("Where the student is"),
    (RescueStep.REACHED, "confirmed_by"): _("Who confirmed it"),
    (RescueStep.REACHED, "how"): _("How the student is now"),
    (RescueStep.TOLD, "whom"): _("Who was told"),
    (RescueStep.TOLD, "decided_by"): _("Who decided"),
    (RescueStep.TOLD, "why_not"): _("Why nobody was told"),
    (RescueStep.REVIEWED, "went_well"): _("What went well"),
    (RescueStep.REVIEWED, "to_change"): _("What we change"),
}

CHOICES: Mapping[tuple[str, str], Any] = {
    ("service", "110"): _("110, police"),
    ("service", "120"): _("120, ambulance"),
    ("service", "119"): _("119, fire brigade"),
    ("source", "student"): _("The student said it"),
    ("source", "number"): _("Found by the number"),
    ("source", "third_party"): _("Somebody else said it"),
    ("source", "record"): _("From a record"),
    ("source", "other"): _("Another way"),
    ("whom", "guardian"): _("The guardian"),
    ("whom", "school"): _("The school"),
    ("whom", "both"): _("Guardian and school"),
    ("whom", "nobody"): _("Nobody yet"),
}

STATES: Mapping[StepState, tuple[Any, str]] = {
    StepState.WAITING: (_("to be done"), "waiting"),
    StepState.DONE: (_("done"), "done"),
    StepState.SKIPPED: (_("left out"), "attention"),
}

RUNGS: Mapping[Rung, Any] = {
    Rung.OWNER: _("the owner of the case"),
    Rung.SUPERVISOR: _("the supervisors"),
    Rung.NEXT_TIER: _("the next tier"),
    Rung.DUTY_LEAD: _("the municipal duty lead"),
}
