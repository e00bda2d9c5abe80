"""Segments as the carrier bills them, and parts that say together what the whole said."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.messaging.rules import lengths

FAMILY = "👩‍👩‍👧‍👦"
PIECES = st.sampled_from(
    ["a", "光", "😀", FAMILY, "🇨🇳", "👍🏽", "e\u0301", "。", " ", "\u202e", "\n"]
)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("光" * 70, 1),
        ("光" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 66, 2),
        # 67 places hold 33 of two places: the 67th is left empty, nothing is torn apart.
        ("😀" * 67, 3),
        ("a" * 152 + "€" + "a" * 153, 3),
        ("", 1),
    ],
)
def test_segments_are_counted_as_the_carrier_bills_them(text: str, count: int):
    assert lengths.segments(text=text) == count


@given(st.text(min_size=1, max_size=8_000))
def test_parts_say_together_what_the_whole_said(body: str):
    pieces = lengths.parts(body=body)

    assert "".join(pieces) == body
    assert all(0 < units(piece) <= 1_500 for piece in pieces)


def test_a_long_text_is_cut_after_a_sentence():
    body = "一" * 1_000 + "。" + "二" * 1_000

    assert lengths.parts(body=body) == ("一" * 1_000 + "。", "二" * 1_000)


@given(st.lists(PIECES, min_size=1, max_size=3_000))
def test_no_sign_is_torn_apart(signs: list[str]):
    pieces = lengths.parts(body="".join(signs))

    assert "".join(pieces) == "".join(signs)
    assert all(0 < units(piece) <= 1_500 for piece in pieces)
    for before, after in pairwise(pieces):
        assert not after.startswith(("\u200d", "\u0301", "\U0001f3fd"))
        assert not before.endswith("\u200d")


def test_a_thousand_emoji_leave_in_parts_that_the_carrier_takes():
    assert [units(one) for one in lengths.parts(body="😀" * 1_000)] == [1_500, 500]


def test_a_family_at_the_border_stays_together():
    body = "光" * 1_495 + FAMILY

    assert lengths.parts(body=body) == ("光" * 1_495, FAMILY)


def test_one_endless_sign_is_cut_all_the_same():
    body = "a" + "\u0301" * 5_000

    assert all(units(one) <= 1_500 for one in lengths.parts(body=body))
    assert "".join(lengths.parts(body=body)) == body
