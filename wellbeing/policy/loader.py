"""Reads a directory of TOML into one `Policy`, or refuses it with every mistake at once.

How each file is read lies in `reading`; what a value means for a student lies in the rooms.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from wellbeing.policy.model import Language, Policy, PolicyError, TriagePolicy
from wellbeing.policy.reading.calendar import read_calendar
from wellbeing.policy.reading.cases import read_cases
from wellbeing.policy.reading.desks import Desks
from wellbeing.policy.reading.followups import read_followups
from wellbeing.policy.reading.line import read_line
from wellbeing.policy.reading.privacy import read_privacy
from wellbeing.policy.reading.prompts import read_prompts
from wellbeing.policy.reading.safety import read_safety
from wellbeing.policy.reading.screeners import LOGIC, read_screeners
from wellbeing.policy.reading.table import Problems, Table, absent
from wellbeing.policy.reading.tiers import read_tiers
from wellbeing.policy.reading.triage import read_triage


def load(directory: Path) -> Policy:
    """Read a directory: its files, `screeners/*.toml` and `prompts/{zh,en}.toml`.

    Raises:
        PolicyError: one line per mistake, each naming file, table and key.

    """
    problems = Problems()
    line = read_line(table=_opened(directory, "line.toml", problems))
    triage = _triage(directory, problems)
    followups = read_followups(
        table=_opened(directory, "followups.toml", problems),
        calendar=read_calendar(table=_opened(directory, "calendar.toml", problems)),
    )
    policy = Policy(
        line=line,
        triage=triage,
        tiers=read_tiers(
            table=_opened(directory, "tiers.toml", problems), desks=Desks(entries=line.desks)
        ),
        cases=read_cases(table=_opened(directory, "cases.toml", problems)),
        followups=followups,
        safety=read_safety(table=_opened(directory, "safety.toml", problems)),
        privacy=read_privacy(
            table=_opened(directory, "privacy.toml", problems),
            caller_types=[one.key for one in triage.caller_types],
        ),
        prompts=read_prompts(
            tables={one: _opened(directory, f"prompts/{one}.toml", problems) for one in Language},
            line=line,
            followups=followups,
        ),
    )
    if problems.lines:
        raise PolicyError(*problems.lines)
    return policy


def _triage(directory: Path, problems: Problems) -> TriagePolicy:
    return read_triage(
        table=_opened(directory, "triage.toml", problems),
        screeners=read_screeners(
            tables={one: _opened(directory, f"screeners/{one}.toml", problems) for one in LOGIC}
        ),
        directory=directory,
    )


def _opened(directory: Path, file: str, problems: Problems) -> Table:
    try:
        values = tomllib.loads((directory / file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        says = "the file is missing"
    except (OSError, UnicodeDecodeError):
        says = "the file cannot be read as UTF-8 text"
    except tomllib.TOMLDecodeError as error:
        says = f"is not TOML: {error}"
    else:
        return Table(file=file, path="", values=values, problems=problems)
    problems.lines.append(f"{file}: {says}")
    return absent(file=file, path="")
