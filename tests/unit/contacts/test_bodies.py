"""What is done to a body at the door."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wellbeing.contacts.rules.conversations import BodyFlag, clean_body


@given(st.text(alphabet=st.characters(), max_size=300))
def test_whatever_arrives_can_be_stored_and_spoken(raw: str):
    body = clean_body(raw=raw)

    assert body.text.encode() is not None
    assert "\x00" not in body.text


def test_two_halves_of_a_character_become_one():
    body = clean_body(raw="\ud83d\ude2d")

    assert (body.text, body.flags) == ("😭", ())


def test_pictures_are_flagged():
    assert clean_body(raw="看", media_count=2).flags == (BodyFlag.MEDIA,)
