"""Sentences stand in compiled templates; whoever reads still gets their own language, each time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

import pytest
from flask import Flask, render_template
from flask_babel import force_locale, format_datetime, gettext
from jinja2 import DictLoader
from markupsafe import escape

from wellbeing.portal import filters, languages
from wellbeing.portal.languages import Templates

PLAIN = "{{ _('Cases') }} {{ _('Owner') | upper }}"
TEMPLATES = {
    "plain.html": PLAIN,
    "part.html": "{% macro said() %}{{ _('Cases') }}{% endmacro %}",
    "imports.html": "{% from 'part.html' import said %}{{ said() }}",
    "filled.html": "{{ _('Choose %(reference)s', reference=asked) }}",
    "unknown.html": "{{ _('nobody ever wrote this') }} 100%",
    "asked.html": "{{ _(asked) }}",
}


@pytest.fixture
def templates(app: Flask) -> Iterator[Templates]:
    """The application's templates, with a few of our own in their place."""
    env = cast("Templates", app.jinja_env)
    loader, env.loader = env.loader, DictLoader(TEMPLATES)
    vars(env)["_of"].clear()
    yield env
    env.loader = loader
    vars(env)["_of"].clear()


def page(app: Flask, name: str, language: str, **words: str) -> str:
    with app.test_request_context("/", headers={"Cookie": f"language={language}"}):
        return render_template(name, **words)


@pytest.mark.parametrize("name", ["plain.html", "imports.html"])
def test_two_readers_in_turn_read_each_their_own_language(
    app: Flask, templates: Templates, name: str
) -> None:
    first = [page(app, name, language) for language in ("zh", "en", "zh", "en")]

    assert first[0].startswith("个案")
    assert first[1].startswith("Cases")
    assert first[2:] == first[:2]


def test_what_is_filled_in_is_escaped(app: Flask, templates: Templates) -> None:
    asked = "<script>alert(1)</script>"

    chinese, english = (page(app, "filled.html", one, asked=asked) for one in ("zh", "en"))

    assert str(escape(asked)) in chinese
    assert english == f"Choose {escape(asked)}"
    assert "<script>" not in chinese


def test_a_sentence_named_by_the_page_is_translated_too(app: Flask, templates: Templates) -> None:
    assert page(app, "asked.html", "zh", asked="Owner") == page(app, "plain.html", "zh").split()[1]
    assert page(app, "asked.html", "en", asked="Owner") == "Owner"


def test_a_sentence_without_translation_stays_as_it_is(app: Flask, templates: Templates) -> None:
    assert page(app, "unknown.html", "zh") == "nobody ever wrote this 100%"


def test_a_view_may_force_another_language_than_the_readers(
    app: Flask, templates: Templates
) -> None:
    with app.test_request_context("/", headers={"Cookie": "language=zh"}):
        mine = gettext("Cases"), render_template("plain.html")
        with force_locale("en"):
            forced = gettext("Cases"), render_template("plain.html")
        after = gettext("Cases"), render_template("plain.html")

    assert mine == ("个案", "个案 负责人")
    assert forced == ("Cases", "Cases OWNER")
    assert after == mine


def test_a_plain_sentence_is_looked_up_once_and_not_at_every_page(
    app: Flask, templates: Templates
) -> None:
    """Half of what a page cost was this (quality.md 5)."""
    asked: list[str] = []

    class Counted(languages.Sentences):
        def say(self, sentence: str, language: str) -> str:
            asked.append(sentence)
            return super().say(sentence, language)

    mine, templates.sentences = templates.sentences, Counted()
    try:
        pages = {page(app, "plain.html", "zh") for _ in range(3)}
    finally:
        templates.sentences = mine

    assert pages == {"个案 负责人"}
    assert asked == ["Cases", "Owner"]


MOMENTS = (
    datetime(2026, 11, 26, 15, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 11, 26, 16, 0, tzinfo=UTC),
    datetime(2024, 2, 29, 0, 0, 5, tzinfo=UTC),
    datetime(1990, 7, 1, 15, 30, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
)
"""Around midnight, leap day, the summer time that China had until 1991, and the turn of a year."""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("pattern", [*filters.DIGITS, "EEE", "yyyy-MM-dd"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_time_in_digits_reads_as_babel_writes_it(
    app: Flask, moment: datetime, pattern: str, language: str
) -> None:
    with app.test_request_context("/", headers={"Cookie": f"language={language}"}):
        assert filters.in_digits(moment, pattern) == format_datetime(moment, pattern)
        assert filters.local_time(moment) == format_datetime(moment, "yyyy-MM-dd HH:mm")
        assert filters.local_date(moment) == format_datetime(moment, "yyyy-MM-dd")


def test_a_sentence_asked_for_outside_the_application_costs_no_reader_theirs(app: Flask) -> None:
    sentences = languages.Sentences()
    outside = sentences.gettext("Cases")

    with app.test_request_context("/"):
        inside = sentences.gettext("Cases")

    assert (outside, inside) == ("Cases", "个案")
