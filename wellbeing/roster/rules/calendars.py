"""A person's shifts as an iCalendar (RFC 5545): desk and times, and nothing about anybody. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from wellbeing.foundation.errors import NotFound

LINE_BYTES = 75
"""Longer lines are folded (RFC 5545, 3.1)."""
PRODUCT = "-//Growing Toward the Light//Duty roster//ZH"
REFRESH = "PT1H"


class NoSuchCalendar(NotFound):
    """There is no such calendar; its address may have been renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One shift as a calendar shows it."""

    shift_id: int
    desk_name: str
    starts_at: datetime
    ends_at: datetime


def token_hash(*, token: str) -> bytes:
    """Hash a calendar's secret; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def calendar(*, name: str, entries: Iterable[Entry], now: datetime) -> str:
    """Write shifts as one calendar, in UTC, so that no zone must travel along."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
    ]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:shift-{entry.shift_id}@roster",
            f"DTSTAMP:{_moment(now)}",
            f"DTSTART:{_moment(entry.starts_at)}",
            f"DTEND:{_moment(entry.ends_at)}",
            f"SUMMARY:{_text(entry.desk_name)}",
            "TRANSP:OPAQUE",
            "CLASS:PRIVATE",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{piece}\r\n" for line in lines for piece in _folded(line))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Cut a line into pieces of at most 75 bytes, never inside a character."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > LINE_BYTES:
            yield piece
            piece = " "
        piece += letter
    yield piece
