"""The one clock: real UTC plus an offset that tests and demonstrations share by a file.

Sign-in, one-time passwords and sessions use `real_now`, so that a forwarded clock locks nobody out.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wellbeing.foundation.errors import ConfigurationError


@dataclass(slots=True)
class _Offset:
    path: Path | None = None
    stamp: int = -1
    value: timedelta = timedelta()


_offset = _Offset()


def install(*, path: str | None, production: bool) -> None:
    """Read the offset from `path` (one decimal number: seconds) from now on; None means none.

    Raises:
        ConfigurationError: a production service was given a clock file.

    """
    if path and production:
        raise ConfigurationError("CLOCK_FILE must not be set in production")
    _offset.path = Path(path) if path else None
    _offset.stamp = -1
    _offset.value = timedelta()


def now() -> datetime:
    """Tell the service's time, aware and in UTC."""
    return real_now() + _current_offset()


def real_now() -> datetime:
    """Tell the machine's time, aware and in UTC, whatever the offset says."""
    return datetime.now(tz=UTC)


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
