"""Notes: nobody's words are lost, nobody changes another's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import cases as factory
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.models.cases import ENTRY, LEVEL_CHANGE, NOTE
from wellbeing.cases.operations import entries, notes
from wellbeing.cases.queries import cases as queries
from wellbeing.cases.queries import notes as note_queries
from wellbeing.cases.rules.cases import NoteKind, NothingWritten, NotYourNote, StaleNote
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import NotFound


def edit(case_id: int, note_id: int, body: str, *, by: int, version: int = 1) -> int:
    with transaction():
        return notes.edit_note(
            case_id=case_id,
            note_id=note_id,
            by=by,
            body=body,
            version=version,
            now=NOW + timedelta(minutes=5),
        )


def test_a_note_is_read_as_it_was_written(people: People):
    made = factory.make_case(owner_id=people.counselor)

    note_id = factory.make_note(case_id=made.case_id, by=people.counselor, body="虚构 🌱\n第二行")

    found = note_queries.note(note_id=note_id, case_id=made.case_id)
    assert (found.body, found.kind, found.version) == ("虚构 🌱\n第二行", NoteKind.NOTE, 1)
    assert note_queries.notes(case_id=made.case_id)[0] == found


def test_a_supervisors_note_on_anothers_case_is_supervision(people: People):
    made = factory.make_case(owner_id=people.counselor)

    with transaction():
        note_id = notes.add_note(
            case_id=made.case_id,
            by=factory.supervisor_decides(people.supervisor),
            body="虚构：请再问一次。",
            now=NOW,
        )

    assert note_queries.note(note_id=note_id, case_id=made.case_id).kind is NoteKind.SUPERVISION


@pytest.mark.parametrize("body", ["", " \n ", "\x00\x01"])
def test_a_note_without_words_is_refused(people: People, body: str):
    made = factory.make_case(owner_id=people.counselor)

    with pytest.raises(NothingWritten):
        factory.make_note(case_id=made.case_id, by=people.counselor, body=body)


def test_a_changed_note_keeps_its_earlier_words_in_the_timeline(people: People):
    made = factory.make_case(owner_id=people.counselor)
    note_id = factory.make_note(case_id=made.case_id, by=people.counselor, body="虚构：旧")

    version = edit(made.case_id, note_id, "虚构：新", by=people.counselor)

    found = note_queries.note(note_id=note_id, case_id=made.case_id)
    entry = queries.timeline(case_id=made.case_id, limit=1)[0]
    assert (version, found.body, found.edited_at) == (2, "虚构：新", NOW + timedelta(minutes=5))
    assert (entry.kind, entry.details) == ("note_changed", {"before": "虚构：旧"})


def test_two_editors_of_one_note_see_both_versions(people: People):
    made = factory.make_case(owner_id=people.counselor)
    note_id = factory.make_note(case_id=made.case_id, by=people.counselor, body="虚构：旧")
    edit(made.case_id, note_id, "虚构：第一个窗口", by=people.counselor)

    with pytest.raises(StaleNote) as refused:
        edit(made.case_id, note_id, "虚构：第二个窗口", by=people.counselor)

    assert refused.value.saved.body == "虚构：第一个窗口"
    assert refused.value.saved.version == 2
    assert refused.value.yours == "虚构：第二个窗口"
    assert note_queries.note(note_id=note_id, case_id=made.case_id).body == "虚构：第一个窗口"


def test_a_note_is_changed_only_by_its_writer(people: People):
    made = factory.make_case(owner_id=people.counselor)
    note_id = factory.make_note(case_id=made.case_id, by=people.counselor)

    with pytest.raises(NotYourNote):
        edit(made.case_id, note_id, "虚构：改", by=people.colleague)


def test_a_note_of_another_case_is_not_found(people: People):
    mine, other = (factory.make_case(owner_id=people.counselor) for _ in range(2))
    note_id = factory.make_note(case_id=other.case_id, by=people.counselor)

    with pytest.raises(NotFound):
        edit(mine.case_id, note_id, "虚构：改", by=people.counselor)


def test_no_table_of_a_case_holds_its_words_in_the_clear(people: People):
    made = factory.make_case(owner_id=people.counselor, note="虚构独特词语甲")
    factory.make_note(case_id=made.case_id, by=people.counselor, body="虚构独特词语乙")
    with transaction():
        entries.add_entry(
            case_id=made.case_id,
            kind="escalated",
            actor_id=people.counselor,
            facts={"escalation_id": 1, "acknowledge_by": NOW},
            details={"reason": "虚构独特词语丙"},
            now=NOW,
        )

    rows = [
        row for table in (NOTE, LEVEL_CHANGE, ENTRY) for row in session().execute(select(table))
    ]

    stored = b" ".join(
        value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
    )
    assert "虚构独特词语".encode() not in stored


def test_the_timeline_is_read_page_by_page_and_by_kind(people: People):
    made = factory.make_case(owner_id=people.counselor)
    for _ in range(3):
        factory.make_note(case_id=made.case_id, by=people.counselor)

    first = queries.timeline(case_id=made.case_id, limit=2)
    rest = queries.timeline(case_id=made.case_id, before=first[-1].entry_id, limit=9)
    opened = queries.timeline(case_id=made.case_id, kinds=["opened"], limit=9)

    assert [entry.kind for entry in (*first, *rest)] == ["note_added"] * 4 + ["opened"]
    assert [entry.kind for entry in opened] == ["opened"]


def test_moments_among_the_facts_are_kept_with_their_zone(people: People):
    made = factory.make_case(owner_id=people.counselor)

    with transaction():
        entries.add_entry(
            case_id=made.case_id,
            kind="escalated",
            actor_id=None,
            facts={"acknowledge_by": NOW},
            now=NOW,
        )

    entry = queries.timeline(case_id=made.case_id, limit=1)[0]
    assert entry.facts == {"acknowledge_by": "2026-11-23T14:00:00+00:00"}
    assert entry.details == {}
