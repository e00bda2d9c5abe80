"""The floors: a bare route, a signed one, and the smallest application with the same statements.

`FLOOR_STATEMENTS` (for example `select=4,insert=7,update=2`) says how many statements of each kind
one request of the product was seen to run; the floor runs as many against one indexed table.
"""

from __future__ import annotations

import os
import secrets
import sqlite3

import sqlalchemy as sa
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

metadata = sa.MetaData()
row = sa.Table(
    "floor_row",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("key", sa.LargeBinary(32), unique=True, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
)

_SELECT = sa.select(row.c.id).where(row.c.key == sa.bindparam("wanted"))
_INSERT = sa.insert(row).returning(row.c.id)
_UPDATE = sa.update(row).where(row.c.id == sa.bindparam("wanted"))


def create_floor() -> Flask:
    """Build the three routes; tables are made by the bench before the workers start."""
    app = Flask(__name__)
    validator = RequestValidator(os.environ["FLOOR_TOKEN"])
    address = os.environ["FLOOR_PUBLIC_URL"]
    plan = statements(os.environ["FLOOR_STATEMENTS"])
    engine = floor_engine(os.environ["FLOOR_DATABASE_URL"])

    def is_signed() -> bool:
        given = request.headers.get("X-Twilio-Signature", "")
        return bool(validator.validate(address + request.path, request.form, given))

    @app.post("/bare")
    def bare() -> Response:
        return Response("<Response/>", mimetype="text/xml")

    @app.post("/signed")
    def signed() -> Response:
        return Response("<Response/>", mimetype="text/xml", status=200 if is_signed() else 403)

    @app.post("/floor")
    def floor() -> Response:
        if not is_signed():
            return Response(status=403)
        with engine.begin() as connection:
            work(connection, plan)
        return Response("<Response/>", mimetype="text/xml")

    return app


def statements(text: str) -> dict[str, int]:
    """Read `select=4,insert=7`."""
    return {name: int(count) for name, count in (part.split("=") for part in text.split(","))}


def work(connection: sa.Connection, plan: dict[str, int]) -> None:
    """Run as many statements of each kind as the product does for one text."""
    body = secrets.token_bytes(300)
    last = 1
    for _ in range(plan.get("select", 0)):
        connection.execute(_SELECT, {"wanted": secrets.token_bytes(32)}).first()
    for _ in range(plan.get("insert", 0)):
        values = {"key": secrets.token_bytes(32), "body": body, "number": 1}
        last = connection.execute(_INSERT, values).scalar_one()
    for _ in range(plan.get("update", 0)):
        connection.execute(_UPDATE, {"wanted": last, "number": 2})


def floor_engine(url: str) -> sa.Engine:
    """Open the floor's database with the product's durability: WAL, FULL, immediate writes."""
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _configure)
        sa.event.listen(engine, "begin", lambda made: made.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _configure(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.isolation_level = None
    for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
