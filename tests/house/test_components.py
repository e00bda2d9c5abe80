"""Every component, in both themes and languages, wide and narrow, passes the gate and axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.house import gallery, page_gate

PAGES = ["/", "/plain", "/print", *[f"/errors/{code}" for code in gallery.ERRORS]]
TOKENS = gallery.ROOT / "wellbeing" / "portal" / "static" / "css" / "tokens.css"
TONES = ("low", "moderate", "high", "imminent", "good")
TEXT_PAIRS = [
    *[(f"{tone}-text", f"{tone}-ground") for tone in TONES],
    *[("text", ground) for ground in ("ground", "surface", "sunken", "accent-soft")],
    *[("text-quiet", ground) for ground in ("ground", "surface")],
    *[("accent", ground) for ground in ("ground", "surface")],
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("imminent-text", "surface"),
    ("imminent-text", "ground"),
]
MARK_PAIRS = [
    *[(f"{tone}-mark", f"{tone}-ground") for tone in TONES],
    ("control-line", "surface"),
    ("focus", "ground"),
    ("focus", "surface"),
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_each_layout_and_error_page_is_valid_titled_and_labelled(path: str, language: str):
    client = gallery.make_gallery().test_client()

    answer = client.get(f"{path}?language={language}")

    assert answer.status_code == 200
    page_gate.check_html(answer.text, url=path)


def test_a_polled_fragment_is_valid_without_its_page():
    client = gallery.make_gallery().test_client()

    answer = client.get("/fragment?since=1")

    page_gate.check_fragment(answer.text, url="/fragment")


@pytest.mark.parametrize(
    ("language", "attribute"), [("zh", '<html lang="zh-CN"'), ("en", '<html lang="en"')]
)
def test_a_page_says_its_language_and_ends_its_title_with_our_name(language: str, attribute: str):
    client = gallery.make_gallery().test_client()

    page = client.get(f"/?language={language}").text

    assert attribute in page
    assert "<title>实时队列 · 逐光成长</title>" in page


def test_a_clock_says_how_late_it_is_without_any_script():
    client = gallery.make_gallery().test_client()

    page = client.get("/").text

    assert "overdue by 3 min 00 s" in page
    assert "due soon: 4 min 00 s left" in page
    assert "2 d 2 h left" in page


def test_a_form_keeps_what_was_typed_and_ties_each_error_to_its_field():
    client = gallery.make_gallery().test_client()

    page = client.get("/").text

    assert '<a href="#channel-0">联系方式</a>' in page
    assert 'aria-describedby="title-error" aria-invalid="true"' in page
    assert 'id="title-error"' in page
    assert "今晚有室友陪着。</textarea>" in page


def test_what_a_student_writes_is_never_markup():
    app = gallery.make_gallery()
    source = (
        '{% from "components/records.html" import message_bubble %}'
        '{{ message_bubble("in", words, now, "同学") }}'
    )

    with app.test_request_context("/"):
        bubble = app.jinja_env.from_string(source).render(words="<b>你好</b>", now=gallery.NOW)

    assert "&lt;b&gt;你好&lt;/b&gt;" in bubble


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/plain", "/errors/500", "/print"])
def test_axe_finds_nothing(chromium: Browser, gallery_url: str, path: str, theme: str, width: int):
    page = _open(chromium, f"{gallery_url}{path}?theme={theme}", width=width)

    page_gate.check_axe(page, url=f"{path} {theme} {width}")
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "opener", [".user-menu summary", ".site-menu summary", ".confirm summary", "[data-quick-hide]"]
)
def test_axe_finds_nothing_in_what_opens(
    chromium: Browser, gallery_url: str, opener: str, theme: str
):
    page = _open(chromium, f"{gallery_url}/?theme={theme}", width=375)

    page.locator(opener).click()

    page_gate.check_axe(page, url=f"{opener} {theme}")
    page.close()


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
@pytest.mark.parametrize("path", ["/", "/plain", "/errors/404"])
def test_nothing_runs_out_of_a_narrow_or_zoomed_page(
    chromium: Browser, gallery_url: str, path: str, width: int
):
    page = _open(chromium, f"{gallery_url}{path}?language=en", width=width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_strict_policy_blocks_nothing_of_ours(chromium: Browser, gallery_url: str):
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(gallery_url)
    page.locator("[data-queue-controls]").wait_for()

    assert complaints == []
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_stands_out_from_its_ground(theme: str, ink: str, ground: str):
    colors = _colors(theme)

    assert _contrast(colors[ink], colors[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARK_PAIRS)
def test_marks_and_control_lines_stand_out_from_their_ground(theme: str, mark: str, ground: str):
    colors = _colors(theme)

    assert _contrast(colors[mark], colors[ground]) >= 3


def _open(chromium: Browser, url: str, *, width: int) -> Page:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(url)
    return page


def _colors(theme: str) -> dict[str, str]:
    block = re.search(
        rf'\[data-bs-theme="{theme}"\] {{\n(.*?)\n}}', TOKENS.read_text(encoding="utf-8"), re.DOTALL
    )
    assert block is not None
    return dict(re.findall(r"--wb-([a-z-]+): #([0-9a-f]{6});", block.group(1)))


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted([_luminance(one), _luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)
