"""Texts: status walk, webhook and reply, keywords, faults."""

from __future__ import annotations

import pytest

from tests.unit.simulator.workbench import LINE, STUDENT, Bench, document
from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.faults import Fault, FaultKind
from wellbeing.simulator.orders import TextOrder
from wellbeing.simulator.records import Hook, Message

STATUS = Hook("http://127.0.0.1:5000/status")


def send(bench: Bench, body: str = "你好", to: str = STUDENT) -> Message:
    order = TextOrder(to=to, from_=LINE, body=body, status_callback=STATUS)
    return bench.core.texts.submit(order=order)


def statuses(bench: Bench) -> list[str]:
    return [fields["MessageStatus"] for fields in bench.product.fields("/status")]


def fault(bench: Bench, kind: FaultKind, **parts: object) -> None:
    bench.core.add_fault(fault=Fault(kind=kind, **parts))  # type: ignore[arg-type]


def test_a_text_walks_from_queued_to_delivered_and_lies_on_the_phone(bench: Bench):
    phone = bench.phone()

    message = send(bench)
    assert message.status == "queued"
    bench.forward(5)

    assert statuses(bench) == ["sending", "sent", "delivered"]
    assert [text.body for text in phone.texts] == ["你好"]


def test_a_text_is_not_on_the_phone_before_its_time(bench: Bench):
    phone = bench.phone()

    send(bench)
    bench.forward(0.5)

    assert phone.texts == []


def test_an_inbound_text_reaches_the_product_with_the_documented_fields(bench: Bench):
    message = bench.phone().text(to=LINE, body="我不想活了")
    bench.forward(0)

    assert bench.product.fields("/twilio/text/in") == [{
        "MessageSid": message.sid, "SmsSid": message.sid, "SmsMessageSid": message.sid,
        "AccountSid": bench.settings.account_sid, "From": STUDENT, "To": LINE,
        "Body": "我不想活了", "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "FromCity": "", "FromState": "", "FromZip": "", "FromCountry": "CN",
        "ToCity": "", "ToState": "", "ToZip": "", "ToCountry": "CN",
    }]  # fmt: skip


def test_messages_in_the_answer_are_sent_as_replies_in_order(bench: Bench):
    phone = bench.phone()
    bench.product.answers(
        "/twilio/text/in", "<Response><Message>一</Message><Message>二</Message></Response>"
    )

    phone.text(to=LINE, body="在吗")
    bench.forward(5)

    assert [text.body for text in phone.texts] == ["一", "二"]


def test_a_broken_answer_to_a_text_goes_to_the_fallback_with_the_reason(bench: Bench):
    bench = bench.with_hooks(text_fallback="/fallback")
    phone = bench.phone()
    bench.product.answers("/twilio/text/in", document("oops", status=500))
    bench.product.answers("/fallback", "<Response><Message>请稍后</Message></Response>")

    phone.text(to=LINE, body="在吗")
    bench.forward(5)

    fields = bench.product.fields("/fallback")[0]
    assert fields["ErrorCode"] == "11200"
    assert fields["ErrorUrl"] == "http://127.0.0.1:5000/twilio/text/in"
    assert [text.body for text in phone.texts] == ["请稍后"]
    assert [alert.code for alert in bench.core.alerts] == [11200]


def test_without_a_fallback_a_broken_answer_is_only_written_down(bench: Bench):
    bench.product.answers("/twilio/text/in", "<Response><Say>x</Say></Response>")

    bench.phone().text(to=LINE, body="在吗")
    bench.forward(5)

    assert [alert.code for alert in bench.core.alerts] == [12200]
    assert bench.product.paths() == ["/twilio/text/in"]


def test_redirects_of_texts_without_end_are_cut(bench: Bench):
    bench.product.answers("/twilio/text/in", "<Response><Redirect>in</Redirect></Response>")

    bench.phone().text(to=LINE, body="在吗")
    bench.forward(5)

    assert len(bench.product.seen) == 11
    assert [alert.code for alert in bench.core.alerts] == [11215]


@pytest.mark.parametrize("word", ["STOP", " stop ", "Cancel"])
def test_stop_blocks_answers_and_still_reaches_the_product(bench: Bench, word: str):
    phone = bench.phone()

    phone.text(to=LINE, body=word)
    bench.forward(5)

    assert phone.texts[0].body.startswith("You have successfully been unsubscribed.")
    assert bench.product.fields("/twilio/text/in")[0]["Body"] == word
    with pytest.raises(RestError) as refused:
        send(bench)
    assert refused.value.code == 21610


def test_stop_inside_a_sentence_blocks_nothing(bench: Bench):
    bench.phone().text(to=LINE, body="please stop")
    bench.forward(5)

    assert send(bench).status == "queued"


def test_start_lifts_the_block(bench: Bench):
    phone = bench.phone()

    phone.text(to=LINE, body="STOP")
    phone.text(to=LINE, body="START")
    bench.forward(5)

    assert send(bench).status == "queued"


def test_a_reply_to_a_blocked_phone_fails_with_21610(bench: Bench):
    phone = bench.phone()
    bench.product.answers("/twilio/text/in", "<Response><Message>再见</Message></Response>")

    phone.text(to=LINE, body="STOP")
    bench.forward(5)

    assert [text.body[:8] for text in phone.texts] == ["You have"]
    assert bench.core.messages[-1].error_code == 21610


def test_an_undelivered_text_tells_its_error_code(bench: Bench):
    phone = bench.phone()
    fault(bench, FaultKind.UNDELIVERED, number=STUDENT, value=30005)

    send(bench)
    bench.forward(5)

    assert statuses(bench) == ["sending", "sent", "undelivered"]
    assert bench.product.fields("/status")[-1]["ErrorCode"] == "30005"
    assert phone.texts == []


def test_a_failed_text_never_leaves(bench: Bench):
    fault(bench, FaultKind.TEXT_FAILED)

    send(bench)
    bench.forward(5)

    assert statuses(bench) == ["sending", "failed"]


def test_a_fault_for_a_number_spares_the_others(bench: Bench):
    fault(bench, FaultKind.UNDELIVERED, number="+8613900000099")

    send(bench)
    bench.forward(5)

    assert statuses(bench)[-1] == "delivered"


def test_a_fault_strikes_as_often_as_ordered(bench: Bench):
    fault(bench, FaultKind.INVALID, count=2)

    codes = []
    for _ in range(2):
        with pytest.raises(RestError) as refused:
            send(bench)
        codes.append(refused.value.code)

    assert codes == [21211, 21211]
    assert send(bench).status == "queued"


def test_a_dropped_callback_never_comes(bench: Bench):
    fault(bench, FaultKind.DROP)

    send(bench)
    bench.forward(60)

    assert statuses(bench) == ["sent", "delivered"]


def test_a_delayed_callback_comes_late(bench: Bench):
    fault(bench, FaultKind.DELAY, value=30)

    send(bench)
    bench.forward(60)

    assert statuses(bench) == ["sent", "delivered", "sending"]


def test_a_duplicated_callback_comes_again(bench: Bench):
    fault(bench, FaultKind.DUPLICATE, value=2)

    send(bench)
    bench.forward(60)

    assert statuses(bench) == ["sending", "sending", "sending", "sent", "delivered"]


def test_a_reordered_callback_comes_after_the_next_one(bench: Bench):
    fault(bench, FaultKind.REORDER)

    send(bench)
    bench.forward(60)

    assert statuses(bench) == ["sent", "sending", "delivered"]


def test_a_scheduled_text_can_be_canceled_before_its_time(bench: Bench):
    at = bench.moment.replace(hour=3)
    order = TextOrder(to=STUDENT, from_=LINE, body="x", service_sid="MG1", send_at=at)
    message = bench.core.texts.submit(order=order)

    bench.core.texts.update(sid=message.sid, body=None, status="canceled")
    bench.forward(3 * 3600)

    assert message.status == "canceled"


def test_a_delivered_text_cannot_be_canceled_but_redacted(bench: Bench):
    message = send(bench)
    bench.forward(5)

    with pytest.raises(RestError) as refused:
        bench.core.texts.update(sid=message.sid, body=None, status="canceled")
    bench.core.texts.update(sid=message.sid, body="", status=None)

    assert refused.value.code == 30409
    assert (message.body, message.status) == ("", "delivered")


def test_a_text_on_its_way_can_neither_be_redacted_nor_deleted(bench: Bench):
    message = send(bench)

    with pytest.raises(RestError) as redacting:
        bench.core.texts.update(sid=message.sid, body="", status=None)
    with pytest.raises(RestError) as deleting:
        bench.core.texts.delete(sid=message.sid)

    assert (redacting.value.code, deleting.value.code) == (20009, 20009)
