"""Documents of a case in the portal: added, opened, refused, and who may do none of it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from tests.doors.portal.conftest import csrf_token
from tests.factories.documents import WORDS, make_document, office, pdf
from tests.factories.pictures import WHERE, photograph
from tests.factories.records import case_of, events
from tests.house import page_gate
from wellbeing.cases.rules.cases import CaseRow

HOLDER = "district counselor"


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> CaseRow:
    return case_of(app, people, claimed)


def upload(raw: bytes, name: str = "回信.pdf") -> dict[str, Any]:
    return {"file": (BytesIO(raw), name)}


def send(app: Flask, client: Any, url: str, raw: bytes) -> Any:
    """Send a large file whole: the test client would leave it in a temporary file."""
    token = csrf_token(app, client)
    body = b"".join(
        b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % part
        for part in ((b"csrf_token", token.encode()), (b'file"; filename="a.pdf', raw))
    )
    kind = "multipart/form-data; boundary=edge"
    return client.post(url, data=body + b"--edge--\r\n", content_type=kind)


def kept(app: Flask, people: Any, case: CaseRow, raw: bytes = WORDS.encode()) -> str:
    with app.app_context():
        made = make_document(case_id=case.case_id, by=people(HOLDER).user_id, raw=raw)
    return f"/cases/{case.reference}/documents/{made.document_id}"


def test_a_letter_is_added_listed_and_opened_and_each_step_is_written_down(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    root, client = f"/cases/{case.reference}/documents", clients(HOLDER)

    added = post(client, root, upload(pdf(), "医院/回信.exe"))
    page = client.get(root).text
    opened = client.get(page.split(f'href="{root}/')[1].split('"')[0].join([f"{root}/", ""]))

    assert added.status_code == 303
    assert "回信.exe.pdf" in page
    assert "回信.exe.pdf" in client.get(f"/cases/{case.reference}").text
    assert opened.data == pdf()
    assert len(events(app, "document_changed")) == 1
    assert [one["subject_id"] for one in events(app, "saw_document")] == [case.case_id]


def test_nothing_but_a_redrawn_picture_is_shown_inline_and_none_of_it_runs(
    app: Flask, clients: Any, people: Any, case: CaseRow
):
    client = clients(HOLDER)
    for raw in (photograph(), pdf(), office(), WORDS.encode()):
        answer = client.get(kept(app, people, case, raw))

        is_picture = answer.mimetype == "image/jpeg"
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("inline" if is_picture else "attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "html" not in answer.mimetype
        if is_picture:
            assert Image.open(BytesIO(answer.data)).size == (64, 48)
            assert WHERE.encode() not in answer.data


@pytest.mark.parametrize(
    ("raw", "status", "says"),
    [
        (b"", 400, "这份文件是空的"),
        (b"MZ\x90\x00program", 400, "只能保存完整的"),
        (b"<html><script>alert(1)</script>", 400, "程序、夹带的文件或密码"),
        (office({"word/vbaProject.bin": b"x"}), 400, "程序、夹带的文件或密码"),
        (b"x" * (10 * 1024 * 1024 + 1), 413, "超过了允许的大小"),
    ],
    ids=["empty", "program", "script", "macro", "large"],
)
def test_a_refused_file_is_told_beside_its_field(
    app: Flask, clients: Any, case: CaseRow, raw: bytes, status: int, says: str
):
    client = clients(HOLDER)

    answer = send(app, client, f"/cases/{case.reference}/documents", raw)

    assert answer.status_code == status
    assert says in answer.text
    assert events(app, "document_changed") == []


def test_no_file_and_the_same_file_twice_are_told(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    root, client = f"/cases/{case.reference}/documents", clients(HOLDER)

    missing = post(client, root)
    first, second = (post(client, root, upload(pdf())) for _ in range(2))

    assert [missing.status_code, first.status_code, second.status_code] == [422, 303, 409]
    assert "请选择一份文件" in missing.text
    assert "已经有这份一模一样的文件" in second.text


def test_far_too_much_is_not_even_read(app: Flask, clients: Any, case: CaseRow):
    """Above the limit of the page the body is refused before any of it is looked at."""
    url = f"/cases/{case.reference}/documents"

    assert send(app, clients(HOLDER), url, b"x" * (11 * 1024 * 1024)).status_code == 413


def test_a_stranger_may_not_send_more_than_a_form(app: Flask, case: CaseRow):
    url = f"/cases/{case.reference}/documents"

    assert send(app, app.test_client(), url, b"x" * (1024 * 1024)).status_code == 413


def test_other_pages_take_no_more_than_before(app: Flask, clients: Any, post: Any, case: CaseRow):
    answer = post(clients(HOLDER), f"/cases/{case.reference}/notes", {"body": "x" * (1024 * 1024)})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "label",
    [
        "other district counselor",
        "district colleague",
        "school counselor",
        "principal",
        "auditor",
        "administrator",
    ],
)
def test_nobody_else_finds_opens_adds_or_withdraws_a_document(
    app: Flask, clients: Any, post: Any, people: Any, case: CaseRow, label: str
):
    url, client = kept(app, people, case), clients(label)
    root = f"/cases/{case.reference}/documents"

    answers = [
        client.get(root).status_code,
        client.get(url).status_code,
        post(client, root, upload(pdf())).status_code,
        client.get(f"{url}/withdraw").status_code,
        post(client, f"{url}/withdraw", {"reason": "示例"}).status_code,
    ]

    assert answers == [404] * 5
    assert len(events(app, "refused")) == 5
    assert events(app, "saw_document") == []


def test_a_document_of_another_case_is_not_found_under_ones_own(
    app: Flask, clients: Any, people: Any, claimed: Any, case: CaseRow
):
    other = case_of(app, people, claimed)
    theirs = kept(app, people, other).rsplit("/", 1)[1]

    answer = clients(HOLDER).get(f"/cases/{case.reference}/documents/{theirs}")

    assert answer.status_code == 404


def test_a_withdrawn_document_is_seen_by_the_supervisor_with_its_reason(
    app: Flask, clients: Any, post: Any, people: Any, case: CaseRow
):
    url, client = kept(app, people, case), clients(HOLDER)
    supervisor = clients("district supervisor")

    without = post(client, f"{url}/withdraw", {"reason": ""})
    done = post(client, f"{url}/withdraw", {"reason": "示例：放错了个案。"})
    again = post(supervisor, f"{url}/withdraw", {"reason": "示例"})

    assert [without.status_code, done.status_code, again.status_code] == [422, 303, 409]
    assert client.get(url).status_code == 404
    assert "示例回信.txt" not in client.get(f"/cases/{case.reference}/documents").text
    assert supervisor.get(url).data == WORDS.encode()
    assert "示例：放错了个案。" in supervisor.get(f"/cases/{case.reference}/documents").text
    assert [one["details"]["what"] for one in events(app, "document_changed")] == ["withdrawn"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_pages_pass_the_gate(
    app: Flask, clients: Any, people: Any, case: CaseRow, language: str
):
    url, client = kept(app, people, case), clients(HOLDER, language=language)

    for page in (f"/cases/{case.reference}/documents", f"{url}/withdraw"):
        page_gate.check_html(client.get(page).text, url=page)
