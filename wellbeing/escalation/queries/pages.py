"""Questions about pages: who was rung and answered, what is due, which desk proved itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    union_all,
)

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Permission
from wellbeing.contacts.models import CONTACT
from wellbeing.contacts.rules.conversations import ContactState
from wellbeing.escalation.models import ATTEMPT, ESCALATION, PAGE
from wellbeing.escalation.rules.drills import Proof, is_silent
from wellbeing.escalation.rules.rows import (
    AttemptRow,
    EscalationRow,
    PageCall,
    PageRow,
    attempt_row,
    page_row,
)
from wellbeing.escalation.rules.words import (
    NoSuchPage,
    PageState,
    PageSubject,
    PageSubjectKind,
)
from wellbeing.foundation.database import BigId, session, taken
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language

UNANSWERED = (PageState.PAGING.value, PageState.UNANSWERED.value)
REMEMBERED = timedelta(hours=24)
"""A text "1" later than this is not taken for the answer to a page."""


def page(*, page_id: int) -> PageRow:
    """Give one page.

    Raises:
        NoSuchPage: there is none with this id.

    """
    found = _pages(select(PAGE).where(PAGE.c.id == page_id))
    if not found:
        raise NoSuchPage
    return found[0]


def held_pages(*, page_ids: Collection[int]) -> tuple[PageRow, ...]:
    """Give pages to whoever is about to ring, and keep others from it meanwhile."""
    statement = select(PAGE).where(PAGE.c.id.in_(page_ids))
    return _pages(statement.order_by(PAGE.c.id).with_for_update())


def pages_of(*, subject: PageSubject) -> tuple[PageRow, ...]:
    """List the pages of one subject, oldest first."""
    return _pages(select(PAGE).where(about(subject)).order_by(PAGE.c.id))


def attempts_of(*, subjects: Iterable[PageSubject]) -> tuple[AttemptRow, ...]:
    """List every ring made for these subjects, in their order: who was rung, who did not answer."""
    chosen = [about(subject) for subject in subjects]
    if not chosen:
        return ()
    statement = (
        select(ATTEMPT, PAGE.c.organization_id, PAGE.c.desk)
        .join(PAGE, PAGE.c.id == ATTEMPT.c.page_id)
        .where(or_(*chosen))
        .order_by(ATTEMPT.c.at, ATTEMPT.c.id)
    )
    return tuple(attempt_row(row) for row in session().execute(statement).mappings())


def heard_by_the_last(*, rows: Iterable[EscalationRow]) -> frozenset[int]:
    """List those of these escalations of which the last desk of the chain has heard.

    Somebody who was rung there answered: of a missed contact, since it was missed.
    """
    last = {row.escalation_id: row for row in rows if row.step >= len(row.chain)}
    if not last:
        return frozenset()
    statement = (
        select(PAGE.c.subject_id, PAGE.c.organization_id, PAGE.c.desk, PAGE.c.acknowledged_at)
        .join(ATTEMPT, ATTEMPT.c.page_id == PAGE.c.id)
        .where(
            PAGE.c.subject_kind == PageSubjectKind.ESCALATION.value,
            PAGE.c.subject_id.in_(last),
            ATTEMPT.c.user_id == PAGE.c.acknowledged_by,
        )
    )
    return frozenset(
        one.subject_id
        for one in session().execute(statement)
        if _is_last(last[one.subject_id], one)
    )


def _is_last(row: EscalationRow, page: Any) -> bool:
    since = row.sent_at if row.is_open else row.contact_missed_at
    place = row.chain[-1]
    is_there = (page.organization_id, page.desk) == (place.organization_id, place.desk)
    return is_there and since is not None and page.acknowledged_at >= since


def proofs(*, organization_id: int) -> Mapping[str, Proof]:
    """Tell for each desk of an organization when it was tested and last confirmed a page."""
    is_test = PAGE.c.subject_kind == PageSubjectKind.TEST.value
    tested = case((is_test, PAGE.c.started_at))
    statement = (
        select(
            PAGE.c.desk,
            func.min(tested).label("first_test_at"),
            func.max(tested).label("last_test_at"),
            func.max(PAGE.c.acknowledged_at).label("confirmed_at"),
        )
        .where(PAGE.c.organization_id == organization_id)
        .group_by(PAGE.c.desk)
    )
    return {
        row["desk"]: Proof(**{name: row[name] for name in Proof.__dataclass_fields__})
        for row in session().execute(statement).mappings()
    }


def silent_desks(*, now: datetime) -> tuple[str, ...]:
    """Name the municipality's desks where nobody confirmed a page for too long (tiers.toml)."""
    after = policy.current().tiers.paging.test.silent_after
    found = proofs(organization_id=organizations.municipality().id)
    return tuple(
        desk
        for desk, proof in sorted(found.items())
        if is_silent(proof=proof, after=after, now=now)
    )


def page_for_call(*, public_id: str) -> PageCall:
    """Give what a call says, by the id in its address: that of the single ring, so of a person.

    Raises:
        NoSuchPage: no ring has this id.

    """
    statement = (
        select(PAGE, ATTEMPT.c.user_id)
        .join(ATTEMPT, ATTEMPT.c.page_id == PAGE.c.id)
        .where(ATTEMPT.c.public_id == public_id)
    )
    row = session().execute(statement).mappings().first()
    if row is None:
        raise NoSuchPage
    language = language_of(user_id=row["user_id"])
    return PageCall(
        page=page_row(row),
        user_id=row["user_id"],
        language=language,
        code_word=code_word(desk=row["desk"], language=language),
    )


def code_word(*, desk: str, language: Language) -> str:
    """Tell the word by which the people of a desk know what is meant."""
    return policy.current().tiers.paging.code_words[desk][language]


def language_of(*, user_id: int) -> Language:
    """Tell in which language a person is called: the first of theirs, else the line's own."""
    languages = accounts.user(user_id=user_id).languages
    return languages[0] if languages else policy.current().line.default_language


def ringing_for(*, user_id: int) -> tuple[PageRow, ...]:
    """List the pages that a person was rung for and that still want an answer, newest first.

    One that nobody answered is kept only while its desk was not called again for the same thing,
    and while that thing still waits: else it would call for what a colleague did long ago.
    """
    return _pages(_ringing(), {"user_id": user_id})


@cache
def _ringing() -> Select[Any]:
    # From what waits now: a person's rings go back over years.
    paging = select(PAGE.c.id).where(PAGE.c.state == PageState.PAGING.value)
    unheard = (
        select(PAGE.c.id).where(PAGE.c.state == PageState.UNANSWERED.value, is_latest(), waits)
        for waits in _still_waiting()
    )
    mine = _rung(bindparam("user_id", type_=BigId))
    still = (one.correlate(None) for one in (paging, *unheard))
    return mine.where(PAGE.c.id.in_(union_all(*still)))


def is_latest() -> ColumnElement[bool]:
    """Limit a statement to the last page of a desk about one subject; the earlier ones are past."""
    later = PAGE.alias()
    return ~exists().where(
        later.c.subject_kind == PAGE.c.subject_kind,
        later.c.subject_id == PAGE.c.subject_id,
        later.c.organization_id == PAGE.c.organization_id,
        later.c.desk == PAGE.c.desk,
        later.c.id > PAGE.c.id,
    )


def _still_waiting() -> Iterator[ColumnElement[bool]]:
    nobody = (ContactState.CALLING.value, ContactState.WAITING.value)
    waiting = {
        PageSubjectKind.CONTACT: select(CONTACT.c.id).where(CONTACT.c.state.in_(nobody)),
        PageSubjectKind.ESCALATION: select(ESCALATION.c.id).where(
            ESCALATION.c.next_step_at.is_not(None)
        ),
    }
    for kind, ids in waiting.items():
        yield and_(PAGE.c.subject_kind == kind.value, PAGE.c.subject_id.in_(ids))
    others = [kind.value for kind in PageSubjectKind if kind not in waiting]
    yield PAGE.c.subject_kind.in_(others)


def latest_for(*, user_id: int, now: datetime) -> PageRow | None:
    """Give the page that a bare "1" of this person answers.

    The newest open one they were rung for; else the newest at all of the last day, so that they
    can be told that a colleague has it.
    """
    recent = _rung(user_id).where(PAGE.c.started_at > now - REMEMBERED)
    for statement in (recent.where(PAGE.c.state.in_(UNANSWERED)), recent):
        found = _pages(statement.limit(1))
        if found:
            return found[0]
    return None


def may_answer(*, page_id: int, user_id: int) -> bool:
    """Tell whether a person was rung for a page, or belongs to its desk's organization."""
    rung = select(ATTEMPT.c.id).where(ATTEMPT.c.page_id == page_id, ATTEMPT.c.user_id == user_id)
    if session().execute(rung.limit(1)).first() is not None:
        return True
    person = accounts.user(user_id=user_id)
    return (
        person.is_active
        and person.organization_id == page(page_id=page_id).organization_id
        and Permission.RECEIVE_ESCALATION in ROLE_PERMISSIONS[person.role]
    )


def due_page_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List the pages whose next ring is due, the most urgent first."""
    statement = (
        select(PAGE.c.id)
        .where(PAGE.c.state == PageState.PAGING.value, PAGE.c.next_step_at <= now)
        .order_by(PAGE.c.urgency.desc(), PAGE.c.next_step_at)
        .limit(limit)
    )
    return tuple(session().execute(taken(statement, of=PAGE)).scalars())


def next_page_due_at() -> datetime | None:
    """Tell when the next ring of any page is due; None when nobody is being called."""
    statement = select(func.min(PAGE.c.next_step_at)).where(PAGE.c.state == PageState.PAGING.value)
    return session().execute(statement).scalar()


def about(subject: PageSubject) -> ColumnElement[bool]:
    """Limit a statement to the pages of one subject."""
    return and_(PAGE.c.subject_kind == subject.kind.value, PAGE.c.subject_id == subject.id)


def _rung(user_id: int | ColumnElement[int]) -> Select[Any]:
    mine = exists().where(ATTEMPT.c.page_id == PAGE.c.id, ATTEMPT.c.user_id == user_id)
    return select(PAGE).where(mine).order_by(PAGE.c.id.desc())


def _pages(statement: Select[Any], values: Mapping[str, Any] | None = None) -> tuple[PageRow, ...]:
    return tuple(page_row(row) for row in session().execute(statement, values).mappings())
