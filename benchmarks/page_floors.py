"""The floor of the pages: the smallest Flask and SQLAlchemy Core application on the same rows.

Each route knows its reader by a session's token, asks for the same rows by plain SQL, writes one
event that it was read, committed, and fills a bare template. No room, no scope, no sealed word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import sqlalchemy as sa
from flask import Flask, abort, render_template_string, request

PAGE = 25
COUNT_CAP = 1_000

_SESSION = sa.text(
    'SELECT u.id FROM sign_in_session s JOIN "user" u ON u.id = s.user_id'
    " WHERE s.token_hash = :token AND s.ended_at IS NULL"
)
_LIST = sa.text(
    "SELECT c.id, c.reference, c.level, c.status, c.opened_at, u.display_name_zh, o.name_zh"
    ' FROM student_case c JOIN "user" u ON u.id = c.owner_id'
    " JOIN organization o ON o.id = c.organization_id"
    " WHERE c.branch_id = :branch AND c.closed_at IS NULL"
    " ORDER BY c.opened_at DESC, c.id DESC LIMIT 26"
)
_COUNT = sa.text(
    "SELECT count(*) FROM (SELECT id FROM student_case"
    " WHERE branch_id = :branch AND closed_at IS NULL LIMIT 1001) x"
)
_BY_NUMBER = sa.text(
    "SELECT c.id, c.reference, c.level, c.status, c.opened_at, u.display_name_zh, o.name_zh"
    " FROM caller a JOIN contact k ON k.caller_id = a.id JOIN case_contact l ON l.contact_id = k.id"
    ' JOIN student_case c ON c.id = l.case_id JOIN "user" u ON u.id = c.owner_id'
    " JOIN organization o ON o.id = c.organization_id WHERE a.number_index = :number"
)
_CASE = sa.text(
    "SELECT c.*, u.display_name_zh, o.name_zh FROM student_case c"
    ' JOIN "user" u ON u.id = c.owner_id JOIN organization o ON o.id = c.organization_id'
    " WHERE c.reference = :reference"
)
_TIMELINE = sa.text(
    "SELECT id, at, kind FROM timeline_entry WHERE case_id = :case ORDER BY id DESC LIMIT 21"
)
_NOTES = sa.text(
    "SELECT id, at, kind FROM case_note WHERE case_id = :case ORDER BY id DESC LIMIT 100"
)
_CONTACTS = sa.text(
    "SELECT k.id, k.public_id, k.arrived_at, k.state FROM case_contact l"
    " JOIN contact k ON k.id = l.contact_id WHERE l.case_id = :case"
)
_WAITING = sa.text(
    "SELECT id, public_id, urgency, arrived_at, state FROM contact"
    " WHERE state IN ('waiting', 'in_conversation') AND organization_path LIKE :path"
    " ORDER BY urgency DESC, arrived_at LIMIT 200"
)
_SEEN = sa.text("INSERT INTO floor_seen (user_id, what) VALUES (:user, :what)")
_ROWS = (
    "<!DOCTYPE html><title>{{ title }}</title><p>{{ total }}</p><table>{% for row in rows %}<tr>"
    "{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)


def create_floor(*, url: str, branch_id: int, path: str) -> Flask:
    """Build the four pages for a reader of one branch."""
    app = Flask(__name__)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            sa.text("CREATE TABLE IF NOT EXISTS floor_seen (user_id BIGINT, what VARCHAR(20))")
        )

    def page(what: str, *asked: tuple[sa.TextClause, Mapping[str, object]]) -> str:
        token = hashlib.sha256(request.cookies.get("floor", "").encode()).digest()
        with engine.begin() as connection:
            user = connection.execute(_SESSION, {"token": token}).scalar()
            if user is None:
                abort(401)
            found = [connection.execute(sql, given).fetchall() for sql, given in asked]
            connection.execute(_SEEN, {"user": user, "what": what})
        rows = [row for part in found for row in part]
        return render_template_string(_ROWS, title=what, total=len(rows), rows=rows)

    @app.get("/queue")
    def queue() -> str:
        return page("queue", (_WAITING, {"path": f"{path}%"}))

    @app.get("/list")
    def listed() -> str:
        return page("list", (_LIST, {"branch": branch_id}), (_COUNT, {"branch": branch_id}))

    @app.get("/search/<number>")
    def search(number: str) -> str:
        return page("search", (_BY_NUMBER, {"number": bytes.fromhex(number)}))

    @app.get("/case/<reference>/<int:case_id>")
    def case(reference: str, case_id: int) -> str:
        asked = {"case": case_id}
        return page(
            "case",
            (_CASE, {"reference": reference}),
            (_TIMELINE, asked),
            (_NOTES, asked),
            (_CONTACTS, asked),
        )

    return app
