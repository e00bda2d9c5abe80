from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from wellbeing.policy.model import Hours

NIGHT = Hours(starts=time(22), ends=time(7), zone="Asia/Shanghai")
LESSONS = Hours(starts=time(8), ends=time(12), zone="Asia/Shanghai")


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"),
    [(13, 59, False), (14, 0, True), (20, 0, True), (22, 59, True), (23, 0, False)],
)
def test_quiet_hours_run_over_midnight_by_local_time(hour: int, minute: int, quiet: bool):  # noqa: FBT001 - a column of the table above
    """22:00 in Chongqing is 14:00 UTC; 07:00 is 23:00 UTC of the day before."""
    moment = datetime(2026, 3, 9, hour, minute, tzinfo=UTC)

    assert NIGHT.covers(moment=moment) is quiet


@pytest.mark.parametrize(
    ("hour", "minute", "inside"), [(23, 59, False), (0, 0, True), (3, 59, True), (4, 0, False)]
)
def test_hours_of_a_day_include_their_start_and_not_their_end(
    hour: int,
    minute: int,
    inside: bool,  # noqa: FBT001 - a column of the table above
):
    moment = datetime(2026, 3, 9, hour, minute, tzinfo=UTC)

    assert LESSONS.covers(moment=moment) is inside
