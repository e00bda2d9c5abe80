"""Documents of a case: sealed, counted, kept once, withdrawn and never silently gone."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.factories import cases as factory
from tests.factories.documents import WORDS, make_document, pdf
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.models.documents import DOCUMENT
from wellbeing.cases.operations import documents as operations
from wellbeing.cases.operations import resting
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import documents as queries
from wellbeing.cases.rules.cases import CaseIsClosed, CaseRow
from wellbeing.cases.rules.documents import (
    AlreadyWithdrawn,
    DocumentKnown,
    EmptyFile,
    FileTooLarge,
    MightDoHarm,
    NoSuchDocument,
    NotKept,
    NotYoursToWithdraw,
    TooManyDocuments,
)
from wellbeing.cases.rules.people import ReasonMissing
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.crypto.ring import Unreadable
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.documents import DocumentKind

WHY = "虚构：放错了个案。"


@pytest.fixture
def case(people: People) -> CaseRow:
    return factory.make_case(owner_id=people.counselor)


def test_a_document_is_read_as_it_was_kept_and_lies_sealed(people: People, case: CaseRow):
    made = make_document(case_id=case.case_id, by=people.counselor)

    row = session().execute(select(DOCUMENT)).mappings().one()
    assert (made.kind, made.name, made.size) == (DocumentKind.TEXT, "示例回信.txt", 45)
    assert queries.content_of(document=made) == WORDS.encode()
    for column in ("content_sealed", "name_sealed"):
        assert WORDS.encode() not in row[column]
        assert "示例".encode() not in row[column]
        assert row[column][1:17] == case.data_key_id.bytes
    with pytest.raises(Unreadable):
        sealed.open_bytes(row["content_sealed"], place=queries.NAME_PLACE)


def test_adding_and_withdrawing_stand_in_the_timeline(people: People, case: CaseRow):
    made = make_document(case_id=case.case_id, by=people.counselor)
    with transaction():
        operations.withdraw(
            document=made,
            reason=WHY,
            by=factory.counselor_decides(people.counselor),
            now=NOW,
        )

    entries = cases.timeline(case_id=case.case_id, limit=2)
    assert [(one.kind, one.facts, one.details) for one in entries] == [
        (
            "document_withdrawn",
            {"document_id": made.document_id, "document_kind": "text"},
            {"reason": WHY},
        ),
        ("document_added", {"document_id": made.document_id, "document_kind": "text"}, {}),
    ]


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (b"", EmptyFile),
        (b"x" * (10 * 1024 * 1024 + 1), FileTooLarge),
        (b"MZ\x90\x00", NotKept),
        (b"<script>alert(1)</script>", MightDoHarm),
    ],
    ids=["empty", "large", "program", "script"],
)
def test_what_is_refused_is_refused_by_its_name(
    people: People, raw: bytes, refusal: type[Exception]
):
    with pytest.raises(refusal):
        operations.inspected(raw=raw, name="信.pdf")


def test_a_wrong_ending_is_set_right(people: People, case: CaseRow):
    made = make_document(case_id=case.case_id, by=people.counselor, raw=pdf(), name="照片.jpg")

    assert (made.kind, made.name) == (DocumentKind.PDF, "照片.pdf")


def test_the_same_document_counts_once_but_in_another_case_again(people: People, case: CaseRow):
    other = factory.make_case(owner_id=people.counselor)
    made = make_document(case_id=case.case_id, by=people.counselor)
    make_document(case_id=other.case_id, by=people.counselor)

    with pytest.raises(DocumentKnown):
        make_document(case_id=case.case_id, by=people.counselor, name="又一次.txt")
    indexes = session().execute(select(DOCUMENT.c.content_index)).scalars().all()
    assert len(set(indexes)) == 2
    with transaction():
        operations.withdraw(
            document=made, reason=WHY, by=factory.counselor_decides(people.counselor), now=NOW
        )
    make_document(case_id=case.case_id, by=people.counselor)


def test_a_case_holds_as_many_as_the_policy_says(people: People, case: CaseRow):
    for number in range(60):
        make_document(case_id=case.case_id, by=people.counselor, raw=f"示例 {number}".encode())

    with pytest.raises(TooManyDocuments):
        make_document(case_id=case.case_id, by=people.counselor)
    assert queries.standing_count(case_id=case.case_id) == 60


def test_a_withdrawn_document_is_seen_by_supervisors_alone(people: People, case: CaseRow):
    made = make_document(case_id=case.case_id, by=people.counselor)
    with transaction():
        operations.withdraw(
            document=made, reason=WHY, by=factory.counselor_decides(people.counselor), now=NOW
        )

    with pytest.raises(NoSuchDocument):
        queries.get(document_id=made.document_id, case_id=case.case_id, is_supervisor=False)
    assert queries.of_case(case_id=case.case_id, is_supervisor=False) == ()
    (seen,) = queries.of_case(case_id=case.case_id, is_supervisor=True)
    assert (seen.reason, seen.withdrawn_by, seen.withdrawn_at) == (WHY, people.counselor, NOW)
    assert queries.content_of(document=seen) == WORDS.encode()


def test_withdrawing_needs_a_reason_and_some_business_with_it(people: People, case: CaseRow):
    made = make_document(case_id=case.case_id, by=people.counselor)

    with pytest.raises(ReasonMissing), transaction():
        operations.withdraw(
            document=made, reason=" ", by=factory.counselor_decides(people.counselor), now=NOW
        )
    with pytest.raises(NotYoursToWithdraw), transaction():
        operations.withdraw(
            document=made, reason=WHY, by=factory.counselor_decides(people.colleague), now=NOW
        )
    with transaction():
        operations.withdraw(
            document=made, reason=WHY, by=factory.supervisor_decides(people.supervisor), now=NOW
        )
    with pytest.raises(AlreadyWithdrawn), transaction():
        operations.withdraw(
            document=made, reason=WHY, by=factory.counselor_decides(people.counselor), now=NOW
        )


def test_a_document_of_another_case_is_not_there(people: People, case: CaseRow):
    other = factory.make_case(owner_id=people.colleague)
    made = make_document(case_id=other.case_id, by=people.colleague)

    with pytest.raises(NoSuchDocument):
        queries.get(document_id=made.document_id, case_id=case.case_id, is_supervisor=True)


def test_a_sealed_case_takes_no_document(people: People, case: CaseRow):
    factory.close(case=case)
    later = NOW.replace(year=NOW.year + 4)
    with transaction():
        assert resting.advance(case.case_id, now=later)

    with pytest.raises(CaseIsClosed):
        make_document(case_id=case.case_id, by=people.counselor)
