"""ONE table: what other rooms do about a fact. Read it aloud; nothing else couples rooms upward."""

from __future__ import annotations

from wellbeing.cases.events import (
    CaseClosed,
    CaseErased,
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
from wellbeing.cases.operations import changes, guardians
from wellbeing.cases.operations import reporting as reports
from wellbeing.cases.queries import cases
from wellbeing.contacts.events import (
    ContactClaimed,
    ContactClosed,
    ContactOpened,
    ContactReturned,
    FactsRecorded,
    TextReceived,
    UrgencyRaised,
)
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
    pages,
    record_access,
    reporting,
    rescues,
    sharpening,
    supervision,
)
from wellbeing.escalation.rules.words import PageSubject, PageSubjectKind
from wellbeing.followups.events import (
    FollowUpAnswered,
    FollowUpMissed,
    PromisesChanged,
    StudentReached,
    StudentUnreachable,
)
from wellbeing.foundation.events import Reactions
from wellbeing.hotline import operations as hotline
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
from wellbeing.reactions import carried, promised
from wellbeing.roster.events import CoverageGapAhead
from wellbeing.triage import queries as levels
from wellbeing.triage.events import AbuseSuspected, LevelAssessed
from wellbeing.triage.rules.levels import Source


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


def hold_consents_to_age(fact: FactsRecorded) -> None:
    """A conversation told how old the student is: under 14 nobody agrees alone."""
    guardians.hold_to_age_of_contact(contact_id=fact.contact_id, now=fact.at)


def take_report_along(fact: CaseOpened | ContactAttached) -> None:
    """What a conversation has to be reported for goes along into its case."""
    reports.take_along(contact_id=fact.contact_id, case_id=fact.case_id, now=fact.at)


def hurry_escalation(fact: LevelChanged) -> None:
    """The danger grew while the case is being passed on: everybody's time is that of now."""
    if fact.level > fact.previous:
        sharpening.sharpen(case_id=fact.case_id, level=fact.level, by=fact.by_user_id, now=fact.at)


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
    TextSettled: (carried.find_another_way, carried.note_ring, carried.note_chat_delivered),
    CallMoved: (carried.follow_leg,),
    CallSettled: (carried.note_ring, carried.follow_leg),
    RecordingFetched: (carried.keep_voicemail,),
    MediumFetched: (carried.keep_picture,),
    MediumLost: (carried.lose_picture,),
    TextRefusedByOptOut: (carried.find_another_way,),
    OrderExpired: (carried.find_another_way, carried.follow_leg),
    # the roster
    CoverageGapAhead: (warn_of_gap,),
    # contacts and triage
    ContactOpened: (),
    TextReceived: (),
    UrgencyRaised: (),
    ContactClaimed: (stop_paging_for_contact, promised.keep_call_backs),
    ContactReturned: (),
    ContactClosed: (stop_paging_for_contact,),
    FactsRecorded: (hold_consents_to_age,),
    AbuseSuspected: (ask_for_report,),
    LevelAssessed: (raise_case,),
    # cases
    CaseOpened: (
        take_report_along,
        promised.take_call_backs_along,
        promised.plan_promises,
        promised.note_next_step,
    ),
    ContactAttached: (take_report_along, promised.take_call_backs_along, promised.note_next_step),
    CaseReopened: (promised.plan_promises, promised.note_next_step),
    LevelChanged: (promised.plan_promises, hurry_escalation, promised.note_next_step),
    OwnerChanged: (promised.hand_over_promises,),
    CaseClosed: (promised.cancel_promises,),
    CaseErased: (promised.forget_promises,),
    CaseOpenedInEmergency: (tell_owner_of_view,),
    EmergencyReviewMissed: (give_late_review,),
    TextsForbidden: (promised.stop_texts, promised.note_next_step),
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
    EscalationSent: (promised.note_next_step,),
    EscalationAcknowledged: (),
    EscalationAccepted: (promised.plan_promises, promised.note_next_step),
    EscalationDeclined: (promised.note_next_step,),
    EscalationReleased: (promised.note_next_step,),
    StudentContactMissed: (),
    PageAcknowledged: (),
    PageUnanswered: (),
    # promises to get back
    FollowUpAnswered: (promised.note_next_step,),
    PromisesChanged: (promised.note_next_step,),
    FollowUpMissed: (promised.tell_about_missed_promise, promised.note_next_step),
    StudentUnreachable: (promised.tell_about_missed_promise, promised.note_next_step),
    StudentReached: (
        promised.stop_contact_clock,
        stop_paging_for_promise,
        promised.note_contact_for_closing,
        promised.note_next_step,
    ),
}
"""An empty tuple says that nobody needs to move, on purpose; a missing line is refused."""
