"""How old a student is: read from what was said, never guessed."""

from __future__ import annotations

from datetime import date

import pytest

from wellbeing.cases.rules.ages import consents_alone, years_old

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("said", "years"),
    [
        ("13", 13), ("13岁", 13), ("13 岁", 13), ("１３周岁", 13), ("约13岁", 13), ("13岁半", 13),
        ("十三岁", 13), ("十岁", 10), ("二十", 20), ("七岁", 7),
        ("13 years old", 13), ("Aged 9", 9),
        ("2013", 13), ("2013年", 13), ("2012", 14), ("2012年11月", 14), ("2012年12月", 13),
        ("2012-11-26", 14), ("2012-11-27", 13), ("2012/11/27", 13), ("生于2012年12月3日", 13),
        ("born in 2013", 13), ("2013年5月出生", 13),
        ("", None), ("不知道", None), ("13或14", None), ("13-14", None), ("初二", None),
        ("2012-13-01", None), ("2012-02-31", None), ("2030", None), ("999", None),
        ("妹妹9岁", None),
    ],
)  # fmt: skip
def test_an_age_is_read_from_what_was_said_or_not_at_all(said: str, years: int | None):
    assert years_old(said=said, said_on=TODAY, today=TODAY) == years


@pytest.mark.parametrize(
    ("said_on", "years"),
    [(date(2026, 11, 25), 13), (date(2025, 11, 27), 13), (date(2025, 11, 26), 14),
     (date(2024, 1, 1), 15), (date(2026, 12, 1), 13)],
)  # fmt: skip
def test_an_age_counts_on_from_the_day_it_was_said(said_on: date, years: int):
    assert years_old(said="13岁", said_on=said_on, today=TODAY) == years


@pytest.mark.parametrize(
    ("years", "who"),
    [(13, "with a guardian"), (14, "alone"), (None, "alone"), (0, "with a guardian")],
)
def test_the_edge_of_the_law_lies_at_14(years: int | None, who: str):
    """PIPL 31; whose age nobody knows is not asked for it: anonymity comes first."""
    assert consents_alone(years=years) is (who == "alone")
