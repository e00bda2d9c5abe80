"""Something of everything for every route: one reader's records, by real operations. No tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask
from werkzeug.routing import Rule

from tests.doors.portal.conftest import Person, Reached
from tests.factories import calls, documents
from tests.factories import people as vault
from tests.factories import portal as made
from wellbeing.accounts.operations import requests
from wellbeing.accounts.queries import requests as asked_for
from wellbeing.accounts.rules.grants import RequestState
from wellbeing.cases.operations import (
    access,
    changes,
    closing,
    duties,
    erasures,
    lowerings,
    notes,
    referrals,
    reporting,
    rescue,
    searches,
)
from wellbeing.cases.operations import care as case_care
from wellbeing.cases.operations import plans as case_plans
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import lowerings as proposals
from wellbeing.cases.queries import plans as plan_queries
from wellbeing.cases.queries import rescue as rescues
from wellbeing.cases.rules.cases import CaseRow, NewDuty, new_reference
from wellbeing.cases.rules.erasures import Ground
from wellbeing.cases.rules.lowerings import About
from wellbeing.cases.rules.people import Relation
from wellbeing.cases.rules.plans import CareWords, Heading, PlanKind
from wellbeing.cases.rules.referrals import Agreed, NewReferral
from wellbeing.cases.rules.reporting import NewReport
from wellbeing.cases.rules.search import CaseSearch
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.rules.conversations import Disposition
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.operations import senders
from wellbeing.escalation.rules.words import NewEscalation, PageSubject, PageSubjectKind
from wellbeing.followups import queries as followups
from wellbeing.followups.operations import plans
from wellbeing.followups.rules import Owner
from wellbeing.foundation import clock
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.roster import operations as roster_operations
from wellbeing.roster import queries as roster
from wellbeing.roster.operations import calendars as calendar_operations
from wellbeing.roster.queries import calendars
from wellbeing.roster.rules import Interval, NewShift
from wellbeing.roster.rules.calendars import NoSuchCalendar
from wellbeing.triage.rules.levels import Decider, Source

RECORDS = frozenset({
    "public_id", "reference", "note_id", "escalation_id", "page_id", "follow_up_id", "shift_id",
    "request_id", "view_id", "leg_id", "search_id", "document_id",
    "erasure_id",
})  # fmt: skip
"""Placeholders that name a record; the others choose what to do with one."""
OTHER_METHODS = frozenset({"HEAD", "OPTIONS"})
SAID = "我不想活了"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one address of the map."""

    method: str
    rule: Rule

    @property
    def endpoint(self) -> str:
        return str(self.rule.endpoint)

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Arguments for every placeholder of the map, all of one reader.

    `instead` holds, by endpoint or blueprint, what stands for a placeholder there.
    """

    arguments: dict[str, Any]
    instead: dict[str, dict[str, Any]]

    def value(self, route: Route, name: str) -> Any:
        """Tell what stands for one placeholder of a route."""
        blueprint = route.endpoint.split(".")[0]
        for place in (route.endpoint, blueprint):
            if name in self.instead.get(place, {}):
                return self.instead[place][name]
        return self.arguments[name]

    def url(self, route: Route, swap: dict[str, Any] | None = None, **query: Any) -> str:
        """Fill in a route's placeholders; fail for one that no sample is known for.

        `swap` holds what stands for some of them instead: somebody else's.
        """
        unknown = route.rule.arguments - set(self.arguments)
        assert unknown == set(), f"{route}: add samples for {unknown}"
        values = {name: self.value(route, name) for name in route.rule.arguments}
        values |= swap or {}
        built = route.rule.build(values)
        assert built is not None, str(route)
        return built[1] + (f"?{urlencode(query)}" if query else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Whoever takes part in a sample: the reader, and a colleague of a unit below.

    `asker` asks for access to the reader's case and breaks into it; else the colleague does.
    """

    reader: Person
    below: Person
    unit: str = "north"
    unit_below: str = "north-school"
    asker: Person | None = None


def routes(app: Flask) -> Iterator[Route]:
    """Give every method of every address, but those of static files."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            for method in sorted((rule.methods or set()) - OTHER_METHODS):
                yield Route(method=method, rule=rule)


def permission_of(app: Flask, route: Route) -> object:
    """Tell whom a route declares itself open to; None if it declares nothing."""
    return getattr(app.view_functions[route.endpoint], "allowed", None)


def make(app: Flask, staff: Staff, student: Callable[..., Reached]) -> Sample:
    """Let a student come back to the reader, who holds case, promise, shift and escalations.

    The reader belongs to `unit`, the colleague to `unit_below`, which lies under it.
    """
    first = student(SAID, unit=staff.unit)
    with app.app_context():
        _claim(staff.reader, first)
        case = made.open_case(staff.reader, contact_id=first.contact_id, level=RiskLevel.HIGH)
        _end(staff.reader, first)
    again = student(SAID, unit=staff.unit, number=first.number)
    with app.app_context():
        _claim(staff.reader, again)
        _reply(staff.reader, again)
        sent = _sent(staff, case)
    at_rest = _at_rest(app, staff.reader, staff.below, student("示例：谢谢你们。", unit=staff.unit))
    received = _received(app, staff, student(SAID, unit=staff.unit_below))
    with app.app_context():
        return Sample(
            arguments={
                "public_id": again.public_id,
                "reference": case.reference,
                "note_id": _note(staff.reader, case),
                **_people(staff.reader, case, student(SAID, unit=_district(staff))),
                "screener": "cssrs",
                "report_id": _report(case),
                "step": _rescued(staff.reader, case),
                "lowering_id": _proposed(staff.below, case_id=case.case_id),
                "escalation_id": received,
                # Nobody is paged at a school: there the page is of what it sent.
                "page_id": _page_of(sent if is_school(staff) else received),
                "follow_up_id": _promise(staff.reader, case),
                "duty_id": _duty(staff.reader, case),
                "shift_id": _shifts(staff.reader)[0],
                "outbound_id": 1,
                "token": _calendar(staff.reader),
                "leg_id": "unknown",
                "turn": 0,
                "field": "note",
                "referral_id": _referral(staff.reader, case),
                "document_id": _document(staff.reader, case),
                "number": min(_plan(staff.reader, case), _care_plan(staff.reader, case)),
                "medium_id": made.picture(again.contact_id),
                "canned_id": made.canned_reply(staff.reader),
                "request_id": _asked(staff.asker or staff.below, case),
                "search_id": _search(staff.reader),
                "key": "own:1",
                "user_id": staff.below.user_id,
                "erasure_id": _erasure(staff.reader, at_rest),
                "view_id": _broken_into(staff.asker or staff.below, case),
            },
            instead={
                # Elsewhere an escalation is meant that the reader received.
                "escalations.release": {"escalation_id": sent},
                "escalations.read_back": {"escalation_id": sent},
                "contacts.decide_lowering": {
                    "lowering_id": _proposed(staff.below, contact_id=again.contact_id)
                },
                "calls": {"public_id": _call(staff.reader)},
                "cases.at_rest": {"reference": at_rest.reference},
                "cases.hold_record": {"reference": at_rest.reference},
                "cases.release_record": {"reference": at_rest.reference},
                "grants.withdraw": {"request_id": _asked(staff.reader, None)},
            },
        )


def _district(staff: Staff) -> str:
    return "north" if staff.unit == "city" else staff.unit


def _report(case: CaseRow) -> int:
    new = NewReport(case_id=case.case_id, situations=("injuries",), account="示例")
    with transaction():
        return reporting.open_report(new=new, now=clock.now())


def _rescued(person: Person, case: CaseRow) -> str:
    if rescues.running(case_id=case.case_id) is None:
        with transaction():
            rescue.start(case_id=case.case_id, by=person.user_id, now=clock.now())
    return "consulted"


def _proposed(person: Person, **about: int) -> int:
    """Let a colleague set red and then propose to leave it, as one person may not do alone."""
    by = Decider(user_id=person.user_id, is_supervisor=False)
    for level in (RiskLevel.IMMINENT, RiskLevel.HIGH):
        common: dict[str, Any] = {"level": level, "note": "示例", "by": by, "now": clock.now()}
        with transaction():
            if "case_id" in about:
                lowerings.set_case_level(**about, **common, version=None)
            else:
                lowerings.set_contact_level(**about, **common, source=Source.COUNSELOR)
    waiting = proposals.open_of(about=About(**about))
    assert waiting is not None
    return waiting.lowering_id


def _at_rest(app: Flask, person: Person, signed_by: Person, reached: Reached) -> CaseRow:
    """Let a case of the reader end, its conversation too."""
    with app.app_context():
        _claim(person, reached)
        case = made.open_case(person, contact_id=reached.contact_id, level=RiskLevel.LOW)
        _end(person, reached)
        _close(case, signed_by=signed_by)
        return cases.case_by_id(case_id=case.case_id)


def _close(case: CaseRow, *, signed_by: Person) -> None:
    """Let the student decline twice and a colleague sign: one more supervisor would be rung."""
    now, by = clock.now(), case.owner_id
    decider = Decider(user_id=signed_by.user_id, is_supervisor=True)
    with transaction():
        for days in (0, 1):
            at = now + timedelta(days=days)
            closing.note_reached(case_id=case.case_id, by=by, has_declined=True, now=at)
        later = now + timedelta(days=1)
        closing.sign_closing(case_id=case.case_id, by=decider, reason="示例", now=later)
        changes.close_case(case_id=case.case_id, by=by, note="示例", told=True, now=now)


def _erasure(person: Person, case: CaseRow) -> int:
    """Ask for a record to be destroyed, as if its years were over; nobody has two waiting."""
    years_later = clock.now() + timedelta(days=4 * 366)
    with transaction():
        return erasures.ask(
            case=case,
            ground=Ground.TIME_OVER,
            reason="示例",
            by=person.user_id,
            now=years_later,
        )


def _sent(staff: Staff, case: CaseRow) -> int:
    """Pass a case on upward, or from the highest unit down to the colleague's."""
    if staff.unit != "city":
        return made.escalate(staff.reader, case_id=case.case_id)
    return _step_down(staff.reader, case, staff.below)


def _step_down(sender: Person, case: CaseRow, receiver: Person) -> int:
    new = NewEscalation(case_id=case.case_id, reason=made.REASON, safety_plan="示例：室友陪着。")
    with transaction():
        return senders.step_down(
            new=new,
            to_organization_id=receiver.organization_id,
            by=sender.user_id,
            now=clock.now(),
        )


def _search(person: Person) -> str:
    with transaction():
        return searches.keep(search=CaseSearch(), by=person.user_id, now=clock.now())


def _asked(person: Person, case: CaseRow | None) -> int:
    """Ask for a case; for one that nobody has if none is given."""
    with transaction():
        # Nobody has more than a few waiting, and a sample may be asked for often.
        for row in asked_for.requests_of(user_id=person.user_id):
            if row.state is RequestState.WAITING:
                requests.withdraw(request_id=row.request_id, by=person.user_id)
        return access.ask(
            typed=case.reference if case else new_reference(),
            reason="示例：学生今晚打给我了。",
            scope=person.scope,
            now=clock.now(),
        )


def _broken_into(person: Person, case: CaseRow) -> int:
    with transaction():
        _case, view = access.open_in_emergency(
            typed=case.reference,
            reason="示例：学生在天台，联系不上负责人。",
            scope=person.scope,
            now=clock.now(),
        )
    return view.view_id


def _people(reader: Person, case: CaseRow, elsewhere: Reached) -> dict[str, Any]:
    """Let the student be written down here and, as it seems, in two other cases of the reader."""
    by, now = reader.user_id, clock.now()
    _claim(reader, elsewhere)
    other = made.open_case(reader, contact_id=elsewhere.contact_id, level=RiskLevel.HIGH)
    shared = {"by": by, "now": now, "name": f"示例{case.case_id}"}
    student = vault.make_person(case_id=case.case_id, **shared)
    friend = {"relation": Relation.FRIEND, "name": f"示例{other.case_id}"}
    mine = vault.make_person(case_id=case.case_id, **(shared | friend))
    theirs = vault.make_person(case_id=other.case_id, **shared)
    linked = vault.make_person(case_id=other.case_id, **(shared | friend))
    return {
        "person_id": student.person_id,
        "other_id": theirs.person_id,
        "number_id": vault.make_number(person=student, typed=f"139{case.case_id:08d}", by=by),
        "check": "matched",
        "consent_id": vault.make_consent(case_id=case.case_id, by=by, now=now),
        "link_id": vault.make_link(one=mine, other=linked, by=by, now=now),
    }


def _received(app: Flask, staff: Staff, reached: Reached) -> int:
    """Let the colleague pass a case on to the reader: up, or to a school back down."""
    with app.app_context():
        if not _shifts(staff.reader):
            _put_on_duty(staff.reader)
        _claim(staff.below, reached)
        case = made.open_case(staff.below, contact_id=reached.contact_id, level=RiskLevel.HIGH)
        if is_school(staff):
            return _step_down(staff.below, case, staff.reader)
        return made.escalate(staff.below, case_id=case.case_id)


def is_school(staff: Staff) -> bool:
    """Tell whether the reader works at a school: nothing comes up to it."""
    return staff.reader.organization_path.startswith(staff.below.organization_path)


def _call(person: Person) -> str:
    # Nobody is in two calls at a time, and a sample may be asked for twice.
    calls.put_down(person)
    call = calls.make_call(holder=person, voicemail=b"RIFF")
    calls.put_down(person)
    return call.public_id


def _claim(person: Person, reached: Reached) -> None:
    with transaction():
        # Red is never refused, however many conversations a person holds.
        contacts.raise_urgency(
            contact_id=reached.contact_id, level=RiskLevel.IMMINENT, now=clock.now()
        )
        contacts.claim(
            contact_id=reached.contact_id,
            scope=person.scope,
            user_id=person.user_id,
            now=clock.now(),
        )


def _reply(person: Person, reached: Reached) -> None:
    with transaction():
        contacts.write_reply(
            contact_id=reached.contact_id,
            by=person.user_id,
            body="示例：我在。",
            now=clock.now(),
        )


def _end(person: Person, reached: Reached) -> None:
    with transaction():
        contacts.close_contact(
            contact_id=reached.contact_id,
            disposition=Disposition.CASE_OPENED,
            wrap_up="示例：明天再谈。",
            by=person.user_id,
            # Who writes soon after an end is still in the same conversation.
            now=clock.now() - timedelta(days=2),
        )


def _note(person: Person, case: CaseRow) -> int:
    by = Decider(user_id=person.user_id, is_supervisor=False)
    with transaction():
        return notes.add_note(case_id=case.case_id, by=by, body="示例：室友陪着。", now=clock.now())


def _plan(person: Person, case: CaseRow) -> int:
    latest = plan_queries.latest(case_id=case.case_id, kind=PlanKind.SAFETY)
    with transaction():
        return case_plans.save_safety_plan(
            case_id=case.case_id,
            by=person.user_id,
            typed={one.value: "示例：一起写下的话。" for one in Heading},
            version=latest.version if latest else 0,
            now=clock.now(),
        )


def _care_plan(person: Person, case: CaseRow) -> int:
    latest = plan_queries.latest(case_id=case.case_id, kind=PlanKind.CARE)
    typed = CareWords(
        goals="示例：每天吃早饭。",
        strengths="",
        measures=(case_care.measure(what="示例：一起吃饭", who="示例：室友", until=""),),
        review_on=(clock.now() + timedelta(days=30)).date(),
    )
    with transaction():
        return case_care.save_care_plan(
            case_id=case.case_id,
            by=person.user_id,
            typed=typed,
            version=latest.version if latest else 0,
            now=clock.now(),
        )


def _referral(person: Person, case: CaseRow) -> int:
    new = NewReferral(
        case_id=case.case_id,
        kind="green_channel",
        to="示例医院",
        reason="示例：想请医生看一看。",
        agreed=Agreed.STUDENT,
    )
    with transaction():
        return referrals.refer(new=new, by=person.user_id, now=clock.now())


def _document(person: Person, case: CaseRow) -> int:
    # The same bytes are kept once, and a sample may be asked for often.
    raw = f"示例 {uuid4()}".encode()
    made = documents.make_document(case_id=case.case_id, by=person.user_id, raw=raw)
    return made.document_id


def _page_of(escalation_id: int) -> int:
    subject = PageSubject(kind=PageSubjectKind.ESCALATION, id=escalation_id)
    return int(escalation.pages_of(subject=subject)[0].page_id)


def _promise(person: Person, case: CaseRow) -> int:
    now = clock.now()
    with transaction():
        plans.plan_for(
            case_id=case.case_id,
            level=RiskLevel.HIGH,
            owner=Owner(user_id=person.user_id, organization_id=person.organization_id),
            anchor=now - timedelta(hours=1),
            now=now - timedelta(minutes=30),
        )
    return int(followups.open_of_case(case_id=case.case_id)[0].follow_up_id)


def _duty(person: Person, case: CaseRow) -> int:
    new = NewDuty(
        kind="undelivered_text",
        case_id=case.case_id,
        holder_id=person.user_id,
        organization_id=person.organization_id,
        by_at=clock.now() + timedelta(hours=4),
    )
    with transaction():
        return duties.open_duty(new=new, now=clock.now())


def _put_on_duty(person: Person) -> None:
    now = clock.now()
    new = NewShift(
        organization_id=person.organization_id,
        desk="line",
        user_id=person.user_id,
        starts_at=now,
        ends_at=now + timedelta(hours=24),
        by_user_id=person.user_id,
    )
    with transaction():
        roster_operations.add_shift(new=new, now=now)


def _shifts(person: Person) -> list[int]:
    now = clock.now()
    within = Interval(starts_at=now, ends_at=now + timedelta(hours=1))
    found = roster.shifts_between(scope=person.scope, within=within)
    return [one.shift_id for one in found if one.user_id == person.user_id]


_TOKENS: dict[int, str] = {}
"""A calendar's secret is told once and never again, so it is remembered here."""


def _calendar(person: Person) -> str:
    known = _TOKENS.get(person.user_id, "")
    try:
        calendars.calendar_owner(token=known)
    except NoSuchCalendar:
        with transaction():
            known = calendar_operations.renew_calendar(user_id=person.user_id, now=clock.now())
    _TOKENS[person.user_id] = known
    return known
