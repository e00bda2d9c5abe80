"""A process that delivers is killed a hundred times, each time with an order in its hands.

quality.md, fault 3: none is lost; not one goes out twice, although the spec would allow as many as
there were kills; every order that a dead process held is put in doubt before anything is done.
"""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.messaging import LINE, queued_text
from tests.factories.moments import NOW
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.foundation.database import db, session, transaction
from wellbeing.messaging.delivery import questions, sweep
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import OrderState
from wellbeing.telephony.gateway import Accepted, CarrierText, DeliveryStatus, TextOrder

KILLS = 100
SPARED = 10
SURVIVED, KILLED = 0, -signal.SIGKILL


class Moment(Enum):
    """When the process dies."""

    BEFORE_THE_CARRIER_HEARS = auto()
    AFTER_THE_CARRIER_TOOK_IT = auto()
    NEVER = auto()


@dataclass(slots=True)
class CarrierOnDisk(FakeTelephony):
    """A carrier that outlives whoever talks to it: what it took stands in a file, one line each."""

    file: Path = field(default_factory=Path)
    dies: Moment = Moment.NEVER

    def send_text(self, order: TextOrder, /) -> Accepted:
        if self.dies is Moment.BEFORE_THE_CARRIER_HEARS:
            os.kill(os.getpid(), signal.SIGKILL)
        sid = f"SM{os.urandom(16).hex()}"
        line = {
            "sid": sid,
            "to": order.to,
            "body": order.body,
            "id": order.outbound_id,
            "at": self.now().isoformat(),
        }
        with self.file.open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(line) + "\n")
        if self.dies is Moment.AFTER_THE_CARRIER_TOOK_IT:
            os.kill(os.getpid(), signal.SIGKILL)
        return Accepted(sid=sid, status=DeliveryStatus.QUEUED)

    def texts_to(
        self, *, number: str, from_number: str, since: datetime
    ) -> tuple[CarrierText, ...]:
        return tuple(
            CarrierText(
                sid=one["sid"],
                to=number,
                from_number=from_number,
                body=one["body"],
                status=DeliveryStatus.QUEUED,
                error_code=None,
                taken_at=datetime.fromisoformat(one["at"]),
            )
            for one in reversed(self.taken())
            if one["to"] == number and from_number == LINE
        )

    def taken(self) -> list[dict[str, str]]:
        """Give every text that reached it, oldest first."""
        if not self.file.exists():
            return []
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def disk(tmp_path: Path, still: FrozenClock) -> CarrierOnDisk:
    return CarrierOnDisk(now=still, file=tmp_path / "carrier.jsonl")


def in_a_process_of_its_own(work: Callable[[], object]) -> int:
    """Run some work in a child; give how it ended as the shell does (negative: by a signal)."""
    db.session.remove()
    # A child must not share a connection with us: neither its locks nor its socket.
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def states() -> Counter[str]:
    rows = session().execute(select(OUTBOUND.c.state, func.count()).group_by(OUTBOUND.c.state))
    found = Counter({row[0]: row[1] for row in rows})
    session().rollback()
    return found


def number_of(position: int) -> str:
    """Give one of a few students, so that equal words to one number stand beside each other."""
    return f"+86138000000{position % 7:02d}"


def test_killed_a_hundred_times_no_text_is_lost_and_none_goes_out_twice(
    database: Flask, disk: CarrierOnDisk, still: FrozenClock, told: list[object]
):
    wanted = [
        queued_text(to=number_of(place), body=f"第{place // 14}句", now=NOW)
        for place in range(KILLS + SPARED)
    ]
    moments = (Moment.AFTER_THE_CARRIER_TOOK_IT, Moment.BEFORE_THE_CARRIER_HEARS)
    ends = Counter[int]()
    for turn in range(KILLS):
        disk.dies = moments[turn % 4 == 0]
        ends[
            in_a_process_of_its_own(lambda: sweep.deliver_due(gateway=disk, now=still, limit=1))
        ] += 1

    assert ends == {KILLED: KILLS}
    assert states() == {OrderState.SENDING.value: KILLS, OrderState.QUEUED.value: SPARED}

    disk.dies = Moment.NEVER
    still.forward(seconds=31)
    with transaction():
        questions.mark_lapsed(now=still())
    assert states()[OrderState.IN_DOUBT.value] == KILLS

    for _ in range(6):
        still.forward(minutes=1)
        sweep.deliver_due(gateway=disk, now=still, limit=500)
    sent = Counter(int(one["id"]) for one in disk.taken())
    assert states() == {OrderState.ACCEPTED.value: KILLS + SPARED}
    assert len(disk.taken()) == KILLS + SPARED
    assert set(sent) <= set(wanted)


def test_each_students_words_arrive_as_often_as_they_were_written(
    database: Flask, disk: CarrierOnDisk, still: FrozenClock, told: list[object]
):
    """Equal words to one number are told apart only by how many there are."""
    for place in range(20):
        queued_text(to=number_of(0), body="在吗", now=NOW, ordering_key=f"contact:{place}")
    for turn in range(12):
        disk.dies = list(Moment)[turn % 2]
        in_a_process_of_its_own(lambda: sweep.deliver_due(gateway=disk, now=still, limit=1))

    disk.dies = Moment.NEVER
    for _ in range(6):
        still.forward(minutes=1)
        sweep.deliver_due(gateway=disk, now=still, limit=500)

    assert [one["body"] for one in disk.taken()] == ["在吗"] * 20
