"""Access to somebody else's case: asked for and decided, or broken into and reviewed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.cases import make_case, make_duty
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.accounts.operations import people as staff
from wellbeing.accounts.queries import requests
from wellbeing.accounts.rules.grants import (
    AskedAlready,
    NoSuchRequest,
    NoSuchView,
    OwnRequest,
    ReasonMissing,
    RequestSettled,
    RequestState,
    ReviewedAlready,
    TooManyRequests,
    Verdict,
)
from wellbeing.accounts.rules.roles import Role
from wellbeing.cases.events import CaseOpenedInEmergency, DutySettled, EmergencyReviewMissed
from wellbeing.cases.operations import access
from wellbeing.cases.queries import access as queries
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.access import (
    REVIEW_DUTY,
    AccessEntry,
    MayOpenAlready,
    NoCaseNamed,
    NotAReference,
)
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations.rules import Scope

ScopeOf = Callable[[int], Scope]
WHY = "虚构：学生今晚打给我了。"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def case(people: People) -> CaseRow:
    return make_case(owner_id=people.counselor)


def ask(reference: str, scope: Scope, *, reason: str = WHY, now: datetime = NOW) -> int:
    with transaction():
        return access.ask(typed=reference, reason=reason, scope=scope, now=now)


def approve(
    request_id: int,
    scope: Scope,
    *,
    ends_at: datetime = NOW + DAY,
    now: datetime = NOW,
    reason: str = "虚构",
) -> None:
    with transaction():
        access.approve(request_id=request_id, scope=scope, reason=reason, ends_at=ends_at, now=now)


def break_in(reference: str, scope: Scope, *, reason: str = WHY, now: datetime = NOW) -> int:
    with transaction():
        _case, view = access.open_in_emergency(typed=reference, reason=reason, scope=scope, now=now)
    return view.view_id


def review(
    view_id: int, scope: Scope, verdict: Verdict = Verdict.JUSTIFIED, *, now: datetime = NOW
) -> None:
    with transaction():
        access.review(view_id=view_id, scope=scope, verdict=verdict, words="虚构", now=now)


def may_open(case: CaseRow, scope: Scope, *, at: datetime = NOW) -> bool:
    session().rollback()
    try:
        cases.get(reference=case.reference, scope=scope, now=at)
    except NotFound:
        return False
    return True


def entries(case: CaseRow) -> list[str]:
    return [row.kind for row in cases.timeline(case_id=case.case_id, limit=50)]


def test_an_approved_request_opens_the_case_until_its_end(
    people: People, scope_of: ScopeOf, case: CaseRow
):
    asker, supervisor = scope_of(people.colleague), scope_of(people.supervisor)
    request_id = ask(case.reference, asker)
    assert not may_open(case, asker)

    approve(request_id, supervisor, ends_at=NOW + DAY)

    assert may_open(case, asker, at=NOW + DAY - timedelta(seconds=1))
    assert not may_open(case, asker, at=NOW + DAY)
    assert entries(case)[:2] == [AccessEntry.GIVEN, AccessEntry.ASKED]
    (row,) = requests.requests_of(user_id=people.colleague)
    assert (row.state, row.decided_by, row.reason) == (
        RequestState.APPROVED,
        people.supervisor,
        WHY,
    )


def test_nobody_is_given_more_than_the_policy_allows(
    people: People, scope_of: ScopeOf, case: CaseRow
):
    asker = scope_of(people.colleague)
    approve(ask(case.reference, asker), scope_of(people.supervisor), ends_at=NOW + 400 * DAY)

    assert may_open(case, asker, at=NOW + 7 * DAY - HOUR)
    assert not may_open(case, asker, at=NOW + 7 * DAY)


def test_a_refused_request_opens_nothing_and_tells_why(
    people: People, scope_of: ScopeOf, case: CaseRow
):
    asker = scope_of(people.colleague)
    request_id = ask(case.reference, asker)

    with transaction():
        access.refuse(
            request_id=request_id, scope=scope_of(people.supervisor), reason="虚构：不需要", now=NOW
        )

    assert not may_open(case, asker)
    (row,) = requests.requests_of(user_id=people.colleague)
    assert (row.state, row.decision) == (RequestState.REFUSED, "虚构：不需要")


def test_asking_for_what_does_not_exist_looks_the_same(people: People, scope_of: ScopeOf):
    """Otherwise a stranger could try references until one answers differently."""
    asker = scope_of(people.colleague)
    ask("WB-234567", asker)

    (row,) = requests.requests_of(user_id=people.colleague)

    assert (row.state, row.asked_for, row.is_waiting(now=NOW)) == (
        RequestState.WAITING,
        "WB-234567",
        True,
    )
    assert queries.to_decide(scope=scope_of(people.supervisor), now=NOW) == ()


def test_what_is_no_reference_is_not_kept(people: People, scope_of: ScopeOf):
    with pytest.raises(NotAReference):
        ask("示例姓名", scope_of(people.colleague))


def test_only_supervisors_of_the_unit_find_the_request(
    people: People, scope_of: ScopeOf, case: CaseRow
):
    request_id = ask(case.reference, scope_of(people.colleague))
    elsewhere = make_supervisor(organization_id=people.city.other_district.id)

    for stranger in (elsewhere, people.counselor, people.district, people.colleague):
        with pytest.raises(NoSuchRequest):
            approve(request_id, scope_of(stranger))
        assert queries.to_decide(scope=scope_of(stranger), now=NOW) == ()

    (item,) = queries.to_decide(scope=scope_of(people.supervisor), now=NOW)
    assert item.row.request_id == request_id


def test_nobody_approves_their_own_request(people: People, scope_of: ScopeOf, case: CaseRow):
    """A counselor who asked and was made supervisor meanwhile still needs somebody else."""
    request_id = ask(case.reference, scope_of(people.district))
    with transaction():
        staff.change_role(
            user_id=people.district,
            role=Role.SUPERVISOR,
            organization_id=people.city.district.id,
            version=1,
            real_now=NOW,
        )

    with pytest.raises(OwnRequest):
        approve(request_id, scope_of(people.district))


def test_a_request_is_decided_once(people: People, scope_of: ScopeOf, case: CaseRow):
    request_id = ask(case.reference, scope_of(people.colleague))
    supervisor = scope_of(people.supervisor)
    approve(request_id, supervisor)

    with pytest.raises(RequestSettled), transaction():
        access.refuse(request_id=request_id, scope=supervisor, reason="虚构", now=NOW)


def test_a_request_that_ran_out_is_not_decided_and_may_be_made_anew(
    people: People, scope_of: ScopeOf, case: CaseRow
):
    asker, later = scope_of(people.colleague), NOW + timedelta(hours=72)
    request_id = ask(case.reference, asker)

    with pytest.raises(RequestSettled):
        approve(request_id, scope_of(people.supervisor), now=later)

    assert queries.to_decide(scope=scope_of(people.supervisor), now=later) == ()
    assert ask(case.reference, asker, now=later) != request_id


def test_the_same_request_twice_and_too_many_are_refused(
    people: People, scope_of: ScopeOf, case: CaseRow
):
    asker = scope_of(people.colleague)
    ask(case.reference, asker)
    with pytest.raises(AskedAlready):
        ask(case.reference, asker)
    for last in "2345":
        ask(f"WB-22222{last}", asker)

    with pytest.raises(TooManyRequests):
        ask("WB-222226", asker)


def test_a_reason_is_needed_for_everything(people: People, scope_of: ScopeOf, case: CaseRow):
    asker, supervisor = scope_of(people.colleague), scope_of(people.supervisor)
    with pytest.raises(ReasonMissing):
        ask(case.reference, asker, reason="  ")
    with pytest.raises(ReasonMissing):
        break_in(case.reference, asker, reason="")
    request_id = ask(case.reference, asker)

    with pytest.raises(ReasonMissing):
        approve(request_id, supervisor, reason=" ")


def test_who_may_open_a_case_anyway_needs_to_ask_nobody(
    people: People, scope_of: ScopeOf, case: CaseRow
):
    for somebody in (people.counselor, people.supervisor):
        with pytest.raises(MayOpenAlready):
            ask(case.reference, scope_of(somebody))
        with pytest.raises(MayOpenAlready):
            break_in(case.reference, scope_of(somebody))


def test_breaking_the_glass_opens_the_case_for_an_hour_and_tells_its_owner(
    people: People, scope_of: ScopeOf, case: CaseRow, told: list[object]
):
    viewer = scope_of(people.district)

    view_id = break_in(case.reference, viewer)

    assert may_open(case, viewer, at=NOW + timedelta(minutes=59))
    assert not may_open(case, viewer, at=NOW + timedelta(minutes=60))
    assert entries(case)[0] == AccessEntry.BROKEN
    assert told[-1] == CaseOpenedInEmergency(
        case_id=case.case_id,
        view_id=view_id,
        user_id=people.district,
        owner_id=people.counselor,
        organization_id=people.city.school.id,
        at=NOW,
    )
    (shown,) = queries.views_of_owner(user_id=people.counselor, now=NOW)
    assert shown.row.view_id == view_id


def test_breaking_the_glass_twice_makes_one_view_and_no_longer_time(
    people: People, scope_of: ScopeOf, case: CaseRow
):
    viewer, later = scope_of(people.district), NOW + timedelta(minutes=50)
    break_in(case.reference, viewer)

    with pytest.raises(MayOpenAlready):
        break_in(case.reference, viewer, now=later)

    assert not may_open(case, viewer, at=NOW + timedelta(minutes=60))
    assert len(queries.to_review(scope=scope_of(people.supervisor))) == 1


def test_after_its_hour_the_glass_is_broken_anew_and_looked_at_anew(
    people: People, scope_of: ScopeOf, case: CaseRow
):
    viewer, later = scope_of(people.district), NOW + timedelta(minutes=61)
    break_in(case.reference, viewer)

    break_in(case.reference, viewer, now=later)

    assert may_open(case, viewer, at=later)
    assert len(queries.to_review(scope=scope_of(people.supervisor))) == 2


def test_a_reference_that_nobody_has_cannot_be_broken_into(people: People, scope_of: ScopeOf):
    for typed in ("WB-234567", "示例", ""):
        with pytest.raises(NoCaseNamed):
            break_in(typed, scope_of(people.district))


def test_a_view_that_was_not_justified_ends_at_once(
    people: People, scope_of: ScopeOf, case: CaseRow
):
    viewer = scope_of(people.district)
    view_id = break_in(case.reference, viewer)

    review(view_id, scope_of(people.supervisor), Verdict.NOT_JUSTIFIED)

    assert not may_open(case, viewer)
    assert queries.to_review(scope=scope_of(people.supervisor)) == ()
    with pytest.raises(ReviewedAlready):
        review(view_id, scope_of(people.supervisor))


def test_only_another_supervisor_of_the_unit_looks_at_a_view(
    people: People, scope_of: ScopeOf, case: CaseRow
):
    view_id = break_in(case.reference, scope_of(people.district))
    elsewhere = make_supervisor(organization_id=people.city.other_district.id)
    for stranger in (elsewhere, people.counselor, people.district):
        with pytest.raises(NoSuchView):
            review(view_id, scope_of(stranger))

    with transaction():
        staff.change_role(
            user_id=people.district,
            role=Role.SUPERVISOR,
            organization_id=people.city.district.id,
            version=1,
            real_now=NOW,
        )
    with pytest.raises(OwnRequest):
        review(view_id, scope_of(people.district))


def test_a_view_that_nobody_looks_at_is_told_once_after_its_time(
    people: People, scope_of: ScopeOf, case: CaseRow, told: list[object]
):
    view_id = break_in(case.reference, scope_of(people.district))
    assert requests.overdue_view_ids(now=NOW + DAY - HOUR, limit=9) == ()
    assert requests.next_review_due_at() == NOW + DAY

    for again in (True, False):
        with transaction():
            assert access.advance_review(view_id, now=NOW + DAY) is again

    missed = [one for one in told if isinstance(one, EmergencyReviewMissed)]
    assert [one.view_id for one in missed] == [view_id]
    assert requests.overdue_view_ids(now=NOW + DAY, limit=9) == ()


def test_looking_at_the_last_late_view_settles_the_duty(
    people: People, scope_of: ScopeOf, case: CaseRow, told: list[object]
):
    views = [break_in(case.reference, scope_of(one)) for one in (people.district, people.colleague)]
    for view_id in views:
        with transaction():
            access.advance_review(view_id, now=NOW + DAY)
    duty_id = make_duty(
        holder_id=people.supervisor,
        organization_id=people.city.district.id,
        case_id=case.case_id,
        kind=REVIEW_DUTY,
    )
    settled = [one for one in told if isinstance(one, DutySettled)]

    review(views[0], scope_of(people.supervisor))
    assert [one for one in told if isinstance(one, DutySettled)] == settled
    review(views[1], scope_of(people.supervisor))

    done = [one.duty_id for one in told if isinstance(one, DutySettled)]
    assert done == [duty_id]


@pytest.mark.parametrize("change", ["another role", "disabled"])
def test_what_was_given_ends_with_the_role(
    people: People, scope_of: ScopeOf, case: CaseRow, change: str
):
    """Access was approved for what somebody was; in another place it must be asked for again."""
    viewer = make_counselor(organization_id=people.city.district.id)
    before = scope_of(viewer)
    break_in(case.reference, before)
    with transaction():
        if change == "disabled":
            staff.disable_user(user_id=viewer, real_now=NOW)
        else:
            staff.change_role(
                user_id=viewer,
                role=Role.COUNSELOR,
                organization_id=people.city.other_district.id,
                version=1,
                real_now=NOW,
            )

    assert not may_open(case, before)


@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.ADMINISTRATOR, Role.AUDITOR])
def test_even_a_grant_opens_nothing_to_a_role_that_reads_no_record(
    people: People, scope_of: ScopeOf, case: CaseRow, role: Role
):
    viewer = scope_of(people.district)
    break_in(case.reference, viewer)
    with transaction():
        staff.change_role(
            user_id=people.district,
            role=role,
            organization_id=people.city.school.id,
            version=1,
            real_now=NOW,
        )

    assert not may_open(case, scope_of(people.district))
