"""How pages word what rooms only name: times, levels, channels, states. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from flask_babel import format_datetime
from flask_babel import lazy_gettext as _

from wellbeing.accounts.rules.roles import Role
from wellbeing.contacts.rules.canned import CannedState
from wellbeing.contacts.rules.conversations import BodyFlag, Channel, ContactState, Disposition
from wellbeing.contacts.rules.media import MediumState
from wellbeing.foundation import phone
from wellbeing.messaging.rules import DeliveryStatus
from wellbeing.policy import current as policy
from wellbeing.policy.model import ContextKind, Language, PhraseKind, RiskLevel
from wellbeing.portal import pages
from wellbeing.portal.audit_words import AUDIT_WORDS
from wellbeing.triage.rules.levels import Source

LEVEL_WORDS: Mapping[RiskLevel, Any] = {
    RiskLevel.LOW: _("ordinary"),
    RiskLevel.MODERATE: _("needs attention"),
    RiskLevel.HIGH: _("high risk"),
    RiskLevel.IMMINENT: _("imminent danger"),
}
"""Urgency in words beside the policy's colour name; a colour alone says nothing to many eyes."""

WORDS: Mapping[type[StrEnum], Mapping[Any, Any]] = {
    Role: {
        Role.COUNSELOR: _("Counselor"),
        Role.SUPERVISOR: _("Supervisor"),
        Role.PRINCIPAL: _("Principal"),
        Role.ADMINISTRATOR: _("Administrator"),
        Role.AUDITOR: _("Auditor"),
    },
    Channel: {
        Channel.TEXT: _("Text"),
        Channel.VOICE: _("Call"),
        Channel.WALK_IN: _("In person"),
        Channel.LETTER: _("By letter"),
    },
    ContactState: {
        ContactState.CALLING: _("On the line, not answered yet"),
        ContactState.WAITING: _("Waiting"),
        ContactState.IN_CONVERSATION: _("In conversation"),
        ContactState.CLOSED: _("Closed"),
    },
    Disposition: {
        Disposition.SUPPORTED: _("Listened to and supported"),
        Disposition.REFERRED: _("Referred elsewhere"),
        Disposition.CASE_OPENED: _("A case was opened"),
        Disposition.NO_REPLY: _("No further reply"),
        Disposition.OPTED_OUT: _("Asked for no more texts"),
        Disposition.CHECK_IN_ANSWERED: _("Answered a check-in"),
        Disposition.NON_DATA: _("Not a request for help"),
        Disposition.ABANDONED: _("Hung up before anybody answered"),
        Disposition.VOICEMAIL: _("Left a voicemail"),
        Disposition.CALL_BACK: _("Asked for a call-back"),
        Disposition.LIFELINE: _("Was connected to the lifeline"),
    },
    BodyFlag: {
        BodyFlag.CONTROLS_REMOVED: _("unreadable signs were taken out"),
        BodyFlag.SURROGATES_REPLACED: _("damaged characters were replaced"),
        BodyFlag.CUT: _("the text was too long and was cut"),
        BodyFlag.EMPTY: _("the text was empty"),
        BodyFlag.AGREED_WORD: _("says the agreed word"),
        BodyFlag.MEDIA: _("something came with it"),
    },
    MediumState: {
        MediumState.AT_CARRIER: _("A picture is being fetched."),
        MediumState.KEPT: _("Picture"),
        MediumState.REFUSED: _(
            "A file came that is not shown: it is no picture, or not a safe one."
        ),
        MediumState.LOST: _("A picture could not be fetched. Ask the student to send it again."),
    },
    CannedState: {
        CannedState.PROPOSED: _("proposed"),
        CannedState.APPROVED: _("in use"),
        CannedState.DECLINED: _("declined"),
        CannedState.RETIRED: _("out of use"),
    },
    DeliveryStatus: {
        DeliveryStatus.QUEUED: _("being sent"),
        DeliveryStatus.SENDING: _("being sent"),
        DeliveryStatus.SENT: _("sent, not yet confirmed"),
        DeliveryStatus.DELIVERED: _("delivered"),
        DeliveryStatus.UNDELIVERED: _("not delivered"),
        DeliveryStatus.FAILED: _("not delivered"),
        DeliveryStatus.RINGING: _("ringing"),
        DeliveryStatus.IN_PROGRESS: _("answered"),
        DeliveryStatus.COMPLETED: _("answered and ended"),
        DeliveryStatus.BUSY: _("busy"),
        DeliveryStatus.NO_ANSWER: _("no answer"),
        DeliveryStatus.CANCELED: _("called off"),
    },
    PhraseKind: {
        PhraseKind.INTENT: _("wants to die"),
        PhraseKind.ACT_NOW: _("an act under way or near"),
        PhraseKind.ABUSE: _("possible abuse"),
        PhraseKind.DISTRESS: _("distress"),
        PhraseKind.FAREWELL: _("saying farewell"),
        PhraseKind.METHOD: _("names a method"),
        PhraseKind.PASSIVE: _("tired of living"),
    },
    ContextKind: {
        ContextKind.NEGATION: _("said not to be so"),
        ContextKind.HYPERBOLE: _("a manner of speaking"),
        ContextKind.THIRD_PERSON: _("about somebody else"),
        ContextKind.PAST: _("about the past"),
        ContextKind.QUESTION: _("asked as a question"),
        ContextKind.IDIOM: _("a set phrase"),
    },
    Source: {
        Source.SCREENER: _("by a screener"),
        Source.COUNSELOR: _("a counselor's judgement"),
        Source.THIRD_PARTY: _("a report by somebody else"),
    },
    Language: {
        Language.ZH: _("Chinese"),
        Language.EN: _("English"),
    },
    **AUDIT_WORDS,
}
"""One sentence or word for each value that a page shows."""


DIGITS: Mapping[str, str] = {
    "yyyy-MM-dd HH:mm": "%Y-%m-%d %H:%M",
    "MM-dd HH:mm": "%m-%d %H:%M",
    "HH:mm": "%H:%M",
    "HH:mm:ss": "%H:%M:%S",
}
"""Babel's patterns of our pages, and how Python writes the same."""


def init_app(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters.update({
        "datetimeformat": in_digits,
        "local_time": local_time,
        "local_date": local_date,
        "ago": ago,
        "level_label": level_label,
        "masked": masked,
        "words": words,
        "in_language": in_language,
    })  # fmt: skip


def local_time(moment: datetime | None) -> str:
    """Write a moment as date and time on the wall in Chongqing; nothing for None."""
    return _on_the_wall(moment).isoformat(sep=" ", timespec="minutes")[:16] if moment else ""


def local_date(moment: datetime | None) -> str:
    """Write the day of a moment in Chongqing; nothing for None."""
    return _on_the_wall(moment).date().isoformat() if moment else ""


def in_digits(moment: datetime | None, pattern: str) -> str:
    """Write a moment in Chongqing by one of Babel's patterns; nothing for None.

    Those of digits alone are the same in every language, and Babel takes long over them.
    """
    if moment is None:
        return ""
    digits = DIGITS.get(pattern)
    if digits is None:
        return str(format_datetime(moment, pattern))
    return _on_the_wall(moment).strftime(digits)


def _on_the_wall(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(current_app.config["BABEL_DEFAULT_TIMEZONE"]))


def ago(moment: datetime | None) -> str:
    """Say how long ago a moment was by the service's clock, in its largest unit."""
    if moment is None:
        return ""
    minutes = max(0, int((pages.now() - moment).total_seconds() // 60))
    for size, sentence in AGO:
        if minutes >= size:
            return str(sentence) % {"count": minutes // max(size, 1)}
    return str(_("just now"))


def level_label(level: RiskLevel | int | None) -> str:
    """Name a level by the policy's colour and in words; None says that nobody has judged yet."""
    if level is None:
        return str(_("not assessed"))
    known = RiskLevel(level)
    colour = policy.current().triage.levels[known].name(language=pages.language())
    return f"{colour} · {LEVEL_WORDS[known]}"


def masked(number: str | None) -> str:
    """Show only the end of a number."""
    return phone.masked(number)


def words(value: StrEnum) -> str:
    """Word one value of an enum for a person.

    Raises:
        KeyError: it has no words yet; a page must not show a bare key.

    """
    return str(WORDS[type(value)][value])


def in_language(pair: Any, base: str = "name") -> str:
    """Choose the reader's language of a pair of fields such as `name_zh` and `name_en`."""
    return str(getattr(pair, f"{base}_{pages.language().value}"))


AGO = (
    (24 * 60, _("%(count)s d ago")),
    (60, _("%(count)s h ago")),
    (1, _("%(count)s min ago")),
)
