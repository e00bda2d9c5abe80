"""Webhooks of a running simulator: in order for one call, side by side for others."""

from __future__ import annotations

import threading

from tests.unit.simulator.workbench import LINE, Bench, document
from wellbeing.simulator.lanes import Lanes
from wellbeing.simulator.webhooks import Answer

SECOND = "+8613900000002"
PATIENCE = 10


def test_a_lane_keeps_its_order():
    lanes = Lanes()
    done: list[int] = []

    for number in range(50):
        lanes.put(lane="a", job=lambda number=number: done.append(number))
    lanes.join()

    assert done == list(range(50))


def test_a_lane_that_hangs_does_not_hold_up_another():
    lanes = Lanes()
    release, passed = threading.Event(), threading.Event()

    lanes.put(lane="a", job=lambda: release.wait(PATIENCE))
    lanes.put(lane="b", job=passed.set)
    came_through = passed.wait(PATIENCE)
    release.set()
    lanes.join()

    assert came_through


def test_a_job_that_fails_does_not_stop_its_lane():
    lanes = Lanes()
    done: list[str] = []

    lanes.put(lane="a", job=done.pop)
    lanes.put(lane="a", job=lambda: done.append("next"))
    lanes.join()

    assert done == ["next"]


def test_a_product_that_hangs_for_one_call_answers_the_others(bench: Bench):
    asked, release, greeted = threading.Event(), threading.Event(), threading.Event()
    first, second = bench.phone(), bench.phone(SECOND)

    def hang() -> Answer:
        asked.set()
        release.wait(PATIENCE)
        return document("<Response/>")

    def greet() -> Answer:
        greeted.set()
        return document("<Response><Say>hello</Say><Pause length='60'/></Response>")

    bench.product.answers("/twilio/voice/in", hang, greet)
    first.call(to=LINE)
    bench.core.tick()
    asked.wait(PATIENCE)
    second.call(to=LINE)
    bench.core.tick()
    came_through = greeted.wait(PATIENCE)
    release.set()
    bench.core.process_due()

    assert came_through
    assert (first.state, second.state) == ("idle", "in call")
