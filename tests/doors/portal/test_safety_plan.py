"""The safety plan on its pages: written, printed for the student, never lost, never leaked."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.factories import records
from tests.house import page_gate
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.plans import Heading


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> CaseRow:
    return records.case_of(app, people, claimed)


def filled(words: str, *, version: int = 0) -> dict[str, Any]:
    return {one.value: words for one in Heading} | {"version": version}


def edit(case: CaseRow) -> str:
    return f"/cases/{case.reference}/safety-plan/edit"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_pages_pass_the_gate_in_both_languages(
    clients: Any, post: Any, case: CaseRow, language: str
):
    client = clients("district counselor", language=language)
    post(client, edit(case), filled("示例：去操场。"))

    for page in ("", "/edit", "/versions/1", "/versions/1/print"):
        url = f"/cases/{case.reference}/safety-plan{page}"
        page_gate.check_html(client.get(url).text, url=url)


def test_it_is_saved_and_older_versions_stay_readable(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    client = clients("district counselor")
    post(client, edit(case), filled("示例：第一次。"))

    answer = post(client, edit(case), filled("示例：第二次。", version=1))

    page = client.get(f"/cases/{case.reference}/safety-plan").text
    first = client.get(f"/cases/{case.reference}/safety-plan/versions/1").text
    assert answer.status_code == 303
    assert "示例：第二次。" in page
    assert "示例：第一次。" not in page
    assert "示例：第一次。" in first
    assert "这是较早的版本" in first
    assert len(records.events(app, "plan_saved")) == 2


def test_a_missing_heading_is_named_and_the_rest_is_kept(clients: Any, post: Any, case: CaseRow):
    client = clients("district counselor")

    answer = post(client, edit(case), filled("示例：去操场。") | {"help": " "})

    assert answer.status_code == 422
    assert 'href="#help"' in answer.text
    assert answer.text.count("示例：去操场。") == 6


def test_two_who_write_at_once_see_both_versions(clients: Any, post: Any, case: CaseRow):
    post(clients("district supervisor"), edit(case), filled("示例：督导写的。"))
    client = clients("district counselor")

    answer = post(client, edit(case), filled("示例：我写的。"))

    page_gate.check_html(answer.text, url="conflict")
    assert answer.status_code == 409
    assert "示例：督导写的。" in answer.text
    assert "示例：我写的。" in answer.text
    assert post(client, edit(case), filled("示例：合起来。", version=1)).status_code == 303


def test_the_paper_says_nothing_of_where_it_comes_from(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    """The sheet lies on a desk at home: no reference, no unit, no level, no counselor's name."""
    client = clients("district counselor")
    post(client, edit(case), filled("示例：去操场。"))

    paper = client.get(f"/cases/{case.reference}/safety-plan/versions/1/print?language=en").text

    assert "If my life is in danger now" in paper
    assert "110 · 120 · 12356" in paper
    assert "My warning signs" in paper
    for told in (case.reference, "示例北区", "North District", "示例03", "橙", "热线"):
        assert told not in paper
    printed = records.events(app, "printed")
    assert [one["details"] for one in printed] == [{"what": "safety_plan", "version": 1}]


def test_words_typed_before_a_crash_come_back_once(clients: Any, post: Any, case: CaseRow):
    client = clients("district counselor")
    url = f"/cases/{case.reference}/drafts/safety.help?on=0"

    kept = post(client, url, {"body": "示例：打给姑姑", "version": "0"})
    later = post(client, url, {"body": "示例：另一扇窗", "version": "0"})
    page = client.get(edit(case)).text
    other = clients("district supervisor").get(edit(case)).text

    assert kept.status_code == 200
    assert later.status_code == 409
    assert "示例：打给姑姑" in page
    assert "上次没来得及保存" in page
    assert "示例：打给姑姑" not in other
    post(client, edit(case), filled("示例：打给姑姑"))
    assert "上次没来得及保存" not in client.get(edit(case)).text


def test_a_draft_over_an_older_version_becomes_a_conflict_not_a_loss(
    clients: Any, post: Any, case: CaseRow
):
    client = clients("district counselor")
    url = f"/cases/{case.reference}/drafts/safety.help?on=0"
    post(client, url, {"body": "示例：半句话", "version": "0"})
    post(clients("district supervisor"), edit(case), filled("示例：督导写的。"))

    page = client.get(edit(case)).text
    answer = post(client, edit(case), filled("示例：半句话写完了。"))

    assert 'name="version" type="hidden" value="0"' in page
    assert answer.status_code == 409
    assert "示例：督导写的。" in answer.text


@pytest.mark.parametrize(
    "stranger", ["other district counselor", "school counselor", "principal", "auditor"]
)
def test_whoever_may_not_open_the_case_finds_no_plan(
    clients: Any, post: Any, case: CaseRow, stranger: str
):
    post(clients("district counselor"), edit(case), filled("示例：去操场。"))
    client = clients(stranger)
    root = f"/cases/{case.reference}"

    answers = [
        client.get(f"{root}/safety-plan"),
        client.get(f"{root}/safety-plan/versions/1"),
        client.get(f"{root}/safety-plan/versions/1/print"),
        post(client, edit(case), filled("示例：别人写的。", version=1)),
        post(client, f"{root}/drafts/safety.help", {"body": "x", "version": "0"}),
    ]

    assert [one.status_code for one in answers] == [404] * 5
    assert all("操场" not in one.text for one in answers)


@pytest.mark.parametrize("field", ["owner_id", "safety.", "safety.nothing", "%", "care.review_on"])
def test_no_field_that_no_form_has_is_kept(clients: Any, post: Any, case: CaseRow, field: str):
    client = clients("district counselor")

    answer = post(client, f"/cases/{case.reference}/drafts/{field}", {"body": "x", "version": "0"})

    assert answer.status_code == 404


def test_odd_and_huge_words_are_kept_as_far_as_they_can_be(clients: Any, post: Any, case: CaseRow):
    client = clients("district counselor")

    odd = post(client, edit(case), filled("示例\x00 <b>🌱</b> \u202eabc"))
    huge = post(client, edit(case), filled("长" * 2_001, version=1))

    page = client.get(f"/cases/{case.reference}/safety-plan").text
    assert odd.status_code == 303
    assert "&lt;b&gt;🌱&lt;/b&gt;" in page
    assert huge.status_code == 422
    assert huge.text.count("长" * 2_001) == 7
