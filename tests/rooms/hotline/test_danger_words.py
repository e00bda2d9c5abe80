"""What a child in danger hears who pressed 9: in the queue, once, also when nobody delivers."""

from __future__ import annotations

import pytest

from tests.factories.moments import NOW
from tests.rooms.hotline.calling import Caller, said
from wellbeing.foundation.database import transaction
from wellbeing.hotline.voice import waiting
from wellbeing.telephony.steps import Dial, Go, Hold, Leave, Say

pytestmark = pytest.mark.usefixtures("municipality", "supervisor", "counselor")
WORDS = "现在去有人的地方"


def test_into_the_queue_at_once_and_the_words_there():
    caller = Caller()
    caller.dials()

    led = caller.presses("9")
    first, second = caller.waits(), caller.waits(seconds=12)

    assert [type(step) for step in led] == [Hold]
    assert WORDS in said(first)
    assert "正在拨咨询员的电话" not in said(first)
    assert WORDS not in said(second)


def test_pressed_while_they_wait_the_words_are_said_at_once_and_once():
    caller = Caller().queued()

    answer = caller.wait_key("9")

    assert WORDS in said(answer)
    assert isinstance(answer[-1], Go)
    assert WORDS not in said(caller.waits())


def test_with_no_job_process_they_are_said_before_the_callers_own_document_rings():
    caller = Caller(delivers=False)
    caller.dials()
    caller.presses("9")

    document = caller.waits()

    assert [type(step) for step in document] == [Say, Leave]
    assert WORDS in said(document)


@pytest.mark.parametrize(("turn", "steps"), [(0, [Dial]), (1, [Say, Dial])])
def test_between_the_rings_of_their_own_document_a_caller_hears_that_we_go_on(
    turn: int, steps: list[type]
):
    """Four phones one after the other are eighty seconds of ringing without a word."""
    caller = Caller(delivers=False)
    caller.dials()
    caller.presses("1")
    caller.waits()
    caller.leaves("leave")
    public_id = caller.public_id

    with transaction():
        document = waiting.direct(public_id=public_id, turn=turn, is_over=False, now=NOW)

    assert [type(step) for step in document] == steps
