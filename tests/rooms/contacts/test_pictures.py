"""Pictures come with texts: fetched by the outbox, drawn anew, sealed here, forgotten there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.contacts import receive
from tests.factories.moments import NOW
from tests.factories.organizations import make_city
from tests.factories.pictures import WHERE, photograph
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.contacts.models import MEDIUM
from wellbeing.contacts.queries import conversations as queries
from wellbeing.contacts.queries import media
from wellbeing.contacts.rules.conversations import BodyFlag
from wellbeing.contacts.rules.media import MediumState
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import NotFound
from wellbeing.messaging.delivery import sweep
from wellbeing.telephony.gateway import TelephonyError

TEXT, PICTURE, OTHER = f"MM{1:032x}", f"ME{1:032x}", f"ME{2:032x}"


@pytest.fixture
def still() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def carrier(database: Flask, still: FrozenClock) -> FakeTelephony:
    """A carrier that holds one picture; other rooms react as in the service."""
    make_city()
    return FakeTelephony(now=still, media={PICTURE: photograph()})


def sends(*sids: str, body: str = "看这个") -> int:
    return receive(sid=TEXT, body=body, media_sids=sids).contact_id


def states(contact_id: int) -> list[MediumState]:
    found = media.of_contact(contact_id=contact_id)
    return [one.state for rows in found.values() for one in rows]


def delivers(carrier: FakeTelephony, still: FrozenClock) -> None:
    for _ in range(3):
        sweep.deliver_due(gateway=carrier, now=still, limit=50)


def test_a_picture_is_fetched_drawn_anew_kept_and_forgotten_at_the_carrier(
    carrier: FakeTelephony, still: FrozenClock
):
    contact_id = sends(PICTURE)

    delivers(carrier, still)

    (row,) = [one for rows in media.of_contact(contact_id=contact_id).values() for one in rows]
    drawn = media.picture_of(medium_id=row.medium_id, contact_id=contact_id)
    assert row.state is MediumState.KEPT
    assert drawn.startswith(b"\xff\xd8\xff")
    assert WHERE.encode() not in drawn
    assert carrier.changes == [(f"fetch of {TEXT}", PICTURE), (f"delete of {TEXT}", PICTURE)]
    assert carrier.media == {}


def test_no_picture_lies_readable_in_the_table(carrier: FakeTelephony, still: FrozenClock):
    sends(PICTURE)

    delivers(carrier, still)

    blob = session().execute(select(MEDIUM.c.picture_sealed)).scalar_one()
    assert b"JFIF" not in blob


@pytest.mark.parametrize(
    "raw", [b"<svg><script>alert(1)</script></svg>", b"%PDF-1.7", b"", photograph()[:50]]
)
def test_what_is_no_picture_is_refused_and_forgotten_all_the_same(
    carrier: FakeTelephony, still: FrozenClock, raw: bytes
):
    carrier.media[PICTURE] = raw
    contact_id = sends(PICTURE)

    delivers(carrier, still)

    assert states(contact_id) == [MediumState.REFUSED]
    assert carrier.media == {}


def test_a_picture_that_the_carrier_will_never_give_is_said_to_be_lost(
    carrier: FakeTelephony, still: FrozenClock
):
    contact_id = sends(OTHER)

    delivers(carrier, still)

    assert states(contact_id) == [MediumState.LOST]
    assert carrier.changes[-1] == (f"delete of {TEXT}", OTHER)


def test_a_deletion_that_the_carrier_refuses_is_asked_for_again_the_next_day(
    carrier: FakeTelephony, still: FrozenClock
):
    """A child's picture must not be left there, whatever the carrier says today."""
    sends(PICTURE)
    carrier.refuses_to_delete = TelephonyError(permanent=True, code=20009)
    delivers(carrier, still)
    before = dict(carrier.media)
    carrier.refuses_to_delete = None

    still.forward(days=1)
    delivers(carrier, still)

    assert list(before) == [PICTURE]
    assert carrier.media == {}


def test_a_text_without_words_still_waits_for_a_human(carrier: FakeTelephony):
    contact_id = sends(PICTURE, body="")

    (message,) = queries.thread(contact_id=contact_id)
    assert message.flags == (BodyFlag.EMPTY, BodyFlag.MEDIA)
    assert queries.next_page_at() == NOW + timedelta(seconds=30)


def test_the_same_webhook_again_fetches_nothing_twice(carrier: FakeTelephony, still: FrozenClock):
    sends(PICTURE, PICTURE)
    sends(PICTURE)

    delivers(carrier, still)

    assert [change for change, _ in carrier.changes] == [f"fetch of {TEXT}", f"delete of {TEXT}"]


def test_more_than_ten_are_not_taken(carrier: FakeTelephony):
    contact_id = sends(*(f"ME{number:032x}" for number in range(40)))

    assert len(states(contact_id)) == 10


def test_an_erased_contact_has_no_picture_any_more(carrier: FakeTelephony, still: FrozenClock):
    contact_id = sends(PICTURE)
    contact = queries.contact_by_id(contact_id=contact_id)
    session().rollback()
    with transaction():
        sealed.erase_data_key(key_id=contact.data_key_id, now=NOW)

    delivers(carrier, still)

    assert carrier.changes == [(f"delete of {TEXT}", PICTURE)]
    assert carrier.media == {}
    (row,) = [one for rows in media.of_contact(contact_id=contact_id).values() for one in rows]
    with pytest.raises(NotFound):
        media.picture_of(medium_id=row.medium_id, contact_id=contact_id)
