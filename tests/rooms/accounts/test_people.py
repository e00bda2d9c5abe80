"""Staff come, change and leave, on both databases."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from tests.factories.accounts import PASSWORD, make_counselor, make_supervisor, sign_in
from tests.factories.moments import NOW
from tests.rooms.accounts.conftest import Staff
from wellbeing.accounts.operations import people as operations
from wellbeing.accounts.operations import signing_in
from wellbeing.accounts.queries import people as queries
from wellbeing.accounts.queries import sessions
from wellbeing.accounts.rules.passwords import PasswordTooShort
from wellbeing.accounts.rules.people import NoSuchUser, PhoneTaken, StaleUser, UsernameTaken
from wellbeing.accounts.rules.roles import Permission, Role
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.phone import NotAPhoneNumber
from wellbeing.organizations.rules import NoSuchOrganization
from wellbeing.policy.model import Language

PHONE = "+8613900000101"


def test_a_person_is_given_back_with_two_digits_of_their_number(staff: Staff):
    user_id = make_counselor(
        username="River.Guard",
        phone="139 0000 0101",
        languages=(Language.ZH, Language.EN),
        organization_id=staff.city.school.id,
    )

    found = queries.user(user_id=user_id)

    assert found.username == "river.guard"
    assert found.phone_masked == "•••• 01"
    assert found.organization_path == staff.city.school.path
    assert found.languages == (Language.ZH, Language.EN)
    assert found.must_enroll_totp is False


def test_neither_password_nor_number_nor_secret_is_stored_in_clear(staff: Staff):
    make_counselor(phone=PHONE, totp_secret="JBSWY3DPEHPK3PXP")

    row = session().execute(text('SELECT * FROM "user" ORDER BY id DESC')).mappings().first()

    stored = repr(dict(row or {}))
    assert "river" not in stored
    assert "13900000101" not in stored
    assert "JBSWY3DPEHPK3PXP" not in stored


def test_a_number_is_opened_to_page_its_owner(staff: Staff):
    user_id = make_counselor(phone=PHONE)

    assert queries.phone_of(user_id=user_id) == "+8613900000101"
    assert queries.phone_of(user_id=staff.counselor) is None


def test_a_text_from_a_number_names_its_owner(staff: Staff):
    user_id = make_counselor(phone=PHONE)

    found = queries.user_by_phone(number=PHONE)

    assert found is not None
    assert found.id == user_id
    assert queries.user_by_phone(number="+8613900000199") is None


def test_a_user_name_is_given_once_whatever_its_capitals(staff: Staff):
    with pytest.raises(UsernameTaken):
        make_counselor(username="LANTERN.keeper")


def test_a_number_belongs_to_one_active_person(staff: Staff):
    make_counselor(phone=PHONE)

    with pytest.raises(PhoneTaken):
        make_counselor(phone=PHONE)


def test_the_number_of_somebody_who_left_may_be_given_again(staff: Staff):
    left = make_counselor(phone=PHONE)
    with transaction():
        operations.disable_user(user_id=left, real_now=NOW)

    new = make_counselor(phone=PHONE)

    found = queries.user_by_phone(number=PHONE)
    assert found is not None
    assert found.id == new


def test_a_short_code_is_no_number_to_page(staff: Staff):
    with pytest.raises(NotAPhoneNumber):
        make_counselor(phone="12356")


def test_an_unfit_password_adds_nobody(staff: Staff):
    with pytest.raises(PasswordTooShort):
        make_counselor(username="nobody", password="short")

    assert queries.by_username(username="nobody") is None


def test_people_are_listed_by_organization_and_role(staff: Staff):
    school = staff.city.school.id
    guard = make_counselor(username="guard", organization_id=school)
    lead = make_supervisor(username="lead", organization_id=school)

    everybody = queries.users_of(organization_id=school)
    supervisors = queries.users_of(organization_id=school, role=Role.SUPERVISOR)

    assert [one.id for one in everybody] == [guard, lead]
    assert [one.id for one in supervisors] == [lead]


def test_names_are_given_for_those_who_left_too(staff: Staff):
    with transaction():
        operations.disable_user(user_id=staff.counselor, real_now=NOW)

    names = queries.names_of(user_ids=[staff.counselor, 4711])

    assert list(names) == [staff.counselor]
    assert names[staff.counselor].display_name_en.startswith("Invented Counselor")


def test_somebody_who_left_is_paged_no_more(staff: Staff):
    user_id = make_counselor(phone=PHONE)

    with transaction():
        operations.disable_user(user_id=user_id, real_now=NOW)

    assert queries.phone_of(user_id=user_id) is None
    assert queries.user_by_phone(number=PHONE) is None
    with pytest.raises(NoSuchUser):
        queries.scope_of(user_id=user_id)


def test_a_person_leaves_once(staff: Staff):
    with transaction():
        operations.disable_user(user_id=staff.counselor, real_now=NOW)

    with pytest.raises(NoSuchUser), transaction():
        operations.disable_user(user_id=staff.counselor, real_now=NOW)


def test_a_scope_is_the_subtree_of_ones_own_organization(staff: Staff):
    user_id = make_supervisor(organization_id=staff.city.district.id)

    scope = queries.scope_of(user_id=user_id)

    assert scope.covers(staff.city.school.path)
    assert not scope.covers(staff.city.other_school.path)
    assert scope.may(Permission.SUPERVISE)


def test_a_new_role_counts_from_the_next_sign_in(staff: Staff):
    token = sign_in(user_id=staff.counselor, real_now=NOW)

    with transaction():
        operations.change_role(
            user_id=staff.counselor,
            role=Role.AUDITOR,
            organization_id=staff.city.municipality.id,
            version=1,
            real_now=NOW,
        )

    assert sessions.by_session_token(token=token, real_now=NOW) is None
    assert queries.scope_of(user_id=staff.counselor).permissions == {"see_audit", "see_policy"}


def test_a_stale_change_of_role_is_refused(staff: Staff):
    with pytest.raises(StaleUser), transaction():
        operations.change_role(
            user_id=staff.counselor,
            role=Role.AUDITOR,
            organization_id=staff.city.municipality.id,
            version=7,
            real_now=NOW,
        )


def test_a_new_password_ends_every_session_and_the_old_one(staff: Staff):
    token = sign_in(user_id=staff.counselor, real_now=NOW)

    with transaction():
        operations.set_password(
            user_id=staff.counselor, password="another lamp at dusk", real_now=NOW
        )

    assert sessions.by_session_token(token=token, real_now=NOW) is None
    assert password_opens("another lamp at dusk") == staff.counselor


def password_opens(password: str) -> int:
    return signing_in.check_password(
        username="lantern.keeper", password=password, address="192.0.2.9", real_now=NOW
    )


def test_the_one_password_of_the_tests_opens(staff: Staff):
    assert password_opens(PASSWORD) == staff.counselor


def test_without_an_organization_nobody_can_be_added(database: Flask):
    with pytest.raises(NoSuchOrganization):
        make_counselor(organization_id=4711)
