"""create_app: the only wiring. No rule and no route lives here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate

from wellbeing import jobs
from wellbeing.carrier import bodies, gateway, voice_webhooks
from wellbeing.cli import commands
from wellbeing.foundation import clock, database, events, logs
from wellbeing.foundation.crypto import ring
from wellbeing.foundation.errors import ConfigurationError
from wellbeing.policy import current as policy
from wellbeing.policy import loader
from wellbeing.policy.model import Policy
from wellbeing.portal import (
    access,
    account,
    audit_log,
    canned,
    duties,
    filters,
    headers,
    health,
    pages,
    people,
    policy_viewer,
    queue,
    reporting,
    reports,
    roster,
    step_up,
    uploads,
    wall,
)
from wellbeing.portal.calls import routes as calls
from wellbeing.portal.cases import routes as cases
from wellbeing.portal.contacts import routes as contacts
from wellbeing.portal.escalations import routes as escalations
from wellbeing.portal.followups import routes as followups
from wellbeing.portal.grants import routes as grants
from wellbeing.reactions.table import REACTIONS

migrate = Migrate()

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Ground:
    """What every room finds installed in its process."""

    keys: ring.KeyRing
    policy: Policy
    clock_file: str | None
    production: bool

    def install(self) -> None:
        """Install clock, keys, policy and reactions for this process."""
        clock.install(path=self.clock_file, production=self.production)
        ring.install(ring=self.keys)
        policy.install(policy=self.policy)
        events.install(reactions=REACTIONS)


def create_app(
    *, environment: str | None = None, overrides: Mapping[str, Any] | None = None
) -> Flask:
    """Build the application for `environment` (default: WELLBEING_ENV, else production).

    Raises:
        ConfigurationError: settings are missing; the message lists all of them.

    """
    app = Flask(
        "wellbeing",
        root_path=str(ROOT / "wellbeing"),
        template_folder=str(ROOT / "templates"),
        static_folder="portal/static",
    )
    _configure(app, environment or os.environ.get("WELLBEING_ENV", "production"), overrides or {})
    if not app.config.get("TESTING"):
        logs.configure(level=app.config["LOG_LEVEL"])
    database.init_app(app)
    ground = Ground(
        keys=ring.parse(masters=app.config["KEY_RING"], index_key=app.config["INDEX_KEY"]),
        policy=loader.load(directory=ROOT / "config"),
        clock_file=app.config["CLOCK_FILE"],
        production=app.config["PRODUCTION"],
    )
    ground.install()
    app.extensions["wellbeing"] = ground
    # Doors that may not know the carrier find its port here.
    app.extensions["telephony"] = gateway.from_config(app.config)
    migrate.init_app(app, database.db, directory=str(ROOT / "migrations"), render_as_batch=True)
    _open_doors(app)
    app.wsgi_app = bodies.PromptBodies(app.wsgi_app)  # type: ignore[method-assign]  # Flask's way
    return app


BLUEPRINTS = (
    access.blueprint,
    account.blueprint,
    step_up.blueprint,
    queue.blueprint,
    calls.blueprint,
    contacts.blueprint,
    canned.blueprint,
    cases.blueprint,
    escalations.blueprint,
    followups.blueprint,
    duties.blueprint,
    grants.blueprint,
    roster.blueprint,
    audit_log.blueprint,
    people.blueprint,
    policy_viewer.blueprint,
    health.blueprint,
    reports.blueprint,
    wall.blueprint,
    reporting.blueprint,
)


def _open_doors(app: Flask) -> None:
    headers.init_app(app)
    # Before the pages: a form's token is read with its file, so the limit must be known by then.
    uploads.init_app(app)
    pages.init_app(app)
    filters.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_blueprint(voice_webhooks.blueprint)
    # The carrier signs its requests; a form token is for browsers.
    pages.csrf.exempt(voice_webhooks.blueprint)
    commands.init_app(app)
    app.cli.add_command(jobs.command)


def _configure(app: Flask, environment: str, overrides: Mapping[str, Any]) -> None:
    chosen = ROOT / "config" / f"{environment}.py"
    if not chosen.is_file():
        raise ConfigurationError(f"WELLBEING_ENV={environment}: there is no {chosen.name}")
    app.config.from_pyfile(str(ROOT / "config" / "default.py"))
    app.config.from_pyfile(str(chosen))
    if not app.config.get("TESTING"):
        names = (*app.config["REQUIRED"], *app.config["OPTIONAL"])
        app.config.update({name: os.environ[name] for name in names if os.environ.get(name)})
    app.config.update(overrides)
    missing = [name for name in app.config["REQUIRED"] if app.config.get(name) is None]
    if missing:
        raise ConfigurationError(f"set in the environment: {', '.join(missing)}")
    url = app.config["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = database.engine_options(url)
    app.config["TWILIO_AUTH_TOKENS"] = tuple(app.config["TWILIO_AUTH_TOKENS"].split(","))
