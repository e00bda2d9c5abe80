"""A person's shifts as an iCalendar (RFC 5545): desk and times, and nothing about anybody. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vText

from wellbeing.foundation.errors import NotFound

PRODUCT = "-//Growing Toward the Light//Duty roster//ZH"
REFRESH = timedelta(hours=1)


class NoSuchCalendar(NotFound):
    """There is no such calendar; its address may have been renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One shift, or another time of a person, as a calendar shows it; `uid` never changes."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime


def token_hash(*, token: str) -> bytes:
    """Hash a calendar's secret; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def calendar(*, name: str, entries: Iterable[Entry], now: datetime) -> str:
    """Write times as one calendar, in UTC, so that no zone must travel along."""
    written = Calendar()
    written.add("VERSION", "2.0")
    written.add("PRODID", PRODUCT)
    written.add("CALSCALE", "GREGORIAN")
    written.add("METHOD", "PUBLISH")
    written["X-WR-CALNAME"] = vText(name)
    written.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        written.add_component(_event(entry, now))
    octets: bytes = written.to_ical(sorted=False)
    return octets.decode()


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("UID", entry.uid)
    event.add("DTSTAMP", now.astimezone(UTC))
    event.add("DTSTART", entry.starts_at.astimezone(UTC))
    event.add("DTEND", entry.ends_at.astimezone(UTC))
    event.add("SUMMARY", entry.title)
    event.add("TRANSP", "OPAQUE")
    event.add("CLASS", "PRIVATE")
    return event
