"""Roles, and the table of what each may do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import Tier


class Role(StrEnum):
    """What a person is to the service; nobody has two."""

    COUNSELOR = "counselor"
    SUPERVISOR = "supervisor"
    PRINCIPAL = "principal"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """What a door may ask for."""

    ANSWER_LINE = "answer_line"
    SEE_QUEUE = "see_queue"
    OPEN_CONTACT = "open_contact"
    OPEN_CASE = "open_case"
    EDIT_CASE = "edit_case"
    SEE_CASE_EXISTS = "see_case_exists"
    RECEIVE_ESCALATION = "receive_escalation"
    ESCALATE = "escalate"
    SUPERVISE = "supervise"
    SEE_REPORTS = "see_reports"
    MANAGE_PEOPLE = "manage_people"
    SEE_POLICY = "see_policy"
    SEE_AUDIT = "see_audit"


_CARE = frozenset({
    Permission.ANSWER_LINE, Permission.SEE_QUEUE, Permission.OPEN_CONTACT, Permission.OPEN_CASE,
    Permission.EDIT_CASE, Permission.RECEIVE_ESCALATION, Permission.ESCALATE,
})  # fmt: skip
ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.COUNSELOR: _CARE,
    Role.SUPERVISOR: _CARE | {Permission.SUPERVISE, Permission.SEE_REPORTS},
    Role.PRINCIPAL: frozenset({Permission.SEE_CASE_EXISTS}),
    Role.ADMINISTRATOR: frozenset({Permission.MANAGE_PEOPLE, Permission.SEE_POLICY}),
    Role.AUDITOR: frozenset({Permission.SEE_AUDIT, Permission.SEE_POLICY}),
}
"""Principals read no narrative; administrators and auditors open no record (product.md 10)."""


def scope_of(*, user_id: int, path: str, role: Role, tier: Tier | None = None) -> Scope:
    """Tell how far a person sees: the subtree of their place, with what their role may do.

    `tier` is that of their place, where it is known.
    """
    may = frozenset(ROLE_PERMISSIONS[role])
    return Scope(user_id=user_id, paths=(path,), permissions=may, tier=tier)
