"""The one clock: real UTC that does not jump, plus an offset that tests and demonstrations share.

Sign-in, one-time passwords and sessions use `real_now`, so that a forwarded clock locks nobody out.

A machine's clock that leaps (a wrong NTP server, a restored image) would escalate every case of the
city at once, or let nothing happen for an hour. So a process keeps its own steady count beside it
and does not follow a leap: it goes on at its own pace and says so, until it is started anew.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wellbeing.foundation.errors import ConfigurationError

logger = logging.getLogger(__name__)

FOLLOWED_AHEAD = timedelta(minutes=15)
"""A step forward of so much is followed: a machine that slept late is better than one that lags."""
FOLLOWED_BACK = timedelta(seconds=2)
"""A step back of so much is followed: NTP sets no clock of a healthy machine further back."""
ONE_MOMENT, LOOKS = 0.2, 5


def _wall() -> datetime:
    return datetime.now(tz=UTC)


def _steady() -> float:
    # Linux counts a machine's sleep with it; elsewhere the nearest that there is.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The machine's wall clock, and seconds that only ever grow."""

    wall: Callable[[], datetime] = _wall
    steady: Callable[[], float] = _steady


@dataclass(slots=True)
class _Offset:
    path: Path | None = None
    stamp: int = -1
    value: timedelta = timedelta()


@dataclass(slots=True)
class _Pace:
    """What the two clocks said when they last agreed; `leap` is what is not followed."""

    sources: Sources
    agreed: tuple[datetime, float] | None = None
    leap: timedelta = timedelta()


_offset = _Offset()
_pace = _Pace(Sources())


def install(*, path: str | None, production: bool, sources: Sources | None = None) -> None:
    """Read the offset from `path` (one decimal number: seconds) from now on; None means none.

    Raises:
        ConfigurationError: a production service was given a clock file.

    """
    if path and production:
        raise ConfigurationError("CLOCK_FILE must not be set in production")
    _offset.path = Path(path) if path else None
    _offset.stamp = -1
    _offset.value = timedelta()
    _pace.sources = sources or Sources()
    _pace.agreed = None
    _pace.leap = timedelta()


def now() -> datetime:
    """Tell the service's time, aware and in UTC."""
    return real_now() + _current_offset()


def real_now() -> datetime:
    """Tell the real time, aware and in UTC, whatever the offset says and without leaps."""
    wall, steady = _looked()
    if _pace.agreed is None:
        _pace.agreed = (wall, steady)
        return wall
    at, since = _pace.agreed
    expected = at + timedelta(seconds=steady - since)
    apart = wall - expected
    if -FOLLOWED_BACK <= apart <= FOLLOWED_AHEAD:
        # Slow corrections are followed step by step; only the pair is written, so threads agree.
        _pace.agreed = (wall, steady)
        _pace.leap = timedelta()
        return wall
    if not _pace.leap:
        logger.critical(
            "the machine's clock leapt; it is not followed", extra={"by_s": apart.total_seconds()}
        )
    _pace.leap = apart
    return expected


def _looked() -> tuple[datetime, float]:
    """Read both clocks in one moment; a process that was held up in between looks again."""
    for _ in range(LOOKS):
        before, wall, after = _pace.sources.steady(), _pace.sources.wall(), _pace.sources.steady()
        if after - before < ONE_MOMENT:
            break
    return wall, after


def leap() -> timedelta:
    """Tell by how much the machine's clock leapt away from this process; nothing is well."""
    real_now()
    return _pace.leap


def set_offset(*, offset: timedelta) -> None:
    """Write the shared offset so that web, jobs and simulator move together.

    Raises:
        ConfigurationError: no clock file is installed.

    """
    if _offset.path is None:
        raise ConfigurationError("set CLOCK_FILE before moving the clock")
    draft = _offset.path.with_name(f"{_offset.path.name}.{os.getpid()}")
    draft.write_text(f"{offset.total_seconds():.6f}\n", encoding="ascii")
    draft.replace(_offset.path)


def offset() -> timedelta:
    """Tell how far the service's time is ahead of the machine's."""
    return _current_offset()


def _current_offset() -> timedelta:
    if _offset.path is None:
        return timedelta()
    try:
        stamp = _offset.path.stat().st_mtime_ns
    except FileNotFoundError:
        return timedelta()
    if stamp != _offset.stamp:
        _offset.value = timedelta(seconds=float(_offset.path.read_text(encoding="ascii") or 0))
        _offset.stamp = stamp
    return _offset.value
