"""Questions about calls: one of them, its legs, the live board. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select

from wellbeing.contacts.models import CALL, CALLER, CONTACT, LEG, RECORDING
from wellbeing.contacts.rules.calls import (
    CallEnd,
    CallRow,
    CallState,
    LegKind,
    LegRow,
    LegState,
    LiveCall,
    NoSuchCall,
    Place,
    RecordingRow,
    RecordingState,
    Stage,
)
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session, taken
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import Language, RiskLevel

AUDIO_PLACE = "recording.audio"
_OF_CONTACT = (
    "public_id", "call_sid", "caller_id", "line_number", "organization_id", "data_key_id",
    "arrived_at", "claimed_by",
)  # fmt: skip
_OF_CALL = (
    "contact_id", "is_outgoing", "is_danger", "is_direct", "stage", "stage_ends_at", "rung_before",
    "next_step_at", "waited", "winner_leg_id", "answered_at", "left_at", "ended_at",
    "is_conference", "conference_sid", "is_on_hold",
)  # fmt: skip


def by_public_id(*, public_id: str) -> CallRow:
    """Give the call that the carrier names in an address of ours.

    Raises:
        NoSuchCall: there is none.

    """
    return _one(_BY_PUBLIC_ID, public_id=public_id)


def by_sid(*, call_sid: str) -> CallRow:
    """Give the call that the carrier names by its own id.

    Raises:
        NoSuchCall: there is none.

    """
    return _one(_calls().where(CONTACT.c.call_sid == call_sid))


def get(*, contact_id: int) -> CallRow:
    """Give the call of a contact.

    Raises:
        NoSuchCall: it has none.

    """
    return _one(_calls().where(CALL.c.contact_id == contact_id))


def call_of(*, contact_id: int) -> CallRow | None:
    """Give the call of a contact, if it is one."""
    row = session().execute(_calls().where(CALL.c.contact_id == contact_id)).mappings().first()
    return _call(row) if row else None


def leg_by_public_id(*, public_id: str) -> LegRow:
    """Give the leg that the carrier names in an address of ours.

    Raises:
        NoSuchCall: there is none.

    """
    return _leg_of(select(LEG).where(LEG.c.public_id == public_id))


def leg(*, leg_id: int) -> LegRow:
    """Give one leg.

    Raises:
        NoSuchCall: there is none.

    """
    return _leg_of(select(LEG).where(LEG.c.id == leg_id))


def legs_of(*, contact_id: int) -> tuple[LegRow, ...]:
    """List everybody who was rung for a call, oldest first."""
    found = session().execute(_RUNG, {"contact_id": contact_id}).mappings()
    return tuple(_leg(row) for row in found)


def legs_of_many(*, contact_ids: Iterable[int]) -> Mapping[int, tuple[LegRow, ...]]:
    """List who was rung, for several calls with one statement."""
    statement = select(LEG).where(LEG.c.contact_id.in_(list(contact_ids))).order_by(LEG.c.id)
    found: dict[int, tuple[LegRow, ...]] = {}
    for row in session().execute(statement).mappings():
        found[row["contact_id"]] = (*found.get(row["contact_id"], ()), _leg(row))
    return found


def busy_ids(*, user_ids: Iterable[int]) -> frozenset[int]:
    """Name those who are being rung or talk in any call now."""
    statement = select(LEG.c.user_id).where(
        LEG.c.user_id.in_(list(user_ids)), LEG.c.ended_at.is_(None)
    )
    return frozenset(session().execute(statement).scalars())


def talking_leg(*, contact_id: int, user_id: int) -> LegRow | None:
    """Give the leg by which somebody talks in a call."""
    statement = select(LEG).where(
        LEG.c.contact_id == contact_id,
        LEG.c.user_id == user_id,
        LEG.c.state == LegState.TALKING.value,
    )
    row = session().execute(statement).mappings().first()
    return _leg(row) if row else None


def due_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List the calls whose next step is due, the most urgent first."""
    statement = (
        select(CALL.c.contact_id)
        .join(CONTACT, CONTACT.c.id == CALL.c.contact_id)
        .where(CALL.c.next_step_at <= now)
        .order_by(CONTACT.c.urgency.desc(), CALL.c.next_step_at, CALL.c.contact_id)
        .limit(limit)
    )
    return tuple(session().execute(taken(statement, of=CALL)).scalars())


def next_due_at() -> datetime | None:
    """Tell when the next call moves by itself."""
    statement = select(func.min(CALL.c.next_step_at)).where(CALL.c.next_step_at.is_not(None))
    return session().execute(statement).scalar()


def live(*, scope: Scope, limit: int = 200) -> tuple[LiveCall, ...]:
    """List the calls that go on: most urgent first, then longest waiting; two statements."""
    given = organizations.given_paths(scope=scope) | {"at_most": limit}
    rows = session().execute(_live_within(len(scope.paths)), given).mappings().all()
    sealed.prefetch(key_ids=[row["caller_key"] for row in rows])
    legs = legs_of_many(contact_ids=[row["contact_id"] for row in rows])
    return tuple(_live(row, legs.get(row["contact_id"], ())) for row in rows)


@cache
def _live_within(many_paths: int) -> Select[Any]:
    within_reach = organizations.within_given(path=CONTACT.c.organization_path, many=many_paths)
    return (
        _calls(CALLER.c.number_sealed, CALLER.c.data_key_id.label("caller_key"))
        .where(CALL.c.state != CallState.ENDED.value, within_reach)
        .order_by(CONTACT.c.urgency.desc(), CONTACT.c.arrived_at, CONTACT.c.id)
        .limit(bindparam("at_most", type_=Integer))
    )


def recording_of(*, contact_id: int) -> RecordingRow | None:
    """Give the voicemail of a contact, if one was left."""
    statement = select(RECORDING).where(RECORDING.c.contact_id == contact_id)
    row = session().execute(statement.order_by(RECORDING.c.id.desc())).mappings().first()
    return recording_row(row) if row else None


def recording(*, recording_id: int) -> RecordingRow:
    """Give one voicemail.

    Raises:
        NotFound: there is none.

    """
    statement = select(RECORDING).where(RECORDING.c.id == recording_id)
    row = session().execute(statement).mappings().first()
    if row is None:
        raise NotFound
    return recording_row(row)


def audio_of(*, recording_id: int) -> bytes:
    """Open the sound of a voicemail; the reader was let in and written down before.

    Raises:
        NotFound: it is still at the carrier.

    """
    statement = select(RECORDING.c.audio_sealed).where(RECORDING.c.id == recording_id)
    blob = session().execute(statement).scalar_one_or_none()
    if blob is None:
        raise NotFound
    return sealed.open_bytes(blob, place=AUDIO_PLACE)


def _calls(*more: Any) -> Select[Any]:
    return (
        select(
            CALL,
            *(CONTACT.c[name] for name in _OF_CONTACT),
            CONTACT.c.language,
            CONTACT.c.urgency,
            CALLER.c.number_index.is_not(None).label("has_number"),
            *more,
        )
        .join(CONTACT, CONTACT.c.id == CALL.c.contact_id)
        .join(CALLER, CALLER.c.id == CONTACT.c.caller_id)
    )


_BY_PUBLIC_ID = _calls().where(CONTACT.c.public_id == bindparam("public_id"))
"""Built once: it runs with every webhook of a call, and every turn of the wait loop."""
_RUNG = select(LEG).where(LEG.c.contact_id == bindparam("contact_id")).order_by(LEG.c.id)


def _one(statement: Select[Any], **values: str) -> CallRow:
    row = session().execute(statement, values).mappings().first()
    if row is None:
        raise NoSuchCall
    return _call(row)


def _leg_of(statement: Select[Any]) -> LegRow:
    row = session().execute(statement).mappings().first()
    if row is None:
        raise NoSuchCall
    return _leg(row)


def _call(row: Mapping[Any, Any]) -> CallRow:
    return CallRow(
        language=Language(row["language"]),
        urgency=RiskLevel(row["urgency"]),
        has_number=bool(row["has_number"]),
        state=CallState(row["state"]),
        ended_as=CallEnd(row["ended_as"]) if row["ended_as"] else None,
        plan=tuple(stage_of(one) for one in row["plan"]),
        **{name: row[name] for name in (*_OF_CONTACT, *_OF_CALL)},
    )


def stage_of(stored: Mapping[str, Any]) -> Stage:
    """Read a stage of a stored plan."""
    return Stage(
        key=stored["key"],
        places=tuple(Place(organization_id=one[0], desk=one[1]) for one in stored["places"]),
        lasts=timedelta(seconds=stored["seconds"]),
        user_id=stored["user_id"],
    )


def _leg(row: Mapping[Any, Any]) -> LegRow:
    return LegRow(
        leg_id=row["id"],
        kind=LegKind(row["kind"]),
        state=LegState(row["state"]),
        **{
            name: row[name]
            for name in (
                "public_id", "contact_id", "user_id", "phone_kind", "stage", "outbound_id",
                "is_in_conference", "placed_at", "answered_at", "ended_at",
            )
        },
    )  # fmt: skip


def _live(row: Mapping[Any, Any], legs: tuple[LegRow, ...]) -> LiveCall:
    number = row["number_sealed"]
    talking = next((leg for leg in legs if leg.leg_id == row["winner_leg_id"]), None)
    return LiveCall(
        state=CallState(row["state"]),
        urgency=RiskLevel(row["urgency"]),
        language=Language(row["language"]),
        masked_number=phone.masked(
            sealed.open_sealed(number, place="caller.number") if number else None
        ),
        stages=len(row["plan"]),
        winner_user_id=talking.user_id if talking else row["claimed_by"],
        legs=legs,
        **{
            name: row[name]
            for name in (
                "contact_id", "public_id", "is_outgoing", "organization_id", "arrived_at",
                "answered_at", "stage", "next_step_at", "is_danger", "is_on_hold",
            )
        },
    )  # fmt: skip


def recording_row(row: Mapping[Any, Any]) -> RecordingRow:
    """Turn a stored voicemail into what others see."""
    return RecordingRow(
        recording_id=row["id"],
        contact_id=row["contact_id"],
        sid=row["sid"],
        seconds=row["seconds"],
        state=RecordingState(row["state"]),
        at=row["at"],
    )
