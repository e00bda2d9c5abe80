from __future__ import annotations

import pytest

from wellbeing.foundation import phone


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("13900000001", "+8613900000001"),
        ("+86 139-0000-0001", "+8613900000001"),
        ("１３９００００００００１"[:11], "+8613900000000"),
        ("023 8888 0000", "+862388880000"),
        ("+447700900123", "+447700900123"),
    ],
)
def test_numbers_are_brought_to_one_form(raw: str, expected: str):
    assert phone.normalised(raw) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+862388880000", True),
        ("+861088880000", True),
        ("+8613900000001", False),
        ("+12025550123", False),
        ("+447700900123", False),
        ("+442079460123", True),
        ("+8610000000000000"[:14], False),
    ],
)
def test_only_what_is_surely_a_landline_is_called_one(number: str, *, expected: bool):
    assert phone.is_landline(number=number) is expected


@pytest.mark.parametrize("raw", ["12356", "12355", "", "abc", "+86", "sip:child@example.test"])
def test_what_cannot_be_dialled_is_refused(raw: str):
    with pytest.raises(phone.NotAPhoneNumber):
        phone.normalised(raw)


@pytest.mark.parametrize(
    "raw", ["anonymous", "+266696687", "Restricted", "", "  ", "unknown", "Unavailable"]
)
def test_a_withheld_number_is_nobody(raw: str):
    assert phone.sender(raw) is None


def test_a_sender_that_cannot_be_dialled_is_let_in_as_sent():
    assert phone.sender("12355") == "12355"
    assert phone.sender("sip:child@example.test") == "sip:child@example.test"
    assert phone.sender("client:counselor_12") == "client:counselor_12"


def test_a_mask_shows_two_digits():
    assert phone.masked("+8613900000042") == "•••• 42"
    assert phone.masked(None) == "—"
