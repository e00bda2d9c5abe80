"""The waiting calls of a bench: staff on call, calls in the queue, and what one fetch runs."""

from __future__ import annotations

import cProfile
import pstats
import re
import secrets
import threading
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from twilio.request_validator import RequestValidator

from benchmarks import load
from benchmarks.webhooks import ACCOUNT, PUBLIC, TOKEN
from wellbeing.accounts.operations import people as accounts
from wellbeing.accounts.rules.people import NewUser
from wellbeing.accounts.rules.roles import Role
from wellbeing.carrier import twiml
from wellbeing.contacts.models import CALL
from wellbeing.foundation.database import (
    WEBHOOK_PATIENCE_MS,
    changed,
    db,
    schema_changes,
    transaction,
)
from wellbeing.hotline.voice import waiting
from wellbeing.messaging import operations as messaging
from wellbeing.organizations import queries as organizations
from wellbeing.roster import operations as roster
from wellbeing.roster.rules import NewShift
from wellbeing.telephony.steps import Document

CITY_LINE, DISTRICT_LINE, DISTRICT = "+862300000000", "+862300000103", "500103"
MORE_STAFF = 24
STAYS = timedelta(hours=2)
"""Longer than any run: neither the stage ends nor the sign of life grows old meanwhile."""
LOOKED_AT_WITHIN, SWEPT_EVERY_S = timedelta(seconds=5), 1.0
PROFILED = 200
HOUSE = Path(__file__).resolve().parents[1] / "wellbeing"
ACTION = re.compile(r'(?:action|waitUrl)="(?:https?://[^/"]+)?(/twilio/call/[^"#]+)')


def order(*, path: str, call: int, line: str, **fields: str) -> load.Order:
    """Write what the carrier posts for a call: its sid and number follow from its position."""
    form = {
        "CallSid": f"CA{call:032x}", "AccountSid": ACCOUNT, "From": f"+861370{call:07d}",
        "To": line, "Caller": f"+861370{call:07d}", "Called": line, "CallStatus": "in-progress",
        "Direction": "inbound", "ApiVersion": "2010-04-01", "FromCountry": "CN",
    } | fields  # fmt: skip
    headers = {
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(PUBLIC + path, form),
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
    }
    return ("POST", path, urlencode(form).encode(), headers)


def staff(*, app: Flask, now: datetime) -> None:
    """Put more counselors on call at the district's desk, and let delivery seem alive."""
    with app.app_context(), transaction():
        place = organizations.by_code(code=DISTRICT)
        password = secrets.token_urlsafe(20)
        for position in range(MORE_STAFF):
            new = NewUser(
                username=f"bench.{position}",
                display_name_zh=f"测试员{position}",
                display_name_en=f"Bench {position}",
                role=Role.COUNSELOR,
                organization_id=place.id,
                password=password,
                phone=f"+861360{position:07d}",
            )
            _on_call(accounts.create_user(new=new, now=now), place.id, position, now)
        messaging.heartbeat(process="bench", now=now + STAYS)


def _on_call(user_id: int, organization_id: int, position: int, now: datetime) -> None:
    shift = NewShift(
        organization_id=organization_id,
        desk="line",
        user_id=user_id,
        starts_at=now - timedelta(hours=1),
        ends_at=now + STAYS,
        position=position + 2,
        by_user_id=user_id,
    )
    roster.add_shift(new=shift, now=now)


def queue(*, app: Flask, line: str, first: int, count: int) -> list[load.Order]:
    """Let calls come in, press 1, and fetch their wait document once; give their next fetches.

    The first of them ring everybody who is on call; the others wait because all are busy.
    """
    client = app.test_client()

    def follow(asked: load.Order) -> str:
        method, path, body, headers = asked
        answer = client.open(path, method=method, data=body, headers=headers, base_url=PUBLIC)
        found = ACTION.search(answer.text.replace("&amp;", "&"))
        if found is None:
            raise SystemExit(f"{path} led nowhere: {answer.status_code} {answer.text}")
        return found[1]

    fetches: list[load.Order] = []
    for call in range(first, first + count):
        menu = follow(order(path="/twilio/voice/in", call=call, line=line, CallStatus="ringing"))
        follow(order(path=menu, call=call, line=line, Digits="1"))
        wait = menu.replace("/menu/0", "/wait")
        fetches.append(order(path=wait, call=call, line=line, QueueTime="12"))
        if "/wait-key?" not in follow(fetches[-1]):
            raise SystemExit("a call does not wait")
    return fetches


def hold(*, app: Flask) -> None:
    """Let the present stage of every call last for the whole run."""
    with app.app_context(), transaction():
        ends_at = datetime.now(tz=UTC) + STAYS
        changed(sa.update(CALL).where(CALL.c.stage >= 0).values(stage_ends_at=ends_at))


def sweep(*, engine: sa.Engine) -> None:
    """Say that every call is looked after within seconds, as the sweep of a job process does."""
    due = CALL.update().where(CALL.c.state == "queued")
    with engine.begin() as connection:
        connection.execute(due.values(next_step_at=datetime.now(tz=UTC) + LOOKED_AT_WITHIN))


@contextmanager
def swept(*, engine: sa.Engine) -> Iterator[None]:
    """Sweep beside the run: without a job process each fetch would do all the work, too."""
    done = threading.Event()

    def work() -> None:
        while not done.wait(SWEPT_EVERY_S):
            sweep(engine=engine)

    beside = threading.Thread(target=work, daemon=True)
    beside.start()
    try:
        yield
    finally:
        done.set()
        beside.join()
        engine.dispose()


def statements(*, app: Flask, asked: list[load.Order]) -> tuple[dict[str, int], Counter[str]]:
    """Count what the last of these requests runs: by kind, and by the function that asked."""
    kinds: Counter[str] = Counter()
    places: Counter[str] = Counter()

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        del connection, cursor, rest
        kind = statement.split(None, 1)[0].lower()
        kinds[kind] += 1
        places[f"{kind} {_place()}"] += 1

    with app.app_context():
        engine = db.engine
        with schema_changes():
            sweep(engine=engine)
    sa.event.listen(engine, "before_cursor_execute", note)
    client = app.test_client()
    for method, path, body, headers in asked:
        # The first one of a process also loads what later ones find in memory.
        kinds.clear()
        places.clear()
        client.open(path, method=method, data=body, headers=headers, base_url=PUBLIC)
    sa.event.remove(engine, "before_cursor_execute", note)
    return {kind: kinds[kind] for kind in ("select", "insert", "update")}, places


def _place() -> str:
    frames = [
        frame
        for frame in traceback.extract_stack()
        if frame.filename.startswith(str(HOUSE)) and "/foundation/database" not in frame.filename
    ]
    last = frames[-1] if frames else None
    return f"{Path(last.filename).relative_to(HOUSE)}:{last.name}" if last else "-"


def profile(*, app: Flask, fetches: list[load.Order]) -> Mapping[str, float]:
    """Tell the share of the time that each package takes by itself, under cProfile, in percent."""
    ids = [path.split("/")[3] for _, path, _, _ in fetches]
    profiler = cProfile.Profile()
    with app.app_context():
        for turn in range(PROFILED + 10):
            if turn == 10:  # noqa: PLR2004 - the first ones warm up
                profiler.enable()
            document = _fetched(ids[turn % len(ids)], datetime.now(tz=UTC))
            twiml.render(document)
        profiler.disable()
        db.session.remove()
    own: Counter[str] = Counter()
    for (file, _, name), (_, _, seconds, _, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]  # not in its stub
        own[_package(file, name)] += seconds
    whole = own.total()
    return {package: seconds / whole * 100 for package, seconds in own.most_common(6)}


def _fetched(public_id: str, now: datetime) -> Document:
    """Answer one fetch as its webhook does: a look, and work only where something may be due."""
    seen = waiting.look(public_id=public_id, told=None, now=now)
    if seen is not None:
        db.session.rollback()
        return seen
    with transaction(patience_ms=WEBHOOK_PATIENCE_MS):
        return waiting.wait(public_id=public_id, told=None, now=now)


def _package(file: str, name: str) -> str:
    if file.startswith(str(HOUSE)):
        return "wellbeing"
    if "site-packages/" in file:
        return file.partition("site-packages/")[2].split("/")[0]
    driver = "sqlite3" in name or "psycopg" in name
    return "database driver" if driver else "Python itself"
