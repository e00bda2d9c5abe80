"""Forms of rotations: who takes turns when, until when, and who comes on a holiday."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, cast

from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TimeField,
)
from wtforms.validators import InputRequired, NumberRange
from wtforms.validators import Optional as MayBeEmpty
from wtforms.widgets import CheckboxInput, ListWidget

from wellbeing.portal.forms.base import Form, _, choice
from wellbeing.portal.forms.roster import (
    DESK_NEEDED,
    END_NEEDED,
    ORDER,
    PERSON_NEEDED,
    START_NEEDED,
    desk_of,
)
from wellbeing.roster.rules import LAST_POSITION
from wellbeing.roster.rules.rotations import Block, NewRotation, Pattern, Turn

NOBODY, ORDINARY = 0, -1
DAY_NEEDED = _("Please give the day.")


def _turn(label: Any) -> SelectField:
    return SelectField(label, coerce=int, default=NOBODY, validators=[MayBeEmpty()])


class RotationForm(Form):
    """Up to seven people take turns at a desk; the choices are filled by the door."""

    WEEKDAYS: ClassVar[tuple[Any, ...]] = (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
        _("Sunday"),
    )  # fmt: skip
    TURNS: ClassVar[dict[Turn, Any]] = {
        Turn.DAY: _("every day"),
        Turn.WEEK: _("every week, from Monday on"),
    }
    PEOPLE: ClassVar[tuple[str, ...]] = (
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh",
    )  # fmt: skip

    desk = SelectField(_("Desk"), validators=[InputRequired(DESK_NEEDED)])
    weekdays = SelectMultipleField(
        _("Days"),
        coerce=int,
        choices=[choice(number, name) for number, name in enumerate(WEEKDAYS)],
        default=range(7),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired(_("Please choose at least one day."))],
    )
    starts = TimeField(_("Begins at"), validators=[InputRequired(START_NEEDED)])
    ends = TimeField(
        _("Ends at"),
        description=_("At or before the beginning means the next day; the same time, 24 hours."),
        validators=[InputRequired(END_NEEDED)],
    )
    turn = RadioField(
        _("The next person takes over"),
        choices=[choice(key.value, label) for key, label in TURNS.items()],
        default=Turn.WEEK.value,
        validators=[InputRequired()],
    )
    first = SelectField(_("First person"), coerce=int, validators=[InputRequired(PERSON_NEEDED)])
    second = _turn(_("Second person"))
    third = _turn(_("Third person"))
    fourth = _turn(_("Fourth person"))
    fifth = _turn(_("Fifth person"))
    sixth = _turn(_("Sixth person"))
    seventh = _turn(_("Seventh person"))
    valid_from = DateField(_("First day"), validators=[InputRequired(DAY_NEEDED)])
    valid_until = DateField(_("Last day"), validators=[MayBeEmpty()])
    position = IntegerField(
        ORDER, default=1, validators=[InputRequired(), NumberRange(min=1, max=LAST_POSITION)]
    )

    def fill_people(self, *, people: Iterable[Any]) -> None:
        """Offer the people of a unit in every place."""
        found = list(people)
        self.first.choices = found
        for name in self.PEOPLE[1:]:
            cast("SelectField", self[name]).choices = [choice(NOBODY, _("nobody more")), *found]

    def new_rotation(self, *, by_user_id: int) -> NewRotation:
        """Read the form; its wall times are Chongqing's."""
        organization_id, desk = desk_of(written=str(self.desk.data))
        return NewRotation(
            organization_id=organization_id,
            desk=desk,
            by_user_id=by_user_id,
            pattern=Pattern(
                turn=Turn(self.turn.data),
                people=tuple(self[name].data for name in self.PEOPLE if self[name].data),
                blocks=tuple(
                    Block(weekday=day, starts=self["starts"].data, ends=self["ends"].data)
                    for day in self["weekdays"].data
                ),
                valid_from=self["valid_from"].data,
                valid_until=self.valid_until.data,
                position=self.position.data or 1,
            ),
        )


class EndForm(Form):
    """With which day a rotation ends."""

    rotation_id = SelectField(
        _("Rotation"), coerce=int, validators=[InputRequired(_("Please choose a rotation."))]
    )
    last_day = DateField(_("Last day"), validators=[InputRequired(DAY_NEEDED)])

    def last(self) -> date:
        """Give the day, once the form is valid."""
        return cast("date", self.last_day.data)


class HolidayForm(Form):
    """Who comes on one day instead of whose turn it is."""

    rotation_id = SelectField(
        _("Rotation"), coerce=int, validators=[InputRequired(_("Please choose a rotation."))]
    )
    day = DateField(_("Day"), validators=[InputRequired(DAY_NEEDED)])
    who = SelectField(_("Who comes"), coerce=int, validators=[InputRequired(PERSON_NEEDED)])

    def fill_people(self, *, people: Iterable[Any]) -> None:
        """Offer the people of a unit, nobody, and the ordinary turn."""
        self.who.choices = [
            choice(NOBODY, _("nobody: the desk stays closed")),
            choice(ORDINARY, _("whose turn it is: an ordinary day")),
            *people,
        ]

    def on(self) -> date:
        """Give the day, once the form is valid."""
        return cast("date", self.day.data)

    @property
    def is_ordinary(self) -> bool:
        """Tell whether the day is to be like others again."""
        return bool(self.who.data == ORDINARY)

    @property
    def user_id(self) -> int | None:
        """Give who comes; None for nobody."""
        return self.who.data or None
