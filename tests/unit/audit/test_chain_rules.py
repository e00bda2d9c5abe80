"""The canonical form of an event and its hash; no database."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.audit.rules import (
    GENESIS,
    Anchor,
    EventContent,
    NotADetail,
    anchor_line,
    canonical,
    chained_hash,
    plain_details,
    read_anchor,
)

AT = datetime(2026, 11, 23, 14, 0, 0, 5, tzinfo=UTC)
EVENT = EventContent(
    id=3,
    at=AT,
    actor_kind="user",
    actor_id=7,
    action="opened_case",
    subject_kind="case",
    subject_id=12,
    details={"page": 2, "filter": {"level": 4}},
)
ANCHOR = Anchor(at=AT, sequence=12, hash="ab" * 32)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def test_the_canonical_form_is_this_and_stays_this():
    assert canonical(content=EVENT) == (
        b'[3,"2026-11-23T14:00:00.000005+00:00","user",7,"opened_case","case",12,'
        b'{"filter":{"level":4},"page":2}]'
    )


def test_the_zone_a_moment_is_written_in_changes_nothing():
    local = dataclasses.replace(EVENT, at=AT.astimezone(timezone(timedelta(hours=8))))

    assert canonical(content=local) == canonical(content=EVENT)


def test_the_order_of_details_changes_nothing():
    turned = dataclasses.replace(EVENT, details={"filter": {"level": 4}, "page": 2})

    assert canonical(content=turned) == canonical(content=EVENT)


@pytest.mark.parametrize(
    "change",
    [
        {"id": 4},
        {"at": AT + timedelta(microseconds=1)},
        {"actor_kind": "system"},
        {"actor_id": 8},
        {"action": "listed"},
        {"subject_kind": "contact"},
        {"subject_id": None},
        {"details": {"page": 3}},
    ],
)
def test_every_field_is_in_the_hash(change: dict[str, Any]):
    changed = dataclasses.replace(EVENT, **change)

    assert chained_hash(content=changed, sequence=1, previous=GENESIS) != chained_hash(
        content=EVENT, sequence=1, previous=GENESIS
    )


def test_the_place_and_the_hash_before_are_in_the_hash():
    here = chained_hash(content=EVENT, sequence=1, previous=GENESIS)

    assert chained_hash(content=EVENT, sequence=2, previous=GENESIS) != here
    assert chained_hash(content=EVENT, sequence=1, previous="ab" * 32) != here


@given(details=st.dictionaries(st.text(), PLAIN, max_size=3))
def test_plain_details_survive_another_trip_through_json(details: dict[str, Any]):
    once = plain_details(details=details)

    assert plain_details(details=once) == once


@pytest.mark.parametrize("wrong", [object(), float("nan"), {1, 2}, AT])
def test_what_json_cannot_give_back_is_refused(wrong: object):
    with pytest.raises(NotADetail):
        plain_details(details={"it": wrong})


def test_an_anchor_is_read_as_it_was_written():
    assert read_anchor(line=anchor_line(anchor=ANCHOR)) == ANCHOR


@pytest.mark.parametrize(
    "line",
    ["", "\n", anchor_line(anchor=ANCHOR)[:-1], "2026-11-23T14:00:00+00:00 twelve ab\n", "a b c\n"],
)
def test_a_damaged_anchor_is_no_anchor(line: str):
    assert read_anchor(line=line) is None
