"""Two processes do the scheduled work and one is killed: nothing is lost, nothing comes twice."""

from __future__ import annotations

import signal

from tests.browser.running import DISTRICT_LINE, Service, until

STUDENT, DISTRICT_PHONE = "+8613900000001", "+8613900000103"


def test_a_job_process_killed_while_sending_neither_loses_nor_doubles_a_text(service: Service):
    """It dies after the carrier took the text and before it could write that down.

    The other one was asleep until then, so that it is surely the dead one's work that it finds;
    no report of the carrier tells it what became of the text: it has to ask.
    """
    phones = service.phones
    _two_job_processes_of_which_one_sleeps(service)

    phones.order_fault(kind="drop", number=STUDENT, count=None)
    phones.order_fault(kind="rest_accept_timeout", number=STUDENT)
    phones.does("小树", "text", to=DISTRICT_LINE, body="我不想活了")
    until(lambda: phones.texts("小树"), seconds=15, what="the carrier has the automatic answer")
    service.signal("first", signal.SIGKILL)
    service.processes["first"].wait()
    service.signal("second", signal.SIGCONT)
    service.forward(minutes=1)
    _the_desk_is_called_and_answers(service)
    until(
        lambda: phones.questions(kind="Messages", to=STUDENT),
        seconds=20,
        what="the carrier is asked what became of the text in doubt",
    )
    service.forward(minutes=5)
    _later_work_is_done(service)

    assert len(phones.orders(kind="Messages", to=STUDENT)) == 2
    assert [one[:6] for one in phones.texts("小树")] == ["【自动回复】", "【自动回复】"]
    assert len(phones.orders(kind="Messages", to=DISTRICT_PHONE)) == 1
    assert len(phones.orders(kind="Calls", to=DISTRICT_PHONE)) == 1
    assert phones.alerts() == []


def _two_job_processes_of_which_one_sleeps(service: Service) -> None:
    for name in ("first", "second"):
        service.start_jobs(name)
    for name in ("first", "second"):
        until(lambda: "running" in service.log(name), seconds=30, what=f"{name} runs")  # noqa: B023
    service.signal("second", signal.SIGSTOP)


def _the_desk_is_called_and_answers(service: Service) -> None:
    phones = service.phones
    until(
        lambda: phones.phone("district")["state"] == "ringing",
        seconds=20,
        what="the desk's phone rings",
    )
    phones.does("district", "answer")
    until(lambda: "收到请按1" in phones.heard("district"), seconds=15, what="the call is explained")
    phones.does("district", "press", digits="1")
    until(lambda: "已记录你的确认" in phones.heard("district"), seconds=15, what="it is noted")


def _later_work_is_done(service: Service) -> None:
    """Wait for an answer that can only be sent once everything before it is settled."""
    before = len(service.phones.texts("小树"))
    service.phones.does("小树", "text", to=DISTRICT_LINE, body="帮助")
    until(
        lambda: len(service.phones.texts("小树")) > before,
        seconds=20,
        what="the next answer to the student, which waits for the one in doubt",
    )
