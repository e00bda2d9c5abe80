"""A landline is proved by a call that reads a code out: twice, digit by digit, and no more."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.moments import NOW
from tests.rooms.escalation.conftest import Staff
from tests.rooms.escalation.test_reach import give, prove, sent
from wellbeing.accounts.models import USER
from wellbeing.escalation.models import PAGE_METHOD
from wellbeing.escalation.operations import reach
from wellbeing.escalation.queries import reach as asked
from wellbeing.escalation.rules.reach import TRIES, NoCodeWaits, TakesNoTexts
from wellbeing.escalation.rules.words import PageChannel
from wellbeing.foundation.database import session, transaction
from wellbeing.hotline.voice import codes
from wellbeing.messaging.models import OUTBOUND
from wellbeing.policy.model import RiskLevel
from wellbeing.telephony.steps import Document, HangUp, Pause, Say

LANDLINE = "+862388880000"
MOBILE = "+8613700000077"
OVER = (
    Say("现在没有可以播报的验证码，请重新获取。再见。", "zh"),
    Say("No code can be read out at the moment. Please ask for a new one. Goodbye.", "en"),
    HangUp(),
)


def address() -> str:
    """Give the address of the document that the last call hears."""
    session().rollback()
    statement = select(OUTBOUND.c.public_id).order_by(OUTBOUND.c.id.desc()).limit(1)
    return str(session().execute(statement).scalar_one())


def hears(public_id: str, *, after: timedelta = timedelta(seconds=20)) -> Document:
    session().rollback()
    return codes.read_out(public_id=public_id, now=NOW + after)


def code_in(document: Document) -> str:
    first = document[0]
    assert isinstance(first, Say)
    return "".join(re.findall(r"\d", first.text))


def speaks(user_id: int, *languages: str) -> None:
    with transaction():
        session().execute(
            update(USER).where(USER.c.id == user_id).values(languages=list(languages))
        )


def test_a_landline_is_called_and_its_code_proves_it(staff: Staff):
    give(staff.district, LANDLINE)

    assert sent()[-1] == ("call", LANDLINE, "")
    assert prove(staff.district, code_in(hears(address())))
    assert asked.numbers(user_ids=[staff.district])[staff.district] == {PageChannel.CALL: LANDLINE}


def test_a_mobile_is_texted_unless_its_owner_wants_a_call(staff: Staff):
    give(staff.district, MOBILE)
    assert sent()[-1][:2] == ("text", MOBILE)

    with transaction():
        is_called = reach.set_method(
            user_id=staff.municipal,
            channel=PageChannel.CALL,
            number=MOBILE,
            by_call=True,
            now=NOW,
        )

    assert is_called
    assert sent()[-1] == ("call", MOBILE, "")
    with transaction():
        code = code_in(hears(address()))
        assert reach.verify(user_id=staff.municipal, channel=PageChannel.CALL, code=code, now=NOW)


@pytest.mark.parametrize(
    ("language", "shape"),
    [
        ("zh", r"你的验证码是：\d(，\d){5}。如果不是你本人操作，挂断即可。"),
        ("en", r"Your code is: \d(, \d){5}\. If you did not ask for it, just hang up\."),
    ],
)
def test_the_code_is_read_digit_by_digit_twice_and_nothing_else(
    staff: Staff, language: str, shape: str
):
    speaks(staff.district, language)
    give(staff.district, LANDLINE)

    first, pause, second, last = hears(address())

    assert isinstance(first, Say)
    assert re.fullmatch(shape, first.text)
    assert (first.language, second, pause, last) == (language, first, Pause(1), HangUp())


def test_a_text_never_proves_by_a_call_and_a_landline_takes_no_texts(staff: Staff):
    for number, by_call in ((LANDLINE, False), (MOBILE, True)):
        with pytest.raises(TakesNoTexts), transaction():
            reach.set_method(
                user_id=staff.district,
                channel=PageChannel.TEXT,
                number=number,
                by_call=by_call,
                now=NOW,
            )

    assert sent() == []
    assert asked.methods(user_id=staff.district) == ()


def test_wrong_codes_count_and_the_right_one_is_not_read_any_more(staff: Staff):
    give(staff.district, LANDLINE)
    code = code_in(hears(address()))
    wrong = f"{(int(code) + 1) % 10**6:06}"

    assert [prove(staff.district, wrong) for _ in range(TRIES)] == [False] * TRIES

    assert hears(address()) == OVER
    with pytest.raises(NoCodeWaits):
        prove(staff.district, code)


def test_after_ten_minutes_the_code_is_neither_read_nor_taken(staff: Staff):
    give(staff.district, LANDLINE)
    code = code_in(hears(address(), after=timedelta(minutes=9, seconds=59)))

    assert hears(address(), after=timedelta(minutes=10)) == OVER
    with pytest.raises(NoCodeWaits):
        prove(staff.district, code, after=timedelta(minutes=10))


def test_a_call_that_could_not_go_out_in_time_never_does(staff: Staff):
    give(staff.district, LANDLINE)

    session().rollback()
    order = session().execute(select(OUTBOUND).order_by(OUTBOUND.c.id.desc())).mappings().first()
    assert order is not None
    assert order["expires_at"] == NOW + timedelta(minutes=10)
    assert (order["purpose"], order["urgency"]) == ("code_call", RiskLevel.MODERATE.value)


def test_a_code_that_was_used_is_gone_and_an_older_call_reads_no_newer_code(staff: Staff):
    give(staff.district, LANDLINE)
    old = address()
    give(staff.district, LANDLINE, after=timedelta(minutes=2))
    new = address()

    assert hears(old, after=timedelta(minutes=3)) == OVER
    code = code_in(hears(new, after=timedelta(minutes=3)))
    assert prove(staff.district, code, after=timedelta(minutes=3))

    assert hears(new, after=timedelta(minutes=3)) == OVER
    session().rollback()
    assert session().execute(select(PAGE_METHOD.c.code_sealed)).scalars().all() == [None]


@pytest.mark.parametrize("forged", ["", "unknown", "x" * 5000, "' OR 1=1 --", "光"])
def test_a_guessed_address_reads_nothing(staff: Staff, forged: str):
    give(staff.district, LANDLINE)

    assert hears(forged) == OVER
