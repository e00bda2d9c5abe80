"""ONE table: what other rooms do about a fact. Read it aloud; nothing else couples rooms upward."""

from __future__ import annotations

from typing import Protocol

from wellbeing.cases.events import (
    CaseClosed,
    CaseOpened,
    CaseOpenedInEmergency,
    CaseReopened,
    ContactAttached,
    DutyOpened,
    DutySettled,
    EmergencyReviewMissed,
    LevelChanged,
    LoweringDecided,
    LoweringProposed,
    OwnerChanged,
    ReportClosed,
    ReportLate,
    ReportOpened,
    RescueEnded,
    RescueStarted,
    RescueStepLate,
    RescueStepRecorded,
    TextsForbidden,
)
from wellbeing.cases.operations import changes, closing
from wellbeing.cases.operations import reporting as reports
from wellbeing.cases.queries import cases
from wellbeing.contacts.events import (
    ContactClaimed,
    ContactClosed,
    ContactOpened,
    ContactReturned,
    TextReceived,
    UrgencyRaised,
)
from wellbeing.contacts.operations import media
from wellbeing.contacts.queries import calls
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.calls import CallState
from wellbeing.escalation import queries as passings
from wellbeing.escalation.events import (
    EscalationAccepted,
    EscalationAcknowledged,
    EscalationDeclined,
    EscalationReleased,
    EscalationSent,
    PageAcknowledged,
    PageUnanswered,
    StudentContactMissed,
)
from wellbeing.escalation.operations import (
    decisions,
    desks,
    escalations,
    pages,
    record_access,
    reporting,
    rescues,
    sharpening,
    supervision,
)
from wellbeing.escalation.rules.words import PageSubject, PageSubjectKind
from wellbeing.followups import queries as promises
from wellbeing.followups.events import (
    FollowUpAnswered,
    FollowUpMissed,
    PromisesChanged,
    StudentReached,
    StudentUnreachable,
)
from wellbeing.followups.operations import attempts, plans, wishes
from wellbeing.followups.rules import Owner
from wellbeing.foundation.events import Reactions
from wellbeing.hotline import operations as hotline
from wellbeing.hotline.voice import endings, ringing, screening
from wellbeing.messaging.events import (
    CallMoved,
    CallSettled,
    MediumFetched,
    MediumLost,
    OrderExpired,
    RecordingFetched,
    TextRefusedByOptOut,
    TextSettled,
)
from wellbeing.messaging.rules import DeliveryStatus, Purpose
from wellbeing.policy.model import MissedStepHolder
from wellbeing.roster.events import CoverageGapAhead
from wellbeing.triage import queries as levels
from wellbeing.triage.events import AbuseSuspected, LevelAssessed
from wellbeing.triage.rules.levels import Source


class _OfCase(Protocol):
    """A fact about a case, or about somebody who has none yet."""

    @property
    def case_id(self) -> int | None:
        """Name the case, if there is one."""


LOST = frozenset({DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED})


def stop_paging_for_contact(fact: ContactClaimed | ContactClosed) -> None:
    """Somebody has the student: the desks need not ring any more."""
    subject = PageSubject(kind=PageSubjectKind.CONTACT, id=fact.contact_id)
    pages.withdraw_pages(subject=subject, now=fact.at)


def stop_paging_for_promise(fact: StudentReached) -> None:
    """The student was reached: nobody needs to be called about that promise any more."""
    subject = PageSubject(kind=PageSubjectKind.FOLLOW_UP, id=fact.follow_up_id)
    pages.withdraw_pages(subject=subject, now=fact.at)


def stop_paging_for_duty(fact: DutySettled) -> None:
    """The duty is done: the supervisors need not ring any more."""
    subject = PageSubject(kind=PageSubjectKind.DUTY, id=fact.duty_id)
    pages.withdraw_pages(subject=subject, now=fact.at)


def find_another_way(fact: TextSettled | TextRefusedByOptOut | OrderExpired) -> None:
    """A text that does not reach a student becomes work of a human; one to staff, the next ring."""
    if isinstance(fact, TextSettled) and fact.status not in LOST:
        return
    if fact.purpose is Purpose.CHAT:
        hotline.give_lost_text(message_id=fact.purpose_id, now=fact.at)
    elif fact.purpose is Purpose.AUTO_REPLY:
        hotline.give_lost_automatic_reply(contact_id=fact.purpose_id, now=fact.at)
    elif fact.purpose in {Purpose.CHECK_IN, Purpose.CARING}:
        attempts.record_text_failure(outbound_id=fact.outbound_id, now=fact.at)


def note_chat_delivered(fact: TextSettled) -> None:
    """A counselor's words reached the student: the tier that took over has kept its time."""
    if fact.purpose is Purpose.CHAT and fact.status is DeliveryStatus.DELIVERED:
        escalations.note_text_delivered(message_id=fact.purpose_id, now=fact.at)


def follow_leg(fact: CallMoved | CallSettled | OrderExpired) -> None:
    """A counselor's phone rings, or will not any more: the caller is seen to at once."""
    if fact.purpose is not Purpose.RING:
        return
    if isinstance(fact, CallMoved):
        ringing.note_moved(leg_id=fact.purpose_id, status=fact.status, now=fact.at)
        return
    status = fact.status if isinstance(fact, CallSettled) else DeliveryStatus.FAILED
    screening.leg_settled(leg_id=fact.purpose_id, status=status, now=fact.at)


def keep_voicemail(fact: RecordingFetched) -> None:
    """A voicemail was fetched: it is sealed here and deleted there."""
    endings.keep_recording(recording_id=fact.recording_id, media=fact.media, now=fact.at)


def keep_picture(fact: MediumFetched) -> None:
    """A picture of a student was fetched: it is sealed here and deleted there."""
    media.keep(medium_id=fact.medium_id, picture=fact.picture, now=fact.at)


def lose_picture(fact: MediumLost) -> None:
    """The carrier will not give us a picture: the counselor reads so in its place."""
    media.lose(medium_id=fact.medium_id)


def note_ring(fact: TextSettled | CallSettled) -> None:
    """Note on a page what became of one of its rings."""
    if fact.purpose in {Purpose.PAGE_TEXT, Purpose.PAGE_CALL}:
        pages.record_ring(outbound_id=fact.outbound_id, status=fact.status, now=fact.at)


def ask_for_report(fact: AbuseSuspected) -> None:
    """Words of abuse: a supervisor decides whether it must be reported."""
    hotline.ask_for_report(contact_id=fact.contact_id, now=fact.at)


def raise_case(fact: LevelAssessed) -> None:
    """What a person found in a conversation counts for its case, upward at once."""
    case = cases.case_of_contact(contact_id=fact.contact_id)
    if case is not None:
        changes.raise_level(
            case_id=case.case_id,
            level=fact.level,
            by=fact.by_user_id,
            source=Source(fact.source),
            note=levels.last_reason(contact_id=fact.contact_id),
            now=fact.at,
        )


def ask_to_decide(fact: LoweringProposed) -> None:
    """A red may fall only by a second pair of eyes: a supervisor has it among their duties."""
    decisions.ask_to_decide(proposal=fact)


def stop_asking_to_decide(fact: LoweringDecided) -> None:
    """It is decided: nobody has to any more."""
    decisions.settle(decided=fact)


def call_for_rescue(fact: RescueStepLate) -> None:
    """A step of a rescue is late: the next one up hears of it."""
    rescues.call(late=fact)


def stop_calling_for_rescue(fact: RescueStepRecorded) -> None:
    """What was late is done: nobody needs to be called about it any more."""
    if not fact.is_late_still:
        subject = PageSubject(kind=PageSubjectKind.RESCUE, id=fact.rescue_id)
        pages.withdraw_pages(subject=subject, now=fact.at)


def give_report(fact: ReportOpened) -> None:
    """A report may be due by law: a supervisor has it."""
    reporting.give(opened=fact)


def call_for_report(fact: ReportLate) -> None:
    """A report is late: the supervisors are called, then the desks above."""
    reporting.call(late=fact)


def stop_calling_for_report(fact: ReportClosed) -> None:
    """The report is made, or none is due: nobody needs to be called."""
    subject = PageSubject(kind=PageSubjectKind.REPORT, id=fact.report_id)
    pages.withdraw_pages(subject=subject, now=fact.at)


def take_report_along(fact: CaseOpened | ContactAttached) -> None:
    """What a conversation has to be reported for goes along into its case."""
    reports.take_along(contact_id=fact.contact_id, case_id=fact.case_id, now=fact.at)


def hurry_escalation(fact: LevelChanged) -> None:
    """The danger grew while the case is being passed on: everybody's time is that of now."""
    if fact.level > fact.previous:
        sharpening.sharpen(case_id=fact.case_id, level=fact.level, by=fact.by_user_id, now=fact.at)


def plan_promises(fact: CaseOpened | CaseReopened | LevelChanged | EscalationAccepted) -> None:
    """The level, or whoever took over, decides when the student hears from us again."""
    case = cases.case_by_id(case_id=fact.case_id)
    plans.plan_for(
        case_id=case.case_id,
        level=case.level,
        owner=Owner(user_id=case.owner_id, organization_id=case.organization_id),
        anchor=fact.at,
        now=fact.at,
    )


def note_next_step(fact: _OfCase) -> None:
    """Keep on the case by when something happens next, so that lists need not look around."""
    if fact.case_id is None:
        return
    moments = [one.due_at for one in promises.open_of_case(case_id=fact.case_id)]
    moments += [one.acknowledge_by for one in passings.of_case(case_id=fact.case_id) if one.is_open]
    changes.set_next_step(case_id=fact.case_id, at=min(moments, default=None))


def hand_over_promises(fact: OwnerChanged) -> None:
    """Promises go along with the case."""
    owner = Owner(user_id=fact.user_id, organization_id=fact.organization_id)
    plans.change_owner(case_id=fact.case_id, owner=owner)


def cancel_promises(fact: CaseClosed) -> None:
    """A closed case promises nothing any more."""
    plans.cancel_for(case_id=fact.case_id, now=fact.at)


def stop_texts(fact: TextsForbidden) -> None:
    """The student may not be texted any more: what has not left is taken back."""
    wishes.stop_texts(case_id=fact.case_id, now=fact.at)


def stop_contact_clock(fact: StudentReached) -> None:
    """The student was reached: the tier that took over has kept its time."""
    if fact.case_id is not None:
        escalations.note_contacted(case_id=fact.case_id, by=fact.by_user_id, now=fact.at)


def note_contact_for_closing(fact: StudentReached) -> None:
    """A kept promise is a contact: closing a case asks when they were, and what was wanted."""
    if fact.case_id is not None:
        closing.note_reached(
            case_id=fact.case_id, by=fact.by_user_id, has_declined=fact.has_declined, now=fact.at
        )


def take_call_backs_along(fact: CaseOpened | ContactAttached) -> None:
    """Who was promised a call without a case has one now: the promise goes along."""
    plans.attach_to_case(contact_id=fact.contact_id, case_id=fact.case_id, now=fact.at)


def keep_call_backs(fact: ContactClaimed) -> None:
    """The student came back before they were called, and a human answered: the promise is kept."""
    caller_id = contacts.contact_by_id(contact_id=fact.contact_id).caller_id
    call = calls.call_of(contact_id=fact.contact_id)
    # A caller thought gone who was on the line after all is spoken with in the same contact.
    is_spoken_with = call is not None and call.state is CallState.ANSWERED
    attempts.settle_call_backs(
        caller_id=caller_id,
        by=fact.user_id,
        answered_contact_id=None if is_spoken_with else fact.contact_id,
        now=fact.at,
    )


def tell_about_missed_promise(fact: FollowUpMissed | StudentUnreachable) -> None:
    """The owner sees it in their work; then the supervisors are paged, then the next tier."""
    holder = getattr(fact, "holder", MissedStepHolder.SUPERVISOR)
    if holder is MissedStepHolder.OWNER:
        return
    desk = desks.supervising(organization_id=fact.organization_id)
    if holder is MissedStepHolder.NEXT_TIER:
        desk = desks.above(desk=desk) or desk
    pages.page_desk(
        subject=PageSubject(kind=PageSubjectKind.FOLLOW_UP, id=fact.follow_up_id),
        organization_id=desk.organization_id,
        desk=desk.desk,
        urgency=fact.level,
        case_id=fact.case_id,
        now=fact.at,
    )


def tell_owner_of_view(fact: CaseOpenedInEmergency) -> None:
    """Somebody broke the glass: the owner of the case hears of it at once."""
    record_access.tell_owner(owner_id=fact.owner_id, view_id=fact.view_id, now=fact.at)


def give_late_review(fact: EmergencyReviewMissed) -> None:
    """Nobody looked at an emergency view in time: a supervisor has it as a duty from now on."""
    record_access.give_late_review(
        case_id=fact.case_id,
        view_id=fact.view_id,
        viewer_id=fact.user_id,
        organization_id=fact.organization_id,
        now=fact.at,
    )


def warn_of_gap(fact: CoverageGapAhead) -> None:
    """A desk that must never be empty will be: its supervisor hears of it while there is time."""
    supervision.warn_of_gap(organization_id=fact.organization_id, now=fact.at)


REACTIONS: Reactions = {
    # the outbox
    TextSettled: (find_another_way, note_ring, note_chat_delivered),
    CallMoved: (follow_leg,),
    CallSettled: (note_ring, follow_leg),
    RecordingFetched: (keep_voicemail,),
    MediumFetched: (keep_picture,),
    MediumLost: (lose_picture,),
    TextRefusedByOptOut: (find_another_way,),
    OrderExpired: (find_another_way, follow_leg),
    # the roster
    CoverageGapAhead: (warn_of_gap,),
    # contacts and triage
    ContactOpened: (),
    TextReceived: (),
    UrgencyRaised: (),
    ContactClaimed: (stop_paging_for_contact, keep_call_backs),
    ContactReturned: (),
    ContactClosed: (stop_paging_for_contact,),
    AbuseSuspected: (ask_for_report,),
    LevelAssessed: (raise_case,),
    # cases
    CaseOpened: (take_report_along, take_call_backs_along, plan_promises, note_next_step),
    ContactAttached: (take_report_along, take_call_backs_along, note_next_step),
    CaseReopened: (plan_promises, note_next_step),
    LevelChanged: (plan_promises, hurry_escalation, note_next_step),
    OwnerChanged: (hand_over_promises,),
    CaseClosed: (cancel_promises,),
    CaseOpenedInEmergency: (tell_owner_of_view,),
    EmergencyReviewMissed: (give_late_review,),
    TextsForbidden: (stop_texts, note_next_step),
    LoweringProposed: (ask_to_decide,),
    LoweringDecided: (stop_asking_to_decide,),
    RescueStarted: (),
    RescueStepRecorded: (stop_calling_for_rescue,),
    RescueStepLate: (call_for_rescue,),
    RescueEnded: (),
    ReportOpened: (give_report,),
    ReportLate: (call_for_report,),
    ReportClosed: (stop_calling_for_report,),
    DutyOpened: (),
    DutySettled: (stop_paging_for_duty,),
    # escalation and paging
    EscalationSent: (note_next_step,),
    EscalationAcknowledged: (),
    EscalationAccepted: (plan_promises, note_next_step),
    EscalationDeclined: (note_next_step,),
    EscalationReleased: (note_next_step,),
    StudentContactMissed: (),
    PageAcknowledged: (),
    PageUnanswered: (),
    # promises to get back
    FollowUpAnswered: (note_next_step,),
    PromisesChanged: (note_next_step,),
    FollowUpMissed: (tell_about_missed_promise, note_next_step),
    StudentUnreachable: (tell_about_missed_promise, note_next_step),
    StudentReached: (
        stop_contact_clock,
        stop_paging_for_promise,
        note_contact_for_closing,
        note_next_step,
    ),
}
"""An empty tuple says that nobody needs to move, on purpose; a missing line is refused."""
