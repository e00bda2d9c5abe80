"""A calendar is what RFC 5545 says, and holds nothing about anybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.factories.moments import NOW
from wellbeing.roster.rules.calendars import Entry, calendar, token_hash

ENTRY = Entry(
    uid="shift-7@roster",
    title="市级值班台",
    starts_at=datetime(2026, 12, 1, 0, tzinfo=UTC),
    ends_at=datetime(2026, 12, 1, 12, tzinfo=UTC),
)


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_a_shift_is_one_event_with_desk_and_times_in_utc():
    lines = unfolded(calendar(name="值班", entries=[ENTRY], now=NOW))

    assert lines == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Growing Toward the Light//Duty roster//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:值班",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "BEGIN:VEVENT",
        "UID:shift-7@roster",
        "DTSTAMP:20261123T140000Z",
        "DTSTART:20261201T000000Z",
        "DTEND:20261201T120000Z",
        "SUMMARY:市级值班台",
        "TRANSP:OPAQUE",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_signs_that_mean_something_are_escaped():
    text = calendar(name="a;b,c\\d\ne", entries=(), now=NOW)

    assert "X-WR-CALNAME:a\\;b\\,c\\\\d\\ne" in unfolded(text)


@given(
    name=st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), max_size=200
    )
)
def test_no_line_is_longer_than_75_bytes_and_folding_loses_nothing(name: str):
    text = calendar(name=name, entries=(), now=NOW + timedelta(hours=1))

    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    plain = name.replace(";", "\\;").replace(",", "\\,")
    assert f"X-WR-CALNAME:{plain}" in unfolded(text)


def test_a_secret_is_kept_as_a_hash():
    assert token_hash(token="lantern") != b"lantern"
    assert len(token_hash(token="lantern")) == 32
