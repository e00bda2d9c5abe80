"""Who may do what, as a supervisor could read it."""

from __future__ import annotations

import pytest

from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Permission, Role


def test_every_role_has_its_permissions():
    assert set(ROLE_PERMISSIONS) == set(Role)


def test_a_principal_learns_that_a_case_exists_and_no_more():
    assert ROLE_PERMISSIONS[Role.PRINCIPAL] == {Permission.SEE_CASE_EXISTS}


@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_manages_or_audits_opens_no_record(role: Role):
    records = {
        Permission.OPEN_CONTACT, Permission.OPEN_CASE, Permission.EDIT_CASE, Permission.SUPERVISE,
    }  # fmt: skip

    assert not ROLE_PERMISSIONS[role] & records


def test_a_supervisor_may_what_a_counselor_may_and_oversees():
    more = ROLE_PERMISSIONS[Role.SUPERVISOR] - ROLE_PERMISSIONS[Role.COUNSELOR]

    assert ROLE_PERMISSIONS[Role.COUNSELOR] < ROLE_PERMISSIONS[Role.SUPERVISOR]
    assert more == {Permission.SUPERVISE, Permission.SEE_REPORTS}
