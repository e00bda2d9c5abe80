"""The policy in force, for those who answer for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import page_gate


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("label", ["auditor", "administrator"])
def test_the_policy_passes_the_gate(clients: Any, label: str, language: str):
    answer = clients(label, language=language).get("/policy")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url="/policy")


def test_the_policy_says_clocks_cadence_and_desks_as_they_are_in_force(clients: Any):
    text = clients("auditor", language="en").get("/policy").text

    assert "15 min 00 s" in text
    assert "1, 2, 3, 7, 14, 21, 28, 30, 90, 180, 365" in text
    assert "Municipal duty lead" in text
    assert "22:00–07:00" in text


def test_the_policy_says_who_is_rung_and_when_somebody_is_called_back(clients: Any):
    text = clients("auditor", language="en").get("/policy").text

    assert "Danger (key 9)" in text
    assert "Municipal crisis desk, Municipal desk" in text
    assert "then 12356, then a message or a call-back" in text
    assert "4 h 0 min" in text


def test_the_policy_says_how_a_rescue_goes_and_what_the_law_wants_reported(clients: Any):
    text = clients("auditor", language="en").get("/policy").text

    assert "Confirm that help reached the student" in text
    assert text.count("<li>") >= 9
    assert "A supervisor decides whether a red may fall within" in text
    assert "30 min 00 s" in text


@pytest.mark.parametrize("label", ["municipal supervisor", "municipal counselor", "principal"])
def test_the_policy_is_not_there_for_others(clients: Any, label: str):
    assert clients(label).get("/policy").status_code == 404
