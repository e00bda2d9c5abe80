"""What `flask doctor` looks at in the scheduled work: sweeps, promises, test pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from wellbeing.cli.checks import Finding, Patient
from wellbeing.escalation import queries as pages
from wellbeing.messaging import queries as outbox
from wellbeing.organizations import queries as organizations
from wellbeing.worklists.queries import auditing


def sweeps(patient: Patient) -> Iterator[Finding]:
    """Ask whether every sweep came through lately, and what the watch found."""
    silent = outbox.silent_sweeps(now=patient.now)
    known = len(outbox.sweeps())
    yield Finding(
        check="sweeps",
        ok=bool(known) and not silent,
        says=f"silent: {', '.join(silent)}" if silent else f"{known} came through lately",
        do="look at the log of the jobs process, and start it anew",
    )
    found = outbox.watched()
    if found is not None and found.leap:
        says = f"the clock of a jobs process leapt by {found.leap.total_seconds():.0f} s"
        do = "set the machine's clock right, then start web and jobs anew"
        yield Finding(check="sweeps", ok=False, says=says, do=do)


def promises(patient: Patient) -> Iterator[Finding]:
    """Look for promises without a next step, with one that passed, or that nobody holds."""
    broken = auditing.broken_promises(now=patient.now)
    counted = Counter(f"{one.kind.value} {one.says.value}" for one in broken)
    shown = ", ".join(f"{number} {what}" for what, number in sorted(counted.items()))
    yield Finding(
        check="promises",
        ok=not broken,
        says=shown or "each has a next step, a time and a holder",
        do="is a jobs process alive? if nobody holds it, give the case to somebody who is here",
    )


def test_pages(patient: Patient) -> Iterator[Finding]:
    """Ask for the desks where nobody confirmed a page, real or test, for too long."""
    if organizations.is_empty():
        return
    silent = pages.silent_desks(now=patient.now)
    yield Finding(
        check="test pages",
        ok=not silent,
        says=f"nobody confirmed at: {', '.join(silent)}" if silent else "no desk is silent",
        do="flask --app wsgi page test --desk DESK --wait 300, and look who does not hear it",
    )
