"""What the portal's scripts do in a real browser, against the gallery's small answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.house import gallery


@pytest.fixture
def gallery_app() -> Flask:
    return gallery.make_gallery()


@pytest.fixture
def page(chromium: Browser, gallery_app: Flask) -> Iterator[Page]:
    with gallery.serve(gallery_app) as url:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.clock.install(time=gallery.NOW)
        page.goto(url)
        page.locator("[data-queue-controls]").wait_for()
        yield page
        page.close()


def _forget_focus(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")


def test_a_clock_ticks_from_the_server_time_into_overdue_words(page: Page):
    clock = page.locator("[data-deadline]").filter(has_text="转给下一级")
    expect(clock).to_contain_text("due soon: 4 min 00 s left")

    page.clock.fast_forward("04:30")

    expect(clock).to_contain_text("overdue by 0 min 30 s")
    expect(clock).to_have_attribute("data-state", "overdue")


def test_a_wait_counts_up(page: Page):
    row = page.locator("#row-2 .waited")
    expect(row).to_have_text("waiting 1 min 20 s")

    page.clock.fast_forward("01:00:00")

    expect(row).to_have_text("waiting 1 h 1 min")


def test_two_presses_of_escape_hide_the_page_and_a_click_brings_it_back(page: Page):
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    expect(page.locator("#quick-hide")).to_be_visible()
    assert page.title() == "Page"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#quick-hide")).to_be_visible()

    page.locator(".quick-hide-back").click()

    expect(page.locator("#quick-hide")).to_be_hidden()
    assert page.title() == "(3) 实时队列 · 逐光成长"


def test_two_slow_presses_of_escape_hide_nothing(page: Page):
    page.keyboard.press("Escape")
    page.clock.fast_forward(700)
    page.keyboard.press("Escape")

    expect(page.locator("#quick-hide")).to_be_hidden()


def test_the_question_mark_opens_the_keyboard_sheet(page: Page):
    _forget_focus(page)

    page.keyboard.press("?")

    expect(page.locator("#keyboard-sheet")).to_be_visible()


def test_j_and_k_walk_through_a_list(page: Page):
    _forget_focus(page)

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#row-2 a")).to_be_focused()

    page.keyboard.press("k")
    expect(page.locator("#row-3 a")).to_be_focused()


def test_single_keys_stay_off_once_switched_off(page: Page):
    _forget_focus(page)
    page.keyboard.press("?")
    page.locator("#single-keys").uncheck()
    page.locator("#keyboard-sheet button").click()

    page.reload()
    page.locator("[data-queue-controls]").wait_for()
    _forget_focus(page)
    page.keyboard.press("?")

    expect(page.locator("#keyboard-sheet")).to_be_hidden()


def test_letters_typed_into_a_field_are_only_letters(page: Page):
    field = page.locator("#reply-body")

    field.press_sequentially("jk?")

    expect(field).to_have_value("jk?")
    expect(field).to_be_focused()
    expect(page.locator("#keyboard-sheet")).to_be_hidden()


def test_a_letter_presses_what_carries_it(page: Page):
    _forget_focus(page)

    page.keyboard.press("c")

    expect(page.locator(".confirm-body")).to_be_visible()


def test_a_draft_is_kept_on_the_server_without_a_click(page: Page, gallery_app: Flask):
    page.locator("#reply-body").fill("你好，我在。")

    page.clock.run_for(2000)

    expect(page.locator("#reply-body-draft")).to_contain_text("Draft saved at")
    assert gallery_app.config["DRAFT"] == "你好，我在。"


COUNT_WHAT_LEAVES = """() => {
  window.left = 0;
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) window.left += 1;
    event.preventDefault();
  });
}"""
"""Count the forms that would leave; none does, as on a network so slow that nothing comes back."""


def _press_send(page: Page) -> None:
    page.locator("#reply-body").press("Control+Enter")


def test_two_presses_on_a_slow_network_send_one_text(page: Page):
    page.evaluate(COUNT_WHAT_LEAVES)
    page.locator("#reply-body").fill("我在。")

    _press_send(page)
    _press_send(page)

    assert page.evaluate("window.left") == 1


def test_what_never_came_back_may_be_sent_again(page: Page):
    page.evaluate(COUNT_WHAT_LEAVES)
    page.locator("#reply-body").fill("我在。")
    _press_send(page)

    page.clock.run_for(11_000)
    _press_send(page)

    assert page.evaluate("window.left") == 2


def test_without_a_connection_the_words_stay_on_their_page(page: Page):
    page.evaluate(COUNT_WHAT_LEAVES)
    page.locator("#reply-body").fill("我在。")
    page.context.set_offline(True)

    _press_send(page)

    expect(page.locator("#reply-body-draft")).to_contain_text("No connection: nothing was sent.")
    assert page.evaluate("window.left") == 0
    page.context.set_offline(False)


def test_the_person_is_told_when_a_draft_could_not_be_saved(page: Page):
    page.route("**/draft", lambda route: route.abort())
    page.locator("#reply-body").fill("你好")

    page.clock.run_for(2000)

    expect(page.locator("#reply-body-draft")).to_have_text("Draft not saved yet; trying again.")


def test_a_newer_draft_elsewhere_is_never_overwritten(page: Page):
    sent: list[str] = []

    def refuse(route: object) -> None:
        sent.append("draft")
        route.fulfill(status=409)  # type: ignore[attr-defined]

    page.route("**/draft", refuse)
    page.locator("#reply-body").fill("你好")
    page.clock.run_for(2000)
    expect(page.locator("#reply-body-draft")).to_contain_text("A newer draft exists elsewhere")

    page.locator("#reply-body").fill("你好呀")
    page.clock.run_for(6000)

    assert sent == ["draft"]


def test_the_queue_brings_the_newcomer_and_keeps_the_focus(page: Page):
    page.locator("#open-2").focus()

    expect(page.locator("#row-4")).to_be_visible(timeout=10_000)

    expect(page.locator("#open-2")).to_be_focused()
    assert page.title() == "(4) 实时队列 · 逐光成长"


def test_a_lost_connection_is_said_aloud_and_so_is_its_return(chromium: Browser):
    app = gallery.make_gallery()
    with gallery.serve(app) as url:
        page = chromium.new_page()
        page.goto(url)
        expect(page.locator("#row-4")).to_be_visible(timeout=10_000)
        app.config["DOWN"] = True

        expect(page.locator("#connection")).to_contain_text("Connection lost since", timeout=15_000)

        app.config["DOWN"] = False
        expect(page.locator("#connection")).to_have_text("The connection is back.", timeout=10_000)
        page.close()


def test_a_signed_out_person_is_told_so(chromium: Browser):
    app = gallery.make_gallery()
    app.config["SIGNED_OUT"] = True
    with gallery.serve(app) as url:
        page = chromium.new_page()
        page.goto(url)

        expect(page.locator("#connection")).to_contain_text("You are signed out", timeout=10_000)
        page.close()


@pytest.mark.parametrize(
    ("text", "parts", "left"),
    [
        ("", 0, 160),
        ("a" * 160, 1, 0),
        ("a" * 161, 2, 145),
        ("€" * 80, 1, 0),
        ("€" * 81, 2, 143),
        ("好" * 70, 1, 0),
        ("好" * 71, 2, 63),
        ("好" * 66 + "🌱" + "好" * 10, 2, 55),
    ],
)
def test_segments_are_counted_as_the_carrier_bills_them(
    page: Page, gallery_app: Flask, text: str, parts: int, left: int
):
    counted = page.evaluate(
        "async text => (await import('/static/js/segments.js')).segments(text)", text
    )

    assert counted == {"parts": parts, "left": left}


def test_the_device_setting_decides_when_the_person_leaves_it_to_the_device(chromium: Browser):
    with gallery.serve(gallery.make_gallery()) as url:
        page = chromium.new_page(color_scheme="dark")

        page.goto(f"{url}/?theme=auto")

        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        page.close()
