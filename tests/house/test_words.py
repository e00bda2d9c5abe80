"""The Chinese catalogue says all that the portal says, in the words of facts.md section 7."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests.house import words

PROMPTS = Path(__file__).resolve().parents[2] / "config" / "prompts"
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[a-z%]")
PROMPT_PLACEHOLDER = re.compile(r"\{(\w+)\}")
LATIN = re.compile(r"[A-Za-z][A-Za-z-]*")
CHINESE_SIGN = "[\u4e00-\u9fff]"
HALF_WIDTH = re.compile(rf"(?<={CHINESE_SIGN})[,;:?!()]|[,;:?!()](?={CHINESE_SIGN})")
LATIN_WORDS = frozenset(
    {
        "ASQ",
        "A",
        "C-SSRS",
        "CSV",
        "Ctrl",
        "E",
        "Esc",
        "GBK",
        "J",
        "K",
        "KB",
        "MB",
        "N",
        "PDF",
        "SMS",
        "UTF-",
        "WB-",
        "xlsx",
    }
)
"""Names of instruments, of files and of keys: what colleagues write in Latin letters too."""
NEVER = (
    "成功自杀", "自杀成功", "失败自杀", "自杀失败", "精神病", "想开点",
    "别想那么多", "为你爸妈想想", "你还年轻", "这点小事",
)  # fmt: skip
"""facts.md 7: words that hurt, blame or make little of it."""
OTHER_WORDS = {
    "上报": "升级转介",
    "知悉": "确认收到",
    "主管": "督导",
    "心理老师": "咨询员",
    "随访": "回访",
    "传呼": "呼叫",
    "风险级别": "风险等级",
    "您": "你",
}
"""One thing has one word: what somebody may write instead -> the word of this house."""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return words.written()


@pytest.fixture(scope="module")
def spoken() -> Catalog:
    return words.spoken()


def pairs(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for message in catalog:
        if message.id:
            for chinese in words.translations(message):
                yield words.sentences(message)[0], chinese


def prompts(*, language: str) -> dict[str, str]:
    return tomllib.loads((PROMPTS / f"{language}.toml").read_text(encoding="utf-8"))


def chinese_words(catalog: Catalog) -> list[str]:
    return [*(chinese for _english, chinese in pairs(catalog)), *prompts(language="zh").values()]


def test_the_collector_hears_templates_code_forms_refusals_and_row_problems(spoken: Catalog):
    heard = {words.sentences(message)[0] for message in spoken if message.id}

    assert heard >= {
        "Live queue",
        "Case %(reference)s is open.",
        "Please choose a level.",
        "%(num)d other session was ended.",
        "This case is closed.",
        "A password has at least 12 characters; a short sentence is fine.",
        "There is nothing here that you may open.",
        "This cell must not be empty.",
    }


def test_every_sentence_of_the_portal_stands_in_the_chinese_catalogue(
    catalog: Catalog, spoken: Catalog
):
    """Not there? `python -m tests.house.words` adds it."""
    missing = [message.id for message in spoken if message.id and message.id not in catalog]

    assert missing == []


def test_every_sentence_has_its_chinese(catalog: Catalog):
    assert [english for english, chinese in pairs(catalog) if not chinese.strip()] == []


def test_the_catalogue_keeps_nothing_that_nobody_says(catalog: Catalog, spoken: Catalog):
    unsaid = [message.id for message in catalog if message.id and message.id not in spoken]

    assert unsaid == []
    assert list(catalog.obsolete) == []


def test_nothing_in_the_catalogue_is_a_guess(catalog: Catalog):
    assert [message.id for message in catalog if message.id and message.fuzzy] == []


def test_a_sentence_that_counts_stands_with_its_plural(catalog: Catalog, spoken: Catalog):
    counted = {message.id for message in spoken if isinstance(message.id, tuple)}

    assert counted
    assert counted == {message.id for message in catalog if isinstance(message.id, tuple)}


def test_the_chinese_fills_in_the_same_things(catalog: Catalog):
    differing = [
        english
        for english, chinese in pairs(catalog)
        if Counter(PLACEHOLDER.findall(english)) != Counter(PLACEHOLDER.findall(chinese))
    ]

    assert differing == []


def test_no_english_is_left_in_the_chinese(catalog: Catalog):
    left = {
        (english, latin)
        for english, chinese in pairs(catalog)
        for latin in LATIN.findall(PLACEHOLDER.sub("", chinese))
        if latin not in LATIN_WORDS
    }

    assert left == set()


def test_chinese_is_written_with_chinese_signs(catalog: Catalog):
    assert [said for said in chinese_words(catalog) if HALF_WIDTH.search(said)] == []


@pytest.mark.parametrize("word", NEVER)
def test_a_word_that_hurts_is_never_said(catalog: Catalog, word: str):
    assert [said for said in chinese_words(catalog) if word in said] == []


@pytest.mark.parametrize(("other", "ours"), OTHER_WORDS.items())
def test_one_thing_has_one_word(catalog: Catalog, other: str, ours: str):
    said = [sentence for sentence in chinese_words(catalog) if other in sentence]

    assert said == [], f"say {ours}"


def test_both_languages_have_the_same_prompts_with_the_same_gaps():
    gaps = {
        language: {
            key: Counter(PROMPT_PLACEHOLDER.findall(text))
            for key, text in prompts(language=language).items()
        }
        for language in ("zh", "en")
    }

    assert gaps["zh"] == gaps["en"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_prompt_says_something(language: str):
    assert [key for key, text in prompts(language=language).items() if not text.strip()] == []
