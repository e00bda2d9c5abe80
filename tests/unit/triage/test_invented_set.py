"""The promise of the word list, kept by the part of the invented set that it was not tuned on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from wellbeing.policy import loader
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules import conversation, evaluation, tables
from wellbeing.triage.rules.evaluation import Evaluation
from wellbeing.triage.rules.tables import Labelled

ROOT = Path(__file__).resolve().parents[3]
MESSAGES = ROOT / "tests" / "triage_messages"
KNOWN_TO_BE_MISSED = {"z013"}
"""A message that says 倒计时十分钟 and nothing else: ten minutes to what?"""
BLIND = {"g", "z"}
"""First letter of the ids of the batch that was written last and that nothing was tuned on."""


def read(name: str) -> tuple[Labelled, ...]:
    return tables.read_labelled(content=(MESSAGES / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def labelled() -> tuple[Labelled, ...]:
    return read("invented.tsv")


@pytest.fixture(scope="module")
def batches() -> tuple[Labelled, ...]:
    return read("batches.tsv")


@pytest.fixture(scope="module", params=["invented.tsv", "batches.tsv"])
def held(request: pytest.FixtureRequest) -> Evaluation:
    part = [one for one in read(request.param) if one.part == "held"]
    lexicon = loader.load(directory=ROOT / "config").triage.lexicon
    turns = conversation.read_all(texts=[one.text for one in part], lexicon=lexicon)
    return evaluation.evaluate(labelled=part, turns=turns)


def test_the_set_is_large_and_half_of_it_is_harmless(labelled: tuple[Labelled, ...]):
    harmless = sum(one.level < RiskLevel.HIGH for one in labelled)

    assert len(labelled) >= 600
    assert 0.45 <= harmless / len(labelled) <= 0.6
    assert len({one.text.id for one in labelled}) == len(labelled)


def test_the_parts_are_drawn_by_a_hash_and_cannot_drift(labelled: tuple[Labelled, ...]):
    for one in labelled:
        key = one.text.conversation or one.text.id
        odd = hashlib.sha256(key.encode()).digest()[0] % 2
        assert one.part == ("held" if odd else "tune")


def test_only_the_batches_that_nothing_was_tuned_on_are_held(batches: tuple[Labelled, ...]):
    assert len({one.text.id for one in batches}) == len(batches)
    assert {one.text.id[0] for one in batches if one.part == "held"} == BLIND
    assert not BLIND & {one.text.id[0] for one in batches if one.part == "tune"}


def test_no_message_stands_in_both_parts(
    labelled: tuple[Labelled, ...], batches: tuple[Labelled, ...]
):
    parts: dict[str, set[str]] = {}
    for one in (*labelled, *batches):
        if not one.text.conversation:
            parts.setdefault(one.text.text, set()).add(one.part)

    assert [text for text, found in parts.items() if len(found) > 1] == []


def test_the_held_part_is_read_as_well_as_was_promised(held: Evaluation):
    urgent = held.levels[RiskLevel.HIGH]

    assert urgent.recall is not None
    assert urgent.precision is not None
    assert urgent.recall >= 0.95
    assert urgent.precision >= 0.70


def test_no_act_under_way_is_missed_but_for_one_that_says_nothing_else(held: Evaluation):
    assert {one.text.id for one in held.acts_missed} <= KNOWN_TO_BE_MISSED
