"""Questions about referrals. Who may open the case is asked before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from wellbeing.cases.models.referrals import REFERRAL
from wellbeing.cases.rules.referrals import (
    Agreed,
    NoSuchReferral,
    ReferralRow,
    ReferralState,
)
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session

PLACE = "referral.words"


def of_case(*, case_id: int) -> tuple[ReferralRow, ...]:
    """Open the referrals of a case, newest first."""
    statement = select(REFERRAL).where(REFERRAL.c.case_id == case_id).order_by(REFERRAL.c.id.desc())
    return tuple(_referral(row) for row in session().execute(statement).mappings())


def get(*, referral_id: int, case_id: int) -> ReferralRow:
    """Open one referral of a case.

    Raises:
        NoSuchReferral: this case has no such referral.

    """
    statement = select(REFERRAL).where(REFERRAL.c.id == referral_id, REFERRAL.c.case_id == case_id)
    row = session().execute(statement).mappings().first()
    if row is None:
        raise NoSuchReferral
    return _referral(row)


def case_of(*, referral_id: int) -> int:
    """Name the case of a referral, for the sweep.

    Raises:
        NoSuchReferral: there is none.

    """
    statement = select(REFERRAL.c.case_id).where(REFERRAL.c.id == referral_id)
    found = session().execute(statement).scalar()
    if found is None:
        raise NoSuchReferral
    return int(found)


def due_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List by id the referrals whose answer is overdue and was not told yet, oldest first."""
    statement = select(REFERRAL.c.id).where(REFERRAL.c.due_at <= now).order_by(REFERRAL.c.due_at)
    return tuple(session().execute(statement.limit(limit)).scalars())


def next_due_at() -> datetime | None:
    """Tell when the next answer is overdue; None when none is awaited."""
    statement = select(func.min(REFERRAL.c.due_at)).where(REFERRAL.c.due_at.is_not(None))
    return session().execute(statement).scalar()


def has_overdue(*, case_id: int) -> bool:
    """Tell whether a referral of a case is overdue and still without outcome."""
    statement = select(REFERRAL.c.id).where(
        REFERRAL.c.case_id == case_id,
        REFERRAL.c.overdue_since.is_not(None),
        REFERRAL.c.settled_at.is_(None),
    )
    return session().execute(statement.limit(1)).first() is not None


def _referral(row: Mapping[Any, Any]) -> ReferralRow:
    words = json.loads(sealed.open_sealed(row["words_sealed"], place=PLACE))
    return ReferralRow(
        referral_id=row["id"],
        state=ReferralState(row["state"]),
        agreed=Agreed(row["agreed"]),
        to=words["to"],
        reason=words["reason"],
        outcome=words["outcome"],
        **{name: row[name] for name in _AS_STORED},
    )


_AS_STORED = (
    "case_id", "kind", "by_user_id", "sent_at", "due_at", "overdue_since", "settled_at", "version",
)  # fmt: skip
