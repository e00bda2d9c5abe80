"""What follows when the carrier tells what became of a text, a call, a picture."""

from __future__ import annotations

from wellbeing.contacts.operations import media
from wellbeing.escalation.operations import escalations, pages
from wellbeing.followups.operations import attempts
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

LOST = frozenset({DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED})


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
    media.lose(medium_id=fact.medium_id, now=fact.at)


def note_ring(fact: TextSettled | CallSettled) -> None:
    """Note on a page what became of one of its rings."""
    if fact.purpose in {Purpose.PAGE_TEXT, Purpose.PAGE_CALL}:
        pages.record_ring(outbound_id=fact.outbound_id, status=fact.status, now=fact.at)
