"""Notes on their pages: whose they are, drafts of a change, and the offer to open a case again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.factories import cases as factory
from tests.factories import portal as made
from tests.factories import records
from tests.house import page_gate
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow, CaseStatus
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.rules.conversations import Disposition
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""What is kept is proved on both databases by the room; here it is about pages."""

MINE = "示例：室友今晚陪着。"
THEIRS = "示例：请明早再谈一次。"


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> CaseRow:
    return records.case_of(app, people, claimed)


def write(post: Any, browser: Any, case: CaseRow, body: str) -> str:
    """Write a note; give the address at which it is changed."""
    url = f"/cases/{case.reference}"
    post(browser, f"{url}/notes", {"body": body, "version": "0"})
    return str(re.findall(rf'href="({url}/notes/\d+)"', browser.get(url).text)[0])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_notes_are_shown_by_whose_they_are(clients: Any, post: Any, case: CaseRow, language: str):
    browser = clients("district counselor", language=language)
    write(post, browser, case, MINE)
    write(post, clients("district supervisor"), case, THEIRS)
    url = f"/cases/{case.reference}"

    shown = {
        kind: [
            words in section(browser.get(f"{url}?notes={kind}").text) for words in (MINE, THEIRS)
        ]
        for kind in ("", "note", "supervision", "nonsense")
    }

    assert shown == {
        "": [True, True], "note": [True, False], "supervision": [False, True],
        "nonsense": [True, True],
    }  # fmt: skip
    page_gate.check_html(browser.get(f"{url}?notes=supervision").text, url=url)


def section(page: str) -> str:
    return page[page.index('id="notes-title"') : page.index('id="timeline"')]


def test_what_is_typed_into_a_change_comes_back_after_a_crash_and_ends_with_saving(
    clients: Any, post: Any, case: CaseRow
):
    browser = clients("district counselor")
    url = write(post, browser, case, MINE)
    keep = kept(browser.get(url).text)

    post(browser, keep["url"], {"body": "示例：改到一半", "version": keep["version"]})
    restored = browser.get(url).text
    page_gate.check_html(restored, url=url)
    post(browser, url, {"body": "示例：改好了", "version": "1"})

    assert "示例：改到一半" in restored
    assert "示例：改到一半" not in browser.get(url).text
    assert "示例：改好了" in browser.get(url).text


def test_a_draft_over_an_older_version_meets_both_versions(clients: Any, post: Any, case: CaseRow):
    browser = clients("district counselor", language="en")
    url = write(post, browser, case, MINE)
    keep = kept(browser.get(url).text)
    post(browser, url, {"body": "示例：另一个窗口", "version": "1"})
    post(browser, keep["url"], {"body": "示例：这个窗口", "version": keep["version"]})

    page = browser.get(url).text
    answer = post(browser, url, {"body": "示例：这个窗口", "version": version(page)})

    assert version(page) == "1"
    assert answer.status_code == 409
    assert "示例：另一个窗口" in answer.text
    assert "示例：这个窗口" in answer.text


def test_a_new_note_does_not_end_the_draft_of_a_change(clients: Any, post: Any, case: CaseRow):
    browser = clients("district counselor")
    url = write(post, browser, case, MINE)
    keep = kept(browser.get(url).text)
    post(browser, keep["url"], {"body": "示例：改到一半", "version": keep["version"]})

    write(post, browser, case, "示例：另一条")

    assert "示例：改到一半" in browser.get(url).text


def test_nobody_drafts_a_change_to_the_note_of_somebody_else(
    clients: Any, post: Any, case: CaseRow
):
    url = write(post, clients("district counselor"), case, MINE)
    number = url.rsplit("/", 1)[1]
    root = f"/cases/{case.reference}/drafts"
    supervisor = clients("district supervisor")

    answers = [
        post(supervisor, f"{root}/change.{one}.body", {"body": "x", "version": "0"})
        for one in (number, "999", "0", "01", "x", "9" * 30)
    ]

    assert [one.status_code for one in answers] == [409, 404, 404, 404, 404, 404]


def kept(page: str) -> dict[str, str]:
    url = re.search(r'data-draft-url="([^"]+)"', page)
    version_ = re.search(r'data-draft-version="([^"]+)"', page)
    assert url
    assert version_
    return {"url": url[1].replace("&amp;", "&"), "version": version_[1]}


def version(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_closed_case_is_offered_with_when_and_by_whom_it_was_closed(
    app: Flask,
    clients: Any,
    people: Any,
    post: Any,
    student: Any,
    claimed: Any,
    language: str,
):
    person, first = people("district counselor"), claimed("district counselor", body="你好")
    with app.app_context():
        case = made.open_case(person, contact_id=first.contact_id, level=RiskLevel.LOW)
        factory.close(case=case, now=clock.now())
        with transaction():
            contacts.close_contact(
                contact_id=first.contact_id,
                disposition=Disposition.SUPPORTED,
                wrap_up="",
                by=person.user_id,
                now=clock.now() - timedelta(days=2),
            )
    again = student("你好", number=first.number)
    browser = clients("district counselor", language=language)
    post(browser, f"/queue/{again.public_id}/accept")

    page = browser.get(f"/contacts/{again.public_id}").text

    name = {"zh": "示例03", "en": "District Counselor"}[language]
    day = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    said = {
        "zh": f"这个号码有过个案：{case.reference}，{day} 由 {name} 结案。",
        "en": f"This number had a case: {case.reference}, closed on {day} by {name}.",
    }[language]
    assert said in page
    page_gate.check_html(page, url="contact")
    joined = post(browser, f"/contacts/{again.public_id}/case/{case.reference}")
    assert joined.status_code == 303
    with app.app_context():
        assert cases.case_by_id(case_id=case.case_id).status is CaseStatus.OPEN
