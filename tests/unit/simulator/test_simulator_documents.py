"""What TwiML does in a call: speech, keys, redirects, fallbacks, loops."""

from __future__ import annotations

import pytest

from tests.unit.simulator.workbench import LINE, Bench, Scripted, document
from wellbeing.simulator.handsets import Handset
from wellbeing.simulator.orders import CallOrder
from wellbeing.simulator.speech import seconds_to_say
from wellbeing.simulator.webhooks import ConnectionFailed

VOICE = "/twilio/voice/in"
MENU = (
    '<Response><Gather numDigits="1" timeout="6" action="menu?step=1">'
    '<Say language="cmn-CN">请按一</Say></Gather><Say>nothing</Say></Response>'
)


def dial(bench: Bench, first: Scripted | str) -> Handset:
    bench.product.answers(VOICE, first)
    phone = bench.phone()
    phone.call(to=LINE)
    bench.forward(0)
    return phone


def heard(phone: Handset) -> list[str]:
    return [each.text for each in phone.heard]


def pressed(bench: Bench, path: str) -> list[str]:
    return [fields["Digits"] for fields in bench.product.fields(path)]


def test_a_prompt_is_heard_with_its_language(bench: Bench):
    phone = dial(bench, MENU)

    assert [(each.text, each.language) for each in phone.heard] == [("请按一", "cmn-CN")]
    assert phone.is_listened_to


def test_speech_takes_its_time(bench: Bench):
    phone = dial(bench, "<Response><Say>one two three four five</Say><Say>six</Say></Response>")

    bench.forward(1.9)
    early = heard(phone)
    bench.forward(0.1)

    assert early == ["one two three four five"]
    assert heard(phone) == ["one two three four five", "six"]


def test_four_han_or_two_and_a_half_words_take_a_second():
    assert seconds_to_say(text="你好你好") == 1.0
    assert seconds_to_say(text="one two three four five") == 2.0
    assert seconds_to_say(text="…") == 0.5


def test_a_key_interrupts_the_prompt_and_is_submitted_relative_to_the_document(bench: Bench):
    phone = dial(bench, MENU)

    phone.press(digits="1")
    bench.forward(0)

    assert pressed(bench, "/twilio/voice/menu") == ["1"]
    assert bench.product.seen[1].url == "http://127.0.0.1:5000/twilio/voice/menu?step=1"
    assert phone.history[-1].pressed == "1"


def test_without_a_key_the_next_verb_follows_after_prompt_and_timeout(bench: Bench):
    phone = dial(bench, MENU)

    bench.forward(6.7)
    early = heard(phone)
    bench.forward(0.1)

    assert early == ["请按一"]
    assert heard(phone) == ["请按一", "nothing"]


def test_an_empty_result_is_submitted_when_the_document_asks_for_it(bench: Bench):
    dial(bench, '<Response><Gather action="/a" timeout="3" actionOnEmptyResult="true"/></Response>')

    bench.forward(3)

    assert pressed(bench, "/a") == [""]


def test_the_finish_key_ends_the_digits_and_is_not_one_of_them(bench: Bench):
    phone = dial(bench, '<Response><Gather action="/a"/></Response>')

    phone.press(digits="12#3")
    bench.forward(0)

    assert pressed(bench, "/a") == ["12"]


def test_without_a_finish_key_the_hash_is_a_digit(bench: Bench):
    phone = dial(bench, '<Response><Gather action="/a" finishOnKey="" numDigits="2"/></Response>')

    phone.press(digits="1#")
    bench.forward(0)

    assert pressed(bench, "/a") == ["1#"]


def test_each_key_starts_the_timeout_afresh(bench: Bench):
    phone = dial(bench, '<Response><Gather action="/a" timeout="5"/></Response>')

    phone.press(digits="1")
    bench.forward(4)
    phone.press(digits="2")
    bench.forward(4)
    early = pressed(bench, "/a")
    bench.forward(1)

    assert early == []
    assert pressed(bench, "/a") == ["12"]


def test_keys_that_nobody_waits_for_are_lost(bench: Bench):
    phone = dial(bench, "<Response><Pause length='1'/><Say>hello</Say>" + MENU[10:])

    bench.forward(1)
    phone.press(digits="1")
    bench.forward(0)

    assert not phone.is_listened_to
    assert pressed(bench, "/twilio/voice/menu") == []


def test_a_gather_without_action_asks_its_own_document_again(bench: Bench):
    phone = dial(bench, '<Response><Gather numDigits="1"/></Response>')

    phone.press(digits="7")
    bench.forward(0)

    assert bench.product.fields(VOICE)[1]["Digits"] == "7"


def test_a_redirect_by_get_carries_the_fields_in_its_url(bench: Bench):
    dial(bench, '<Response><Redirect method="GET">/b?x=1</Redirect></Response>')

    request = bench.product.seen[1]
    assert request.method == "GET"
    assert request.url.startswith("http://127.0.0.1:5000/b?x=1&CallSid=CA")


def test_a_first_pause_delays_the_pick_up(bench: Bench):
    phone = dial(bench, "<Response><Pause length='2'/><Say>hello</Say></Response>")

    early = phone.state
    bench.forward(2)

    assert (early, phone.state) == ("calling", "in call")


@pytest.mark.parametrize(
    ("verb", "status"),
    [
        ('<Reject reason="busy"/>', "busy"),
        ("<Reject/>", "no-answer"),
        ("<Hangup/>", "completed"),
        ("", "completed"),
    ],
)
def test_a_call_can_be_refused_or_ended_at_once(bench: Bench, verb: str, status: str):
    phone = dial(bench, f"<Response>{verb}</Response>")

    assert phone.state == "idle"
    assert phone.history[-1].status == status


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (document("", status=500), "11200"),
        (document("", status=302), "11200"),
        (ConnectionFailed("refused"), "11205"),
        (document("\n<Response/>"), "12100"),
        (document("<Response><Shout/></Response>"), "12200"),
        (document("<Response/>", content_type="application/json"), "12300"),
        (document("<Response><Say>" + "a" * 65536 + "</Say></Response>"), "11750"),
    ],
)
def test_a_bad_answer_goes_to_the_fallback_with_its_reason(
    bench: Bench, answer: Scripted, code: str
):
    bench = bench.with_hooks(voice_fallback="/fallback", overrides="#rc=0")
    bench.product.answers("/fallback", "<Response><Say>fallback</Say></Response>")

    phone = dial(bench, answer)

    fields = bench.product.fields("/fallback")[0]
    assert fields["ErrorCode"] == code
    assert fields["ErrorUrl"] == "http://127.0.0.1:5000/twilio/voice/in"
    assert heard(phone) == ["fallback"]


def test_a_bad_document_in_the_middle_of_a_call_goes_to_the_fallback_too(bench: Bench):
    bench = bench.with_hooks(voice_fallback="/fallback")
    bench.product.answers("/twilio/voice/menu", document("", status=500))
    bench.product.answers("/fallback", "<Response><Say>fallback</Say></Response>")
    phone = dial(bench, MENU)

    phone.press(digits="1")
    bench.forward(0)

    fields = bench.product.fields("/fallback")[0]
    assert fields["ErrorUrl"] == "http://127.0.0.1:5000/twilio/voice/menu?step=1"
    assert heard(phone) == ["请按一", "fallback"]


def test_without_a_working_fallback_the_caller_hears_an_application_error(bench: Bench):
    bench = bench.with_hooks(voice_fallback="/fallback")
    bench.product.answers("/fallback", document("", status=500))

    phone = dial(bench, document("", status=500))

    assert heard(phone) == ["We are sorry, an application error has occurred. Goodbye."]
    assert phone.state == "idle"
    assert [alert.code for alert in bench.core.alerts] == [11200, 11200]


def test_redirects_without_end_are_cut(bench: Bench):
    phone = dial(bench, "<Response><Redirect>in</Redirect></Response>")

    assert len(bench.product.seen) == 101  # the status callback is the last
    assert phone.state == "idle"
    assert bench.core.alerts[-1].code == 11215


def test_a_fallback_that_leads_to_the_same_failure_is_cut(bench: Bench):
    bench = bench.with_hooks(voice_fallback="/fallback")
    bench.product.answers("/fallback", "<Response><Redirect>/broken</Redirect></Response>")
    bench.product.answers("/broken", document("", status=500))

    phone = dial(bench, document("", status=500))

    assert phone.state == "idle"
    assert bench.core.alerts[-1].code == 11215


def test_a_wait_between_redirects_lets_them_go_on(bench: Bench):
    phone = dial(bench, "<Response><Pause length='10'/><Redirect>in</Redirect></Response>")

    bench.forward(3600)

    assert phone.state == "calling"
    assert bench.core.alerts == []


def test_a_relative_action_in_a_document_without_url_is_an_error(bench: Bench):
    phone = bench.phone()
    gather = '<Response><Gather numDigits="1" action="/a"/></Response>'
    bench.core.calls.place(order=CallOrder(to=phone.number, from_=LINE, twiml=gather))
    bench.forward(1)
    phone.answer()

    phone.press(digits="1")

    assert [alert.code for alert in bench.core.alerts] == [11100]
    assert phone.state == "idle"


def test_an_answer_that_comes_after_the_hang_up_changes_nothing(bench: Bench):
    phone = bench.phone()

    def hang_up_first() -> object:
        phone.hang_up()
        return document(MENU)

    bench.product.answers(VOICE, hang_up_first)  # type: ignore[arg-type]
    phone.call(to=LINE)
    bench.forward(30)

    assert phone.heard == []
    assert phone.history[-1].status == "canceled"
