"""Five students text, two counselors take the next one, a job process is killed (Build 3).

The most endangered come first whatever the order of arrival, no two counselors get the same child,
and every word reaches its student once: also the one that a killed process had in its hands.
"""

from __future__ import annotations

import re
import signal
from collections import Counter

from playwright.sync_api import expect

from tests.browser.people import Desk, Room
from tests.browser.running import DISTRICT_LINE, Service, until

STUDENTS = {
    "阿一": ("+8613900000011", "想问问怎么报名社团"),
    "阿二": ("+8613900000012", "考试没考好，很难过"),
    "阿三": ("+8613900000013", "我不想活了"),
    "阿四": ("+8613900000014", "活着好累，想消失"),
    "阿五": ("+8613900000015", "我站在楼顶，马上就要跳下去了"),
}
"""In the order of arrival."""
ORDER = ("阿三", "阿五", "阿四", "阿二", "阿一")
"""Red before orange before yellow before blue; of two reds, the one who waits longer."""
LOST_IN_HAND = "阿五"


def test_five_students_two_counselors_and_a_killed_job_process(service: Service, room: Room):
    _five_phones(service)
    _two_job_processes_of_which_one_sleeps(service)
    desks = (room.desk_of("district"), room.desk_of("city"))
    _all_five_text(service, desks[0])
    desks[0].passes_axe("queue-with-five")

    conversations = _they_take_turns(desks)
    _each_is_answered_once_although_one_process_dies(service, desks, conversations)
    _the_students_write_again_and_are_seen(service, desks, conversations)

    assert room.complaints() == []
    assert service.phones.alerts() == []


def _five_phones(service: Service) -> None:
    for name, (number, _) in STUDENTS.items():
        service.phones.puts(number=number, label=f"学生 · {name}")


def _two_job_processes_of_which_one_sleeps(service: Service) -> None:
    for name in ("first", "second"):
        service.start_jobs(name)
    for name in ("first", "second"):
        until(lambda: "running" in service.log(name), seconds=60, what=f"{name} runs")  # noqa: B023
    service.signal("second", signal.SIGSTOP)


def _all_five_text(service: Service, desk: Desk) -> None:
    for number, (name, (_, words)) in enumerate(STUDENTS.items(), start=1):
        service.phones.does(name, "text", to=DISTRICT_LINE, body=words)
        # One after the other, so that who waits longer is known.
        expect(desk.page.locator("[data-queue-item]")).to_have_count(number)
    shown = desk.page.locator("[data-queue-item] th").all_inner_texts()
    levels = [re.match(r"\S", one).group() for one in shown]  # type: ignore[union-attr]
    assert levels == ["红", "红", "橙", "黄", "蓝"]


def _they_take_turns(desks: tuple[Desk, Desk]) -> dict[str, tuple[Desk, str]]:
    found = {}
    for turn, name in enumerate(ORDER):
        desk = desks[turn % 2]
        desk.opens("/")
        desk.presses("接手下一位")
        desk.sees(STUDENTS[name][1])
        path = desk.page.url.removeprefix(desk.url).split("#")[0]
        found[name] = (desk, path)
    desks[0].opens("/")
    desks[0].sees("现在没有人在等")
    assert len({path for _, path in found.values()}) == 5
    return found


def _answer(name: str) -> str:
    return f"我在，{name}。慢慢说。"


def _each_is_answered_once_although_one_process_dies(
    service: Service, desks: tuple[Desk, Desk], conversations: dict[str, tuple[Desk, str]]
) -> None:
    """The carrier takes one answer and never says so; then its process is killed."""
    del desks
    phones = service.phones
    phones.order_fault(kind="rest_accept_timeout", number=STUDENTS[LOST_IN_HAND][0])
    for name in (LOST_IN_HAND, *(one for one in ORDER if one != LOST_IN_HAND)):
        desk, path = conversations[name]
        desk.opens(path)
        desk.page.get_by_label("你的回复").fill(_answer(name))
        desk.presses("发送")
        desk.sees(_answer(name))
        if name == LOST_IN_HAND:
            until(
                lambda: _answer(LOST_IN_HAND) in phones.texts(LOST_IN_HAND),
                seconds=30,
                what="the carrier has the answer and has not said so",
            )
            service.signal("first", signal.SIGKILL)
            service.processes["first"].wait()
    service.signal("second", signal.SIGCONT)
    service.forward(minutes=1)
    for name in ORDER:
        until(
            lambda: _answer(name) in phones.texts(name),  # noqa: B023
            seconds=40,
            what=f"{name} has the answer",
        )
    desk, path = conversations[LOST_IN_HAND]
    desk.opens(path)
    expect(desk.page.locator("#conversation .bubble-out").last).to_contain_text("已送达")


def _a_grave_word_is_seen_by_who_has_the_page_open(service: Service, desk: Desk, path: str) -> None:
    """The signs and the urgency follow the words by themselves: nobody reloads a page at night."""
    desk.opens(path)
    expect(desk.page.locator("#contact-lede")).to_contain_text("橙")
    service.phones.does("阿四", "text", to=DISTRICT_LINE, body="我站在天台上")
    expect(desk.page.locator("#signals")).to_contain_text("正在或即将实施")
    expect(desk.page.locator("#contact-lede")).to_contain_text("红")
    expect(desk.page.locator("#contact-lede")).to_contain_text("学生在等你回复")


def _the_students_write_again_and_are_seen(
    service: Service, desks: tuple[Desk, Desk], conversations: dict[str, tuple[Desk, str]]
) -> None:
    """Everybody's next words appear by themselves, and each phone holds each of ours once."""
    for desk, name in zip(desks, ("阿四", "阿五"), strict=True):
        holder, path = conversations[name]
        del desk
        holder.opens(path)
        service.phones.does(name, "text", to=DISTRICT_LINE, body=f"{name}：谢谢你")
        holder.sees(f"{name}：谢谢你")
    _a_grave_word_is_seen_by_who_has_the_page_open(service, *conversations["阿四"])
    for name, (number, _) in STUDENTS.items():
        own = Counter(one for one in service.phones.texts(name) if not one.startswith("【自动"))
        assert own == {_answer(name): 1}
        automatic = [one for one in service.phones.texts(name) if one.startswith("【自动")]
        assert len(automatic) == len(set(automatic)) == 1
        ordered = service.phones.orders(kind="Messages", to=number)
        assert len(ordered) == 2
