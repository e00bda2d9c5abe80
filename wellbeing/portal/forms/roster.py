"""Forms of single shifts and replacements. What a shift may be is decided in roster."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import DateTimeLocalField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from wellbeing.portal.addresses import LARGEST_ID
from wellbeing.portal.forms.base import Form, _, choice
from wellbeing.roster.rules import LAST_POSITION, NewShift
from wellbeing.roster.rules.overrides import NewOverride

ZONE = ZoneInfo("Asia/Shanghai")
"""What a clock on the wall of this city shows."""
WALL_TIME = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
DESK_NEEDED = _("Please choose a desk.")
PERSON_NEEDED = _("Please choose a person.")
START_NEEDED = _("Please give the start.")
END_NEEDED = _("Please give the end.")
ORDER = _("Place in the order of calling")


class ChosenForm(Form):
    """The row that a button was pressed for."""

    row_id = IntegerField(validators=[InputRequired(), NumberRange(min=1, max=LARGEST_ID)])


class ShiftForm(Form):
    """Who is on which desk from when until when; the choices are filled by the door."""

    desk = SelectField(_("Desk"), validators=[InputRequired(DESK_NEEDED)])
    user_id = SelectField(_("Person"), coerce=int, validators=[InputRequired(PERSON_NEEDED)])
    starts_at = DateTimeLocalField(
        _("From"), format=WALL_TIME, validators=[InputRequired(START_NEEDED)]
    )
    ends_at = DateTimeLocalField(
        _("Until"), format=WALL_TIME, validators=[InputRequired(END_NEEDED)]
    )
    position = IntegerField(
        ORDER, default=1, validators=[InputRequired(), NumberRange(min=1, max=LAST_POSITION)]
    )

    def new_shift(self, *, by_user_id: int) -> NewShift:
        """Read the wall times of Chongqing; `desk` is written `organization:key`."""
        organization_id, desk = desk_of(written=str(self.desk.data))
        return NewShift(
            organization_id=organization_id,
            desk=desk,
            user_id=self.user_id.data,
            starts_at=aware(wall=self.starts_at.data),
            ends_at=aware(wall=self.ends_at.data),
            position=self.position.data or 1,
            by_user_id=by_user_id,
        )


class OverrideForm(Form):
    """Who comes in whose place, from when until when."""

    desk = SelectField(_("Desk"), validators=[InputRequired(DESK_NEEDED)])
    user_id = SelectField(_("Who comes"), coerce=int, validators=[InputRequired(PERSON_NEEDED)])
    replaced_id = SelectField(_("In whose place"), coerce=int)
    starts_at = DateTimeLocalField(
        _("From"), format=WALL_TIME, validators=[InputRequired(START_NEEDED)]
    )
    ends_at = DateTimeLocalField(
        _("Until"), format=WALL_TIME, validators=[InputRequired(END_NEEDED)]
    )
    position = IntegerField(
        ORDER,
        default=1,
        description=_("Only for somebody who comes besides; a replacement keeps the place."),
        validators=[InputRequired(), NumberRange(min=1, max=LAST_POSITION)],
    )

    def fill_people(self, *, people: Iterable[Any]) -> None:
        """Offer the people of a unit; somebody may also come in nobody's place."""
        found = list(people)
        self.user_id.choices = found
        self.replaced_id.choices = [choice(0, _("nobody's: one person more")), *found]

    def new_override(self, *, by_user_id: int) -> NewOverride:
        """Read the wall times of Chongqing."""
        organization_id, desk = desk_of(written=str(self.desk.data))
        return NewOverride(
            organization_id=organization_id,
            desk=desk,
            starts_at=aware(wall=self.starts_at.data),
            ends_at=aware(wall=self.ends_at.data),
            user_id=self.user_id.data,
            replaced_id=self.replaced_id.data or None,
            position=self.position.data or 1,
            by_user_id=by_user_id,
        )


def desk_of(*, written: str) -> tuple[int, str]:
    """Read a desk written `organization:key`."""
    organization_id, desk = written.split(":", 1)
    return int(organization_id), desk


def aware(*, wall: datetime | None) -> datetime:
    """Read what a clock on the wall in Chongqing shows."""
    if wall is None:
        raise ValueError("a validated form has both times")
    return wall.replace(tzinfo=ZONE)
