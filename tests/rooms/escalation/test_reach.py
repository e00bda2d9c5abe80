"""A person's own numbers and hours: proved before they are used, and never an empty desk."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest

from tests.factories.accounts import make_counselor
from tests.factories.cases import make_case
from tests.factories.escalation import forward, make_escalation, rings_of
from tests.factories.moments import NOW
from tests.factories.roster import make_shift
from tests.rooms.escalation.conftest import Staff
from wellbeing.escalation.operations import reach
from wellbeing.escalation.queries import reach as asked
from wellbeing.escalation.rules.reach import TRIES, CodeTooSoon, NoCodeWaits, NotHours
from wellbeing.escalation.rules.words import PageChannel
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.phone import NotAPhoneNumber
from wellbeing.messaging.models import OUTBOUND
from wellbeing.policy.model import RiskLevel

OWN = "+8613700000077"


def give(user_id: int, number: str = OWN, *, after: timedelta = timedelta()) -> None:
    with transaction():
        reach.set_method(user_id=user_id, channel=PageChannel.CALL, number=number, now=NOW + after)


def prove(user_id: int, code: str, *, after: timedelta = timedelta()) -> bool:
    with transaction():
        return reach.verify(user_id=user_id, channel=PageChannel.CALL, code=code, now=NOW + after)


def sent() -> list[tuple[str, str, str]]:
    """List what was ordered: kind, number, words."""
    session().rollback()
    rows = session().execute(OUTBOUND.select().order_by(OUTBOUND.c.id)).mappings()
    return [
        (
            row["kind"],
            sealed.open_sealed(row["to_sealed"], place="outbound.to"),
            sealed.open_sealed(row["body_sealed"], place="outbound.body")
            if row["body_sealed"]
            else "",
        )
        for row in rows
    ]


def code_sent() -> str:
    return re.findall(r"\d{6}", sent()[-1][2])[0]


def test_a_code_goes_to_the_number_itself_and_says_nothing_else(staff: Staff):
    give(staff.district)

    kind, number, words = sent()[-1]
    assert (kind, number) == ("text", OWN)
    assert re.search(r"\d{6}", words)
    for word in ("心理", "学生", "热线", "个案"):
        assert word not in words


def test_a_proved_number_is_rung_and_texts_still_go_to_the_account(staff: Staff):
    give(staff.district)
    assert prove(staff.district, code_sent())
    case = make_case(owner_id=staff.sender, level=RiskLevel.IMMINENT)

    make_escalation(case_id=case.case_id, by=staff.sender)

    rung = {kind: number for kind, number, _ in sent()[1:]}
    assert rung == {"text": "+8613700000002", "call": OWN}


def test_a_number_that_was_not_proved_is_never_rung(staff: Staff):
    give(staff.district)
    case = make_case(owner_id=staff.sender, level=RiskLevel.IMMINENT)

    make_escalation(case_id=case.case_id, by=staff.sender)

    assert {number for _, number, _ in sent()[1:]} == {"+8613700000002"}


def test_after_five_wrong_codes_the_right_one_is_none(staff: Staff):
    give(staff.district)
    code = code_sent()
    wrong = f"{(int(code) + 1) % 10**6:06}"

    assert [prove(staff.district, wrong) for _ in range(TRIES)] == [False] * TRIES
    with pytest.raises(NoCodeWaits):
        prove(staff.district, code)


def test_a_code_is_good_for_ten_minutes_and_once(staff: Staff):
    give(staff.district)
    code = code_sent()

    with pytest.raises(NoCodeWaits):
        prove(staff.district, code, after=timedelta(minutes=10))
    assert prove(staff.district, code, after=timedelta(minutes=9))
    with pytest.raises(NoCodeWaits):
        prove(staff.district, code, after=timedelta(minutes=9))


def test_a_code_of_one_person_proves_nothing_for_another(staff: Staff):
    give(staff.municipal, "+8613700000078")
    give(staff.district)
    code = code_sent()

    assert not prove(staff.municipal, code)
    assert asked.numbers(user_ids=[staff.municipal]).get(staff.municipal, {}) == {}


def test_codes_are_not_sent_again_and_again(staff: Staff):
    give(staff.district)

    with pytest.raises(CodeTooSoon):
        give(staff.district, after=timedelta(seconds=59))
    give(staff.district, after=timedelta(seconds=60))


def test_another_number_must_be_proved_anew(staff: Staff):
    give(staff.district)
    prove(staff.district, code_sent())

    give(staff.district, "+8613700000079", after=timedelta(minutes=2))

    assert asked.numbers(user_ids=[staff.district]).get(staff.district, {}) == {}


def test_what_is_no_number_is_refused(staff: Staff):
    with pytest.raises(NotAPhoneNumber):
        give(staff.district, "12")


def test_whoever_rests_is_rung_last_and_in_imminent_danger_in_order(staff: Staff):
    """NOW is 22:00 in Chongqing."""
    other = make_counselor(organization_id=staff.city.district.id, phone="+8613700000009")
    make_shift(user_id=other, organization_id=staff.city.district.id, position=2)
    with transaction():
        reach.set_quiet(user_id=staff.district, starts=time(21), ends=time(7))
    orange = make_case(owner_id=staff.sender, level=RiskLevel.HIGH)
    red = make_case(owner_id=staff.sender, level=RiskLevel.IMMINENT)

    slow = make_escalation(case_id=orange.case_id, by=staff.sender)
    fast = make_escalation(case_id=red.case_id, by=staff.sender)
    forward(until=NOW + timedelta(minutes=14))

    assert list(dict.fromkeys(one.user_id for one in rings_of(slow))) == [other, staff.district]
    assert rings_of(fast)[0].user_id == staff.district


@pytest.mark.parametrize("hours", [(time(21), None), (None, time(7)), (time(7), time(7))])
def test_half_a_stretch_of_hours_is_none(staff: Staff, hours: tuple[time | None, time | None]):
    with pytest.raises(NotHours), transaction():
        reach.set_quiet(user_id=staff.district, starts=hours[0], ends=hours[1])


def test_a_digit_from_a_proved_number_is_known(staff: Staff):
    give(staff.district)
    assert asked.person_texting_from(number=OWN) is None
    prove(staff.district, code_sent())

    assert asked.person_texting_from(number=OWN) == staff.district


def test_a_number_that_two_people_proved_tells_neither(staff: Staff):
    for user_id in (staff.district, staff.municipal):
        give(user_id)
        prove(user_id, code_sent())

    assert asked.person_texting_from(number=OWN) is None
