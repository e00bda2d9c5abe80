"""What one changes about one's own duty: away, telephones, requests, hand-over, calendar."""

from __future__ import annotations

from flask import current_app, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.operations import people
from wellbeing.accounts.rules.roles import Permission
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.portal import pages
from wellbeing.portal.forms.roster_own import LanguagesForm, PhoneForm
from wellbeing.portal.roster import mine, planning
from wellbeing.portal.roster.planning import blueprint
from wellbeing.roster.operations import calendars, coverage, phones, swaps

Answer = AnyResponse | tuple[str, int]


@blueprint.post("/roster/mine/away")
@pages.allowed(Permission.ANSWER_LINE)
def go_away() -> AnyResponse:
    """Stop ringing the reader until they are back or their next shift begins."""
    me = pages.reader().user_id
    with transaction():
        phones.go_away(user_id=me, now=pages.now())
        planning.note(kind="presence", row_id=me, change="away")
    return _back(gettext("You are away: your phones stay silent. Your next shift brings you back."))


@blueprint.post("/roster/mine/back")
@pages.allowed(Permission.ANSWER_LINE)
def come_back() -> AnyResponse:
    """Ring the reader again."""
    me = pages.reader().user_id
    with transaction():
        phones.come_back(user_id=me, now=pages.now())
        planning.note(kind="presence", row_id=me, change="back")
    return _back(gettext("Good to have you back: your phones ring again."))


@blueprint.post("/roster/mine/phones")
@pages.allowed(Permission.ANSWER_LINE)
def set_phone() -> Answer:
    """Keep a telephone of the reader, in place of the one of its kind."""
    form, me = PhoneForm(), pages.reader().user_id
    if not form.is_valid():
        return mine.page(phone=form), 422
    try:
        with transaction():
            made = phones.set_phone(user_id=me, new=form.phone(), now=pages.now())
            planning.note(kind="staff_phone", row_id=made, change="set")
    except DomainError as error:
        form.refuse("number", str(error))
        return mine.page(phone=form), error.status
    return _back(gettext("Your phone is kept. Only two digits of it are shown."))


@blueprint.post("/roster/mine/languages")
@pages.allowed(Permission.ANSWER_LINE)
def set_languages() -> Answer:
    """Keep what the reader speaks with students."""
    form, me = LanguagesForm(), pages.reader().user_id
    if not form.is_valid():
        return mine.page(spoken=form), 422
    with transaction():
        people.set_languages(user_id=me, languages=form.spoken())
        planning.note(kind="user", row_id=me, change="languages")
    return _back(gettext("Your languages are kept."))


@blueprint.post("/roster/mine/phones/remove")
@pages.allowed(Permission.ANSWER_LINE)
def remove_phone() -> AnyResponse:
    """Forget a telephone of the reader."""
    phone_id = planning.chosen()
    with transaction():
        phones.remove_phone(user_id=pages.reader().user_id, phone_id=phone_id)
        planning.note(kind="staff_phone", row_id=phone_id, change="removed")
    return _back(gettext("That phone is not rung any more."))


@blueprint.post("/roster/mine/swaps")
@pages.allowed(Permission.ANSWER_LINE)
def ask_swap() -> Answer:
    """Ask a colleague to take one of the reader's shifts."""
    form = mine.swap_form(is_sent=True)
    if not form.is_valid():
        return mine.page(swap=form), 422
    try:
        with transaction():
            made = swaps.ask_swap(
                shift_id=form.shift_id.data,
                asker_id=pages.reader().user_id,
                asked_id=form.asked_id.data,
                now=pages.now(),
            )
            planning.note(kind="swap", row_id=made, change="asked")
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("asked_id", str(error))
        return mine.page(swap=form), error.status
    return _back(gettext("Your colleague is asked. Until a supervisor agrees, the shift is yours."))


@blueprint.post("/roster/mine/swaps/agree")
@pages.allowed(Permission.ANSWER_LINE)
def agree_to_swap() -> AnyResponse:
    """Agree to take a colleague's shift."""
    _answer(agrees=True)
    return _back(gettext("Thank you. A supervisor decides; until then the shift is not yours."))


@blueprint.post("/roster/mine/swaps/decline")
@pages.allowed(Permission.ANSWER_LINE)
def decline_swap() -> AnyResponse:
    """Say that one cannot take a colleague's shift."""
    _answer(agrees=False)
    return _back(gettext("You said that you cannot. Your colleague keeps the shift."))


@blueprint.post("/roster/mine/swaps/withdraw")
@pages.allowed(Permission.ANSWER_LINE)
def withdraw_swap() -> AnyResponse:
    """Take one's own request back."""
    swap_id = planning.chosen()
    with transaction():
        swaps.withdraw_swap(swap_id=swap_id, user_id=pages.reader().user_id, now=pages.now())
        planning.note(kind="swap", row_id=swap_id, change="withdrawn")
    return _back(gettext("Your request is taken back."))


@blueprint.post("/roster/mine/hand-over")
@pages.allowed(Permission.ANSWER_LINE)
def hand_over() -> AnyResponse:
    """Acknowledge that the reader's shift is handed over, with what is still open."""
    shift_id, me = planning.chosen(), pages.reader().user_id
    with transaction():
        still_open = len(contacts.conversations_of(user_id=me))
        coverage.hand_over(shift_id=shift_id, user_id=me, open_contacts=still_open, now=pages.now())
        planning.note(kind="shift", row_id=shift_id, change="handed over", open=still_open)
    return _back(gettext("Your shift is handed over. Thank you for being there."))


@blueprint.post("/roster/mine/calendar")
@pages.allowed(Permission.ANSWER_LINE)
def renew_calendar() -> str:
    """Give the reader's calendar a new address, shown this once."""
    me = pages.reader().user_id
    with transaction():
        token = calendars.renew_calendar(user_id=me, now=pages.now())
        planning.note(kind="roster_calendar", row_id=me, change="renewed")
    base = str(current_app.config["PUBLIC_BASE_URL"]).rstrip("/")
    return mine.page(new_calendar=base + url_for("roster.calendar", token=token))


@blueprint.post("/roster/mine/calendar/end")
@pages.allowed(Permission.ANSWER_LINE)
def end_calendar() -> AnyResponse:
    """Take the reader's calendar off the net."""
    me = pages.reader().user_id
    with transaction():
        calendars.end_calendar(user_id=me)
        planning.note(kind="roster_calendar", row_id=me, change="ended")
    return _back(gettext("The address of your calendar no longer works."))


def _answer(*, agrees: bool) -> None:
    swap_id = planning.chosen()
    with transaction():
        swaps.answer_swap(
            swap_id=swap_id, user_id=pages.reader().user_id, agrees=agrees, now=pages.now()
        )
        planning.note(kind="swap", row_id=swap_id, change="agreed" if agrees else "declined")


def _back(message: str) -> AnyResponse:
    flash(message, "success")
    return redirect(url_for("roster.mine"), 303)
