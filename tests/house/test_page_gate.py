"""The gate itself: each fault, seeded into a sound page, is found."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.house import page_gate

SOUND = (
    '<!DOCTYPE html><html lang="zh-CN"><head><title>示例</title></head>'
    "<body><main><h1>示例</h1>{}</main></body></html>"
)
FAULTS = [
    ("<p><div>块</div></p>", "Unexpected end tag (p)"),
    ("<h1>又一个</h1>", "2 <h1>"),
    ('<p id="a">一</p><p id="a">二</p>', 'id "a" stands 2 times'),
    ('<input type="text" name="q">', 'name="q"> has no label'),
    ('<textarea id="t" name="t"></textarea><label for="u">错</label>', "has no label"),
    ('<select name="s" aria-label=" "></select>', "has no label"),
    ('<p aria-describedby="nowhere">一</p>', '"nowhere", which is not there'),
    ('<img src="/a.svg">', "has no alt"),
    ('<form method="post" action="/x"><button>好</button></form>', "has no csrf_token"),
    (
        '<form method="POST" action="/x"><input type="hidden" name="csrf_token" value=""></form>',
        "has no csrf_token",
    ),
    ("<script>alert(1)</script>", "<script> in the page"),
    ('<p style="color:red">一</p>', "has a style attribute"),
    ('<button onclick="go()">好</button>', "has the handler onclick"),
    ('<a href="javascript:go()">好</a>', "href holds code"),
    ('<img alt="" src="https://cdn.example/x.png">', "leads outside"),
    ('<img alt="" src="//cdn.example/x.png">', "leads outside"),
    ("<button></button>", "<button> has no name"),
    ('<a href="/x"></a>', "has no name"),
    ("<table><tbody><tr><td>1</td></tr></tbody></table>", "has no caption"),
    (
        "<table><caption>表</caption><tbody><tr><th>1</th></tr></tbody></table>",
        "has no scope",
    ),
]


def test_a_sound_page_passes():
    page_gate.check_html(SOUND.format('<label>问<input name="q"></label>'), url="/sound")


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_a_fault_in_a_page_is_named(fault: str, words: str):
    with pytest.raises(AssertionError) as refusal:
        page_gate.check_html(SOUND.format(fault), url="/seeded")

    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (' lang="zh-CN"', "", "no lang"),
        ("<title>示例</title>", "", "no title"),
        ("<title>示例</title>", "<title> </title>", "no title"),
        ("<!DOCTYPE html>", "", "DOCTYPE"),
        ("</head>", "<style>p{}</style></head>", "<style> in the page"),
    ],
)
def test_a_fault_around_the_content_is_named(old: str, new: str, words: str):
    page = SOUND.format("").replace(old, new)

    with pytest.raises(AssertionError) as refusal:
        page_gate.check_html(page, url="/seeded")

    assert words in str(refusal.value)


def test_a_page_that_posts_nowhere_may_go_without_tokens():
    page = SOUND.format('<form method="post" action="/x"><button>好</button></form>')

    page_gate.check_html(page, url="/seeded", csrf=False)


def test_a_faulty_fragment_is_refused():
    with pytest.raises(AssertionError, match="has no label"):
        page_gate.check_fragment("<p>一</p><input name='q'>", url="/fragment")


def test_axe_refuses_pale_words(chromium: Browser):
    page = chromium.new_page()
    page.set_content(SOUND.format('<p style="color:#bbb;background:#fff">看不清</p>'))

    with pytest.raises(AssertionError, match="color-contrast"):
        page_gate.check_axe(page, url="/pale")

    page.close()
