"""A text that nobody asked for tells a stranger nothing (product.md 2.7)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.policy.loader import load
from wellbeing.policy.model import Language, leaks

POLICY = load(directory=Path("config"))
WORDS, PATTERNS = POLICY.followups.forbidden_words, POLICY.followups.forbidden_patterns
BETWEEN = st.text(alphabet=" .-*_·、\u200b‌‍\u202e\t\n/", max_size=3)
HARMLESS = st.text(alphabet="好的明天见在吗嗯1 ，", max_size=20)


def told(text: str, *names: str) -> tuple[str, ...]:
    return leaks(text=text, words=WORDS, patterns=PATTERNS, names=names)


@pytest.mark.parametrize("key", ["check_in", "caring_contact", "check_in_good_time"])
@pytest.mark.parametrize("language", list(Language))
def test_the_shipped_wording_is_safe(key: str, language: Language):
    assert told(POLICY.prompts.text(key=key, language=language)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "今天的心理老师在",
        "心 理",
        "心\u200b理",
        "自-杀",
        "抑\u0336郁\u0336",
        "憂鬱",
        "ＳＣＨＯＯＬ",
        "s c h o o l",
        "S.u.i.c.i.d.e",
        "self harm",
        "selfharm",
        "Depressed?",
        "𝓹𝓼𝔂𝓬𝓱",
        "WB-7K3M9Q",
        "wb 7k3 m9q",
        "ＷＢ－７Ｋ３Ｍ９Ｑ",
        "拨打 1 2 3 5 6",
        "+86 138 0000 0001",
        "https://example.test/a",
        "w w w.example.test",
    ],
)
def test_whatever_a_stranger_must_not_read_is_found(text: str):
    assert told(text)


@pytest.mark.parametrize(
    "text",
    [
        "好的，明天18:30见。",
        "Call you at 6:30 pm?",
        "在吗？1 是，2 否",
        "An apple because of Li",
        "",
    ],
)
def test_plain_words_are_let_through(text: str):
    assert told(text) == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("小树，你好", "小树"),
        ("小·树 你好", "小树"),
        ("Hello li  hua!", "Li Hua"),
        ("Hello Lihua!", "Li Hua"),
        ("青禾中学附近见", "青禾中学"),
    ],
)
def test_a_name_is_found(text: str, name: str):
    assert name.casefold() in told(text, name) or told(text, name)


def test_a_short_latin_name_is_not_found_inside_other_words():
    assert told("because of another hand", "An") == ()
    assert told("Dear An, hello", "An")


@given(word=st.sampled_from(WORDS), between=BETWEEN, before=HARMLESS, after=HARMLESS)
def test_no_forbidden_word_hides_behind_marks(word: str, between: str, before: str, after: str):
    """Letter by letter with anything but letters in between, in any place of a text."""
    hidden = between.join(word.upper())

    assert told(f"{before} {hidden} {after}")


@given(
    name=st.text(alphabet="甲乙丙丁戊己庚辛", min_size=2, max_size=6),
    between=BETWEEN,
    before=HARMLESS,
    after=HARMLESS,
)
def test_no_name_hides_behind_marks(name: str, between: str, before: str, after: str):
    assert told(before + between.join(name) + after, name)


@given(st.text(max_size=300))
def test_any_text_is_read_to_its_end(text: str):
    assert isinstance(told(text, "小树"), tuple)
