"""The words of the audit log for an auditor. What an event is, is decided in audit."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.audit.rules import ActorKind, AuditAction, Problem

AUDIT_WORDS: Mapping[type[StrEnum], Mapping[Any, Any]] = {
    AuditAction: {
        AuditAction.OPENED_CONTACT: _("Opened a conversation"),
        AuditAction.OPENED_CASE: _("Opened a case"),
        AuditAction.REVEALED_NUMBER: _("Revealed a number"),
        AuditAction.REVEALED_IDENTITY: _("Revealed a person"),
        AuditAction.IDENTITY_CHANGED: _("Changed a person of a case"),
        AuditAction.CONSENT_CHANGED: _("Changed a consent"),
        AuditAction.PERSONS_LINKED: _("Decided whether two records are one person"),
        AuditAction.LISTED: _("Looked at a list"),
        AuditAction.SEARCHED: _("Searched"),
        AuditAction.PRINTED: _("Printed"),
        AuditAction.EXPORTED: _("Exported"),
        AuditAction.SIGNED_IN: _("Signed in"),
        AuditAction.SIGN_IN_FAILED: _("A sign-in was refused"),
        AuditAction.SIGNED_OUT: _("Signed out"),
        AuditAction.STEPPED_UP: _("Confirmed with a code"),
        AuditAction.RECOVERY_CODE_USED: _("Used a recovery code"),
        AuditAction.REFUSED: _("Was refused"),
        AuditAction.RECEIVED_TEXT: _("A text came in"),
        AuditAction.RECEIVED_CALL: _("A call came in"),
        AuditAction.CALL_ANSWERED: _("Answered a call"),
        AuditAction.CALL_ENDED: _("A call ended"),
        AuditAction.CALLED_STUDENT: _("Called a student"),
        AuditAction.BROUGHT_IN: _("Brought a colleague into a call"),
        AuditAction.HEARD_RECORDING: _("Listened to a voicemail"),
        AuditAction.SAW_PICTURE: _("Looked at a picture"),
        AuditAction.SAW_DOCUMENT: _("Opened a document"),
        AuditAction.DOCUMENT_CHANGED: _("Added or withdrew a document"),
        AuditAction.CLAIMED: _("Accepted a conversation"),
        AuditAction.RETURNED: _("A conversation went back to the queue"),
        AuditAction.HANDED_OVER: _("Handed a conversation to a colleague"),
        AuditAction.WORD_AGREED: _("Changed the word agreed with a student"),
        AuditAction.CANNED_REPLY_CHANGED: _("Changed the ready-made replies"),
        AuditAction.REPLIED: _("Replied"),
        AuditAction.CLOSED_CONTACT: _("Closed a conversation"),
        AuditAction.RECORDED_FACTS: _("Filled in the contact record"),
        AuditAction.RECORDED_ELSEWHERE: _("Wrote down a contact made elsewhere"),
        AuditAction.SCREENED: _("Recorded a screener"),
        AuditAction.ASSESSED: _("Set a risk level"),
        AuditAction.CASE_OPENED: _("Started a case"),
        AuditAction.CASE_CHANGED: _("Changed a case"),
        AuditAction.CASE_TRANSFERRED: _("Handed a case over"),
        AuditAction.CASE_CLOSED: _("Closed a case"),
        AuditAction.NOTE_WRITTEN: _("Wrote a note"),
        AuditAction.DESK_TESTED: _("Tested a desk by a page"),
        AuditAction.PLAN_SAVED: _("Saved a plan"),
        AuditAction.REFERRED: _("Noted a referral"),
        AuditAction.ESCALATED: _("Escalated"),
        AuditAction.ACKNOWLEDGED: _("Acknowledged"),
        AuditAction.ACCEPTED: _("Took over"),
        AuditAction.DECLINED: _("Declined"),
        AuditAction.FOLLOW_UP_CHANGED: _("Changed a follow-up"),
        AuditAction.DUTY_DONE: _("Settled a duty"),
        AuditAction.SHIFT_ADDED: _("Added a shift"),
        AuditAction.SHIFT_REMOVED: _("Removed a shift"),
        AuditAction.ROSTER_CHANGED: _("Changed the duty roster"),
        AuditAction.USER_CREATED: _("Added a person"),
        AuditAction.USER_CHANGED: _("Changed a person"),
        AuditAction.USER_DISABLED: _("Disabled a person"),
        AuditAction.SESSIONS_ENDED: _("Ended sessions"),
        AuditAction.ACCESS_ASKED: _("Asked for access to a case"),
        AuditAction.ACCESS_REFUSED: _("Did not approve access"),
        AuditAction.BROKE_GLASS: _("Opened a case in an emergency"),
        AuditAction.EMERGENCY_REVIEWED: _("Looked at an emergency view"),
        AuditAction.GRANT_GIVEN: _("Gave access to a record"),
        AuditAction.GRANT_ENDED: _("Ended access to a record"),
        AuditAction.IMPORTED: _("Imported"),
        AuditAction.SEEDED: _("Filled in demonstration data"),
    },
    ActorKind: {
        ActorKind.USER: _("a member of staff"),
        ActorKind.SYSTEM: _("the service"),
        ActorKind.CARRIER: _("the carrier"),
        ActorKind.COMMAND: _("a command"),
    },
    Problem: {
        Problem.EDITED: _("an event was edited"),
        Problem.OUT_OF_ORDER: _("events were reordered"),
        Problem.GAP: _("events are missing"),
        Problem.TAIL_CUT: _("the end was cut off"),
        Problem.ANCHOR_MISMATCH: _("the chain differs from its anchor"),
        Problem.ANCHOR_MISSING: _("the anchor is missing"),
        Problem.ANCHOR_DAMAGED: _("the anchor file is damaged"),
        Problem.UNSEALED_TOO_LONG: _("events wait too long for their seal"),
    },
}
"""One sentence for each value."""

SUBJECT_WORDS: Mapping[str, Any] = {
    "contact": _("conversation"),
    "case": _("case"),
    "escalation": _("escalation"),
    "page": _("page"),
    "shift": _("shift"),
    "follow_up": _("follow-up"),
    "user": _("person"),
    "access_request": _("request for access"),
    "emergency_view": _("emergency view"),
    "canned_reply": _("ready-made reply"),
}
"""Kinds of records; one without words shows its key."""
