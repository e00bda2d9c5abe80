from __future__ import annotations

from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.policy.model import Language, Policy, PolicyError, Prompts, placeholders

NAMES = st.text(alphabet=ascii_lowercase, min_size=1, max_size=8).filter(
    lambda name: name not in {"key", "language", "self"}
)
PLAIN = st.text(alphabet=st.characters(blacklist_characters="{}", codec="utf-8"), max_size=20)
GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TEXT_LINE = (
    "auto_reply",
    "auto_reply_red",
    "auto_reply_red_other",
    "stop_confirmed",
    "start_confirmed",
    "help_reply",
    "text_trouble",
)
TEXTED = (
    *TEXT_LINE,
    "page_text",
    "page_text_acknowledged",
    "page_text_already_taken",
    "check_in",
    "check_in_good_time",
    "check_in_not_now",
    "caring_contact",
)


SCREENS = ("leg_screen", "leg_screen_danger", "leg_screen_transfer", "leg_screen_outgoing")
TO_STAFF = (
    "page_call_greeting",
    *SCREENS,
    "leg_connected_in",
    "leg_already_taken",
    "leg_caller_gone",
    "leg_declined",
    "leg_no_key",
    "leg_student_no_answer",
)
ABOUT_A_STUDENT = (
    *("学生", "孩子", "学校", "危险", "心理", "自杀", "抑郁"),
    *("student", "child", "school", "danger", "suicide"),
)


def filled(*, policy: Policy, key: str, language: Language) -> str:
    return policy.prompts.text(
        key=key, language=language, minutes=15, code_word="Lighthouse", hours=24, link="-"
    )


def test_the_check_in_is_the_neutral_sentence_of_the_field(shipped: Policy):
    """facts.md 5: a text that anybody may read says nothing."""
    text = shipped.prompts.text(key="check_in", language=Language.ZH)

    assert text == "你好，上次约好今天联系，方便时回复1，不方便回复2。"


def test_the_first_reply_says_it_is_automatic_how_long_whom_to_call_and_how_to_stop(
    shipped: Policy,
):
    """product.md 2.2; facts.md 7."""
    zh = shipped.prompts.text(key="auto_reply", language=Language.ZH, minutes=5)
    en = shipped.prompts.text(key="auto_reply", language=Language.EN, minutes=5)

    for part in ("自动回复", "约5分钟", "110", "120", "12356", "回复“停”"):
        assert part in zh
    for part in ("Automatic reply", "about 5 min", "110", "120", "12356", "Reply STOP"):
        assert part in en


@pytest.mark.parametrize("key", TEXTED)
def test_a_chinese_text_fits_one_part(shipped: Policy, key: str):
    assert len(filled(policy=shipped, key=key, language=Language.ZH)) <= 70


@pytest.mark.parametrize("key", TEXTED)
def test_an_english_text_fits_one_part_of_the_carriers_alphabet(shipped: Policy, key: str):
    text = filled(policy=shipped, key=key, language=Language.EN)

    assert set(text) - GSM7 == set()
    assert len(text) <= 160


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.ZH, "【远帆】热线需要你。收到请回复1。"),
        (Language.EN, "远帆: the line needs you. Reply 1 to acknowledge."),
    ],
)
def test_a_page_says_the_code_word_and_nothing_about_a_student(
    shipped: Policy, language: Language, expected: str
):
    text = shipped.prompts.text(key="page_text", language=language, code_word="远帆")

    assert text == expected


@pytest.mark.parametrize("key", SCREENS)
def test_a_screen_is_said_within_six_seconds(shipped: Policy, key: str):
    """line.md, call flow 4: a calm voice says 4.5 characters, or three words, a second."""
    zh = filled(policy=shipped, key=key, language=Language.ZH).replace("Lighthouse", "远帆")
    en = filled(policy=shipped, key=key, language=Language.EN)

    assert len([one for one in zh if one.isalnum()]) <= 27
    assert len(en.split()) <= 18


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("key", TO_STAFF)
def test_a_phone_that_voicemail_may_answer_hears_nothing_about_a_student(
    shipped: Policy, key: str, language: Language
):
    """A counselor's phone may be answered by their family, or by a machine that keeps it."""
    text = filled(policy=shipped, key=key, language=language).casefold()

    assert [word for word in ABOUT_A_STUDENT if word in text] == []


@pytest.mark.parametrize("language", list(Language))
def test_whoever_leaves_a_message_is_told_that_it_is_recorded(shipped: Policy, language: Language):
    """product.md 1.1: any recording notice is said plainly."""
    text = shipped.prompts.text(key="voicemail_leave", language=language)

    assert "录音" in text or "is recorded" in text


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("key", ["danger", "danger_noted", "lifeline_no_answer", "fallback_desk"])
def test_a_caller_whom_we_may_fail_hears_whom_to_call(
    shipped: Policy, key: str, language: Language
):
    text = shipped.prompts.text(key=key, language=language)

    assert "110" in text
    assert "120" in text


def test_an_unknown_prompt_is_named(shipped: Policy):
    with pytest.raises(PolicyError, match=r"^prompts/zh\.toml: gretting: no such prompt$"):
        shipped.prompts.text(key="gretting", language=Language.ZH)


def test_a_missing_value_is_named(shipped: Policy):
    with pytest.raises(PolicyError, match=r"^prompts/en\.toml: auto_reply: no value for minutes$"):
        shipped.prompts.text(key="auto_reply", language=Language.EN)


@given(name=NAMES, value=st.text(max_size=20), before=PLAIN, after=PLAIN)
def test_a_value_is_put_in_as_it_is_even_if_it_holds_braces(
    name: str, value: str, before: str, after: str
):
    prompts = Prompts(texts={Language.ZH: {"one": f"{before}{{{name}}}{after}"}})

    text = prompts.text(key="one", language=Language.ZH, **{name: value})

    assert text == before + value + after


@given(names=st.lists(NAMES, max_size=5), between=PLAIN)
def test_placeholders_are_exactly_the_names_in_braces(names: list[str], between: str):
    text = between.join(f"{{{name}}}" for name in names) + between

    assert placeholders(text=text) == frozenset(names)


@pytest.mark.parametrize(
    "text", ["{", "}", "{}", "{0}", "{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{ a }", "{a"]
)
def test_a_placeholder_is_only_ever_a_plain_name(text: str):
    with pytest.raises(ValueError, match=r"plain name|Single|expected"):
        placeholders(text=text)
