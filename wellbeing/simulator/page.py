"""The desk with the phones as a page in Chinese and English; the work is done by its script."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from wellbeing.simulator.web import core
from wellbeing.simulator.words import WORDS


def blueprint() -> Blueprint:
    """Make the blueprint that answers the start page."""
    made = Blueprint("page", __name__)
    made.add_url_rule("/", "desk", _desk, methods=["GET"])
    return made


def _desk() -> str:
    language = "en" if request.args.get("lang") == "en" else "zh"
    return render_template(
        "desk.html",
        language=language,
        words=WORDS[language],
        numbers=core().settings.numbers,
    )
