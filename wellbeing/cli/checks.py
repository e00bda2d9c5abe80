"""What `flask doctor` looks at on our own side of the wire. Nothing is repaired here."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from wellbeing.accounts.queries import people as accounts
from wellbeing.audit import queries as audit
from wellbeing.foundation import clock
from wellbeing.foundation.crypto import ring
from wellbeing.foundation.database import session
from wellbeing.messaging import queries as outbox
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy import loader
from wellbeing.policy.model import PolicyError, Tier
from wellbeing.roster import queries as roster
from wellbeing.telephony.gateway import Gateway

ROOT = Path(__file__).resolve().parents[2]
CLOCKS_APART = timedelta(seconds=2)
SEALED_WITHIN = timedelta(minutes=1)
SHORTEST_SECRET = 32
INVENTED = re.compile(r"\+86230")
"""No subscriber number of the area 23 begins with 0: such a number came with the software."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor: what was looked at, how it is, and what to do where it is wrong."""

    check: str
    ok: bool
    says: str
    do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The service that is looked at."""

    config: Mapping[str, Any]
    gateway: Gateway
    now: datetime

    @property
    def is_real(self) -> bool:
        """Tell whether students depend on it; a demonstration may do what it may not."""
        return bool(self.config["PRODUCTION"])


def settings(patient: Patient) -> Iterator[Finding]:
    """Look for settings of the demonstration or the tests in a real service."""
    if not patient.is_real:
        yield Finding(check="settings", ok=True, says="not a real service (WELLBEING_ENV)")
        return
    wrong = [*_known_secrets(patient.config), *_unfit(patient.config)]
    for name, says in wrong:
        yield Finding(check="settings", ok=False, says=f"{name} {says}", do=f"set {name} anew")
    if not wrong:
        yield Finding(check="settings", ok=True, says="secrets and addresses are a real service's")


def _known_secrets(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    public = runpy.run_path(str(ROOT / "config" / "testing.py"))
    for name in ("SECRET_KEY", "KEY_RING", "INDEX_KEY", "TWILIO_ACCOUNT_SID"):
        if config[name] == public[name]:
            yield name, "is the one of the tests, which everybody can read"
    if set(config["TWILIO_AUTH_TOKENS"]) & set(public["TWILIO_AUTH_TOKENS"].split(",")):
        yield "TWILIO_AUTH_TOKENS", "holds one of the tests, which everybody can read"
    if "demo" in ring.current().masters:
        yield "KEY_RING", "holds the key of the demonstration"


def _unfit(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if len(config["SECRET_KEY"]) < SHORTEST_SECRET:
        yield "SECRET_KEY", f"is shorter than {SHORTEST_SECRET} characters"
    if not config["PUBLIC_BASE_URL"].startswith("https://"):
        yield "PUBLIC_BASE_URL", "is not https"
    if (config["TELEPHONY_BASE_URL"] or "https://").startswith("http://"):
        yield "TELEPHONY_BASE_URL", "is not https: is it the pretend carrier?"
    if config["DATABASE_URL"].startswith("sqlite"):
        yield "DATABASE_URL", "is SQLite, which serves one machine only"


def policy_files(patient: Patient) -> Iterator[Finding]:
    """Read the policy again, and look for the invented numbers that come with the software."""
    try:
        line = loader.load(directory=ROOT / "config").line
    except PolicyError as error:
        for problem in error.problems:
            yield Finding(check="policy", ok=False, says=problem, do="correct the file")
        return
    named = [*line.own_numbers(), line.lifeline.dialled, *line.voice.fallback_numbers]
    invented = [number for number in named if INVENTED.match(number)]
    if patient.is_real and invented:
        says = f"line.toml still holds invented numbers: {', '.join(invented)}"
        yield Finding(check="policy", ok=False, says=says, do="put the site's own numbers there")
    else:
        yield Finding(check="policy", ok=True, says="complete and consistent")


def database(patient: Patient) -> Iterator[Finding]:
    """Ask the database whether its schema is this software's."""
    del patient
    scripts = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
    there = set(MigrationContext.configure(session().connection()).get_current_heads())
    wanted = set(scripts.get_heads())
    yield Finding(
        check="database",
        ok=there == wanted,
        says=f"schema {', '.join(sorted(there)) or 'none'}; this software: {', '.join(wanted)}",
        do="run: flask --app wsgi db upgrade",
    )


def clocks(patient: Patient) -> Iterator[Finding]:
    """Compare our clock with the database's; a real service has no offset."""
    offset = clock.offset()
    if patient.is_real and offset:
        says = f"moved by {offset.total_seconds():.0f} s"
        yield Finding(check="clock", ok=False, says=says, do="take CLOCK_FILE away")
    apart = abs(_database_time() - clock.real_now())
    yield Finding(
        check="clock",
        ok=apart <= CLOCKS_APART,
        says=f"{apart.total_seconds():.1f} s from the database's clock",
        do="let NTP set the clocks of both machines",
    )


def _database_time() -> datetime:
    connection = session().connection()
    if connection.dialect.name == "sqlite":
        asked = "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"
        text: str = connection.exec_driver_sql(asked).scalar_one()
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    moment: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    return moment.astimezone(UTC)


def keys(patient: Patient) -> Iterator[Finding]:
    """Wrap and unwrap with every master key, and open what is stored of the staff's numbers."""
    del patient
    masters = ring.current()
    for name in masters.masters:
        only = ring.KeyRing(masters={name: masters.masters[name]}, index_key=masters.index_key)
        _, wrapped = only.wrap(data_key=bytes(ring.KEY_BYTES), context=b"doctor")
        masters.unwrap(name=name, wrapped=wrapped, context=b"doctor")
    try:
        opened = _stored_numbers()
    except ring.Unreadable as error:
        says = f"what is stored does not open: {error}"
        yield Finding(check="keys", ok=False, says=says, do="put the missing key back on KEY_RING")
        return
    says = f"{len(masters.masters)} on the ring; {opened} stored numbers opened"
    yield Finding(check="keys", ok=True, says=says)


def _stored_numbers() -> int:
    """Open the numbers of the municipal staff, and count them."""
    if organizations.is_empty():
        return 0
    staff = accounts.users_of(organization_id=organizations.municipality().id)
    return sum(accounts.phone_of(user_id=person.id) is not None for person in staff)


def jobs(patient: Patient) -> Iterator[Finding]:
    """Ask for the sign of life of a process that delivers."""
    alive = outbox.is_delivery_alive(now=patient.now)
    yield Finding(
        check="jobs",
        ok=alive,
        says="a jobs process delivers" if alive else "no jobs process gave a sign of life",
        do="start one: flask --app wsgi jobs",
    )


def sealing(patient: Patient) -> Iterator[Finding]:
    """Ask since when the oldest audit event waits for its seal, and where anchors go."""
    since = audit.next_due()
    waits = patient.now - since if since is not None else timedelta()
    yield Finding(
        check="audit",
        ok=waits <= SEALED_WITHIN,
        says=f"the oldest unsealed event waits for {max(waits.total_seconds(), 0):.0f} s",
        do="look why the jobs process does not seal",
    )
    anchor = patient.config["AUDIT_ANCHOR_FILE"]
    if anchor and not Path(anchor).parent.is_dir():
        yield Finding(
            check="audit",
            ok=False,
            says=f"the folder of AUDIT_ANCHOR_FILE is not there: {Path(anchor).parent}",
            do="make it, on another machine's disk if you can",
        )


def coverage(patient: Patient) -> Iterator[Finding]:
    """Ask whether somebody with a phone stands on each municipal desk that never closes."""
    if organizations.is_empty():
        says, do = "there are no organizations yet", "run: flask --app wsgi import-organizations"
        yield Finding(check="desks", ok=False, says=says, do=do)
        return
    city = organizations.municipality()
    for desk in policy.current().line.desks:
        if desk.tier is not Tier.MUNICIPAL or not desk.around_the_clock:
            continue
        on_call = roster.on_call_at(organization_id=city.id, desk=desk.key, at=patient.now)
        can_ring = roster.available_at(organization_id=city.id, desk=desk.key, at=patient.now)
        yield Finding(
            check=f"desk {desk.key}",
            ok=bool(can_ring),
            says=f"{len(on_call)} on call, {len(can_ring)} with a phone that can ring",
            do=f"put somebody with a phone on the roster of: {desk.name_en}",
        )


def school_days(patient: Patient) -> Iterator[Finding]:
    """Ask whether the holidays of this year, and in December those of the next, are known."""
    rules = policy.current().followups
    today = patient.now.astimezone(ZoneInfo(rules.zone)).date()
    missing = rules.calendar.missing_year(today=today)
    yield Finding(
        check="school days",
        ok=missing is None,
        says=f"holidays and make-up days of {missing or today.year} "
        + ("are missing" if missing else "are known"),
        do="enter them in config/calendar.toml from the State Council's notice",
    )
