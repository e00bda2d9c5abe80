"""`flask doctor`: one line for each thing that must be right, and what to do where it is not."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import with_appcontext

from wellbeing.carrier import gateway
from wellbeing.cli import carrier_checks, checks, watch_checks
from wellbeing.cli.checks import Finding, Patient
from wellbeing.foundation import clock
from wellbeing.foundation.database import session

logger = logging.getLogger(__name__)

CHECKS: tuple[Callable[[Patient], Iterable[Finding]], ...] = (
    checks.settings,
    checks.policy_files,
    checks.database,
    checks.clocks,
    checks.keys,
    checks.jobs,
    watch_checks.sweeps,
    watch_checks.promises,
    watch_checks.test_pages,
    checks.sealing,
    checks.coverage,
    checks.school_days,
    carrier_checks.account,
)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For a program: findings as JSON.")
@with_appcontext
def command(*, as_json: bool) -> None:
    """Check settings, policy, database, clock, keys, jobs, rosters, numbers and fallbacks."""
    patient = Patient(
        config=current_app.config,
        gateway=gateway.from_config(current_app.config),
        now=clock.now(),
    )
    findings = examine(patient=patient)
    is_well = all(finding.ok for finding in findings)
    if as_json:
        found = {"ok": is_well, "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _print(findings)
    if not is_well:
        sys.exit(1)


def examine(*, patient: Patient) -> tuple[Finding, ...]:
    """Make every check; one that fails by itself is a finding and stops none of the others."""
    return tuple(finding for check in CHECKS for finding in _made(check, patient))


def _made(check: Callable[[Patient], Iterable[Finding]], patient: Patient) -> tuple[Finding, ...]:
    name = getattr(check, "__name__", "check")
    try:
        return tuple(check(patient))
    except Exception as error:
        # The edge of a door: whatever is broken, the other lines must still be told.
        logger.exception("a check could not be made", extra={"check": name})
        says = f"could not be looked at: {type(error).__name__}"
        return (Finding(check=name, ok=False, says=says, do="see the log; is the database up?"),)
    finally:
        session().rollback()


def _print(findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.check}: {finding.says}")
        if not finding.ok:
            click.echo(f"       → {finding.do}")
    wrong = sum(not finding.ok for finding in findings)
    click.echo(f"{wrong} of {len(findings)} findings are wrong." if wrong else "All is well.")
