"""What somebody on duty hears who is paged by call. Callers to the line are beside this."""

from __future__ import annotations

from datetime import datetime

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import Actor, ActorKind, AuditAction, Subject
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.rules.conversations import (
    AlreadyClaimed,
    TooManyConversations,
)
from wellbeing.escalation import queries as pages
from wellbeing.escalation.operations import answers, escalations
from wellbeing.escalation.rules.rows import PageCall
from wellbeing.escalation.rules.words import (
    AcknowledgedVia,
    AlreadyAccepted,
    EscalationOver,
    NoSuchEscalation,
    NoSuchPage,
    PageState,
    PageSubjectKind,
)
from wellbeing.foundation.errors import NotFound
from wellbeing.hotline.voice.saying import prompt
from wellbeing.organizations.rules import Scope
from wellbeing.telephony.steps import Ask, Document, HangUp

ACKNOWLEDGE, TAKE_OVER = "1", "2"
AGAIN = ".again"
"""Stands behind a ring's id in the address after the first 2: the address carries the step."""
SECONDS_FOR_A_KEY = 8


def page_call(*, public_id: str, now: datetime) -> Document:
    """Tell somebody on duty that the line needs them, and wait for a key."""
    del now
    call = _page_call(public_id)
    if call is None:
        return (HangUp(),)
    if call.page.state not in {PageState.PAGING, PageState.UNANSWERED}:
        return _last_word(call, _taken_or_noted(call))
    return _asked(call, public_id, _greeting(call))


def page_call_key(*, public_id: str, digits: str, now: datetime) -> Document:
    """Do what a paged person's key asks: 1 heard it, 2 and 2 again takes it over."""
    ring_id = public_id.removesuffix(AGAIN)
    call = _page_call(ring_id)
    if call is None:
        return (HangUp(),)
    # Of a test any key will do: the telephone rang, somebody listened, and keys arrive.
    if digits == ACKNOWLEDGE or (digits and _is_test(call)):
        return _last_word(call, _acknowledged(call, now))
    if digits == TAKE_OVER and ring_id != public_id:
        return _last_word(call, _taken_over(call, now))
    if digits == TAKE_OVER:
        return _asked(call, f"{ring_id}{AGAIN}", "page_call_read_back")
    if digits:
        return _asked(call, ring_id, _greeting(call))
    return _last_word(call, "page_call_no_input")


def _greeting(call: PageCall) -> str:
    return "page_test_greeting" if _is_test(call) else "page_call_greeting"


def _is_test(call: PageCall) -> bool:
    return call.page.subject.kind is PageSubjectKind.TEST


def _page_call(public_id: str) -> PageCall | None:
    try:
        return pages.page_for_call(public_id=public_id)
    except NoSuchPage:
        return None


def _acknowledged(call: PageCall, now: datetime) -> str:
    """Note that somebody heard it; give the prompt that tells them what came of it."""
    is_first = answers.acknowledge_page(
        page_id=call.page.page_id, user_id=call.user_id, via=AcknowledgedVia.KEY, now=now
    )
    if not is_first:
        return _taken_or_noted(call)
    _note(AuditAction.ACKNOWLEDGED, call, now)
    return "page_call_acknowledged"


def _taken_over(call: PageCall, now: datetime) -> str:
    """Take over what the page is about; what cannot be taken by phone is acknowledged."""
    try:
        taken = _take(call, now)
    except (AlreadyAccepted, AlreadyClaimed, EscalationOver):
        return "page_call_already_taken"
    except (NoSuchEscalation, NotFound, TooManyConversations):
        taken = False
    if not taken:
        return _acknowledged(call, now)
    answers.acknowledge_page(
        page_id=call.page.page_id, user_id=call.user_id, via=AcknowledgedVia.KEY, now=now
    )
    _note(AuditAction.ACCEPTED, call, now)
    return "page_call_accepted"


def _take(call: PageCall, now: datetime) -> bool:
    subject = call.page.subject
    if subject.kind is PageSubjectKind.ESCALATION:
        escalations.accept(escalation_id=subject.id, by=call.user_id, now=now)
        return True
    if subject.kind is PageSubjectKind.CONTACT:
        person = accounts.user(user_id=call.user_id)
        scope = Scope(
            user_id=person.id,
            paths=(person.organization_path,),
            permissions=frozenset(ROLE_PERMISSIONS[person.role]),
        )
        contacts.claim(contact_id=subject.id, scope=scope, user_id=person.id, now=now)
        return True
    return False


def _taken_or_noted(call: PageCall) -> str:
    mine = call.page.acknowledged_by == call.user_id
    return "page_call_acknowledged" if mine else "page_call_already_taken"


def _note(action: AuditAction, call: PageCall, now: datetime) -> None:
    audit.record(
        action=action,
        subject=Subject(kind="page", id=call.page.page_id),
        actor=Actor(kind=ActorKind.USER, user_id=call.user_id),
        details={"via": AcknowledgedVia.KEY.value, "about": call.page.subject.kind.value},
        now=now,
    )


def _asked(call: PageCall, address: str, key: str) -> Document:
    """Say it twice while listening; somebody was just woken."""
    said = prompt(key, call.language, code_word=call.code_word)
    return (
        Ask(
            prompts=(said, said),
            digits=1,
            timeout_s=SECONDS_FOR_A_KEY,
            action=f"/twilio/page/{address}/key",
        ),
    )


def _last_word(call: PageCall, key: str) -> Document:
    return (prompt(key, call.language, code_word=call.code_word), HangUp())
