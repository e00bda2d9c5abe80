"""The words of a timeline: one sentence for each kind of entry. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wellbeing.accounts.rules.grants import Verdict
from wellbeing.cases.rules.access import AccessEntry
from wellbeing.cases.rules.cases import CaseStatus, EntryKind, EntryRow, NoteKind
from wellbeing.cases.rules.documents import DocumentEntry
from wellbeing.cases.rules.erasures import ErasureEntry, Ground
from wellbeing.cases.rules.plans import PlanKind
from wellbeing.cases.rules.reporting import Entry as Report
from wellbeing.cases.rules.reporting import ReportState
from wellbeing.cases.rules.rescue import Entry as Rescue
from wellbeing.escalation.rules.words import AcknowledgedVia, Entry
from wellbeing.followups.rules import Answer, Decision, Outcome
from wellbeing.followups.rules import Entry as Promise
from wellbeing.policy.model import FollowUpKind, MissedStepHolder, RescueStep, Rung
from wellbeing.portal import filters
from wellbeing.portal.cases import (
    document_words,
    erasure_words,
    people_words,
    plan_words,
    referral_words,
    report_words,
    rescue_words,
    tag_words,
    words,
)
from wellbeing.portal.cases.naming import Names
from wellbeing.portal.escalations import words as escalation_words
from wellbeing.portal.followups import words as followup_words
from wellbeing.portal.grants.words import VERDICTS

USER_FACTS = frozenset(
    {"from_user_id", "to_user_id", "holder_id", "owner_id", "user_id", "approver_id"}
)
"""Facts that name a person."""

TITLES: Mapping[str, Any] = {
    EntryKind.OPENED: _("Case opened at level %(level)s"),
    EntryKind.CONTACT_ATTACHED: _("A further conversation was added"),
    EntryKind.NOTE_ADDED: _("Written: %(note_kind)s"),
    EntryKind.NOTE_CHANGED: _("A note was changed; it said before:"),
    EntryKind.LEVEL_CHANGED: _("Level: %(from_level)s → %(to_level)s"),
    EntryKind.STATUS_CHANGED: _("Status: %(from_status)s → %(to_status)s"),
    EntryKind.CLOSED: _("Case closed"),
    EntryKind.REOPENED: _("Case opened again"),
    EntryKind.TRANSFERRED: _(
        "Owner: %(from_user_id)s, %(from_organization_id)s → %(to_user_id)s, %(to_organization_id)s"
    ),
    EntryKind.DUTY_OPENED: _("Duty for %(holder_id)s: %(duty_kind)s, by %(by_at)s"),
    EntryKind.DUTY_DONE: _("Duty done: %(duty_kind)s"),
    AccessEntry.ASKED: _("%(user_id)s asked for access"),
    AccessEntry.GIVEN: _("Access was given to %(user_id)s"),
    AccessEntry.REFUSED: _("Access was not given to %(user_id)s"),
    AccessEntry.BROKEN: _("%(user_id)s opened this case in an emergency"),
    AccessEntry.REVIEWED: _("The emergency view of %(user_id)s was looked at: %(verdict)s"),
    EntryKind.PLAN_SAVED: _("%(plan_kind)s: version %(plan_version)s saved"),
    EntryKind.REFERRED: _("Referred: %(referral_kind)s"),
    EntryKind.REFERRAL_MOVED: _("Referral, %(referral_kind)s: %(referral_state)s"),
    EntryKind.STUDENT_DECLINED: _("The student wanted no more contact, %(declined_at)s"),
    EntryKind.ASSIGNED: _("Given to %(to_user_id)s by a supervisor"),
    EntryKind.SEALED: _("Sealed; closed %(closed_at)s"),
    EntryKind.TAGGED: _("Tagged: %(tag)s"),
    EntryKind.UNTAGGED: _("Tag taken off: %(tag)s"),
    EntryKind.CLOSING_SIGNED: _("A supervisor signed that the case may end"),
    EntryKind.LOWERING_PROPOSED: _("Proposed to leave red: %(to_level)s; decision by %(by_at)s"),
    EntryKind.LOWERING_REFUSED: _("It stays red; proposed was %(to_level)s"),
    DocumentEntry.ADDED: _("Document added: %(document_kind)s"),
    DocumentEntry.WITHDRAWN: _("Document withdrawn: %(document_kind)s"),
    ErasureEntry.ASKED: _("Asked that this record is destroyed: %(ground)s"),
    ErasureEntry.REFUSED: _("This record is not destroyed; whoever asked was told why"),
    ErasureEntry.WITHDRAWN: _("The wish to destroy this record was taken back"),
    ErasureEntry.DONE: _("This record was destroyed: %(ground)s"),
    ErasureEntry.HELD: _("Held for the law"),
    ErasureEntry.RELEASED: _("Not held for the law any more"),
    Rescue.STARTED: _("A rescue began"),
    Rescue.RECORDED: _("Rescue: %(rescue_step)s"),
    Rescue.SKIPPED: _("Rescue, left out: %(rescue_step)s"),
    Rescue.LATE: _("Rescue, late since %(by_at)s: %(rescue_step)s. Told: %(rung)s"),
    Rescue.ENDED: _("The rescue was reviewed and is over"),
    Report.OPENED: _("A report may be due by law; decision by %(by_at)s"),
    Report.DECIDED: _("Report by law: %(report_state)s"),
    Report.FILED: _("Reported to: %(organ)s"),
    Report.CLOSED: _("The report is closed: %(organ)s"),
    Entry.SENT: _("Passed on to %(organization_id)s, %(desk)s; answer by %(acknowledge_by)s"),
    Entry.JOINED: _("%(organization_id)s, %(desk)s was asked as well, planned %(planned_at)s"),
    Entry.ACKNOWLEDGEMENT_MISSED: _("Nobody answered by %(acknowledge_by)s"),
    Entry.ACKNOWLEDGED: _("Seen at %(organization_id)s, %(via)s"),
    Entry.ACCEPTED: _("Accepted by %(organization_id)s"),
    Entry.DECLINED: _("Declined by %(organization_id)s"),
    Entry.RELEASED: _("Taken back by the sender"),
    Entry.CONTACTED: _("Student contacted; the time was until %(contact_by)s"),
    Entry.TOLD_LATE: _(
        "The student is still not contacted: %(organization_id)s · %(desk)s was told"
    ),
    Entry.TAKEN_OVER: _("%(organization_id)s took the case over"),
    Entry.CONTACT_MISSED: _("The student was not contacted by %(contact_by)s"),
    Entry.READ_BACK: _("Read back by %(user_id)s: a warm hand-over"),
    Entry.SHARPENED: _("Now %(level)s: answer by %(acknowledge_by)s, contact by %(contact_by)s"),
    Entry.NOBODY_ON_CALL: _("Nobody was on duty: %(organization_id)s, %(desk)s"),
    Promise.PLANNED: _("%(count)s promises to get back planned, the first %(due_at)s"),
    Promise.SENT: _("%(kind)s sent"),
    Promise.ANSWERED: _("The student answered: %(answer)s"),
    Promise.TRIED: _("Tried to reach the student: %(outcome)s"),
    Promise.MISSED: _("A promise was missed: %(holder)s"),
    Promise.MOVED: _("A promise was moved to %(due_at)s"),
    Promise.PROMISED: _("Promised by hand: %(kind)s, %(due_at)s"),
    Promise.DECIDED: _("Nobody could reach the student; decided: %(decision)s"),
    Promise.TO_CALL: _("The text did not get through; a call is due instead"),
    **people_words.TITLES,
}
"""One sentence for each kind; facts stand in it by name."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "notes": (EntryKind.NOTE_ADDED, EntryKind.NOTE_CHANGED),
    "levels": (EntryKind.OPENED, EntryKind.LEVEL_CHANGED, EntryKind.STATUS_CHANGED,
               EntryKind.CLOSED, EntryKind.REOPENED, EntryKind.SEALED, *ErasureEntry,
               EntryKind.STUDENT_DECLINED,
               EntryKind.CLOSING_SIGNED, EntryKind.LOWERING_PROPOSED,
               EntryKind.LOWERING_REFUSED),
    "rescue": (*Rescue, *Report),
    "escalations": (*Entry, EntryKind.TRANSFERRED, EntryKind.ASSIGNED),
    "follow_ups": tuple(Promise),
    "contacts": (EntryKind.OPENED, EntryKind.CONTACT_ATTACHED),
    "access": tuple(AccessEntry),
    "people": tuple(people_words.TITLES),
    "plans": (EntryKind.PLAN_SAVED,),
    "referrals": (EntryKind.REFERRED, EntryKind.REFERRAL_MOVED),
    "documents": tuple(DocumentEntry),
    "duties": (EntryKind.DUTY_OPENED, EntryKind.DUTY_DONE),
}  # fmt: skip
"""Which kinds a reader may choose together."""

GROUP_WORDS: Mapping[str, Any] = {
    "": _("Everything"),
    "notes": _("Notes"),
    "levels": _("Level and status"),
    "escalations": _("Passing on"),
    "follow_ups": _("Getting back"),
    "contacts": _("Conversations"),
    "access": _("Access"),
    "people": _("People and consent"),
    "plans": _("Plans"),
    "referrals": _("Referrals"),
    "documents": _("Documents"),
    "duties": _("Duties"),
    "rescue": _("Rescue and reports by law"),
}

DUTIES: Mapping[str, Any] = {
    "break_glass_review": _("look at an emergency view of this case"),
    "coverage_gap": _("a desk without anybody on duty"),
    "escalation_declined": _("everybody declined; decide what happens"),
    "step_down_unanswered": _("nobody below has answered about the case that was returned"),
    "student_contact_missed": _("the student was not contacted in time"),
    "undelivered_text": _("a text was not delivered"),
    "unreachable_caller": _("a caller without a number left a message"),
    "welfare_check": _("have somebody look after the student, and report back"),
    "care_plan_review": _("look at the care plan again with the student"),
    "referral_overdue": _("find out what became of a referral"),
    "level_decision": _("decide whether a red may fall"),
    "report_check": _("decide whether a report is due by law"),
    **people_words.DUTIES,
}
"""What a duty is about, by kind."""


def title(*, entry: EntryRow, names: Names) -> str:
    """Say what happened; a kind without words is named, never left out."""
    sentence = TITLES.get(entry.kind)
    if sentence is None:
        return gettext("Something else happened (%(kind)s)", kind=entry.kind)
    return str(sentence) % _Facts(entry, names)


def body(*, entry: EntryRow) -> str:
    """Give the words that belong to an entry."""
    return "\n".join(entry.details.values())


def duty(*, kind: str) -> str:
    """Word a kind of duty."""
    known = DUTIES.get(kind)
    return str(known) if known else kind


class _Facts(dict[str, str]):
    """The facts of an entry, each worded when its sentence asks for it."""

    def __init__(self, entry: EntryRow, names: Names) -> None:
        super().__init__()
        self._entry, self._names = entry, names

    def __missing__(self, key: str) -> str:
        value = self._entry.facts.get(key)
        if value is None:
            return gettext("not known")
        if key == "desk":
            return self._names.desk(self._entry.facts["organization_id"], value)
        if key in USER_FACTS:
            return self._names.user(value)
        if key.endswith("organization_id"):
            return self._names.place(value)
        return WORDED[key](value) if key in WORDED else str(value)


def _moment(value: str) -> str:
    return filters.local_time(datetime.fromisoformat(value))


def _status(value: str) -> str:
    return str(words.STATUSES[CaseStatus(value)][0])


WORDED: Mapping[str, Callable[[Any], str]] = {
    **people_words.FACTS,
    **dict.fromkeys(("level", "from_level", "to_level"), filters.level_label),
    **dict.fromkeys(("from_status", "to_status"), _status),
    **dict.fromkeys(
        (
            "acknowledge_by",
            "contact_by",
            "planned_at",
            "by_at",
            "due_at",
            "declined_at",
            "closed_at",
        ),
        _moment,
    ),
    "note_kind": lambda value: str(words.NOTE_KINDS[NoteKind(value)]),
    "verdict": lambda value: str(VERDICTS[Verdict(value)]),
    "via": lambda value: str(escalation_words.VIA[AcknowledgedVia(value)]),
    "tag": lambda value: tag_words.name(key=value),
    "referral_kind": lambda value: referral_words.kind(key=value),
    "referral_state": lambda value: referral_words.state(value=value),
    "plan_kind": lambda value: str(plan_words.KINDS[PlanKind(value)]),
    "document_kind": lambda value: document_words.kind(value=value),
    "ground": lambda value: str(erasure_words.GROUNDS[Ground(value)]),
    "rescue_step": lambda value: str(rescue_words.STEPS[RescueStep(value)]),
    "report_state": lambda value: str(report_words.STATES[ReportState(value)][0]),
    "organ": lambda value: report_words.organ(key=value),
    "rung": lambda value: str(rescue_words.RUNGS[Rung(value)]),
    "duty_kind": lambda value: duty(kind=value),
    "kind": lambda value: str(followup_words.KINDS[FollowUpKind(value)]),
    "holder": lambda value: str(followup_words.TOLD[MissedStepHolder(value)]),
    "outcome": lambda value: str(followup_words.OUTCOMES[Outcome(value)]),
    "decision": lambda value: str(followup_words.DECISIONS[Decision(value)]),
    "answer": lambda value: str(followup_words.ANSWERS[Answer(value)]),
}
"""How a fact is worded, by its name."""
