"""People in front of real browsers: staff at the portal, hands on the page of phones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect

from tests.browser.running import Service
from tests.house import page_gate
from wellbeing.cli.people import PASSWORD

PATIENCE_MS = 15_000
"""Jobs tick by the second and pages poll every few; a loaded machine needs several of each."""
WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=375, height=812)


@dataclass
class Look:
    """How a page is looked at."""

    language: str
    theme: str


LOOKS = (Look("zh", "light"), Look("en", "dark"))
"""Each language and each theme once; the gallery of the components crosses them."""


@dataclass
class Seat:
    """A browser of its own: its cookies, its page, and every complaint of its console."""

    page: Page
    url: str
    shots: Path
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Write down what the console complains of, broken content policies included."""

        def note(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                self.complaints.append(f"{self.page.url}: {message.text}")

        self.page.on("console", note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def opens(self, path: str) -> None:
        """Open a page; fail unless it is there."""
        answer = self.page.goto(self.url + path)
        assert answer is not None, path
        assert answer.status == 200, f"{path}: {answer.status}"

    def sees(self, words: str) -> None:
        """Wait until the page's main part shows the words."""
        expect(self.page.locator("main")).to_contain_text(words)

    def presses(self, label: str) -> None:
        """Press the first button of this name in the page's main part."""
        self.page.locator("main").get_by_role("button", name=label, exact=True).first.click()

    def unfolds(self, label: str) -> None:
        """Open the part of the page behind this name."""
        self.page.locator("main summary").get_by_text(label, exact=True).first.click()

    def form(self, action: str) -> Locator:
        """Give the form whose address ends so."""
        return self.page.locator(f'main form[action$="{action}"]').first

    def passes_axe(self, name: str) -> None:
        """Hold the page to axe, and keep a picture of it for whoever wants to look."""
        self.page.screenshot(path=self.shots / f"{name}.png", full_page=True)
        page_gate.check_axe(self.page, url=name)


class Desk(Seat):
    """A member of staff at the portal."""

    def signs_in(self, service: Service, username: str) -> None:
        """Sign in with the password and the code of the phone."""
        phones = json.loads((service.folder / "phones.json").read_text(encoding="utf-8"))
        (secret,) = [one["authenticator"] for one in phones if _is_of(one["label"], username)]
        self.opens("/sign-in")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.presses("继续")
        self.page.get_by_label("六位验证码").fill(pyotp.TOTP(secret).now())
        self.presses("登录")
        expect(self.page.locator(".user-menu")).to_be_visible()

    def looks_at(self, pages: Mapping[str, str]) -> None:
        """Open pages in both languages, light and dark, and on a phone; hold each to axe."""
        for look in LOOKS:
            self._prefers(look)
            for name, path in pages.items():
                self.opens(path)
                self.passes_axe(f"{name}-{look.language}-{look.theme}")
        self._prefers(LOOKS[0])
        self.page.set_viewport_size(NARROW)
        for name, path in pages.items():
            self.opens(path)
            assert self.is_as_wide_as_the_screen(), f"{name} must be scrolled sideways on a phone"
            self.page.screenshot(path=self.shots / f"{name}-phone.png", full_page=True)
        self.page.set_viewport_size(WIDE)

    def is_as_wide_as_the_screen(self) -> bool:
        """Tell whether the page needs no scrolling sideways."""
        wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        return bool(self.page.evaluate(wide))

    def _prefers(self, look: Look) -> None:
        self.page.context.add_cookies(
            [
                {"name": name, "value": value, "url": self.url}
                for name, value in (("language", look.language), ("theme", look.theme))
            ]
        )


class Hand(Seat):
    """A hand on the page of phones."""

    def phone(self, label: str) -> Locator:
        """Give the phone with this label."""
        return self.page.locator("article.phone").filter(
            has=self.page.get_by_text(label, exact=True)
        )

    def looks_at(self, name: str) -> None:
        """Hold the page to axe in both languages, light and dark."""
        for look in LOOKS:
            self.page.emulate_media(color_scheme="dark" if look.theme == "dark" else "light")
            self.opens(f"/?lang={look.language}")
            expect(self.phone("学生 · 小树")).to_be_visible()
            self.passes_axe(f"{name}-{look.language}-{look.theme}")
        self.page.emulate_media(color_scheme="light")
        self.opens("/")


def _is_of(label: str, username: str) -> bool:
    return re.search(rf" · {re.escape(username)}$", label) is not None


@dataclass
class Room:
    """Where people sit: one Chromium, a browser context for each of them."""

    chromium: Browser
    service: Service
    shots: Path
    seats: list[Seat] = field(default_factory=list)

    def desk_of(self, username: str) -> Desk:
        """Seat a member of staff and let them sign in."""
        desk = Desk(self._page(), self.service.url, self.shots)
        desk.listen()
        self.seats.append(desk)
        desk.signs_in(self.service, username)
        return desk

    def hand(self) -> Hand:
        """Open the page of phones."""
        hand = Hand(self._page(), self.service.phones.url, self.shots)
        hand.listen()
        self.seats.append(hand)
        hand.opens("/")
        return hand

    def complaints(self) -> list[str]:
        """Give what the consoles complained of, everybody's."""
        return [one for seat in self.seats for one in seat.complaints]

    def _page(self) -> Page:
        context = self.chromium.new_context(viewport=WIDE, locale="zh-CN")
        context.set_default_timeout(PATIENCE_MS)
        return context.new_page()


@contextmanager
def room(*, chromium: Browser, service: Service, shots: Path) -> Iterator[Room]:
    """Give a room and clear it afterwards."""
    made = Room(chromium, service, shots)
    try:
        yield made
    finally:
        for seat in made.seats:
            seat.page.context.close()
