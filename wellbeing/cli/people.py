"""Who the demonstration is about: organizations and staff, obviously invented."""

from __future__ import annotations

from dataclasses import dataclass

from wellbeing.accounts.rules.roles import Role
from wellbeing.organizations.rules import NewOrganization, OrganizationKind

PASSWORD = "growing-toward-the-light"  # noqa: S105 - printed for everybody by script/demo
"""Of every invented person."""

ORGANIZATIONS = (
    NewOrganization(
        code="DEMO-S1",
        kind=OrganizationKind.SCHOOL,
        parent_code="500103",
        name_zh="演示第一中学",
        name_en="Demo No. 1 Middle School",
    ),
    NewOrganization(
        code="DEMO-S2",
        kind=OrganizationKind.SCHOOL,
        parent_code="500106",
        name_zh="演示第二小学",
        name_en="Demo No. 2 Primary School",
    ),
    NewOrganization(
        code="DEMO-U1",
        kind=OrganizationKind.UNIVERSITY,
        parent_code="500000",
        name_zh="演示大学",
        name_en="Demo University",
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    """An invented member of staff; `desks` are their posts round the clock, `desk:position`."""

    username: str
    name_zh: str
    name_en: str
    role: Role
    organization: str
    phone: str
    desks: str = ""


@dataclass(frozen=True, slots=True)
class Student:
    """An invented student: a phone on the desk of the pretend carrier."""

    name_zh: str
    name_en: str
    phone: str


STUDENTS = (
    Student("学生 · 小树", "Student Sapling", "+8613900000001"),
    Student("学生 · 小草", "Student Clover", "+8613900000002"),
)

_C, _S = Role.COUNSELOR, Role.SUPERVISOR
_P = "+8613900000"

PEOPLE = (
    Person("school", "甲老师", "Teacher A", _C, "DEMO-S1", _P + "101", "line:1"),
    Person("school2", "乙老师", "Teacher B", _C, "DEMO-S2", _P + "102", "line:1"),
    Person("district", "丙咨询员", "Counselor C", _C, "500103", _P + "103", "line:1"),
    Person("district2", "丁咨询员", "Counselor D", _C, "500106", _P + "104", "line:1"),
    Person("district.lead", "戊督导", "Supervisor E", _S, "500103", _P + "105", "supervisor:1"),
    Person("city", "己咨询员", "Counselor F", _C, "500000", _P + "106", "line:1"),
    Person("crisis", "庚咨询员", "Counselor G", _C, "500000", _P + "107", "crisis:1 line:2"),
    Person("city.lead", "辛督导", "Supervisor H", _S, "500000", _P + "108", "supervisor:1"),
    Person("duty.lead", "壬值班负责人", "Duty lead J", _S, "500000", _P + "109", "duty_lead:1"),
    Person("director", "癸主任", "Director K", _S, "500000", _P + "110", "director:1"),
    Person("university", "子老师", "Teacher L", _C, "DEMO-U1", _P + "111", "line:1"),
    Person("principal", "丑校长", "Principal M", Role.PRINCIPAL, "DEMO-S1", _P + "112"),
    Person("admin", "寅管理员", "Administrator N", Role.ADMINISTRATOR, "500000", _P + "113"),
    Person("auditor", "卯审计员", "Auditor P", Role.AUDITOR, "500000", _P + "114"),
)  # fmt: skip
