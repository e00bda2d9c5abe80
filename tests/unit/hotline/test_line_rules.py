"""Keywords, languages, and who is paged for a student who waits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories.moments import NOW
from wellbeing.hotline.rules import texts as rules
from wellbeing.hotline.rules.texts import Keyword, PagePlan, PageStep
from wellbeing.policy import loader
from wellbeing.policy.model import Language, LinePolicy, RiskLevel, Tier

ROOT = Path(__file__).resolve().parents[3]
AGAIN = timedelta(minutes=4)
STEPS = (
    PageStep(desk="line", tier=Tier.DISTRICT, after=timedelta()),
    PageStep(desk="line", tier=Tier.MUNICIPAL, after=timedelta(seconds=30)),
    PageStep(desk="supervisor", tier=Tier.MUNICIPAL, after=timedelta(minutes=2)),
)


@pytest.fixture(scope="module")
def line() -> LinePolicy:
    return loader.load(directory=ROOT / "config").line


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("停", Keyword.STOP),
        ("“停”", Keyword.STOP),
        (" 退订。", Keyword.STOP),
        ("STOP", Keyword.STOP),
        ("ｓｔｏｐ", Keyword.STOP),
        ("Stop!", Keyword.STOP),
        ("TD", Keyword.STOP),
        ("开始", Keyword.START),
        ("start", Keyword.START),
        ("帮助", Keyword.HELP),
        ("HELP", Keyword.HELP),
        ("停不下来", None),
        ("please stop him", None),
        ("帮助我", None),
        ("", None),
        ("🙂", None),
    ],
)
def test_a_keyword_is_a_whole_text(text: str, keyword: Keyword | None, line: LinePolicy):
    assert rules.keyword_of(text=text, words=line.text) is keyword


@pytest.mark.parametrize(("text", "expected"), [("1", 1), ("１。", 1), ("11", 0), ("", 0)])
def test_an_acknowledgement_is_a_single_one(text: str, expected: int):
    assert rules.is_acknowledgement(text=text) == bool(expected)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("你好", Language.ZH),
        ("hello, can we talk", Language.EN),
        ("wo hen nan guo", Language.ZH),
        ("我想 talk 一下", Language.ZH),
        ("1", None),
        ("😭", None),
        ("", None),
    ],
)
def test_the_language_is_read_from_the_text(text: str, language: Language | None):
    assert rules.language_of(text=text) is language


def test_red_is_paged_at_once_by_the_policy(line: LinePolicy):
    steps = rules.page_steps(level=RiskLevel.IMMINENT, line=line)

    at_once = {(one.desk, one.tier) for one in steps if not one.after}
    assert at_once == {("line", Tier.DISTRICT), ("crisis", Tier.MUNICIPAL)}


def test_blue_is_paged_at_its_own_desk_when_nobody_accepts_in_time(line: LinePolicy):
    steps = rules.page_steps(level=RiskLevel.LOW, line=line)

    assert steps == (PageStep(desk="line", tier=None, after=timedelta(seconds=30)),)


def plan(*, done: int, seconds: int) -> PagePlan:
    return rules.plan_pages(
        steps=STEPS,
        done=done,
        since=NOW,
        now=NOW + timedelta(seconds=seconds),
        repeat_every=AGAIN,
    )


def test_the_steps_come_one_after_the_other():
    first, second = plan(done=0, seconds=0), plan(done=1, seconds=31)

    assert (first.now, first.next_step, first.next_at) == (
        STEPS[:1], 1, NOW + timedelta(seconds=30),
    )  # fmt: skip
    assert (second.now, second.next_step) == (STEPS[1:2], 2)


def test_a_sweep_that_was_late_catches_up():
    assert plan(done=0, seconds=300).now == STEPS


def test_after_the_last_step_everybody_is_paged_again_and_again():
    last = plan(done=2, seconds=120)
    again = plan(done=3, seconds=360)

    assert last.next_at == NOW + timedelta(seconds=120) + AGAIN
    assert again.now == STEPS
    assert (again.next_step, again.next_at) == (3, NOW + timedelta(seconds=360) + AGAIN)
