"""Who may read the names of a case: everybody above the school, the school only in some cases."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, func, or_, select, true

from wellbeing.cases.models.cases import CASE, CASE_CONTACT
from wellbeing.cases.models.people import CONSENT
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.consents import Purpose
from wellbeing.cases.rules.people import Circumstances, may_read_names
from wellbeing.contacts.models import CONTACT
from wellbeing.foundation.database import session
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy
from wellbeing.policy.model import Tier


def is_named(*, case: CaseRow, scope: Scope) -> bool:
    """Tell whether a reader who may open a case may also read the names in it."""
    identity = policy.current().privacy.identity
    if case.level >= identity.school_knows_from or not is_school_reader(scope=scope):
        return True
    statement = select(_has_consent(), _came_from_school()).where(CASE.c.id == case.case_id)
    has_consent, came_from_school = session().execute(statement).one()
    found = Circumstances(
        is_school_reader=True,
        level=case.level,
        has_consent=bool(has_consent),
        came_from_school=bool(came_from_school),
    )
    return may_read_names(found=found, school_knows_from=identity.school_knows_from)


def named(*, scope: Scope) -> ColumnElement[bool]:
    """Limit any statement on cases to those of which the reader may read the names.

    A list or search that found a hidden name would tell it; so every one asks here.
    """
    if not is_school_reader(scope=scope):
        return true()
    lowest = policy.current().privacy.identity.school_knows_from
    return or_(CASE.c.level >= lowest.value, _has_consent(), _came_from_school())


def is_school_reader(*, scope: Scope) -> bool:
    """Tell whether all that somebody works for are schools; whoever works nowhere counts as one."""
    if scope.tier is not None:
        return scope.tier <= Tier.SCHOOL
    statement = select(func.max(ORGANIZATION.c.tier)).where(ORGANIZATION.c.path.in_(scope.paths))
    highest = session().execute(statement).scalar()
    return highest is None or highest <= Tier.SCHOOL.value


def _has_consent() -> ColumnElement[bool]:
    return (
        select(CONSENT.c.id)
        .where(
            CONSENT.c.case_id == CASE.c.id,
            CONSENT.c.purpose == Purpose.NAME_TO_SCHOOL.value,
            CONSENT.c.withdrawn_at.is_(None),
            CONSENT.c.suspended_at.is_(None),
        )
        .exists()
    )


def _came_from_school() -> ColumnElement[bool]:
    """Whoever called first decides: a teacher who calls later does not make the school know."""
    senders = policy.current().privacy.identity.known_when_sent_by
    if not senders:
        return false()
    first = (
        select(func.min(CASE_CONTACT.c.contact_id))
        .where(CASE_CONTACT.c.case_id == CASE.c.id)
        .correlate(CASE)
        .scalar_subquery()
    )
    return (
        select(CONTACT.c.id)
        .where(CONTACT.c.id == first, CONTACT.c.caller_type.in_(senders))
        .correlate(CASE)
        .exists()
    )
