"""PHQ-9, PHQ-A, GAD-7: notes that set no level, whose answer about suicide leads on (1.3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from wellbeing.policy import loader
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules import screeners, wordings
from wellbeing.triage.rules.results import ScreenerResult

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = loader.load(directory=ROOT / "config").triage.screeners
NOT_AT_ALL = "not_at_all"


def answered(key: str, **changes: str) -> dict[str, str]:
    """Answer everything with the mildest answer, but what is told."""
    mildest = {item.key: item.answers[0] for item in SHIPPED[key].items}
    nothing = dict.fromkeys({"past_year", "thoughts_month", "ever_tried"} & set(mildest), "no")
    return mildest | nothing | changes


def read(key: str, answers: dict[str, str]) -> ScreenerResult:
    return screeners.read(definition=SHIPPED[key], answers=answers)


@pytest.mark.parametrize("key", ["phq9", "phqa", "gad7"])
def test_a_note_of_nothing_suggests_no_level(key: str):
    found = read(key, answered(key))

    assert (found.result, found.points, found.level) == ("minimal", 0, None)
    assert found.complete
    assert not found.asks_further


@pytest.mark.parametrize(
    ("key", "count", "points", "band"),
    [
        ("phq9", 1, 3, "minimal"),
        ("phq9", 2, 6, "mild"),
        ("phq9", 4, 12, "moderate"),
        ("phq9", 5, 15, "moderately_severe"),
        ("phq9", 7, 21, "severe"),
        ("gad7", 2, 6, "mild"),
        ("gad7", 4, 12, "moderate"),
        ("gad7", 5, 15, "severe"),
        ("phqa", 8, 24, "severe"),
    ],
)
def test_a_sum_names_its_band_and_never_a_level(key: str, count: int, points: int, band: str):
    heavy = {f"q{number}": "nearly_every_day" for number in range(1, count + 1)}

    found = read(key, answered(key, **heavy))

    assert (found.points, found.result, found.level) == (points, band, None)


@pytest.mark.parametrize(
    ("key", "item", "answer"),
    [
        ("phq9", "q9", "several_days"),
        ("phq9", "q9", "nearly_every_day"),
        ("phq9", "q9", "refused"),
        ("phqa", "q9", "several_days"),
        ("phqa", "thoughts_month", "yes"),
        ("phqa", "thoughts_month", "refused"),
        ("phqa", "ever_tried", "yes"),
    ],
)
def test_an_answer_about_suicide_is_yellow_until_somebody_has_asked(
    key: str, item: str, answer: str
):
    found = read(key, answered(key, **{item: answer}))

    assert found.asks_further
    assert found.level is RiskLevel.MODERATE


@pytest.mark.parametrize(("key", "item"), [("phqa", "past_year"), ("phq9", "q8"), ("gad7", "q7")])
def test_no_other_answer_leads_on(key: str, item: str):
    worst = SHIPPED[key].items[-1].answers[-2] if item == "q7" else "nearly_every_day"
    answer = "yes" if item == "past_year" else worst

    assert not read(key, answered(key, **{item: answer})).asks_further


def test_a_note_left_off_says_what_is_missing_and_what_was_refused():
    answers = answered("gad7", q2="refused")
    del answers["q7"]

    found = read("gad7", answers)

    assert (found.complete, found.missing, found.refused) == (False, ("q7",), ("q2",))


@pytest.mark.parametrize("key", list(SHIPPED))
def test_a_wording_is_given_back_as_it_was_kept(key: str):
    content = wordings.content_of(definition=SHIPPED[key])

    back = wordings.definition_from(content=content)

    assert wordings.content_of(definition=back) == content
    assert (back.items, back.bands, back.title_zh) == (
        SHIPPED[key].items, SHIPPED[key].bands, SHIPPED[key].title_zh,
    )  # fmt: skip
    assert not back.offered


def test_two_wordings_under_one_version_are_told_apart():
    content = wordings.content_of(definition=SHIPPED["asq"])
    other = content | {"title_zh": "换了说法"}

    assert wordings.digest_of(content=content) != wordings.digest_of(content=other)
