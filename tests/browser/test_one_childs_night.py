"""The story of the README in real browsers, over real processes, with the clock moved on."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.people import Desk, Hand, Room
from tests.browser.running import DISTRICT_LINE, Service, until

STUDENT, LEAD_PHONE = "学生 · 小树", "壬值班负责人 · duty.lead"


def test_one_childs_night_from_the_first_text_to_the_report(service: Service, room: Room):
    """Nobody who reaches out is left without a human answer, and nothing handed up is dropped."""
    service.start_jobs("jobs")
    hand, desk = room.hand(), room.desk_of("district")

    conversation = _a_student_texts_and_a_human_answers(service, hand, desk)
    case = _the_counselor_asks_and_opens_a_case(desk, conversation)
    desk.looks_at({"queue": "/", "conversation": conversation, "my-work": "/my-work"})
    _the_case_is_passed_on_and_nobody_answers(service, hand, desk, case)
    chief = room.desk_of("duty.lead")
    escalation = _the_city_takes_over(chief, case)
    _a_promise_is_kept(service, hand, chief, case)

    hand.looks_at("phones")
    chief.looks_at(
        {
            "case": case,
            "escalations": "/escalations",
            "escalation": escalation,
            "follow-ups": "/follow-ups?view=week",
            "wall": "/wall",
            "report": "/reports/escalations",
        }
    )
    auditor = room.desk_of("auditor")
    auditor.looks_at({"audit": "/audit"})
    auditor.sees("壬值班负责人")
    assert service.phones.alerts() == []
    assert room.complaints() == []
    assert "ERROR" not in service.log("jobs") + service.log("web")


def _a_student_texts_and_a_human_answers(service: Service, hand: Hand, desk: Desk) -> str:
    sapling = hand.phone(STUDENT)
    desk.sees("现在没有人在等")
    sapling.locator(".to select").select_option(DISTRICT_LINE)
    sapling.get_by_placeholder("写短信").fill("我不想活了")
    sapling.get_by_role("button", name="发送").click()

    # The queue shows it by itself; the phone gets its automatic answer.
    expect(sapling.locator(".thread")).to_contain_text("【自动回复】")
    row = desk.page.locator("[data-queue-item]")
    expect(row).to_contain_text("红")
    desk.passes_axe("queue-with-somebody")
    row.get_by_role("button", name="接手").click()
    desk.sees("我不想活了")

    desk.page.get_by_label("你的回复").fill("我在。你现在一个人吗?")
    desk.presses("发送")
    expect(sapling.locator(".thread")).to_contain_text("我在。你现在一个人吗?")
    service.phones.does("小树", "text", to=DISTRICT_LINE, body="嗯,在宿舍楼顶")
    desk.sees("嗯,在宿舍楼顶")
    return _path(desk)


def _the_counselor_asks_and_opens_a_case(desk: Desk, conversation: str) -> str:
    desk.page.locator("details.screener > summary", has_text="C-SSRS").click()
    screener = desk.form("/screening/cssrs")
    for question in ("q1", "q2", "q3", "q4", "means_at_hand"):
        screener.locator(f'[name="cssrs-{question}"][value="yes"]').check()
    for question in ("q5", "q6"):
        screener.locator(f'[name="cssrs-{question}"][value="no"]').check()
    screener.get_by_role("button", name="保存回答").click()
    desk.sees("回答已保存。现在请评定等级。")

    desk.unfolds("确定等级")
    level = desk.form("/assess")
    level.locator('[name="assess-level"][value="4"]').check()
    level.get_by_label("理由").fill("有想法,人在高处,无法承诺安全。")
    level.get_by_role("button", name="保存等级").click()
    desk.sees("等级已更新。")

    desk.opens(f"{conversation}?open=case")
    form = desk.form("/case")
    form.locator('[name="case-note"]').fill("想结束生命,人在高处,已同意等我们。")
    form.get_by_role("button", name="只建立个案").click()
    expect(desk.page).to_have_url(re.compile(r"/cases/WB-\w{6}$"))
    return _path(desk)


def _the_case_is_passed_on_and_nobody_answers(
    service: Service, hand: Hand, desk: Desk, case: str
) -> None:
    desk.opens(case)
    desk.page.get_by_role("link", name="升级", exact=True).click()
    form = desk.form("/escalate")
    form.locator('[name="reason"]').fill("需要市级危机干预")
    form.locator('[name="agreed"][value="agreed"]').check()
    desk.passes_axe("escalate-form")
    form.get_by_role("button", name="确认升级").click()
    desk.sees("有人接手之前，个案仍由你负责")
    assert _path(desk) == case
    for label in ("己咨询员 · city", "庚咨询员 · crisis"):
        service.forward(minutes=4)
        expect(hand.phone(label).locator(".latest-body")).to_contain_text("热线需要你")

    # Fifteen minutes without an answer: the lead's phone rings; a hand picks up and presses 1.
    service.forward(minutes=9)
    lead = hand.phone(LEAD_PHONE)
    expect(lead.locator(".phone-state")).to_have_text("来电")
    hand.passes_axe("phones-ringing")
    lead.get_by_role("button", name="接听").click()
    expect(lead.locator(".heard-list")).to_contain_text("收到请按1")
    lead.get_by_role("button", name="1", exact=True).click()
    expect(lead.locator(".heard-list")).to_contain_text("已记录你的确认")


def _the_city_takes_over(chief: Desk, case: str) -> str:
    chief.opens("/escalations")
    chief.passes_axe("inbox-with-a-red-clock")
    chief.page.locator('main a[href^="/escalations/"]').first.click()
    chief.sees("需要市级危机干预")
    escalation = _path(chief)
    chief.unfolds("接手个案")
    chief.form("/accept").get_by_role("button", name="接手个案").click()

    chief.sees("个案现在由你负责，请联系学生。")
    assert _path(chief) == case
    chief.sees("壬值班负责人")
    return escalation


def _a_promise_is_kept(service: Service, hand: Hand, chief: Desk, case: str) -> None:
    """On the second day, outside of quiet hours and lessons, in words anybody may read."""
    sapling = hand.phone(STUDENT)
    service.forward(days=1, hours=21)
    expect(sapling.locator(".thread")).to_contain_text("方便时回复1")
    sapling.get_by_placeholder("写短信").fill("1")
    sapling.get_by_role("button", name="发送").click()
    expect(sapling.locator(".thread")).to_contain_text("好的，我们很快联系你。")

    def is_in_the_timeline() -> bool:
        chief.opens(case)
        return "学生回复：“现在方便”" in chief.page.inner_text("#timeline")

    until(is_in_the_timeline, seconds=15, what="the answer stands in the timeline")
    (neutral,) = [one for one in service.phones.texts("小树") if "方便时回复1" in one]
    for word in ("心理", "自杀", "抑郁", "学校", "WB-"):
        assert word not in neutral


def _path(desk: Desk) -> str:
    return desk.page.url.removeprefix(desk.url).split("?")[0].split("#")[0]
