"""Calls in words: where one stands, what became of each ring, what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.contacts.rules.calls import CallEnd, CallState, LegKind, LegState

STATES: Mapping[CallState, Any] = {
    CallState.MENU: _("hears the greeting"),
    CallState.QUEUED: _("waiting"),
    CallState.ANSWERED: _("talking"),
    CallState.LIFELINE: _("with the lifeline"),
    CallState.VOICEMAIL: _("leaving a voicemail or asking for a call-back"),
    CallState.ENDED: _("call over"),
}
RINGING_NOW: Any = _("ringing")
ON_HOLD: Any = _("on hold")

ENDS: Mapping[CallEnd, Any] = {
    CallEnd.ANSWERED: _("A counselor talked with the caller."),
    CallEnd.ABANDONED: _("The caller hung up before anybody answered."),
    CallEnd.LIFELINE: _("The caller was connected to the lifeline."),
    CallEnd.VOICEMAIL: _("The caller left a voicemail."),
    CallEnd.CALL_BACK: _("The caller asked for a call-back."),
    CallEnd.FAILED: _("The call broke off for technical reasons."),
}

LEGS: Mapping[LegState, Any] = {
    LegState.PLACING: _("being rung"),
    LegState.RINGING: _("ringing"),
    LegState.SCREENING: _("picked up, has not accepted yet"),
    LegState.TALKING: _("talking"),
    LegState.DECLINED: _("declined"),
    LegState.NO_ANSWER: _("did not answer"),
    LegState.BUSY: _("was on another call"),
    LegState.FAILED: _("could not be rung"),
    LegState.CANCELED: _("stopped ringing: settled otherwise"),
    LegState.LATE: _("picked up after a colleague"),
    LegState.GONE: _("picked up after the caller had gone"),
    LegState.ENDED: _("left the call"),
}
TONES: Mapping[LegState, str] = {
    LegState.PLACING: "waiting",
    LegState.RINGING: "waiting",
    LegState.SCREENING: "waiting",
    LegState.TALKING: "active",
    LegState.NO_ANSWER: "attention",
    LegState.FAILED: "attention",
}

KINDS: Mapping[LegKind, Any] = {
    LegKind.RING: _("rung for the caller"),
    LegKind.TRANSFER: _("brought in"),
    LegKind.JOIN: _("brought in to support"),
    LegKind.OUT: _("calls the student"),
}

PHONES: Mapping[str, Any] = {
    "mobile": _("mobile"),
    "landline": _("landline"),
    "client": _("phone in the browser"),
}

NEXT_STAGE: Any = _("the next colleagues are rung")
NEXT_LIFELINE: Any = _("the lifeline is dialled")
