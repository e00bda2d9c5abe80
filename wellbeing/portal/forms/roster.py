"""The form of one shift. What a shift may be is decided in roster."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from wtforms import DateTimeLocalField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from wellbeing.portal.forms.base import Form, _
from wellbeing.roster.rules import LAST_POSITION, NewShift

ZONE = ZoneInfo("Asia/Shanghai")
"""What a clock on the wall of this city shows."""
WALL_TIME = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


class ShiftForm(Form):
    """Who is on which desk from when until when; the choices are filled by the door."""

    desk = SelectField(_("Desk"), validators=[InputRequired(_("Please choose a desk."))])
    user_id = SelectField(
        _("Person"), coerce=int, validators=[InputRequired(_("Please choose a person."))]
    )
    starts_at = DateTimeLocalField(
        _("From"), format=WALL_TIME, validators=[InputRequired(_("Please give the start."))]
    )
    ends_at = DateTimeLocalField(
        _("Until"), format=WALL_TIME, validators=[InputRequired(_("Please give the end."))]
    )
    position = IntegerField(
        _("Place in the order of calling"),
        default=1,
        validators=[InputRequired(), NumberRange(min=1, max=LAST_POSITION)],
    )

    def new_shift(self, *, by_user_id: int) -> NewShift:
        """Read the wall times of Chongqing; `desk` is written `organization:key`."""
        organization_id, desk = str(self.desk.data).split(":", 1)
        return NewShift(
            organization_id=int(organization_id),
            desk=desk,
            user_id=self.user_id.data,
            starts_at=_aware(self.starts_at.data),
            ends_at=_aware(self.ends_at.data),
            position=self.position.data or 1,
            by_user_id=by_user_id,
        )


def _aware(wall: datetime | None) -> datetime:
    if wall is None:
        raise ValueError("a validated form has both times")
    return wall.replace(tzinfo=ZONE)
