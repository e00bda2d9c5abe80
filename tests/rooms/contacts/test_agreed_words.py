"""A student shows by a word that it is they who hold the phone; our texts never say it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.contacts import STUDENT, make_conversation, receive
from tests.factories.moments import NOW
from tests.factories.organizations import City
from wellbeing.contacts.models import CALLER
from wellbeing.contacts.operations import conversations as operations
from wellbeing.contacts.operations import words as operations_words
from wellbeing.contacts.queries import conversations as queries
from wellbeing.contacts.queries import words
from wellbeing.contacts.rules.conversations import BodyFlag
from wellbeing.contacts.rules.words import NotAWord, StaleWord
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging.operations import UnsafeText


@pytest.fixture
def contact_id(city: City, counselor: int) -> int:
    return make_conversation(user_id=counselor)


def agrees(contact_id: int, word: str, version: int | None = None) -> None:
    with transaction():
        caller_id = queries.contact_by_id(contact_id=contact_id).caller_id
        seen = words.agreed_with(caller_id=caller_id).version
        operations_words.agree(
            contact_id=contact_id,
            word=word,
            version=seen if version is None else version,
            now=NOW,
        )


def last_flags(contact_id: int) -> tuple[BodyFlag, ...]:
    return queries.thread(contact_id=contact_id)[-1].flags


@pytest.mark.parametrize("text", ["向日葵", "是我，向日葵。", "向 日 葵", "向\u200b日葵"])
def test_a_text_that_says_the_word_is_marked(contact_id: int, text: str):
    agrees(contact_id, "向日葵")

    receive(body=text, now=NOW + timedelta(minutes=1))

    assert last_flags(contact_id) == (BodyFlag.AGREED_WORD,)
    assert words.said_at(contact_id=contact_id) == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("text", ["向日", "1", "", "sunflower"])
def test_other_texts_are_not(contact_id: int, text: str):
    agrees(contact_id, "向日葵")

    receive(body=text, now=NOW + timedelta(minutes=1))

    assert BodyFlag.AGREED_WORD not in last_flags(contact_id)
    assert words.said_at(contact_id=contact_id) is None


def test_the_word_is_kept_for_the_person_not_for_the_conversation(contact_id: int, counselor: int):
    agrees(contact_id, "向日葵")
    later = NOW + timedelta(days=3)
    with transaction():
        operations.return_to_queue(contact_id=contact_id, by=counselor, now=NOW)

    caller_id = queries.contact_by_id(contact_id=contact_id).caller_id
    receive(body="向日葵", line_number="+862300000103", now=later)

    agreed = words.agreed_with(caller_id=caller_id)
    assert agreed.word == "向日葵"


def test_the_word_does_not_lie_open_in_the_database(contact_id: int):
    agrees(contact_id, "向日葵")

    blob = session().execute(select(CALLER.c.word_sealed)).scalar_one()

    assert "向日葵".encode() not in blob


def test_another_word_takes_its_place_and_an_empty_one_forgets_it(contact_id: int):
    caller_id = queries.contact_by_id(contact_id=contact_id).caller_id
    session().rollback()
    agrees(contact_id, "向日葵")
    agrees(contact_id, "灯塔")
    second = words.agreed_with(caller_id=caller_id)
    session().rollback()
    agrees(contact_id, "  ")

    assert second.word == "灯塔"
    assert not words.agreed_with(caller_id=caller_id)


def test_of_two_words_at_once_the_second_is_told_of_the_first(contact_id: int):
    caller_id = queries.contact_by_id(contact_id=contact_id).caller_id
    session().rollback()
    agrees(contact_id, "向日葵", version=0)

    with pytest.raises(StaleWord):
        agrees(contact_id, "灯塔", version=0)

    assert words.agreed_with(caller_id=caller_id).word == "向日葵"


@pytest.mark.parametrize("word", ["葵", "a", "！？。", "x" * 41])
def test_a_word_that_anybody_would_guess_is_refused(contact_id: int, word: str):
    with pytest.raises(NotAWord):
        agrees(contact_id, word)


def test_a_text_that_nobody_asked_for_says_neither_the_word_nor_who_writes(
    contact_id: int, counselor: int
):
    """Half a day after the student's last word anybody may hold the phone."""
    agrees(contact_id, "向日葵")
    tomorrow = NOW + timedelta(hours=12)

    for body in ("还记得向日葵吗", "学校的心理老师在等你"):
        with pytest.raises(UnsafeText), transaction():
            operations.write_reply(contact_id=contact_id, by=counselor, body=body, now=tomorrow)
    with transaction():
        operations.write_reply(contact_id=contact_id, by=counselor, body="今天方便吗", now=tomorrow)

    assert len(queries.thread(contact_id=contact_id)) == 2


def test_an_answer_to_what_just_came_in_may_say_anything(contact_id: int, counselor: int):
    receive(body="老师在吗", sender=STUDENT, now=NOW + timedelta(hours=11))

    with transaction():
        operations.write_reply(
            contact_id=contact_id,
            by=counselor,
            body="在的，学校的心理老师明天也在。",
            now=NOW + timedelta(hours=12),
        )

    assert len(queries.thread(contact_id=contact_id)) == 3
