"""Pages of people: masked everywhere, in the clear once and with a reason, named to no school."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories import people as vault
from tests.factories import portal as made
from tests.house import page_gate
from wellbeing.accounts.models import SESSION
from wellbeing.accounts.queries import people as accounts
from wellbeing.audit.models import AUDIT_EVENT
from wellbeing.cases.models.people import LINK
from wellbeing.cases.operations import changes, reaching
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import consents as consent_queries
from wellbeing.cases.queries import people as queries
from wellbeing.cases.rules.cases import CaseRow, EntryRow
from wellbeing.cases.rules.consents import Basis, Giver, Purpose
from wellbeing.cases.rules.people import Permission, PersonRow, Relation, Safety
from wellbeing.followups.operations import plans
from wellbeing.followups.rules import Owner
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import RiskLevel

NAME = "欧阳示例"
NUMBER = "13912345678"
ADDRESS = "示例路9号"


@pytest.fixture
def case(app: Flask, people: Any, claimed: Any) -> CaseRow:
    """Give a blue case of the district counselor in the north."""
    reached = claimed("district counselor", body="睡不着")
    with app.app_context():
        return made.open_case(
            people("district counselor"), contact_id=reached.contact_id, level=RiskLevel.LOW
        )


@pytest.fixture
def person(app: Flask, people: Any, case: CaseRow) -> PersonRow:
    """Give its student, with a number, an address and a code word."""
    by = people("district counselor").user_id
    with app.app_context():
        student = vault.make_person(
            case_id=case.case_id, by=by, name=NAME, details={"address": ADDRESS, "called": "小示"}
        )
        vault.make_number(person=student, typed=NUMBER, by=by)
        with transaction():
            reaching.set_permission(
                person=student,
                wish=Permission(code_word="蓝色雨伞", safe_times="周末晚上"),
                version=0,
                by=by,
                now=clock.now(),
            )
        return student


@pytest.fixture
def events(app: Flask) -> Callable[[str], list[Any]]:
    """List the audit events of one kind."""

    def found(action: str) -> list[Any]:
        with app.app_context():
            statement = select(AUDIT_EVENT).where(AUDIT_EVENT.c.action == action)
            return list(session().execute(statement.order_by(AUDIT_EVENT.c.id)).mappings())

    return found


def latest(app: Flask, case: CaseRow) -> EntryRow:
    with app.app_context():
        return cases.timeline(case_id=case.case_id, limit=1)[0]


def address(case: CaseRow, person: PersonRow, rest: str = "") -> str:
    return f"/cases/{case.reference}/people/{person.person_id}{rest}"


def is_clear(text: str) -> bool:
    return any(word in text for word in (NAME, NUMBER, ADDRESS, "小示"))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "page",
    ["/people", "/people/print", "/people/new", "/consents/new", "/consents/notice", ""],
)
def test_no_page_shows_a_name_or_a_number(
    clients: Any, case: CaseRow, person: PersonRow, page: str, language: str
):
    client = clients("district counselor", language=language)

    answer = client.get(f"/cases/{case.reference}{page}")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=page)
    assert not is_clear(answer.text)


@pytest.mark.parametrize("page", ["/reveal", "/numbers", "/reaching", "/remove"])
def test_no_page_of_a_person_shows_them(clients: Any, case: CaseRow, person: PersonRow, page: str):
    client = clients("district counselor")

    answer = client.get(address(case, person, page))

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=page)
    assert not is_clear(answer.text)


def test_lists_show_a_surname_and_the_page_what_helps_tonight(
    clients: Any, case: CaseRow, person: PersonRow
):
    client = clients("district counselor")

    listed, page = client.get("/cases").text, client.get(f"/cases/{case.reference}/people").text
    printed = client.get(f"/cases/{case.reference}/people/print").text

    assert "欧阳••" in listed
    assert not is_clear(listed)
    assert all(word in page for word in ("欧阳••", "•••• 78", "蓝色雨伞", "周末晚上"))
    assert "欧阳••" in printed
    assert "蓝色雨伞" not in printed


def test_a_reveal_shows_once_and_leaves_an_event_and_an_entry(
    app: Flask, clients: Any, post: Any, case: CaseRow, person: PersonRow, events: Any
):
    client = clients("district counselor")

    shown = post(client, address(case, person, "/reveal"), {"why": "call", "in_words": "约好今晚"})
    again = client.get(address(case, person, "/reveal"))

    assert shown.status_code == 200
    page_gate.check_html(shown.text, url="revealed")
    assert all(word in shown.text for word in (NAME, f"+86{NUMBER}", ADDRESS))
    assert "no-store" in shown.headers["Cache-Control"]
    assert not is_clear(again.text)
    (event,) = events("revealed_identity")
    assert event["details"] == {"person": person.person_id, "why": "call"}
    entry = latest(app, case)
    assert (entry.kind, entry.details) == ("person_revealed", {"reason": "约好今晚"})


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"in_words": "示例"},
        {"why": "bent"},
        {"why": "other"},
        {"why": "other", "in_words": " "},
    ],
)
def test_without_a_reason_nobody_is_shown(
    clients: Any, post: Any, case: CaseRow, person: PersonRow, events: Any, data: dict[str, str]
):
    client = clients("district counselor")

    answer = post(client, address(case, person, "/reveal"), data)

    assert answer.status_code in {400, 422}
    assert not is_clear(answer.text)
    assert events("revealed_identity") == []


def test_a_reveal_asks_again_who_it_is(
    app: Flask, clients: Any, post: Any, case: CaseRow, person: PersonRow, events: Any
):
    client = clients("district counselor")
    with app.app_context(), transaction():
        session().execute(
            update(SESSION).values(stepped_up_at=clock.real_now() - timedelta(days=1))
        )

    answer = post(client, address(case, person, "/reveal"), {"why": "call"})

    assert answer.status_code == 303
    assert answer.location.startswith("/step-up?next=")
    assert events("revealed_identity") == []


ROUTES = [
    ("get", "/people"),
    ("get", "/people/print"),
    ("get", "/people/new"),
    ("post", "/people/new"),
    ("get", "/people/{person}/reveal"),
    ("post", "/people/{person}/reveal"),
    ("post", "/people/{person}/edit"),
    ("get", "/people/{person}/remove"),
    ("post", "/people/{person}/remove"),
    ("get", "/people/{person}/numbers"),
    ("post", "/people/{person}/numbers"),
    ("post", "/people/{person}/numbers/1/remove"),
    ("get", "/people/{person}/reaching"),
    ("post", "/people/{person}/reaching"),
    ("post", "/people/{person}/code-word/matched"),
    ("get", "/people/{person}/same/1"),
    ("post", "/people/{person}/same/1"),
    ("get", "/links/1/end"),
    ("post", "/links/1/end"),
    ("get", "/consents/new"),
    ("post", "/consents/new"),
    ("get", "/consents/1/withdraw"),
    ("post", "/consents/1/withdraw"),
    ("post", "/consents/1/approve"),
    ("get", "/consents/notice"),
    ("post", "/consents/notice"),
]
FORGED = {
    "why": "call", "relation": "friend", "name": "x", "reason": "x", "number": NUMBER,
    "kind": "mobile", "verdict": "same", "purpose": "name_to_school", "basis": "consent",
    "given_by": "student", "safety": "safe", "may_text": "yes", "may_call": "yes",
    "may_leave_message": "yes",
}  # fmt: skip


@pytest.mark.parametrize("label", ["other school counselor", "principal", "auditor"])
def test_another_unit_finds_nobody_on_any_route_and_it_is_written_down(
    app: Flask, clients: Any, post: Any, case: CaseRow, person: PersonRow, events: Any, label: str
):
    client = clients(label)
    wrong = []

    for method, page in ROUTES:
        url = f"/cases/{case.reference}{page.format(person=person.person_id)}"
        answer = client.get(url) if method == "get" else post(client, url, FORGED)
        if answer.status_code != 404 or is_clear(answer.text):
            wrong.append((method, page, answer.status_code))

    assert wrong == []
    assert len(events("refused")) == len(ROUTES)
    with app.app_context():
        (kept,) = queries.cards(case=case, scope=made_scope(case))
    assert kept.masked_name == "欧阳••"


def made_scope(case: CaseRow) -> Any:
    return accounts.scope_of(user_id=case.owner_id)


@pytest.mark.parametrize(("method", "page"), [one for one in ROUTES if "{person}" in one[1]])
def test_a_person_of_another_case_is_not_found_in_this_one(
    app: Flask,
    clients: Any,
    post: Any,
    people: Any,
    claimed: Any,
    person: PersonRow,
    events: Any,
    method: str,
    page: str,
):
    reached = claimed("district counselor")
    with app.app_context():
        other = made.open_case(people("district counselor"), contact_id=reached.contact_id)
    client = clients("district counselor")
    url = f"/cases/{other.reference}{page.format(person=person.person_id)}"

    answer = client.get(url) if method == "get" else post(client, url, FORGED)

    assert answer.status_code == 404
    assert not is_clear(answer.text)
    assert len(events("refused")) == 1


def test_a_person_is_written_down_once_however_often_the_form_is_sent(
    app: Flask, clients: Any, post: Any, case: CaseRow
):
    client = clients("district counselor")
    data = {"relation": "friend", "name": "示例 <b>乙</b>", "is_caller": "y"}
    url = f"/cases/{case.reference}/people/new"

    first, second = post(client, url, data), post(client, url, data)

    assert (first.status_code, second.status_code) == (303, 409)
    assert "示例 &lt;b&gt;乙&lt;/b&gt;" in second.text
    with app.app_context():
        assert len(queries.cards(case=case, scope=made_scope(case))) == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"relation": "bent"}, "relation"),
        ({"relation": "student", "name": "示" * 101}, "name"),
        ({"relation": "student", "called": "示" * 201}, "called"),
    ],
)
def test_a_form_that_is_not_fit_keeps_what_was_typed(
    clients: Any, post: Any, case: CaseRow, data: dict[str, str], field: str
):
    client = clients("district counselor")

    answer = post(client, f"/cases/{case.reference}/people/new", {"remark": "示例仍在", **data})

    assert answer.status_code == 422
    page_gate.check_html(answer.text, url="new")
    assert f'id="{field}-error"' in answer.text
    assert "示例仍在" in answer.text


@pytest.mark.parametrize(
    "name", ["=1+1", "<script>x</script>", "👨‍👩‍👧", "\u202e例示", 'O\'Neil "X"']
)
def test_a_strange_name_is_shown_as_text(
    clients: Any, post: Any, case: CaseRow, app: Flask, people: Any, name: str
):
    client = clients("district counselor")
    post(client, f"/cases/{case.reference}/people/new", {"relation": "student", "name": name})
    with app.app_context():
        (card,) = queries.cards(case=case, scope=people("district counselor").scope)

    for page in (
        client.get(f"/cases/{case.reference}/people"),
        client.get(f"/cases/{case.reference}/people/print"),
        client.get("/cases"),
        post(client, f"/cases/{case.reference}/people/{card.person_id}/reveal", {"why": "verify"}),
    ):
        assert page.status_code == 200
        page_gate.check_html(page.text, url=name)
        assert "<script>x" not in page.text


def test_a_correction_over_anothers_is_a_page_with_both_versions(
    app: Flask, clients: Any, post: Any, case: CaseRow, person: PersonRow, events: Any
):
    mine, theirs = clients("district counselor"), clients("district supervisor")
    url = address(case, person, "/edit")
    post(theirs, url, {"relation": "student", "name": "示例丙", "version": "1"})

    stale = post(mine, url, {"relation": "student", "name": "示例丁", "version": "1"})
    merged = post(mine, url, {"relation": "student", "name": "示例丁", "version": "2"})

    assert (stale.status_code, merged.status_code) == (409, 303)
    page_gate.check_html(stale.text, url="conflict")
    assert "示例丙" in stale.text
    assert "示例丁" in stale.text
    assert events("revealed_identity")[-1]["details"]["why"] == "correct"
    with app.app_context():
        kept = queries.person(person_id=person.person_id, case_id=case.case_id)
    assert (kept.name, kept.version) == ("示例丁", 3)


def test_how_to_reach_somebody_over_anothers_version_is_a_page_with_both(
    clients: Any, post: Any, case: CaseRow, person: PersonRow
):
    mine, theirs = clients("district counselor"), clients("district supervisor")
    url = address(case, person, "/reaching")
    wish = {"safety": "safe", "may_text": "no", "may_call": "yes", "may_leave_message": "no"}
    post(theirs, url, {**wish, "safe_times": "示例：早上", "version": "1"})

    stale = post(mine, url, {**wish, "safe_times": "示例：晚上", "version": "1"})
    merged = post(mine, url, {**wish, "safe_times": "示例：晚上", "version": "2"})

    assert (stale.status_code, merged.status_code) == (409, 303)
    page_gate.check_html(stale.text, url="conflict")
    assert "示例：早上" in stale.text
    assert "示例：晚上" in stale.text


def test_a_code_word_is_a_prompt_and_never_a_lock(
    app: Flask, clients: Any, post: Any, case: CaseRow, person: PersonRow
):
    client = clients("district counselor")

    answer = post(client, address(case, person, "/code-word/different"))
    page = client.get(f"/cases/{case.reference}")

    assert answer.status_code == 303
    assert latest(app, case).facts["check"] == "different"
    assert page.status_code == 200
    assert "蓝色雨伞" in page.text
    assert post(client, address(case, person, "/code-word/bent")).status_code == 404


def test_the_conversation_of_a_returning_student_asks_for_the_code_word(
    app: Flask, people: Any, clients: Any, claimed: Any
):
    reached = claimed("district counselor")
    by = people("district counselor")
    with app.app_context():
        case = made.open_case(by, contact_id=reached.contact_id)
        student = vault.make_person(case_id=case.case_id, by=by.user_id, name=NAME)
        with transaction():
            reaching.set_permission(
                person=student,
                wish=Permission(code_word="蓝色雨伞", safety=Safety.UNSAFE),
                version=0,
                by=by.user_id,
                now=clock.now(),
            )

    page = clients("district counselor").get(f"/contacts/{reached.public_id}")

    page_gate.check_html(page.text, url="conversation")
    assert "蓝色雨伞" in page.text
    assert NAME not in page.text


def test_whoever_calls_a_student_reads_first_when_it_is_safe(
    app: Flask, people: Any, clients: Any, case: CaseRow, person: PersonRow
):
    owner = Owner(user_id=case.owner_id, organization_id=case.organization_id)
    with app.app_context(), transaction():
        (first, *_) = plans.plan_for(
            case_id=case.case_id,
            level=RiskLevel.HIGH,
            owner=owner,
            anchor=clock.now(),
            now=clock.now(),
        )

    page = clients("district counselor").get(f"/follow-ups/{first}/attempt")

    assert page.status_code == 200
    page_gate.check_html(page.text, url="attempt")
    assert all(word in page.text for word in ("周末晚上", "蓝色雨伞", "欧阳••"))
    assert not is_clear(page.text)


def test_whom_not_to_call_stands_where_one_would_call(
    app: Flask, clients: Any, post: Any, case: CaseRow, person: PersonRow
):
    client = clients("district counselor", language="en")
    wish = {"safety": "safe", "may_text": "no", "may_call": "no", "may_leave_message": "no"}
    post(client, address(case, person, "/reaching"), {**wish, "version": "1"})
    with app.app_context():
        consent_id = vault.make_consent(
            case_id=case.case_id,
            by=case.owner_id,
            now=clock.now(),
            purpose=Purpose.CONTACT_BY_CALL,
        )
    before = client.get(f"/cases/{case.reference}").text
    withdraw = f"/cases/{case.reference}/consents/{consent_id}/withdraw"
    post(client, withdraw, {"reason": "示例：不想接电话"})

    after = client.get(f"/cases/{case.reference}").text

    assert "No calls: The student." in before
    assert "No texts: The student." in before
    assert "The student took back that we may call." not in before
    assert "The student took back that we may call." in after


def test_a_number_that_is_written_down_offers_its_case_to_the_conversation(
    app: Flask, people: Any, clients: Any, claimed: Any, case: CaseRow, person: PersonRow
):
    by = people("district counselor").user_id
    reached = claimed("district counselor", body="在吗")
    with app.app_context():
        vault.make_number(person=person, typed=reached.number, by=by)

    page = clients("district counselor").get(f"/contacts/{reached.public_id}")

    assert case.reference in page.text


@pytest.fixture
def school_case(app: Flask, people: Any, claimed: Any) -> tuple[CaseRow, PersonRow]:
    """Give a blue case at the school whose student the district wrote down."""
    reached = claimed("school counselor", body="睡不着", unit="north-school")
    with app.app_context():
        case = made.open_case(
            people("school counselor"), contact_id=reached.contact_id, level=RiskLevel.LOW
        )
        person = vault.make_person(
            case_id=case.case_id,
            by=people("district supervisor").user_id,
            name=NAME,
            details={"address": ADDRESS, "called": "小示", "school": "示例中学"},
        )
        vault.make_number(person=person, typed=NUMBER, by=people("district supervisor").user_id)
    return case, person


def test_below_orange_the_school_reads_no_name_on_any_page(
    clients: Any, post: Any, school_case: Any, events: Any
):
    """product.md 5.2: pages, lists, searches, print; the counselor owns the case all the same."""
    case, person = school_case
    client = clients("school counselor")
    pages = [
        "",
        "/people",
        "/people/print",
        "/consents/new",
        f"/people/{person.person_id}/reaching",
    ]

    shown = [client.get(f"/cases/{case.reference}{page}") for page in pages]
    shown += [client.get("/cases"), client.get(f"/cases?reference={case.reference}")]
    closed = [
        client.get(address(case, person, "/reveal")),
        post(client, address(case, person, "/reveal"), {"why": "call"}),
        post(client, address(case, person, "/edit"), {"relation": "student", "name": "x"}),
        client.get(address(case, person, "/numbers")),
        post(client, address(case, person, "/remove"), {"reason": "x"}),
    ]

    assert {one.status_code for one in shown} == {200}
    assert {one.status_code for one in closed} == {404}
    assert not any(is_clear(one.text) or "欧阳" in one.text for one in (*shown, *closed))
    assert len(events("refused")) == len(closed)
    assert events("revealed_identity") == []


@pytest.mark.parametrize("way", ["consent", "emergency", "orange"])
def test_the_school_reads_the_name_once_it_may(
    app: Flask, people: Any, clients: Any, school_case: Any, way: str
):
    case, _ = school_case
    by = people("school counselor").user_id
    with app.app_context():
        if way == "orange":
            with transaction():
                changes.raise_level(
                    case_id=case.case_id, level=RiskLevel.HIGH, by=by, now=clock.now()
                )
        else:
            basis = {
                "consent": {"given_by": Giver.STUDENT},
                "emergency": {
                    "basis": Basis.EMERGENCY,
                    "given_by": Giver.NOBODY,
                    "words": "示例：天台",
                    "approver_id": people("district supervisor").user_id,
                },
            }[way]
            vault.make_consent(
                case_id=case.case_id,
                by=by,
                now=clock.now(),
                purpose=Purpose.NAME_TO_SCHOOL,
                **basis,
            )

    page = clients("school counselor").get(f"/cases/{case.reference}/people")

    assert "欧阳••" in page.text


def test_an_emergency_is_confirmed_by_its_approver_and_made_good(
    app: Flask, people: Any, clients: Any, post: Any, case: CaseRow
):
    counselor, supervisor = clients("district counselor"), clients("district supervisor")
    data = {
        "purpose": "pass_to_hospital",
        "basis": "emergency",
        "given_by": "nobody",
        "in_words": "示例：已经服药",
        "approver_id": str(people("district supervisor").user_id),
    }
    url = f"/cases/{case.reference}/consents"

    given = post(counselor, f"{url}/new", data)
    with app.app_context():
        (consent,) = consent_queries.consents_of(case_id=case.case_id)
    page = supervisor.get(f"/cases/{case.reference}/people")
    with app.app_context():
        waiting = cases.duties_of(case_id=case.case_id)
    around = [post(supervisor, f"/duties/{one.duty_id}", {"note": "x"}) for one in waiting]
    with app.app_context():
        still = cases.duties_of(case_id=case.case_id)
    stranger = post(clients("municipal supervisor"), f"{url}/{consent.consent_id}/approve")
    approved = post(supervisor, f"{url}/{consent.consent_id}/approve")
    told = post(counselor, f"{url}/notice", {"reason": "示例：电话告知母亲"})

    assert given.status_code == 303
    page_gate.check_html(page.text, url="waiting")
    assert f"{url}/{consent.consent_id}/approve" in page.text
    assert {one.location for one in around} == {f"/cases/{case.reference}/people"}
    assert (len(waiting), still) == (2, waiting)
    assert stranger.status_code == 409
    assert (approved.status_code, told.status_code) == (303, 303)
    with app.app_context():
        assert cases.duties_of(case_id=case.case_id) == ()


@pytest.mark.parametrize(
    "data",
    [
        {"basis": "emergency", "given_by": "nobody", "in_words": "示例"},
        {"basis": "emergency", "given_by": "nobody", "in_words": "示例", "approver_id": "999999"},
        {"basis": "statutory_duty", "given_by": "student"},
        {"basis": "consent", "given_by": "nobody"},
        {"basis": "bent", "given_by": "student"},
        {"basis": "consent", "given_by": "student", "given_at": "2999-01-01T00:00"},
    ],
)
def test_a_consent_that_the_law_does_not_know_is_refused_with_what_was_typed(
    app: Flask, clients: Any, post: Any, case: CaseRow, data: dict[str, str]
):
    client = clients("district counselor")
    sent = {"purpose": "name_to_school", "in_words": "示例仍在"} | data

    answer = post(client, f"/cases/{case.reference}/consents/new", sent)

    assert answer.status_code in {400, 422}
    page_gate.check_html(answer.text, url="consent")
    with app.app_context():
        assert consent_queries.consents_of(case_id=case.case_id) == ()


def test_a_consent_is_given_and_withdrawn_once(app: Flask, clients: Any, post: Any, case: CaseRow):
    client = clients("district counselor")
    url = f"/cases/{case.reference}/consents"
    data = {"purpose": "contact_by_text", "basis": "consent", "given_by": "student"}

    first, second = (post(client, f"{url}/new", data) for _ in range(2))
    with app.app_context():
        (consent,) = consent_queries.consents_of(case_id=case.case_id)
    page = client.get(f"{url}/{consent.consent_id}/withdraw")
    withdrawn, again = (
        post(client, f"{url}/{consent.consent_id}/withdraw", {"reason": "示例：不想了"})
        for _ in range(2)
    )

    assert (first.status_code, second.status_code) == (303, 409)
    page_gate.check_html(page.text, url="withdraw")
    assert (withdrawn.status_code, again.status_code) == (303, 409)


def test_two_records_are_found_to_be_one_person_and_two_again(
    app: Flask, people: Any, clients: Any, post: Any, claimed: Any, case: CaseRow, person: PersonRow
):
    by = people("district counselor")
    reached = claimed("district counselor")
    with app.app_context():
        other = made.open_case(by, contact_id=reached.contact_id)
        twin = vault.make_person(case_id=other.case_id, by=by.user_id, name=NAME)
    client = clients("district counselor")
    url = address(case, person, f"/same/{twin.person_id}")

    offered = client.get(f"/cases/{case.reference}/people").text
    form = client.get(url)
    refused = post(client, url, {"verdict": "same"})
    merged = post(client, url, {"verdict": "same", "reason": "示例：同一个声音"})
    linked = client.get(f"/cases/{other.reference}/people").text
    twice = post(client, url, {"verdict": "same", "reason": "示例"})
    with app.app_context():
        link_id = session().execute(select(LINK.c.id)).scalar_one()
    told = latest(app, case)
    ended = post(client, f"/cases/{other.reference}/links/{link_id}/end", {"reason": "示例：错了"})

    assert url in offered
    page_gate.check_html(form.text, url="same")
    assert (refused.status_code, merged.status_code, twice.status_code) == (422, 303, 404)
    assert case.reference in linked
    assert told.kind == "persons_merged"
    assert ended.status_code == 303
    assert latest(app, case).kind == "persons_unmerged"


def test_the_timeline_tells_what_happened_without_telling_who(
    clients: Any, post: Any, case: CaseRow, person: PersonRow
):
    client = clients("district counselor", language="en")
    post(client, address(case, person, "/reveal"), {"why": "rescue"})

    page = client.get(f"/cases/{case.reference}?kind=people").text

    assert "Name and numbers were shown: The student. Rescue: 110 or 120 needs it" in page
    assert "A number was added: The student, Mobile phone" in page
    assert not is_clear(page)


def test_a_principal_sees_that_there_is_a_case_and_nothing_of_whose(clients: Any, school_case: Any):
    case, _ = school_case

    page = clients("principal").get("/cases")

    assert page.status_code == 200
    assert case.reference not in page.text
    assert "欧阳" not in page.text


def test_the_guardians_number_is_masked_like_any_other(
    app: Flask, people: Any, clients: Any, post: Any, case: CaseRow
):
    by = people("district counselor").user_id
    with app.app_context():
        mother = vault.make_person(
            case_id=case.case_id, by=by, relation=Relation.MOTHER, name="示例乙", is_guardian=True
        )
    client = clients("district counselor")
    url = f"/cases/{case.reference}/people/{mother.person_id}/numbers"

    bad = post(client, url, {"number": "12356", "kind": "mobile"})
    good = post(client, url, {"number": NUMBER, "kind": "mobile", "is_shared": "y"})
    twice = post(client, url, {"number": f"+86 {NUMBER}", "kind": "home"})
    page = client.get(url)

    assert (bad.status_code, good.status_code, twice.status_code) == (400, 303, 409)
    assert "12356" in bad.text
    assert "•••• 78" in page.text
    assert not is_clear(page.text)
