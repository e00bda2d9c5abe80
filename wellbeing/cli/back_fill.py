"""The command that back-fills by hand; the work itself is the carrier door's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click
from flask import current_app
from flask.cli import with_appcontext

from wellbeing.carrier import gateway
from wellbeing.carrier.back_fill import back_fill
from wellbeing.foundation import clock
from wellbeing.telephony.gateway import TelephonyError

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Since(click.ParamType[datetime]):
    """How far back: "30m", "2h", "3d", or a moment such as 2026-11-23T22:00+08:00."""

    name = "30m|2h|3d|ISO time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read a stretch before now, or a moment; one without a zone is UTC."""
        if isinstance(value, datetime):
            return value
        stretch = re.fullmatch(r"(\d{1,5})([mhd])", str(value))
        if stretch:
            return clock.now() - timedelta(**{UNITS[stretch[2]]: int(stretch[1])})
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is neither like 30m, 2h, 3d nor a moment", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command("back-fill")
@click.option("--since", type=Since(), required=True, help="30m, 2h, 3d, or a moment (ISO).")
@with_appcontext
def command(since: datetime) -> None:
    """Record texts and calls that reached the carrier while this service was down."""
    try:
        counts = back_fill(
            gateway=gateway.from_config(current_app.config), since=since, now=clock.now()
        )
    except TelephonyError as error:
        raise click.ClickException(f"the carrier does not answer: {error}; try again") from error
    click.echo(f"Recorded {counts.texts} texts and {counts.calls} calls that we had missed.")
    if counts.failed:
        raise click.ClickException(
            f"{counts.failed} could not be recorded: see the log, then run this again"
        )
