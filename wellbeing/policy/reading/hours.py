"""Wall times of a policy: zones that exist, hours that do not overlap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wellbeing.policy.model import Hours
from wellbeing.policy.reading.table import UNREADABLE, Table

_FALLBACK_ZONE = "UTC"


def zone(*, table: Table) -> str:
    """Read the key `zone`: a name of the time zone database such as Asia/Shanghai."""
    name = table.text(key="zone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if name != UNREADABLE:
            table.wrong(key="zone", says=f"“{name}” is not a time zone such as Asia/Shanghai")
        return _FALLBACK_ZONE
    return name


def hours(*, table: Table, zone: str) -> Hours:
    """Read `starts` and `ends`; a stretch over midnight is fine, an empty one is not."""
    found = Hours(starts=table.moment(key="starts"), ends=table.moment(key="ends"), zone=zone)
    if found.starts == found.ends:
        table.wrong(key="ends", says="is the same as starts")
    return found


def hours_of_a_day(*, tables: Sequence[Table], zone: str) -> tuple[Hours, ...]:
    """Read stretches of one day, in order and without overlap."""
    found = []
    for table in tables:
        found.append(hours(table=table, zone=zone))
        if found[-1].ends < found[-1].starts:
            table.wrong(key="ends", says="lies before starts")
        table.close()
    for table, (before, after) in zip(tables[1:], pairwise(found), strict=True):
        if after.starts < before.ends:
            table.wrong(key="starts", says="overlaps the hours before it")
    return tuple(found)
