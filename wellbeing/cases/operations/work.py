"""Give a case to somebody else, and tag it: each for one case, so that bulk work tells each row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, update

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.people import NoSuchUser
from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Permission
from wellbeing.cases.models.tags import CASE_TAG, SITE_TAG
from wellbeing.cases.operations import changes, entries, holds
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import work as queries
from wellbeing.cases.rules.cases import CaseIsClosed, CaseRow, EntryKind, StaleCase
from wellbeing.cases.rules.work import (
    OWN,
    Assignee,
    NoSuchTag,
    NotAnAssignee,
    check_assignee,
    tag_name,
)
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.rules.conversations import clean_body
from wellbeing.foundation.database import changed, session
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy


def assign_case(
    *,
    case_id: int,
    to_user_id: int,
    by: Scope,
    reason: str,
    version: int | None = None,
    now: datetime,
) -> None:
    """Give a case to a person of the units that `by` supervises; duties and promises go along.

    `version` is the one that the supervisor saw, if they saw one.

    Raises:
        NotFound: there is no such case that `by` may see.
        NotAnAssignee: that person cannot be given it.
        SameOwner: it is theirs already.
        ReasonMissing: nothing says why.
        CaseIsClosed: nobody works on it any more.
        StaleCase: somebody else changed the case in the meantime.
        OwnedBySomebodyElse: somebody else gave it away at the same moment.

    """
    case = _unchanged(cases.get(case_id=case_id, scope=by, now=now), version)
    found = _assignee(to_user_id)
    is_covered = by.may(Permission.SUPERVISE) and by.covers(found.organization_path)
    words = clean_body(raw=reason).text.strip()
    check_assignee(found=found, owner_id=case.owner_id, is_covered=is_covered, reason=words)
    changes.transfer(
        case_id=case_id,
        to_user_id=to_user_id,
        to_organization_id=found.organization_id,
        from_user_id=case.owner_id,
        now=now,
    )
    _note_assigned(case_id, to_user_id, by, words, now)


def tag_case(*, case_id: int, tag: str, by: int, version: int | None = None, now: datetime) -> bool:
    """Put a tag on a case; False if it carries it already. `version` is the one that was seen.

    Raises:
        NotFound: there is no such case.
        NoSuchTag: neither the policy nor a unit above knows it.
        CaseIsClosed: nobody works on it any more.
        StaleCase: somebody else changed the case in the meantime.

    """
    case = _unchanged(cases.case_by_id(case_id=case_id), version)
    known = {one.key for one in queries.site_tags(organization_path=case.organization_path)}
    if tag not in known | set(policy.current().cases.tags):
        raise NoSuchTag
    if not holds.is_living(case_id=case_id):
        raise CaseIsClosed
    statement = contacts.meeting(CASE_TAG).values(case_id=case_id, tag=tag, by_user_id=by, at=now)
    made = session().execute(statement.on_conflict_do_nothing().returning(CASE_TAG.c.tag))
    if made.scalar() is None:
        return False
    facts = {"tag": tag}
    entries.add_entry(case_id=case_id, kind=EntryKind.TAGGED, actor_id=by, facts=facts, now=now)
    return True


def untag_case(*, case_id: int, tag: str, by: int, now: datetime) -> bool:
    """Take a tag off a case; False if it does not carry it.

    Raises:
        CaseIsClosed: nobody works on it any more.

    """
    if not holds.is_living(case_id=case_id):
        raise CaseIsClosed
    statement = delete(CASE_TAG).where(CASE_TAG.c.case_id == case_id, CASE_TAG.c.tag == tag)
    if changed(statement) == 0:
        return False
    facts = {"tag": tag}
    entries.add_entry(case_id=case_id, kind=EntryKind.UNTAGGED, actor_id=by, facts=facts, now=now)
    return True


def make_tag(*, name: str, organization_id: int, by: int, now: datetime) -> str:
    """Make a tag for a unit and all below it; give its key.

    Raises:
        NoSuchOrganization: there is no such unit.
        TagUnfit: it is empty, too long, or holds a figure.
        TagExists: there is one of this name already.

    """
    path = organizations.get(organization_id=organization_id).path
    existing = [one.name for one in queries.site_tags(organization_path=path)]
    of_policy = policy.current().cases.tags.values()
    existing += [name for one in of_policy for name in (one.name_zh, one.name_en)]
    statement = insert(SITE_TAG).values(
        organization_id=organization_id,
        name=tag_name(typed=clean_body(raw=name).text, existing=existing),
        by_user_id=by,
        at=now,
    )
    made = session().execute(statement.returning(SITE_TAG.c.id)).scalar_one()
    return f"{OWN}{made}"


def retire_tag(*, key: str, by: Scope, now: datetime) -> None:
    """Offer a tag of one's units no more; cases keep it, and are still found by it.

    Raises:
        NoSuchTag: there is none in use in these units.

    """
    known = queries.site_tags_named(keys=[key]).get(key)
    if known is None or not by.covers(
        organizations.get(organization_id=known.organization_id).path
    ):
        raise NoSuchTag
    statement = (
        update(SITE_TAG)
        .where(SITE_TAG.c.id == int(key.removeprefix(OWN)), SITE_TAG.c.retired_at.is_(None))
        .values(retired_at=now)
    )
    if changed(statement) != 1:
        raise NoSuchTag


def _note_assigned(case_id: int, to_user_id: int, by: Scope, reason: str, now: datetime) -> None:
    entries.add_entry(
        case_id=case_id,
        kind=EntryKind.ASSIGNED,
        actor_id=by.user_id,
        facts={"to_user_id": to_user_id},
        details={"reason": reason},
        now=now,
    )


def _unchanged(case: CaseRow, version: int | None) -> CaseRow:
    if version is not None and version != case.version:
        raise StaleCase
    return case


def _assignee(user_id: int) -> Assignee:
    try:
        found = accounts.user(user_id=user_id)
    except NoSuchUser as error:
        raise NotAnAssignee from error
    return Assignee(
        user_id=user_id,
        organization_id=found.organization_id,
        organization_path=found.organization_path,
        is_active=found.is_active,
        may_edit=Permission.EDIT_CASE in ROLE_PERMISSIONS[found.role],
    )
