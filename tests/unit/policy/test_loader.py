"""Every kind of mistake is named by file, table and key, and all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.policy.conftest import Spoil
from wellbeing.policy import current, loader
from wellbeing.policy.model import Policy, PolicyError

NEXT_AT_15 = 'tier = "next"\nafter = "15 min"'

MISTAKES = [
    # keys and types
    ("privacy.toml", "retention_years = 3", "retention_years = 3\nretension = 4",
     "privacy.toml: retension: unknown key"),
    ("privacy.toml", 'idle = "30 min"\n', "",
     'privacy.toml: session.idle: missing key (a duration such as "15 min", longer than nothing)'),
    ("privacy.toml", "[break_glass]", "[breakglass]",
     "privacy.toml: break_glass: missing key (a table [break_glass])"),
    ("privacy.toml", "city = 10", 'city = "ten"',
     "privacy.toml: suppression.city: must be a whole number of at least 2"),
    ("privacy.toml", "city = 10", "city = true",
     "privacy.toml: suppression.city: must be a whole number of at least 2"),
    ("tiers.toml", "text_first = true", 'text_first = "yes"',
     "tiers.toml: paging.text_first: must be true or false"),
    ("line.toml", 'default_language = "zh"', 'default_language = "fr"',
     "line.toml: default_language: must be one of zh, en"),
    ("line.toml", 'help_words = ["帮助", "help", "info"]', "help_words = []",
     "line.toml: text.help_words: must be a list of texts"),
    ("line.toml", '"停止"', '"停"', "line.toml: text.stop_words: “停” stands twice"),
    ("triage.toml", "decay_half_life = 12", "decay_half_life = 0",
     "triage.toml: lexicon.scoring.decay_half_life: must be a whole number of at least 1"),
    ("triage.toml", "negation = 0.3", "negation = -0.3",
     ("triage.toml: lexicon.scoring.context_factors.negation: "
     "must be a number that is not negative")),
    ("triage.toml", 'name_zh = "蓝"', 'name_zh = " "',
     "triage.toml: levels.low.name_zh: must be a text"),
    # durations and times
    ("tiers.toml", 'acknowledge = "4 h"', 'acknowledge = "-4 h"',
     ("tiers.toml: clocks.high.acknowledge: "
     'must be a duration such as "15 min", longer than nothing')),
    ("tiers.toml", 'contact = "1 h"', 'contact = "0 h"',
     ("tiers.toml: clocks.imminent.contact: "
     'must be a duration such as "15 min", longer than nothing')),
    ("tiers.toml", 'imminent = "0 s"', 'imminent = "soon"',
     'tiers.toml: paging.call_after.imminent: must be a duration such as "15 min"'),
    ("followups.toml", 'starts = "22:00"', 'starts = "25:00"',
     'followups.toml: quiet_hours.starts: must be a time such as "22:00"'),
    ("followups.toml", 'zone = "Asia/Shanghai"', 'zone = "Asia/Chongqingg"',
     "followups.toml: zone: “Asia/Chongqingg” is not a time zone such as Asia/Shanghai"),
    ("followups.toml", 'starts = "22:00"', 'starts = "07:00"',
     "followups.toml: quiet_hours.ends: is the same as starts"),
    # hours that overlap
    ("followups.toml", 'starts = "14:00"', 'starts = "11:30"',
     "followups.toml: class_hours[2].starts: overlaps the hours before it"),
    ("followups.toml", 'ends = "12:00"', 'ends = "07:30"',
     "followups.toml: class_hours[1].ends: lies before starts"),
    ("followups.toml", 'starts = "08:00"', 'starts = "06:30"',
     "followups.toml: class_hours[1]: overlaps quiet_hours"),
    # levels, thresholds, bands
    ("triage.toml", "[levels.high]", "[levels.highest]",
     "triage.toml: levels.high: missing key (a table [levels.high])"),
    ("tiers.toml",
     '[clocks.low]\nacknowledge = "7 d"\ncontact = "14 d"\ncounts = "school_days"', "",
     "tiers.toml: clocks.low: missing key (a table [clocks.low])"),
    ("tiers.toml", 'contact = "1 h"', 'contact = "10 min"',
     "tiers.toml: clocks.imminent.contact: is shorter than acknowledge"),
    ("tiers.toml", 'acknowledge = "4 h"', 'acknowledge = "23 h"',
     ("tiers.toml: chain.high[1].after: "
     "nobody joins at the moment the acknowledgement is missed (clocks)")),
    ("tiers.toml", 'contact = "24 h"', 'contact = "80 h"',
     "tiers.toml: clocks.high.contact: is longer than that of moderate, a lower level"),
    ("triage.toml", "[lexicon.scoring.thresholds]\nlow = 0.0\nmoderate = 2.0",
     "[lexicon.scoring.thresholds]\nlow = 0.0\nmoderate = 5.0",
     "triage.toml: lexicon.scoring.thresholds.high: must be above that of moderate"),
    ("triage.toml", "from_years = 9", "from_years = 10",
     "triage.toml: age_bands[3].from_years: does not follow on 6-8"),
    ("triage.toml", "from_years = 26", "from_years = 26\nto_years = 99",
     "triage.toml: age_bands[9].to_years: the last band must have no end"),
    ("triage.toml", "to_years = 11\n", "",
     "triage.toml: age_bands[4].from_years: comes after a band that has no end"),
    ("triage.toml", 'colour = "orange"', 'colour = "red"',
     "triage.toml: levels: “red” is the colour of two levels"),
    # the line
    ("line.toml", 'dialled = "+862300012356"', 'dialled = "12356"',
     ("line.toml: lifeline.dialled: "
     "“12356” is a short code; a carrier dials only a full number (+86…)")),
    ("line.toml", 'dialled = "+862300012356"', 'dialled = "+8612356"',
     ("line.toml: lifeline.dialled: "
     "“+8612356” is not a full international number such as +8623…")),
    ("line.toml", 'dialled = "+862300012356"', 'dialled = "+862300000000"',
     "line.toml: lifeline.dialled: is the line's own number: a call would loop"),
    ("line.toml", 'number = "+862300000000"', 'number = "02300000000"',
     ("line.toml: numbers[1].number: "
     "“02300000000” is not a full international number such as +8623…")),
    ("line.toml", '["110", "120"]', '["110", "one-two-zero"]',
     "line.toml: emergency_numbers: “one-two-zero” is not a number such as 110"),
    ("line.toml", '"帮助"', '"停"', "line.toml: text.help_words: “停” is also in stop_words"),
    ("line.toml", 'key = "duty_lead"', 'key = "crisis"',
     "line.toml: desks[7].key: “crisis” stands twice on the tier municipal"),
    ("line.toml", 'desk = "crisis"\ntier = "municipal"', 'desk = "crisis"\ntier = "district"',
     ("line.toml: contact_pages.imminent[2].desk: "
     "line.toml has no desk “crisis” on the tier district")),
    ("line.toml", 'tier = "district"\nafter = "30 s"', 'tier = "district"\nafter = "1 min"',
     "line.toml: contact_pages.high[1].after: nobody is paged within accept_within"),
    ("line.toml", 'after = "2 min"', 'after = "10 s"',
     "line.toml: contact_pages.imminent[4].after: comes before the step above it"),
    ("line.toml", "[[contact_pages.high]]", "[[contact_pages.highest]]",
     "line.toml: contact_pages.highest: unknown key"),
    # the chain and paging
    ("tiers.toml", 'desk = "director"', 'desk = "mayor"',
     "tiers.toml: chain.imminent[3].desk: line.toml has no desk “mayor” on the tier municipal"),
    ("tiers.toml", NEXT_AT_15, 'tier = "next"\nafter = "20 min"',
     "tiers.toml: chain.imminent[2].after: comes before the step above it"),
    ("tiers.toml", 'desk = "director"\ntier = "municipal"', 'desk = "line"\ntier = "next"',
     ("tiers.toml: chain.imminent[3].tier: "
     'the last step must be a desk of the tier "municipal": nothing may end unheard')),
    ("tiers.toml", 'universities_escalate_to = "municipal"', 'universities_escalate_to = "school"',
     "tiers.toml: universities_escalate_to: a university stands on this tier itself"),
    ("tiers.toml", "attempts_per_person = 2", "attempts_per_person = 4",
     ("tiers.toml: paging.next_person_after: "
     "comes before the attempts of one person are over (repeat_every)")),
    ("tiers.toml", '["high", "imminent"]', '["high"]',
     "tiers.toml: paging.ignores_quiet_hours: must name imminent: danger never waits"),
    ("tiers.toml", "[paging.code_words.director]", "[paging.code_words.mayor]",
     "tiers.toml: paging.code_words.mayor: line.toml has no such desk"),
    ("tiers.toml", 'en = "Sail"\n', "",
     "tiers.toml: paging.code_words.duty_lead.en: missing key (a text)"),
    # promises
    ("followups.toml", "from_days = 2, to_days = 3", "from_days = 3, to_days = 2",
     "followups.toml: cadence.moderate[1].to_days: lies before from_days"),
    ("followups.toml", "from_days = 2, to_days = 3", "from_days = 2, to_days = 8",
     "followups.toml: cadence.moderate[2].from_days: overlaps the promise before it"),
    ("followups.toml", 'kind = "caring_contact"', 'kind = "poem"',
     ("followups.toml: cadence.imminent[10].kind: "
     "must be one of call, text, check_in, caring_contact")),
    ("followups.toml", '2 = "not_now"', '2 = "good_time"',
     "followups.toml: check_in_answers: no key means “not_now”"),
    ("followups.toml", 'holder = "supervisor"', 'holder = "owner"',
     "followups.toml: missed: “owner” stands twice"),
    ("followups.toml", 'after = "6 h"', 'after = "1 h"',
     "followups.toml: missed[3].after: comes before the step above it"),
    # triage
    ("triage.toml", 'parent = "missing_children"', 'parent = "missing"',
     "triage.toml: reasons[1].parent: “missing” is not a key of reason_groups"),
    ("triage.toml", 'key = "cyber_bullying"', 'key = "school_bullying"',
     "triage.toml: reasons: the key “school_bullying” stands twice"),
    # screeners
    ("screeners/cssrs.toml", 'key = "q2"', 'key = "q1"',
     "screeners/cssrs.toml: items: the key “q1” stands twice"),
    ("screeners/cssrs.toml", 'key = "q2"', 'key = "q1"',
     "screeners/cssrs.toml: items: the question “q2” is missing"),
    ("screeners/cssrs.toml", 'key = "q6_when"', 'key = "when"',
     "screeners/cssrs.toml: items: no rule reads the question “when”"),
    ("screeners/asq.toml", 'answers = ["yes", "no", "refused"]', 'answers = ["yes", "maybe"]',
     "screeners/asq.toml: items[1].answers: “maybe” is not a key of answers"),
    ("screeners/phqa.toml", 'tripwire = ["yes", "refused"]', "",
     "screeners/phqa.toml: items: “thoughts_month” needs a tripwire: it asks about suicide"),
    ("screeners/phq9.toml", 'tripwire = ["several_days"', 'tripwire = ["often"',
     "screeners/phq9.toml: items[9].tripwire: “often” is not an answer of this question"),
    ("screeners/gad7.toml", "from_points = 10", "from_points = 5",
     "screeners/gad7.toml: bands[3].from_points: does not rise above mild"),
    ("screeners/gad7.toml", "from_points = 0", "from_points = 1",
     "screeners/gad7.toml: bands[1].from_points: the first band must begin at 0"),
    ("screeners/gad7.toml", "offered = true", 'offered = true\nlicense = "x"',
     "screeners/gad7.toml: license: unknown key"),
    # privacy
    ("privacy.toml", "retention_years = 3", "retention_years = 2",
     "privacy.toml: retention_years: must be a whole number of at least 3"),
    ("privacy.toml", "city = 10", "city = 4",
     "privacy.toml: suppression.city: shows smaller groups to more people than district does"),
    ("privacy.toml", 'absolute = "12 h"', 'absolute = "10 min"',
     "privacy.toml: session.absolute: is shorter than idle"),
    # prompts
    ("prompts/en.toml", "goodbye = ", "good_bye = ",
     "prompts/en.toml: goodbye: missing key (a text)"),
    ("prompts/zh.toml", "one_moment = ", 'one_second = "等"\none_moment = ',
     "prompts/zh.toml: one_second: unknown key"),
    ("prompts/en.toml", "{minutes}", "five",
     "prompts/en.toml: auto_reply: lacks the placeholder {minutes} of zh.toml"),
    ("prompts/zh.toml", "{minutes}", "{minuten}",
     "prompts/zh.toml: auto_reply: placeholder {minuten} is not given here (given: {minutes})"),
    ("prompts/zh.toml", "{minutes}", "{minutes",
     ("prompts/zh.toml: auto_reply: has a placeholder that cannot be read: "
     "expected '}' before end of string")),
    ("prompts/zh.toml", "上次约好今天联系", "上次心理老师约好今天联系",
     "prompts/zh.toml: check_in: contains “心理” (followups.toml: forbidden_words)"),
    ("prompts/en.toml", "we remember you", "your School remembers you",
     "prompts/en.toml: caring_contact: contains “school” (followups.toml: forbidden_words)"),
    ("prompts/zh.toml", "也可打12356。回复“停”不再收到。", "回复“停”不再收到。",
     "prompts/zh.toml: auto_reply: must name 12356 (line.toml)"),
    ("prompts/en.toml", "Reply STOP to end.", "Bye.",
     "prompts/en.toml: auto_reply: must say how to stop (line.toml: text.stop_words)"),
    ("prompts/en.toml", "One moment, please.", "One moment. " * 150,
     "prompts/en.toml: one_moment: is longer than 1600 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "before", "after", "problem"), MISTAKES)
def test_a_mistake_is_named_by_file_table_and_key(
    problems_after: Spoil, file: str, before: str, after: str, problem: str
):
    problems = problems_after(file, before, after)

    assert problem in problems


def test_every_problem_is_told_at_once(directory: Path):
    for file, before, after in (
        ("privacy.toml", "district = 5", "district = 0"),
        ("tiers.toml", "text_first = true", "text_first = 1"),
        ("prompts/zh.toml", "请稍等。", ""),
    ):
        path = directory / file
        path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")

    with pytest.raises(PolicyError) as caught:
        loader.load(directory)

    assert caught.value.problems == (
        "tiers.toml: paging.text_first: must be true or false",
        "privacy.toml: suppression.district: must be a whole number of at least 2",
        "prompts/zh.toml: one_moment: must be a text",
    )
    assert str(caught.value).count("\n") == 2


def test_a_missing_table_is_told_once_and_not_again_for_each_key(problems_after: Spoil):
    problems = problems_after("privacy.toml", "[sign_in]", "[signin]")

    assert problems == (
        "privacy.toml: sign_in: missing key (a table [sign_in])",
        "privacy.toml: signin: unknown key",
    )


def test_a_missing_file_is_told_once(directory: Path):
    (directory / "privacy.toml").unlink()

    with pytest.raises(PolicyError) as caught:
        loader.load(directory)

    assert caught.value.problems == ("privacy.toml: the file is missing",)


def test_a_service_without_any_screener_of_suicide_risk_does_not_start(directory: Path):
    """A tripwire leads to one of them; without both nobody could close such a contact."""
    for name in ("cssrs", "asq"):
        path = directory / "screeners" / f"{name}.toml"
        text = path.read_text(encoding="utf-8").replace("offered = true", "offered = false")
        path.write_text(text, encoding="utf-8")

    with pytest.raises(PolicyError) as caught:
        loader.load(directory)

    assert caught.value.problems == (
        (
            "screeners/cssrs.toml: offered: cssrs or asq must be offered: "
            "a tripwire leads to one of them"
        ),
    )


def test_a_file_that_is_not_toml_is_told_with_its_line(problems_after: Spoil):
    problems = problems_after("privacy.toml", "[session]", "[session")

    assert len(problems) == 1
    assert problems[0].startswith("privacy.toml: is not TOML: ")
    assert "line" in problems[0]


def test_a_file_that_is_not_utf8_is_told(directory: Path):
    (directory / "prompts/zh.toml").write_bytes("greeting = '你好'".encode("gb18030"))

    with pytest.raises(PolicyError) as caught:
        loader.load(directory)

    assert caught.value.problems == ("prompts/zh.toml: the file cannot be read as UTF-8 text",)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('level = "imminent"\nkind = "intent"', 'level = "high"\nkind = "intent"',
         "is below the floor of intent, imminent (scoring.floors)"),
        ("regex = true", "regex = true\nweight = 3", "unknown key"),
        ('"自虐"', '"自残"', "“自残” stands twice"),
        ("(已经|刚)割(了|开)", "(已经|刚割(了|开)", "is not a pattern"),
        ("(已经|刚)割(了|开)", "(已经)?", "would match everything"),
        ('abuse = "high"', "", "missing key"),
        ('"紫砂" = "自杀"', '"自杀" = "自杀"', "is part of what replaces it"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_word_list_is_named(
    problems_after: Spoil, before: str, after: str, says: str
):
    problems = problems_after("triage.toml", before, after)

    assert len(problems) == 1
    assert problems[0].startswith("triage.toml: lexicon.")
    assert says in problems[0]


def test_the_policy_in_force_is_the_one_installed(shipped: Policy):
    current.install(shipped)

    assert current.current() is shipped
