"""Server-side sessions: opaque, limited in time, dead at once when they must be."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, text

from tests.factories.accounts import make_counselor, sign_in
from tests.factories.moments import NOW
from tests.rooms.accounts.conftest import Staff
from wellbeing.accounts.operations import people as operations
from wellbeing.accounts.operations import sessions
from wellbeing.accounts.queries import sessions as queries
from wellbeing.accounts.rules.roles import Permission
from wellbeing.accounts.rules.sessions import SessionEnded, SignedIn
from wellbeing.foundation.database import db, session, transaction


def opened(token: str, at: datetime = NOW) -> SignedIn | None:
    session().rollback()
    return queries.by_session_token(token=token, real_now=at)


def session_of(token: str, at: datetime = NOW) -> int:
    found = opened(token, at)
    session().rollback()
    assert found is not None
    return found.session_id


def test_a_token_opens_the_session_of_its_owner(staff: Staff):
    found = opened(sign_in(user_id=staff.counselor, real_now=NOW))

    assert found is not None
    assert found.user_id == staff.counselor
    assert found.username == "lantern.keeper"
    assert found.organization_name_zh == "虚构市"
    assert found.second_factor_done is True
    assert Permission.ANSWER_LINE in found.permissions
    assert found.scope.paths == (staff.city.municipality.path,)


def test_a_session_is_opened_with_one_query(staff: Staff):
    token = sign_in(user_id=staff.counselor, real_now=NOW)
    session().rollback()
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        found = queries.by_session_token(token=token, real_now=NOW)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

    assert found is not None
    assert len([one for one in seen if one.startswith("SELECT")]) == 1


def test_a_token_has_256_bits_and_is_not_stored(staff: Staff):
    token = sign_in(user_id=staff.counselor, real_now=NOW)

    rows = session().execute(text("SELECT * FROM sign_in_session")).all()

    assert len(token) == 43
    assert token not in repr(rows)


@pytest.mark.parametrize("token", ["", "x", "\x00", "灯" * 99, "\ud800"])
def test_a_made_up_token_opens_nothing(staff: Staff, token: str):
    sign_in(user_id=staff.counselor, real_now=NOW)

    assert opened(token) is None


def test_an_idle_session_ends_after_half_an_hour(staff: Staff):
    token = sign_in(user_id=staff.counselor, real_now=NOW)

    assert opened(token, NOW + timedelta(minutes=29, seconds=59))
    assert opened(token, NOW + timedelta(minutes=30)) is None


def test_a_busy_session_ends_after_twelve_hours(staff: Staff):
    token = sign_in(user_id=staff.counselor, real_now=NOW)
    number = session_of(token)
    for minutes in range(20, 12 * 60, 20):
        with transaction():
            sessions.touch_session(session_id=number, real_now=NOW + timedelta(minutes=minutes))

    assert opened(token, NOW + timedelta(hours=11, minutes=59))
    assert opened(token, NOW + timedelta(hours=12)) is None


def test_a_session_is_touched_at_most_once_a_minute(staff: Staff):
    number = session_of(sign_in(user_id=staff.counselor, real_now=NOW))

    with transaction():
        soon = sessions.touch_session(session_id=number, real_now=NOW + timedelta(seconds=59))
        later = sessions.touch_session(session_id=number, real_now=NOW + timedelta(seconds=60))

    assert (soon, later) == (False, True)


def test_a_session_that_is_over_is_not_touched_back_to_life(staff: Staff):
    number = session_of(sign_in(user_id=staff.counselor, real_now=NOW))

    with transaction():
        touched = sessions.touch_session(session_id=number, real_now=NOW + timedelta(hours=1))

    assert touched is False


def test_a_session_without_its_second_factor_lasts_ten_minutes(staff: Staff):
    token = half_signed_in(staff)

    found = opened(token, NOW + timedelta(minutes=9, seconds=59))

    assert found is not None
    assert found.second_factor_done is False
    assert opened(token, NOW + timedelta(minutes=10)) is None


def test_the_second_factor_gives_a_new_token_and_voids_the_old_one(staff: Staff):
    old = half_signed_in(staff)
    number = session_of(old)

    with transaction():
        new = sessions.complete_second_factor(session_id=number, real_now=NOW)

    found = opened(new, NOW + timedelta(minutes=20))
    assert found is not None
    assert found.second_factor_done is True
    assert found.stepped_up_at == NOW
    assert opened(old) is None


def test_a_session_that_is_over_cannot_be_completed(staff: Staff):
    number = session_of(half_signed_in(staff))

    with pytest.raises(SessionEnded), transaction():
        sessions.complete_second_factor(session_id=number, real_now=NOW + timedelta(minutes=10))


def test_stepping_up_is_remembered(staff: Staff):
    token = sign_in(user_id=staff.counselor, real_now=NOW)
    number = session_of(token)

    with transaction():
        sessions.step_up(session_id=number, real_now=NOW + timedelta(minutes=5))

    found = opened(token, NOW + timedelta(minutes=6))
    assert found is not None
    assert found.stepped_up_at == NOW + timedelta(minutes=5)


def test_signing_out_voids_the_token_at_once(staff: Staff):
    token = sign_in(user_id=staff.counselor, real_now=NOW)
    number = session_of(token)

    with transaction():
        sessions.end_session(session_id=number, real_now=NOW)

    assert opened(token) is None


def test_disabling_somebody_voids_their_tokens_at_once(staff: Staff):
    tokens = [sign_in(user_id=staff.counselor, real_now=NOW) for _ in range(2)]

    with transaction():
        operations.disable_user(user_id=staff.counselor, real_now=NOW)

    assert [opened(token) for token in tokens] == [None, None]


def test_ending_all_other_sessions_keeps_this_one_and_strangers(staff: Staff):
    stranger = sign_in(user_id=make_counselor(), real_now=NOW)
    other, here = (sign_in(user_id=staff.counselor, real_now=NOW) for _ in range(2))
    number = session_of(here)

    with transaction():
        ended = sessions.end_all_sessions(
            user_id=staff.counselor, real_now=NOW, except_session_id=number
        )

    assert ended == 1
    assert opened(other) is None
    assert opened(here)
    assert opened(stranger)


def test_a_person_sees_their_live_sessions_newest_first(staff: Staff):
    old, new = (sign_in(user_id=staff.counselor, real_now=NOW) for _ in range(2))
    sign_in(user_id=staff.counselor, real_now=NOW - timedelta(hours=1))

    found = queries.sessions_of(user_id=staff.counselor, real_now=NOW)

    assert [one.session_id for one in found] == [session_of(new), session_of(old)]


def half_signed_in(staff: Staff) -> str:
    with transaction():
        return sessions.start_session(user_id=staff.counselor, address="192.0.2.1", real_now=NOW)


def rows_left() -> int:
    return int(session().execute(text("SELECT count(*) FROM sign_in_session")).scalar_one())


def forgotten(at: datetime) -> int:
    session().rollback()
    with transaction():
        return sessions.forget_old_sessions(real_now=at)


def test_a_session_is_forgotten_when_its_address_need_not_be_known_any_more(staff: Staff):
    """Where somebody signed in from is kept for sign-in to know them by, and no longer."""
    sign_in(user_id=staff.counselor, real_now=NOW)

    kept = forgotten(NOW + timedelta(days=89))
    gone = forgotten(NOW + timedelta(days=90))

    assert (kept, gone) == (0, 1)
    assert rows_left() == 0


def test_a_session_that_never_showed_a_second_factor_is_forgotten_when_it_is_over(staff: Staff):
    with transaction():
        sessions.start_session(user_id=staff.counselor, address="203.0.113.9", real_now=NOW)
    whole = sign_in(user_id=staff.counselor, real_now=NOW)

    early = forgotten(NOW + timedelta(minutes=9))
    late = forgotten(NOW + timedelta(minutes=10))

    assert (early, late) == (0, 1)
    assert opened(whole, NOW + timedelta(minutes=10)) is not None
