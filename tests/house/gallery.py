"""A tiny application that shows every component once, for the gate and the eye. No product code."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Response, flash, jsonify, render_template, request
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 19, 4, tzinfo=UTC)
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; media-src 'self'; worker-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ERRORS = (400, 403, 404, 409, 413, 429, 500, 503)


class NoteForm(FlaskForm):
    """One field of each kind, shown with errors."""

    title = StringField("标题", validators=[InputRequired("请填写标题。")])
    level = SelectField(
        "风险等级",
        choices=[SelectChoice("LOW", "蓝"), SelectChoice("HIGH", "橙")],
        description="只能升。",
    )
    channel = RadioField(
        "联系方式",
        choices=[SelectChoice("text", "短信"), SelectChoice("call", "电话")],
        validators=[InputRequired("请选择一种联系方式。")],
    )
    body = TextAreaField("备注", description="写给下一位同事看。", default="今晚有室友陪着。")
    agreed = BooleanField("同学同意我们联系", validators=[InputRequired("请先确认。")])
    token = StringField("验证码", validators=[InputRequired("请填写验证码。")])


class ReplyForm(FlaskForm):
    """The reply box of a conversation."""

    body = TextAreaField("回复", validators=[InputRequired()])


class SignInForm(FlaskForm):
    """A plain page's form."""

    name = StringField("用户名", validators=[InputRequired()])
    password = PasswordField("密码", validators=[InputRequired()])


def _row(number: int, level: str, words: str, channel: str) -> dict[str, Any]:
    return {
        "id": number,
        "level": level,
        "words": words,
        "channel": channel,
        "since": NOW - timedelta(seconds=40 * number),
        "deadline": NOW + timedelta(seconds=400 - 190 * number),
    }


ROWS = [
    _row(3, "IMMINENT", "红 · 紧急", "短信"),
    _row(2, "HIGH", "橙 · 高危", "来电"),
    _row(1, "LOW", "蓝 · 一般", "短信"),
]


def make_gallery(*, translations: Path | None = None) -> Flask:
    """Build the application; ?language= and ?theme= choose what the portal's cookies choose."""
    app = Flask("gallery", static_folder=str(ROOT / "wellbeing" / "portal" / "static"))
    app.config.update(
        SECRET_KEY="invented",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES=str(translations or "translations"),
    )
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(ROOT / "templates"),
            FileSystemLoader(Path(__file__).parent / "templates"),
        ]
    )
    Babel(app, locale_selector=lambda: "en" if _language() == "en" else "zh")
    CSRFProtect(app)
    app.context_processor(_context)
    app.after_request(_strict)
    _pages(app)
    _answers(app)
    return app


def _language() -> str:
    return request.args.get("language", "zh")


def _context() -> dict[str, Any]:
    labels = ["实时队列", "个案", "我的工作", "跟进日历", "值班表", "主管看板", "报表"]
    counts = [3, 0, 2, 0, 0, 0, 0]
    return {
        "language": _language(),
        "theme": request.args.get("theme", "light"),
        "navigation": [
            {
                "url": f"/{index}",
                "label": label,
                "current": index == 0,
                "count": counts[index],
            }
            for index, label in enumerate(labels)
        ],
        "signed_in": {"name": "林示例", "place": "渝中区示例中心"},
        "home_url": "/",
        "account_url": "/account",
        "sign_out_url": "/sign-out",
        "preferences_url": "/preferences",
        "banner": {"kind": "demo", "text": "演示模式：这里的人都是虚构的。"},
        "now": NOW,
        "minutes": lambda count: timedelta(minutes=count),
        "rows": ROWS,
    }


def _strict(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    return response


def _pages(app: Flask) -> None:
    @app.get("/")
    def gallery() -> str:
        form = NoteForm(meta={"csrf": False})
        form.validate()
        flash("短信已发出。", "success")
        return render_template("gallery.html", form=form, reply=ReplyForm(prefix="reply-"))

    @app.get("/plain")
    def plain() -> str:
        return render_template("plain_page.html", sign_in=SignInForm())

    @app.get("/print")
    def printed() -> str:
        return render_template("print_page.html", printed_at=NOW, printed_by="林示例")

    @app.get("/errors/<int:code>")
    def error(code: int) -> str:
        return render_template(f"errors/{code}.html", reference="示例-1")


def _answers(app: Flask) -> None:
    @app.get("/fragment")
    def fragment() -> Response | tuple[str, int]:
        if app.config.get("DOWN"):
            return "", 503
        if app.config.get("SIGNED_OUT"):
            return Response(status=302, headers={"Location": "/plain"})
        if request.args["since"] == "2":
            return "", 204
        more = [_row(4, "MODERATE", "黄 · 关注", "短信"), *ROWS]
        return Response(render_template("_rows.html", rows=more), headers={"X-Version": "2"})

    @app.get("/messages")
    def messages() -> tuple[str, int]:
        return "", 204

    @app.post("/draft")
    def draft() -> Response:
        app.config["DRAFT"] = request.form["body"]
        return jsonify(version=int(request.form["version"]) + 1)


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    """Serve on a free port of this machine and give the address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
