"""The port's one error says everything that delivery decides by."""

from __future__ import annotations

from wellbeing.telephony.gateway import TelephonyError


def test_an_error_without_particulars_is_temporary_and_certain():
    error = TelephonyError()

    assert (error.permanent, error.in_doubt, error.whole_account, error.alarm) == (
        False, False, False, False,
    )  # fmt: skip


def test_an_error_never_carries_a_number_or_words():
    assert str(TelephonyError(code=21211, permanent=True)) == "telephony error 21211"
