"""The story of this build, from the first text to the supervisor's report, in virtual time."""

from __future__ import annotations

from tests.journeys.conftest import DISTRICT_LINE, City


def test_one_childs_night_from_the_first_text_to_the_report(city: City):
    """Nobody who reaches out is left without a human answer, and nothing handed up is dropped."""
    student, district = city.phone("student"), city.phone("district")

    # A child texts; an automatic answer comes at once, and the counselor on call is paged.
    student.texts("我不想活了", to=DISTRICT_LINE)
    city.clock.forward(seconds=5)
    student.expects_text("110")
    district.expects_text("晨光")
    for word in ("不想活", "WB-", "学校", "学生"):
        assert word not in str([text.body for text in district.handset.texts])

    # A human answers.
    desk = city.at_desk("district")
    desk.opens("/")
    desk.sees("红")
    desk.sends("/accept")
    conversation = desk.url
    desk.sees("我不想活了")
    desk.sends("/reply", body="我在。你现在一个人吗?")
    city.clock.forward(seconds=5)
    student.expects_text("我在。你现在一个人吗?")
    student.texts("嗯,在宿舍楼顶", to=DISTRICT_LINE)
    desk.opens(conversation)
    desk.sees("嗯,在宿舍楼顶")

    # Questions, a level with its reason, a case.
    desk.sends(
        "/screening/cssrs",
        **{
            "cssrs-q1": "yes", "cssrs-q2": "yes", "cssrs-q3": "yes", "cssrs-q4": "yes",
            "cssrs-q5": "no", "cssrs-q6": "no", "cssrs-means_at_hand": "yes",
        },
    )  # fmt: skip
    desk.opens(conversation)
    desk.sends("/assess", level="4", source="counselor", note="有想法,人在高处,无法承诺安全。")
    desk.opens(f"{conversation}?open=case")
    desk.sends("/case", level="4", note="想结束生命,人在高处,已同意等我们。")
    case = desk.link("/cases/WB-").split("/escalate")[0]
    desk.opens(conversation)
    desk.sends("/reply", body="我一直在。请先下来,到有人的地方,我们马上联系你。")
    desk.opens(conversation)
    desk.sends("/close", disposition="case_opened", wrap_up="约好由市级中心马上联系。")

    # Passed on; nobody at the city's desk answers.
    desk.opens(f"{case}/escalate")
    desk.sends("/escalate", reason="需要市级危机干预", agreed="agreed")
    city.clock.forward(minutes=1)
    city.phone("city").expects_text("晨光")

    lead = city.phone("duty.lead")
    lead.expects_call(within_minutes=16)
    lead.answers()
    assert "确认" in lead.presses("1")

    # The duty lead takes the case over: one owner, before and after.
    chief = city.at_desk("duty.lead")
    chief.opens("/escalations")
    chief.opens(chief.link("/escalations/"))
    chief.sends("/accept")
    chief.opens(case)
    chief.sees("壬值班负责人")

    # The student writes again; whoever has the case now answers, and the contact is made in time.
    student.texts("我下来了,在保安室", to=DISTRICT_LINE)
    chief.opens("/")
    chief.sends("/accept")
    chief.sends("/reply", body="我是市里的值班老师,我陪着你。")
    city.clock.forward(seconds=5)
    student.expects_text("市里的值班老师")
    chief.opens(conversation)
    chief.sends("/close", disposition="case_opened", wrap_up="在保安室,家人已经到了。")
    chief.opens(f"{case}?kind=escalations")
    chief.sees("已联系上学生")

    # Promises are kept: a neutral text on an allowed hour, and its answer is written down.
    city.clock.forward(days=3)
    neutral = student.expects_text("方便时回复1")
    for word in ("心理", "自杀", "抑郁", "学校", "WB-"):
        assert word not in neutral
    student.texts("1", to=DISTRICT_LINE)
    chief.opens(f"{case}?kind=follow_ups")
    chief.sees("问候短信", "现在方便")
    chief.opens(f"{case}?kind=escalations")
    chief.sees("壬值班负责人", "丙咨询员", "市级值班台")

    # The supervisor's Monday morning: counted, with the clock that was missed.
    report = city.at_desk("city.lead")
    report.opens("/reports/escalations")
    report.sees("红")
    wall = city.at_desk("district.lead")
    wall.opens("/wall")
    assert city.core.alerts == []
