"""Everything that belongs to a case, read once each for its page. No words here."""

from __future__ import annotations

from dataclasses import dataclass

from wellbeing.cases.queries import cases, closing, notes
from wellbeing.cases.rules.cases import CaseRow, NoteRow
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.rules.rows import AttemptRow, EscalationRow, ReceiverRow
from wellbeing.escalation.rules.words import PageSubject, PageSubjectKind
from wellbeing.followups import queries as followups
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import FollowUpState
from wellbeing.portal.cases import noted, timeline, work
from wellbeing.portal.cases.naming import Names, look_up
from wellbeing.triage import queries as triage
from wellbeing.triage.rules.records import ScreeningRow

CONTACTS_SHOWN = 5
"""The newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the page of a case shows, not yet worded."""

    case: CaseRow
    notes: tuple[NoteRow, ...]
    missing: tuple[str, ...]
    contacts: tuple[ContactRow, ...]
    screenings: tuple[ScreeningRow, ...]
    follow_ups: tuple[FollowUpRow, ...]
    escalation: EscalationRow | None
    receivers: tuple[ReceiverRow, ...]
    attempts: tuple[AttemptRow, ...]
    timeline: timeline.Shown
    work: work.Work

    @property
    def next_follow_up(self) -> FollowUpRow | None:
        """Tell the promise that is due first."""
        return next((row for row in self.follow_ups if row.is_open), None)


def parts_of(*, case: CaseRow) -> Parts:
    """Read everything that belongs to a case; the reader was let in before."""
    contact_ids = cases.contacts_of(case_id=case.case_id)
    current = next((row for row in escalation.of_case(case_id=case.case_id) if row.is_open), None)
    return Parts(
        case=case,
        notes=notes.notes(case_id=case.case_id, kind=noted.wanted()),
        # Whether the student was told is asked on the page of closing, not here.
        missing=closing.missing(case=case, told=True),
        contacts=contacts.contacts_by_id(contact_ids=contact_ids[-CONTACTS_SHOWN:][::-1]),
        screenings=triage.screenings_of(contact_ids=contact_ids),
        follow_ups=tuple(
            row
            for row in followups.of_case(case_id=case.case_id)
            if row.state is not FollowUpState.CANCELLED
        ),
        escalation=current,
        receivers=escalation.receivers(row=current) if current else (),
        attempts=_attempts(current),
        timeline=timeline.shown(case=case),
        work=work.of(case=case),
    )


def names_of(*, parts: Parts) -> Names:
    """Find every name that the page needs, with two queries."""
    users: set[int | None] = {parts.case.owner_id, *parts.timeline.users, *parts.work.users}
    users |= {note.by_user_id for note in parts.notes}
    users |= {one.by_user_id for one in parts.screenings}
    users |= {row.owner_id for row in parts.follow_ups}
    users |= {one.user_id for one in parts.attempts}
    places = {parts.case.organization_id} | parts.timeline.organizations
    places |= {one.organization_id for one in parts.receivers}
    places |= {one.organization_id for one in parts.attempts}
    if parts.escalation is not None:
        users |= {parts.escalation.from_user_id}
        places |= {parts.escalation.from_organization_id}
    return look_up(users=users, organizations_=places)


def _attempts(current: EscalationRow | None) -> tuple[AttemptRow, ...]:
    if current is None:
        return ()
    called = PageSubject(kind=PageSubjectKind.ESCALATION, id=current.escalation_id)
    return escalation.attempts_of(subjects=[called])
