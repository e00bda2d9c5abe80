"""Signals, screeners and assessments are kept, sealed and explained; only persons set levels."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.contacts import make_contact
from tests.factories.moments import NOW
from tests.factories.organizations import City
from tests.factories.triage import ALL_NO, assess, read, screen
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy
from wellbeing.policy.model import Policy, RiskLevel
from wellbeing.triage import operations, queries
from wellbeing.triage.events import AbuseSuspected, LevelAssessed
from wellbeing.triage.models import ASSESSMENT, SCREENING, SIGNAL, WORDING
from wellbeing.triage.rules.levels import NoteMissing, Source, SupervisorNeeded
from wellbeing.triage.rules.results import NotAnAnswer, UnknownScreener
from wellbeing.triage.rules.wrapping_up import LevelDue, ScreenerDue


def test_a_sign_is_kept_with_its_words_and_its_reason(city: City):
    contact_id, result = read("我同学说她不想活了")

    (signal,) = queries.signals_of(contact_id=contact_id)
    assert result.level is RiskLevel.HIGH
    assert (signal.rule, signal.phrase, signal.contexts) == (
        "intent_to_die", "不想活了", ("third_person",),
    )  # fmt: skip


def test_a_harmless_message_leaves_nothing(city: City):
    contact_id, result = read("今天作业好多")

    assert result.level is RiskLevel.LOW
    assert queries.signals_of(contact_id=contact_id) == ()


def test_no_word_of_a_student_lies_readable(city: City, counselor: int):
    contact_id, _ = read("我不想活了")
    screen(contact_id=contact_id, by=counselor, answers=ALL_NO | {"q1": "yes"})
    assess(contact_id=contact_id, by=counselor, note="她说了一切")

    stored = [
        value
        for table in (SIGNAL, SCREENING, ASSESSMENT)
        for row in session().execute(select(table))
        for value in row
        if isinstance(value, bytes | str)
    ]
    words = ("不想活", "她说了一切", '"q1"')
    assert not any(
        word in value if isinstance(value, str) else word.encode() in value
        for value in stored
        for word in words
    )


def test_signs_add_up_over_a_conversation(city: City):
    _, first = read("晚上老是失眠")
    _, second = read("小时候想过自杀", now=NOW + timedelta(minutes=1))
    _, third = read("我同学以前想过死,我一点都不想死", now=NOW + timedelta(minutes=2))

    assert [first.level, second.level] == [RiskLevel.MODERATE, RiskLevel.MODERATE]
    assert third.level is RiskLevel.HIGH


def test_a_worry_about_somebody_else_is_marked(city: City):
    _, own = read("我不想活了")
    _, of_a_friend = read("我同学说她不想活了", sender="+8613900000077")

    assert not own.third_party
    assert of_a_friend.third_party


def test_a_model_that_is_off_or_silent_leaves_no_hint(city: City):
    contact_id, _ = read("我不想活了")

    assert queries.order_hints(contact_ids=[contact_id]) == {}


def test_suspected_abuse_is_told(city: City, told: list[object]):
    contact_id, result = read("我爸天天打我,我不敢回家")

    assert result.abuse
    assert result.level >= RiskLevel.HIGH
    assert [one.contact_id for one in told if isinstance(one, AbuseSuspected)] == [contact_id]


def test_a_screener_suggests_a_level_and_sets_none(city: City, counselor: int):
    contact_id = make_contact()

    row = screen(contact_id=contact_id, by=counselor, answers=ALL_NO | {"q1": "yes"})

    assert (row.result, row.complete, row.suggested_level) == ("low", True, RiskLevel.LOW)
    assert queries.screenings_of(contact_ids=[contact_id]) == (row,)
    assert queries.current_level(contact_ids=[contact_id]) is None


def test_an_unknown_screener_and_a_wrong_answer_are_refused(city: City, counselor: int):
    contact_id = make_contact()

    with pytest.raises(UnknownScreener):
        screen(contact_id=contact_id, by=counselor, screener="horoscope")
    with pytest.raises(NotAnAnswer):
        screen(contact_id=contact_id, by=counselor, answers={"q1": "perhaps"})


def test_a_person_sets_the_level_with_a_note(city: City, counselor: int, told: list[object]):
    contact_id = make_contact()

    row = assess(contact_id=contact_id, by=counselor, level=RiskLevel.HIGH)

    assert queries.assessments_of(contact_ids=[contact_id]) == (row,)
    assert queries.current_level(contact_ids=[contact_id]) is RiskLevel.HIGH
    assert told[-1] == LevelAssessed(
        contact_id=contact_id,
        level=RiskLevel.HIGH,
        source="counselor",
        by_user_id=counselor,
        at=NOW,
    )


def test_a_refused_assessment_changes_nothing(city: City, counselor: int):
    contact_id = make_contact()
    assess(contact_id=contact_id, by=counselor)

    with pytest.raises(SupervisorNeeded):
        assess(contact_id=contact_id, by=counselor, level=RiskLevel.LOW)
    with pytest.raises(NoteMissing):
        assess(contact_id=contact_id, by=counselor, note=" ")

    assert queries.current_level(contact_ids=[contact_id]) is RiskLevel.IMMINENT


ITEM_9 = {f"q{number}": "not_at_all" for number in range(1, 9)} | {"q9": "several_days"}


def test_a_higher_screener_raises_what_a_person_judged_at_once(
    city: City, counselor: int, told: list[object]
):
    contact_id = make_contact()
    assess(contact_id=contact_id, by=counselor, level=RiskLevel.MODERATE)

    row = screen(contact_id=contact_id, by=counselor, answers=RED_ANSWERS)

    last = queries.assessments_of(contact_ids=[contact_id])[-1]
    assert (last.level, last.source, last.screening_id) == (
        RiskLevel.IMMINENT, Source.SCREENER, row.screening_id,
    )  # fmt: skip
    assert told[-1] == LevelAssessed(
        contact_id=contact_id,
        level=RiskLevel.IMMINENT,
        source="screener",
        by_user_id=counselor,
        at=NOW,
    )
    assess(contact_id=contact_id, by=counselor, level=RiskLevel.HIGH)
    assert queries.current_level(contact_ids=[contact_id]) is RiskLevel.HIGH


RED_ANSWERS = {"q1": "yes", "q2": "yes", "q3": "yes", "q4": "no", "q5": "yes", "q6": "no"}


def test_a_lower_screener_lowers_nothing(city: City, counselor: int):
    contact_id = make_contact()
    assess(contact_id=contact_id, by=counselor, level=RiskLevel.HIGH)

    screen(contact_id=contact_id, by=counselor)

    assert queries.current_level(contact_ids=[contact_id]) is RiskLevel.HIGH


def test_item_nine_keeps_the_contact_open_until_a_screener_and_a_level(city: City, counselor: int):
    contact_id = make_contact()
    screen(contact_id=contact_id, by=counselor, screener="phq9", answers=ITEM_9)

    with pytest.raises(ScreenerDue):
        operations.check_wrap_up(contact_id=contact_id)
    screen(contact_id=contact_id, by=counselor, answers={"q1": "refused", "q2": "refused"})
    with pytest.raises(LevelDue):
        operations.check_wrap_up(contact_id=contact_id)
    assess(contact_id=contact_id, by=counselor, level=RiskLevel.MODERATE)

    operations.check_wrap_up(contact_id=contact_id)


def test_a_screening_stays_readable_after_its_wording_changed(city: City, counselor: int):
    contact_id = make_contact()
    before = policy.current()
    first = screen(contact_id=contact_id, by=counselor)
    policy.install(reworded(before))
    try:
        second = screen(contact_id=contact_id, by=counselor, answers={"q1": "yes"})
    finally:
        policy.install(before)

    found = queries.screenings_of(contact_ids=[contact_id])
    assert found == (first, second)
    assert [row.definition.items[0].text_zh for row in found if row.definition] == [
        before.triage.screeners["cssrs"].items[0].text_zh,
        "新的说法？",
    ]
    assert len(session().execute(select(WORDING)).all()) == 2


def test_a_wording_is_kept_once_however_often_it_is_used(city: City, counselor: int):
    contact_id = make_contact()

    for _ in range(3):
        screen(contact_id=contact_id, by=counselor)

    assert len(session().execute(select(WORDING)).all()) == 1


def reworded(before: Policy) -> Policy:
    """Edit a question and forget to change the version, as editors do."""
    known = before.triage.screeners["cssrs"]
    items = (replace(known.items[0], text_zh="新的说法？"), *known.items[1:])
    screeners = dict(before.triage.screeners) | {"cssrs": replace(known, items=items)}
    return replace(before, triage=replace(before.triage, screeners=screeners))


def test_a_screener_that_is_not_offered_here_is_refused(city: City, counselor: int):
    contact_id = make_contact()
    before = policy.current()
    known = replace(before.triage.screeners["gad7"], offered=False)
    screeners = dict(before.triage.screeners) | {"gad7": known}
    policy.install(replace(before, triage=replace(before.triage, screeners=screeners)))
    try:
        with pytest.raises(UnknownScreener):
            screen(contact_id=contact_id, by=counselor, screener="gad7", answers={})
    finally:
        policy.install(before)
