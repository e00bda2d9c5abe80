"""How pages word the plans of a case: headings and what to write below them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.cases.rules.plans import Heading, PlanKind

KINDS: Mapping[PlanKind, Any] = {
    PlanKind.SAFETY: _("Safety plan"),
    PlanKind.CARE: _("Care plan"),
}

HEADINGS: Mapping[Heading, Any] = {
    Heading.WARNING_SIGNS: _("My warning signs"),
    Heading.OWN_COPING: _("What I can do by myself"),
    Heading.DISTRACTION: _("People and places that take my mind off it"),
    Heading.HELP: _("People I can ask for help"),
    Heading.PROFESSIONALS: _("Professionals and services I can turn to"),
    Heading.ENVIRONMENT: _("Making the place around me safe"),
    Heading.WORTH_LIVING: _("The one thing most worth living for"),
}
"""In the student's own voice: the plan is theirs, and they take it home."""

HELP: Mapping[Heading, Any] = {
    Heading.WARNING_SIGNS: _("Thoughts, moods, moments that tell: it is getting bad again."),
    Heading.OWN_COPING: _("Without anybody else: music, walking, drawing, a shower."),
    Heading.DISTRACTION: _("Friends, a shop, the sports ground: being there is enough."),
    Heading.HELP: _("Who may know of it, and how to reach them."),
    Heading.PROFESSIONALS: _("Counselor, doctor, the nearest emergency room; and the lines."),
    Heading.ENVIRONMENT: _("What is put away, and who keeps it. Ask plainly, name no method."),
    Heading.WORTH_LIVING: _("Asked gently; it may stay empty tonight."),
}
