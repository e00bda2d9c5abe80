"""A student texts: it is kept, read, answered once, and whoever is on call is rung if urgent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.factories.contacts import claim, scope_of
from tests.factories.moments import NOW
from tests.rooms.contacts.test_texts_coming_in import at_once
from wellbeing.audit.models import AUDIT_EVENT
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactState, QueueRow
from wellbeing.escalation import queries as pages
from wellbeing.escalation.operations import sweeps
from wellbeing.escalation.rules.words import PageState, PageSubject, PageSubjectKind
from wellbeing.foundation.database import db, session, transaction
from wellbeing.hotline import text as hotline
from wellbeing.hotline.text import CarrierText
from wellbeing.messaging import queries as messaging
from wellbeing.policy.model import RiskLevel
from wellbeing.triage import queries as triage

LINE = "+862300000000"
STUDENT = "+8613800000001"
Outbox = Callable[[], list[tuple[str, str, str]]]

_sids = count(1)

pytestmark = pytest.mark.usefixtures("municipality")


def texts(body: str, *, sender: str = STUDENT, seconds: float = 0, sid: str | None = None) -> None:
    text = CarrierText(
        sid=sid or f"SM{next(_sids):032x}",
        sender=sender,
        line_number=LINE,
        body=body,
        media_count=0,
    )
    with transaction():
        hotline.receive_text(text=text, now=NOW + timedelta(seconds=seconds))


def only() -> QueueRow:
    session().rollback()
    (row,) = contacts.live(scope=scope_of())
    return row


def desks_called(contact_id: int) -> list[tuple[str, PageState]]:
    subject = PageSubject(kind=PageSubjectKind.CONTACT, id=contact_id)
    return [(page.desk, page.state) for page in pages.pages_of(subject=subject)]


def sweep(*, seconds: float) -> int:
    now = NOW + timedelta(seconds=seconds)
    session().rollback()
    moved = 0
    for contact_id in hotline.due_ids(now=now, limit=100):
        session().rollback()
        with transaction():
            moved += hotline.advance(contact_id, now=now)
    session().rollback()
    return moved


def test_a_first_text_is_answered_automatically_once(outbox: Outbox):
    texts("你好")
    texts("在吗", seconds=5)

    (answer,) = outbox()
    assert answer[:2] == ("auto_reply", STUDENT)
    assert answer[2].startswith("【自动回复】收到你的消息了")
    bodies = [row.body for row in contacts.thread(contact_id=only().contact_id)]
    assert bodies == ["你好", answer[2], "在吗"]


def test_an_english_text_is_answered_in_english(outbox: Outbox):
    texts("hello, can I talk to somebody?")

    assert outbox()[0][2].startswith("Automatic reply: we got your message")


def test_a_red_text_is_first_in_the_queue_with_the_words_that_made_it_so(counselor: int):
    texts("你好", sender="+8613800000009")
    texts("我真的不 想 活了", seconds=1)

    session().rollback()
    first = contacts.live(scope=scope_of())[0]
    (signal,) = triage.signals_of(contact_id=first.contact_id)
    assert first.urgency is RiskLevel.IMMINENT
    assert (signal.rule, signal.phrase) == ("intent_to_die", "不 想 活了")
    assert triage.why(contact_ids=[first.contact_id])[first.contact_id] == ("intent_to_die",)


def test_a_red_text_rings_the_crisis_desk_at_once_by_text_and_call(counselor: int, outbox: Outbox):
    texts("我不想活了")

    assert desks_called(only().contact_id) == [("crisis", PageState.PAGING)]
    ring(seconds=0)
    assert sorted(sent[0] for sent in outbox()) == ["auto_reply", "page_call", "page_text"]
    assert outbox()[0][2].startswith("【自动回复】我们看到了")


def test_a_contact_that_turns_red_is_answered_once_more_and_never_again(
    counselor: int, outbox: Outbox
):
    texts("你好")
    texts("我不想活了", seconds=10)
    texts("我要跳了", seconds=20)
    texts("想死", seconds=30)

    answers = [body[:8] for purpose, _, body in outbox() if purpose == "auto_reply"]
    assert answers == ["【自动回复】收到", "【自动回复】我们"]


def test_who_worries_about_another_is_not_spoken_to_as_the_endangered_one(
    counselor: int, outbox: Outbox
):
    texts("我室友割腕了，好多血，怎么办")

    (answer,) = [body for purpose, _, body in outbox() if purpose == "auto_reply"]
    assert answer.startswith("【自动回复】收到，谢谢你为TA担心")
    assert "你很重要" not in answer
    assert only().urgency is RiskLevel.IMMINENT


@pytest.mark.parametrize("done", ["吃完了", "我吃了", "吃了。", "it's done", "took them all"])
def test_a_short_it_is_done_after_intent_is_an_act_under_way(counselor: int, done: str):
    texts("我准备了一瓶安眠药，我不想活了")
    texts(done, seconds=60)

    session().rollback()
    (latest, *_) = triage.signals_of(contact_id=only().contact_id)[::-1]
    assert (latest.rule, latest.kind, latest.phrase) == ("said_and_done", "act_now", done)


def test_the_same_words_alone_are_a_meal():
    texts("你好，我想聊聊")
    texts("吃完了", seconds=60)

    session().rollback()
    assert only().urgency is RiskLevel.LOW
    assert triage.signals_of(contact_id=only().contact_id) == ()


def test_urgency_never_falls_by_itself():
    texts("我不想活了")
    texts("没事了,开玩笑的", seconds=10)

    assert only().urgency is RiskLevel.IMMINENT


def test_exaggeration_rings_nobody(counselor: int):
    texts("作业累死我了,笑死")

    assert only().urgency is RiskLevel.LOW
    assert desks_called(only().contact_id) == []


def test_the_same_webhook_ten_times_at_once_does_everything_once(
    database: Flask, counselor: int, outbox: Outbox
):
    at_once(database, [lambda: texts("我不想活了", sid="SM-same")] * 10)

    contact = only()
    session().rollback()
    events = session().execute(select(AUDIT_EVENT.c.action)).scalars().all()
    assert [sent[0] for sent in outbox()].count("auto_reply") == 1
    assert len(desks_called(contact.contact_id)) == 1
    assert len(triage.signals_of(contact_id=contact.contact_id)) == 1
    assert events.count("received_text") == 1


@pytest.mark.parametrize("sender", ["+266696687", "anonymous", ""])
def test_a_withheld_number_is_let_in_and_cannot_be_answered(sender: str, outbox: Outbox):
    texts("你好", sender=sender)

    assert only().masked_number == "—"
    assert outbox() == []


@pytest.mark.parametrize("sender", ["12355", "sip:someone@example.org"])
def test_automata_get_no_automatic_answer(sender: str, outbox: Outbox):
    texts("您的验证码", sender=sender)

    assert only().state is ContactState.WAITING
    assert outbox() == []


def test_full_width_numbers_are_the_same_caller():
    texts("你好")
    texts("在吗", sender="+86138000000０1", seconds=1)

    assert only().contact_id


def test_stop_is_confirmed_once_and_silences_the_line(outbox: Outbox):
    texts("停")
    texts("退订", seconds=5)
    texts("你好", seconds=10)

    assert [body[:6] for _, _, body in outbox()] == ["好的，不会再"]
    assert messaging.opted_out(number=STUDENT, line_number=LINE)


def test_a_lone_stop_waits_for_nobody():
    texts("STOP")

    session().rollback()
    assert contacts.live(scope=scope_of()) == ()


def test_start_opens_the_line_again(outbox: Outbox):
    texts("停")
    texts("开始", seconds=5)

    assert outbox()[-1][2].startswith("好的，又能收到")
    assert not messaging.opted_out(number=STUDENT, line_number=LINE)


def test_help_is_explained_and_still_waits_for_a_human(outbox: Outbox):
    texts("help")

    assert [body[:15] for _, _, body in outbox()] == ["Automatic reply"]
    assert only().state is ContactState.WAITING


def test_red_that_opts_out_goes_to_a_human(counselor: int, supervisor: int):
    texts("我不想活了")
    texts("停", seconds=10)

    contact = only()
    assert contact.state is ContactState.WAITING
    assert ("supervisor", PageState.PAGING) in desks_called(contact.contact_id)


def test_a_first_blue_text_costs_at_most_twelve_statements(database: Flask):
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]).split()[0])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        texts("你好")
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

    assert len([one for one in statements if one not in {"BEGIN", "PRAGMA", "SET"}]) <= 12


def test_a_waiting_blue_contact_calls_its_desk_after_thirty_seconds(counselor: int):
    texts("你好")

    early = sweep(seconds=29)
    due = sweep(seconds=30)

    assert (early, due) == (0, 1)
    assert desks_called(only().contact_id) == [("line", PageState.PAGING)]


def test_a_red_contact_climbs_its_steps_and_never_runs_out(counselor: int, supervisor: int):
    texts("我不想活了")
    for seconds in (30, 120, 300):
        sweep(seconds=seconds)

    called = [desk for desk, _ in desks_called(only().contact_id)]
    assert called == ["crisis", "line", "supervisor", "duty_lead"]
    assert hotline.next_due_at() == NOW + timedelta(seconds=300 + 240)
    assert sweep(seconds=300 + 240) == 1


def test_a_red_thread_that_its_counselor_leaves_goes_back_and_rings(counselor: int):
    texts("我不想活了")
    contact_id = only().contact_id
    claim(contact_id=contact_id, user_id=counselor)

    early = sweep(seconds=20 + 179)
    due = sweep(seconds=20 + 180)

    assert (early, due) == (0, 1)
    assert only().state is ContactState.WAITING
    assert only().returned_at == NOW + timedelta(seconds=200)


def test_a_blue_thread_stays_with_its_counselor(counselor: int):
    texts("你好")
    claim(contact_id=only().contact_id, user_id=counselor)

    assert sweep(seconds=3_600) == 0


def test_a_claimed_contact_calls_nobody(counselor: int):
    texts("我不想活了")
    claim(contact_id=only().contact_id, user_id=counselor)

    assert sweep(seconds=100) == 0


def test_a_one_from_somebody_rung_acknowledges_and_is_confirmed_once(
    counselor: int, outbox: Outbox
):
    texts("我不想活了")
    ring(seconds=0)
    texts("1", sender="+8613900000001", seconds=20)
    texts("1", sender="+8613900000001", seconds=25)

    confirmed = [body for purpose, _, body in outbox() if purpose == "staff"]
    assert confirmed == ["【灯塔】已记录你的确认，请尽快登录平台处理。"]
    assert desks_called(only().contact_id) == [("crisis", PageState.ACKNOWLEDGED)]


def test_other_texts_of_staff_are_contacts_like_any(counselor: int):
    texts("我今天也很难受", sender="+8613900000001")
    texts("1", sender="+8613900000001", seconds=5)

    assert only().masked_number == "•••• 01"


def ring(*, seconds: float) -> None:
    """Let the page sweep make the rings that are due."""
    now = NOW + timedelta(seconds=seconds)
    session().rollback()
    for page_id in pages.due_page_ids(now=now, limit=10):
        session().rollback()
        with transaction():
            sweeps.advance_page(page_id, now=now)
    session().rollback()
