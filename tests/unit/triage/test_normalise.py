"""However a word is disguised, it is read; and what is found can be shown as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.triage.rules.normalise import canonical, normalise

HOMOPHONES = {"紫砂壶": "茶壶", "紫砂": "自杀", "4了": "死了", "自s": "自杀"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("自殺", "自杀"),
        ("不 想 活", "不想活"),
        ("不.想*活", "不想活"),
        ("不\u200b想\u200d活", "不想活"),
        ("\u202e不想活", "不想活"),
        ("不不不想想活", "不想活"),
        ("我想紫砂", "我想自杀"),
        ("紫砂壶", "茶壶"),
        ("我4了", "我死了"),
        ("24了", "24了"),
        ("自s", "自杀"),
        ("自sb", "自sb"),
        ("I don’t", "i dont"),
        ("killlll", "kill"),
        ("好累。想死", "好累。想死"),
        ("好累,想死!", "好累。想死。"),
        ("want   to", "want to"),
        ("真的want to", "真的want to"),
        ("", ""),
    ],
)
def test_disguises_are_taken_off(written: str, read: str):
    assert normalise(text=written, homophones=HOMOPHONES).text == read


def test_the_snippet_is_what_the_student_wrote():
    found = normalise(text="我真的想.紫 砂了", homophones=HOMOPHONES)

    start = found.text.index("想自杀")
    assert found.snippet(start=start, end=start + 3) == "想.紫 砂"


@given(st.text(max_size=200))
def test_every_character_knows_its_place(text: str):
    found = normalise(text=text, homophones=HOMOPHONES)

    assert len(found.text) == len(found.places)
    assert list(found.places) == sorted(found.places)
    assert all(0 <= place < len(text) for place in found.places)


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing_more(text: str):
    once = canonical(phrase=text)

    assert canonical(phrase=once) == once
