"""Each refusal of line.md has its treatment, and each of Twilio's statuses a word of ours."""

from __future__ import annotations

import pytest

from wellbeing.carrier import statuses

PERMANENT = (True, False, False)
CONFIGURATION = (True, False, True)
ACCOUNT = (False, True, True)
TEMPORARY = (False, False, False)
PACE = (False, True, False)


@pytest.mark.parametrize(
    ("http_status", "code", "treatment"),
    [
        (400, 21211, PERMANENT),
        (400, 21214, PERMANENT),
        (400, 21217, PERMANENT),
        (400, 21610, PERMANENT),
        (400, 21614, PERMANENT),
        (400, 21408, CONFIGURATION),
        (400, 21606, CONFIGURATION),
        (400, 21608, CONFIGURATION),
        (400, 30034, CONFIGURATION),
        (401, 20003, ACCOUNT),
        (403, 30002, ACCOUNT),
        (403, None, ACCOUNT),
        (429, 21611, TEMPORARY),
        (400, 30001, TEMPORARY),
        (429, 20429, PACE),
        (429, None, PACE),
        (400, 99999, PERMANENT),
    ],
)
def test_a_refusal_has_its_treatment(
    http_status: int, code: int | None, treatment: tuple[bool, bool, bool]
):
    error = statuses.refusal(http_status=http_status, code=code, retry_after=None)

    assert (error.permanent, error.whole_account, error.alarm) == treatment
    assert not error.in_doubt


@pytest.mark.parametrize(("http_status", "in_doubt"), [(500, True), (502, True), (503, False)])
def test_after_a_server_error_only_503_says_that_nothing_was_taken(
    http_status: int, *, in_doubt: bool
):
    error = statuses.refusal(http_status=http_status, code=None, retry_after=None)

    assert error.in_doubt is in_doubt
    assert not error.permanent


@pytest.mark.parametrize("status", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_a_call_with_a_final_status_is_over(status: str):
    assert statuses.is_call_over(status)


@pytest.mark.parametrize("status", ["queued", "ringing", "in-progress", "", "unheard of"])
def test_any_other_call_goes_on(status: str):
    assert not statuses.is_call_over(status)


@pytest.mark.parametrize(
    ("status", "bridged", "talked"),
    [
        ("completed", "", True),
        ("answered", "", True),
        ("no-answer", "", False),
        ("busy", "", False),
        ("completed", "true", True),
        ("completed", "false", False),
        ("", "", False),
    ],
)
def test_who_declined_was_not_connected(status: str, bridged: str, talked: bool):  # noqa: FBT001 - a table
    assert statuses.was_bridged(status=status, bridged=bridged) is talked


def test_the_wait_that_was_asked_for_is_kept():
    error = statuses.refusal(http_status=429, code=20429, retry_after=7.0)

    assert error.retry_after == 7.0


def test_every_status_of_an_outgoing_text_and_call_is_known():
    texts = {
        "accepted", "scheduled", "queued", "sending", "sent", "delivered", "undelivered",
        "failed", "read", "partially_delivered", "canceled",
    }  # fmt: skip
    calls = {
        "queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer",
        "failed", "canceled",
    }  # fmt: skip

    assert texts <= statuses.TEXT_STATUSES.keys()
    assert calls <= statuses.CALL_STATUSES.keys()
