"""What the pages' tests stand on: a case, a shift, an escalation, each by the real operations."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from tests.factories.pictures import photograph
from wellbeing.cases.operations import opening
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.contacts import text as arrivals
from wellbeing.contacts.operations import canned, media
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.queries import media as media_queries
from wellbeing.contacts.rules.canned import NewCanned
from wellbeing.contacts.rules.conversations import IncomingText
from wellbeing.escalation.operations import senders
from wellbeing.escalation.rules.words import NewEscalation
from wellbeing.foundation import clock, pictures
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.roster import operations as roster
from wellbeing.roster.rules import NewShift

NOTE = "示例：最近两周睡不好。"
REASON = "示例：需要区里今晚接着陪。"


def open_case(person: Any, *, contact_id: int, level: RiskLevel = RiskLevel.HIGH) -> CaseRow:
    """Open a case of a person's own unit for a contact."""
    with transaction():
        return opening.open_case(
            contact_id=contact_id,
            by=person.user_id,
            organization_id=person.organization_id,
            level=level,
            note=NOTE,
            now=clock.now(),
        )


def put_on_duty(person: Any, *, desk: str = "line") -> None:
    """Put a person on a desk of their own unit from an hour ago for a day."""
    now = clock.now()
    with transaction():
        roster.add_shift(
            new=NewShift(
                organization_id=person.organization_id,
                desk=desk,
                user_id=person.user_id,
                starts_at=now - timedelta(hours=1),
                ends_at=now + timedelta(hours=24),
                by_user_id=person.user_id,
            ),
            now=now,
        )


def escalate(person: Any, *, case_id: int) -> int:
    """Pass a case on to the next tier; give the escalation's id."""
    new = NewEscalation(case_id=case_id, reason=REASON, safety_plan="示例：室友陪着。")
    with transaction():
        return senders.escalate(new=new, by=person.user_id, now=clock.now())


def picture(contact_id: int) -> int:
    """Let a student send one more text with a picture, already fetched; give the medium's id."""
    contact = contacts.contact_by_id(contact_id=contact_id)
    sid = secrets.token_hex(16)
    text = IncomingText(
        sid=f"MM{sid}",
        sender=contacts.number_of(contact_id=contact_id),
        line_number=contact.line_number,
        body="示例：一张照片",
        organization_id=contact.organization_id,
        organization_path=contact.organization_path,
        language=None,
        media_sids=(f"ME{sid}",),
    )
    with transaction():
        received = arrivals.receive_text(text=text, now=clock.now())
        found = media_queries.of_contact(contact_id=contact_id)[received.message_id]
        drawn = pictures.cleaned(photograph())
        media.keep(medium_id=found[0].medium_id, picture=drawn, now=clock.now())
    return found[0].medium_id


def canned_reply(person: Any, *, shortcut: str = "here", by: int | None = None) -> int:
    """Propose a ready-made reply of a person's unit; give its id."""
    new = NewCanned(
        shortcut=shortcut,
        text_zh="示例：我在，慢慢说。",
        text_en="Example: I am here, take your time.",
    )
    with transaction():
        return canned.propose(
            new=new,
            organization_id=person.organization_id,
            by=person.user_id if by is None else by,
            now=clock.now(),
        )
