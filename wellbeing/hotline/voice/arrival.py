"""A call comes in: the greeting, the keys, and into the queue. Nobody is filtered by a menu.

Two silences lead straight to a human; at most three things are offered (product.md 1.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from wellbeing.audit import operations as audit
from wellbeing.audit.rules import CARRIER, AuditAction, Subject
from wellbeing.contacts import voice as arrivals
from wellbeing.contacts.operations import calls
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.queries import calls as queries
from wellbeing.contacts.rules.calls import CallRow, CallState
from wellbeing.contacts.rules.conversations import IncomingCall
from wellbeing.escalation.operations import pages
from wellbeing.escalation.rules.words import PageSubject, PageSubjectKind
from wellbeing.foundation import phone
from wellbeing.hotline.rules import texts as rules
from wellbeing.hotline.voice import plans
from wellbeing.hotline.voice.saying import hold, path, prompt
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language, RiskLevel
from wellbeing.telephony.steps import Ask, Document, Say

PERSON, SCHOOL, DANGER = "0", "3", "9"
LANGUAGES = {"1": Language.ZH, "2": Language.EN}
SCHOOL_TURN = 10
"""From this turn on the caller was asked whether they want their own school."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundCall:
    """A call to the line as the carrier tells it: raw addresses."""

    call_sid: str
    sender: str
    line_number: str


def inbound_call(*, call: InboundCall, now: datetime) -> Document:
    """Record a call before it is answered, and greet; a repeated webhook hears the same."""
    incoming = _incoming(call)
    line = rules.line_of(number=incoming.line_number, line=policy.current().line)
    plan = plans.ordinary(
        line_number=incoming.line_number, organization_id=incoming.organization_id, now=now
    )
    started = arrivals.receive_call(call=incoming, plan=plan, now=now)
    if not started.is_repeat:
        if started.language is not None:
            contacts.set_language(contact_id=started.contact_id, language=started.language, now=now)
        audit.record(
            action=AuditAction.RECEIVED_CALL,
            subject=Subject(kind="contact", id=started.contact_id),
            actor=CARRIER,
            now=now,
        )
    known = (started.language,) if started.language is not None else line.languages
    return _menu(queries.get(contact_id=started.contact_id), known, turn=0)


def record_missed_call(
    *, call_sid: str, sender: str, line_number: str, at: datetime, now: datetime
) -> bool:
    """Record a call that the carrier's own document answered while we were down."""
    call = InboundCall(call_sid=call_sid, sender=sender, line_number=line_number)
    contact_id = arrivals.record_missed_call(call=_incoming(call), at=at, now=now)
    if contact_id is None:
        return False
    audit.record(
        action=AuditAction.RECEIVED_CALL,
        subject=Subject(kind="contact", id=contact_id),
        actor=CARRIER,
        details={"missed": True},
        now=now,
    )
    return True


def menu_key(*, public_id: str, turn: int, digits: str, now: datetime) -> Document:
    """Do what a caller's key asks for; without one, once more, then straight to a human."""
    call = queries.by_public_id(public_id=public_id)
    if digits == DANGER:
        # Into the queue at once, also when asked for again after an answer got lost: the words are
        # said there, so that whoever accepts meets them in the middle of a sentence.
        note_danger(call=call, now=now)
        return hold(call)
    if digits == SCHOOL and turn >= SCHOOL_TURN:
        return _to_school(call, now)
    chosen = LANGUAGES.get(digits) if turn < SCHOOL_TURN else None
    if chosen is not None:
        contacts.set_language(contact_id=call.contact_id, language=chosen, now=now)
        return _after_language(queries.by_public_id(public_id=public_id), now)
    if digits or turn:
        return _after_language(call, now) if turn < SCHOOL_TURN else wait(call=call, now=now)
    line = rules.line_of(number=call.line_number, line=policy.current().line)
    return _menu(call, line.languages, turn=1)


def note_danger(*, call: CallRow, now: datetime) -> Say:
    """Ring the crisis desk at once, and page the supervisor on duty; said twice, done once."""
    if call.winner_leg_id is None and not call.is_danger and not call.is_over:
        contacts.raise_urgency(contact_id=call.contact_id, level=RiskLevel.IMMINENT, now=now)
        plan = plans.of_call(call=call, is_danger=True, now=now)
        calls.queue(contact_id=call.contact_id, plan=plan, is_danger=True, now=now)
        pages.page_desk(
            subject=PageSubject(kind=PageSubjectKind.CONTACT, id=call.contact_id),
            organization_id=organizations.municipality().id,
            desk=rules.SUPERVISOR_DESK,
            urgency=RiskLevel.IMMINENT,
            now=now,
        )
    return prompt("danger_noted", call.language)


def wait(*, call: CallRow, now: datetime) -> Document:
    """Let the caller into the queue at once: what is to be said is said while phones ring."""
    if call.state is CallState.MENU:
        home = plans.home_of(caller_id=call.caller_id, contact_id=call.contact_id)
        plan = None
        if home is not None and call.plan and call.plan[0].key != plans.SCHOOL_STAGE:
            plan = plans.of_call(call=call, is_danger=False, now=now)
        calls.queue(contact_id=call.contact_id, plan=plan, is_danger=False, now=now)
    return hold(call)


def _after_language(call: CallRow, now: datetime) -> Document:
    """Offer the caller's own school if one is known; whoever wants nothing of it says nothing."""
    if plans.school_of(call=call) is None:
        return wait(call=call, now=now)
    return (_ask(call, (prompt("own_school", call.language),), SCHOOL_TURN),)


def _to_school(call: CallRow, now: datetime) -> Document:
    school_id = plans.school_of(call=call)
    if school_id is not None and call.state is CallState.MENU:
        plan = plans.of_call(call=call, is_danger=False, now=now)
        own = plans.with_school(plan=plan, school_id=school_id)
        calls.queue(contact_id=call.contact_id, plan=own, is_danger=False, now=now)
    return hold(call)


def _menu(call: CallRow, languages: tuple[Language, ...], *, turn: int) -> Document:
    greeting = tuple(prompt("greeting", language) for language in languages) if turn == 0 else ()
    danger_first = tuple(prompt("danger", language) for language in languages)
    others = tuple(one for one in Language if one not in languages)
    named = (*languages, *others) if len(languages) > 1 else others
    choice = tuple(prompt("menu_language", language) for language in named)
    return (_ask(call, (*greeting, *danger_first, *choice), turn),)


def _ask(call: CallRow, said: tuple[Say, ...], turn: int) -> Ask:
    timeout: timedelta = policy.current().line.voice.menu_timeout
    return Ask(
        prompts=said,
        digits=1,
        timeout_s=int(timeout.total_seconds()),
        action=path(call, f"menu/{turn}"),
    )


def _incoming(call: InboundCall) -> IncomingCall:
    dialled = phone.sender(call.line_number) or call.line_number
    line_number = policy.current().line.home_of(number=dialled)
    line = rules.line_of(number=line_number, line=policy.current().line)
    organization = organizations.by_code(code=line.organization_code)
    return IncomingCall(
        call_sid=call.call_sid,
        sender=phone.sender(call.sender),
        line_number=line_number,
        organization_id=organization.id,
        organization_path=organization.path,
        language=policy.current().line.default_language,
    )
