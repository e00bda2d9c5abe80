"""The phone in the browser: it rings, a click answers, and the caller's page is one step away."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import people
from tests.browser.people import PATIENCE_MS, Desk, Room
from tests.browser.running import DISTRICT_LINE, Service, until
from tests.conftest import CHROMIUM_FLAGS

FAKE_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
"""A microphone that beeps by itself, and nobody is asked whether the page may use it."""


@pytest.fixture
def phone_room(chromium: Browser, service: Service, tmp_path: Path) -> Iterator[Room]:
    """Give a room whose browsers have a microphone."""
    expect.set_options(timeout=PATIENCE_MS)
    shots = tmp_path / "shots"
    shots.mkdir()
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"), args=[*CHROMIUM_FLAGS, *FAKE_DEVICES]
    )
    with people.room(chromium=browser, service=service, shots=shots) as made:
        yield made
    browser.close()


def turns_the_phone_on(desk: Desk) -> None:
    desk.opens("/calls/phone")
    desk.presses("打开电话")
    desk.sees("已就绪，来电会在这里响铃。")


def has_beaten(service: Service) -> bool:
    """Without a process that delivers, the caller's own document rings mobiles and landlines."""
    with closing(sqlite3.connect(service.folder / "wellbeing.sqlite3")) as database:
        (count,) = database.execute("SELECT count(*) FROM delivery_heartbeat").fetchone()
    return int(count) > 0


def test_the_microphone_is_tested_before_a_call_needs_it(service: Service, phone_room: Room):
    desk = phone_room.desk_of("district")
    desk.opens("/calls/phone")

    desk.presses("开始测试")

    desk.sees("麦克风正常。")
    desk.looks_at({"softphone": "/calls/phone"})
    assert phone_room.complaints() == []
    assert "ERROR" not in service.log("web")


def test_one_tab_alone_has_the_phone(phone_room: Room):
    desk = phone_room.desk_of("district")
    turns_the_phone_on(desk)
    second = desk.page.context.new_page()

    second.goto(desk.url + "/calls/phone")
    second.locator('[data-do="on"]').click()

    expect(second.locator("[data-phone-state]")).to_contain_text("另一个标签页")
    assert phone_room.complaints() == []


def test_a_call_rings_in_the_browser_and_a_click_answers_it(service: Service, phone_room: Room):
    """A child who calls hears a human, not a menu and not a voicemail."""
    service.start_jobs("jobs")
    desk = phone_room.desk_of("district")
    turns_the_phone_on(desk)
    until(lambda: has_beaten(service), seconds=30, what="the jobs give a sign of life")

    service.phones.does("小树", "call", to=DISTRICT_LINE)
    until(lambda: service.phones.phone("小树")["listened_to"], seconds=15, what="the menu speaks")
    service.phones.does("小树", "press", digits="0")
    expect(desk.page.locator('[data-do="answer"]')).to_be_visible()
    desk.passes_axe("softphone-ringing")
    desk.presses("接听")
    desk.sees("正在通话。")
    desk.passes_axe("softphone-talking")

    with desk.page.context.expect_page() as opened:
        desk.page.get_by_role("link", name="打开来电人的页面").click()
    page = opened.value
    expect(page.locator("#call")).to_contain_text("通话中")
    service.phones.does("小树", "hang-up")
    desk.sees("已就绪，来电会在这里响铃。")
    expect(page.locator("#call")).to_contain_text("写小结")
    assert phone_room.complaints() == []
    assert service.phones.alerts() == []
    assert "ERROR" not in service.log("jobs") + service.log("web")
