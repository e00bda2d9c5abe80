"""Several processes deliver at once: none of them loses an order, none sends one twice."""

from __future__ import annotations

from threading import Barrier, Thread

from flask import Flask

from tests.factories.messaging import queued_call, queued_text
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.foundation.database import db, transaction
from wellbeing.messaging.delivery import claims, sweep

TEXTS = 60


def run_at_once(app: Flask, count: int, carrier: FakeTelephony, still: FrozenClock) -> None:
    gate = Barrier(count)
    failures: list[BaseException] = []

    def process() -> None:
        with app.app_context():
            gate.wait()
            try:
                for _ in range(12):
                    sweep.deliver_due(gateway=carrier, now=still, limit=10)
            except BaseException as error:  # noqa: BLE001 - told by the assertion below
                failures.append(error)
            finally:
                db.session.remove()

    threads = [Thread(target=process) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_every_text_leaves_exactly_once(
    database: Flask, carrier: FakeTelephony, still: FrozenClock, told: list[object]
):
    wanted = [queued_text(body=f"text {number}") for number in range(TEXTS)]

    run_at_once(database, 2, carrier, still)

    assert sorted(order.outbound_id for order in carrier.texts) == wanted


def test_each_thread_keeps_its_order(
    database: Flask, carrier: FakeTelephony, still: FrozenClock, told: list[object]
):
    for number in range(20):
        queued_text(body=f"{number}", ordering_key=f"contact:{number % 4}")

    run_at_once(database, 3, carrier, still)

    for thread in range(4):
        sent = [int(order.body) for order in carrier.texts if int(order.body) % 4 == thread]
        assert sent == sorted(sent)
    assert len(carrier.texts) == 20


def test_one_call_a_second_leaves_however_many_processes_there_are(
    database: Flask, carrier: FakeTelephony, still: FrozenClock, told: list[object]
):
    for number in range(5):
        queued_call(public_id=f"page-{number}")

    run_at_once(database, 3, carrier, still)

    assert len(carrier.calls) == 1


def test_a_token_that_two_processes_counted_is_spent_by_one(
    database: Flask, still: FrozenClock, told: list[object]
):
    queued_call()
    with transaction():
        tokens, refilled_at, _ = claims._pace(still())

    with transaction():
        spent = [claims._spend(tokens, refilled_at, 0.0, still()) for _ in range(2)]

    assert spent == [True, False]
