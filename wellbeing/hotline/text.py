"""What the line does with a text, and with students who wait. Works in the door's transaction.

Nothing is answered in the webhook itself: every word to a student goes through the outbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from wellbeing.accounts.queries import people as accounts
from wellbeing.accounts.queries.people import UserRow
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import CARRIER, SYSTEM, Actor, ActorKind, AuditAction, Subject
from wellbeing.cases.queries import cases
from wellbeing.contacts import text as arrivals
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.contacts.queries import conversations
from wellbeing.contacts.rules.conversations import ContactState, Disposition, IncomingText, Received
from wellbeing.escalation import queries as pages_seen
from wellbeing.escalation.operations import answers, pages
from wellbeing.escalation.queries import reach
from wellbeing.escalation.rules.rows import PageRow
from wellbeing.escalation.rules.words import AcknowledgedVia, PageSubject, PageSubjectKind
from wellbeing.followups.operations import attempts as followups
from wellbeing.followups.rules import Answer
from wellbeing.foundation import phone
from wellbeing.hotline.rules import texts as rules
from wellbeing.hotline.rules.texts import Keyword
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.rules import NewText, Purpose
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel, Tier
from wellbeing.triage import operations as triage
from wellbeing.triage.rules.records import Reading

URGENT = (RiskLevel.HIGH, RiskLevel.IMMINENT)
CHECK_IN_REPLIES = {Answer.GOOD_TIME: "check_in_good_time", Answer.NOT_NOW: "check_in_not_now"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierText:
    """A text as the carrier tells it: raw addresses, raw body."""

    sid: str
    sender: str
    line_number: str
    body: str
    media_count: int
    media_sids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReply:
    """The answer to a text's webhook: silence, always. Replies leave through the outbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texted:
    """A text that was stored, and where its answers go; `number` None cannot be texted."""

    received: Received
    line_number: str
    sender: str | None
    body: str

    @property
    def number(self) -> str | None:
        """Give the number that answers go to: an automaton's short code gets none, nor nobody."""
        return self.sender if self.sender and self.sender.startswith("+") else None


def receive_text(*, text: CarrierText, now: datetime) -> TextReply:
    """Take in a text: store it, read it for danger, answer it automatically, call people.

    Idempotent by sid; of ten at once, one does something.
    """
    sender = phone.sender(text.sender)
    if _acknowledges(text, sender, now):
        return TextReply()
    texted = _store(text, sender, now)
    if texted.received.is_repeat:
        return TextReply()
    audit.record(
        action=AuditAction.RECEIVED_TEXT,
        subject=Subject(kind="contact", id=texted.received.contact_id),
        actor=CARRIER,
        details={"message_id": texted.received.message_id},
        now=now,
    )
    keyword = rules.keyword_of(text=text.body, words=policy.current().line.text)
    if keyword is None:
        _listen(texted, now)
    else:
        _honour(keyword, texted, now)
    return TextReply()


def due_ids(*, now: datetime, limit: int) -> tuple[int, ...]:
    """List the contacts whose counselor owes an answer too long, or that nobody has accepted."""
    left = conversations.unanswered_ids(
        levels=policy.current().line.text.unanswered_levels,
        since=now - policy.current().line.text.unanswered_after,
        limit=limit,
    )
    return (*left, *conversations.due_page_ids(now=now, limit=limit - len(left)))


def advance(contact_id: int, *, now: datetime) -> bool:
    """Do what is due for one waiting student; tell whether this process did it."""
    returned = return_unanswered(contact_id=contact_id, now=now)
    return page_unaccepted(contact_id=contact_id, now=now) or returned


def return_unanswered(*, contact_id: int, now: datetime) -> bool:
    """Give a conversation back to the queue if its counselor is silent at an urgent level."""
    limits = policy.current().line.text
    ended = contacts.return_unanswered(
        contact_id=contact_id,
        levels=limits.unanswered_levels,
        since=now - limits.unanswered_after,
        now=now,
    )
    if ended is None:
        return False
    audit.record(
        action=AuditAction.RETURNED,
        subject=Subject(kind="contact", id=contact_id),
        actor=SYSTEM,
        details={"left_by": ended.user_id},
        now=now,
    )
    return True


def page_unaccepted(*, contact_id: int, now: datetime) -> bool:
    """Call the desks whose turn it is for a contact that still waits; never runs out of steps."""
    page = conversations.due_page(contact_id=contact_id, now=now)
    if page is None:
        return False
    current = policy.current()
    plan = rules.plan_pages(
        steps=rules.page_steps(level=page.urgency, line=current.line),
        done=page.page_step,
        since=page.urgency_at,
        now=now,
        repeat_every=current.tiers.paging.next_person_after,
    )
    if not arrivals.plan_page(page=page, step=plan.next_step, at=plan.next_at):
        return False
    for step in plan.now:
        _page(contact_id, page.organization_id, step, page.urgency, now)
    return True


def next_due_at() -> datetime | None:
    """Tell when the next waiting student is due for something."""
    limits = policy.current().line.text
    since = conversations.unanswered_since(levels=limits.unanswered_levels)
    moments = (conversations.next_page_at(), since and since + limits.unanswered_after)
    return min((moment for moment in moments if moment is not None), default=None)


def _paged_on(number: str) -> UserRow | None:
    """Find who proved that pages reach them on this number."""
    user_id = reach.person_texting_from(number=number)
    return accounts.user(user_id=user_id) if user_id is not None else None


def _acknowledges(text: CarrierText, sender: str | None, now: datetime) -> bool:
    """Take a "1" of somebody on duty as the answer to their page; told once, by text."""
    if sender is None or not rules.is_acknowledgement(text=text.body):
        return False
    person = accounts.user_by_phone(number=sender) or _paged_on(sender)
    page = answers.acknowledge_by_text(user_id=person.id, now=now) if person else None
    if person is None or page is None:
        return False
    if page.acknowledged_by != person.id:
        _tell_staff(text, person.id, page, "page_text_already_taken", now)
    elif page.acknowledged_at == now:
        _tell_staff(text, person.id, page, "page_text_acknowledged", now)
        audit.record(
            action=AuditAction.ACKNOWLEDGED,
            subject=Subject(kind="page", id=page.page_id),
            actor=Actor(kind=ActorKind.USER, user_id=person.id),
            details={"via": AcknowledgedVia.TEXT.value},
            now=now,
        )
    return True


def _tell_staff(text: CarrierText, user_id: int, page: PageRow, key: str, now: datetime) -> None:
    """Answer somebody on duty by text, with their desk's code word and nothing else."""
    number = accounts.phone_of(user_id=user_id)
    if number is None:
        return
    language = pages_seen.language_of(user_id=user_id)
    word = pages_seen.code_word(desk=page.desk, language=language)
    order = NewText(
        to=number,
        from_number=_line_number(text),
        body=policy.current().prompts.text(key=key, language=language, code_word=word),
        purpose=Purpose.STAFF,
        purpose_id=page.page_id,
        data_key_id=accounts.data_key_of(user_id=user_id),
        urgency=page.urgency,
    )
    messaging.queue_text(order=order, now=now)


def _line_number(text: CarrierText) -> str:
    """Tell which number of the line was written to; a spare stands for its own line."""
    written_to = phone.sender(text.line_number) or text.line_number
    return policy.current().line.home_of(number=written_to)


def _store(text: CarrierText, sender: str | None, now: datetime) -> _Texted:
    line_number = _line_number(text)
    number = rules.line_of(number=line_number, line=policy.current().line)
    line = organizations.by_code(code=number.organization_code)
    received = arrivals.receive_text(
        text=IncomingText(
            sid=text.sid,
            sender=sender,
            line_number=line_number,
            body=text.body,
            organization_id=line.id,
            organization_path=line.path,
            language=rules.language_of(text=text.body),
            media_count=text.media_count,
            media_sids=text.media_sids,
        ),
        now=now,
    )
    return _Texted(received=received, line_number=line_number, sender=sender, body=text.body)


def _listen(texted: _Texted, now: datetime) -> None:
    """Read a text for danger, and let the student know that it arrived."""
    received = texted.received
    signals = triage.read_signals(
        reading=Reading(
            contact_id=received.contact_id,
            message_id=received.message_id,
            text=texted.body,
            is_first=received.is_new_contact,
        ),
        data_key_id=received.data_key_id,
        now=now,
    )
    rose = signals.level > received.urgency and contacts.raise_urgency(
        contact_id=received.contact_id, level=signals.level, now=now
    )
    urgency = max(signals.level, received.urgency)
    if not _is_check_in_answer(texted, urgency, now):
        red = "auto_reply_red_other" if signals.third_party else "auto_reply_red"
        _answer_automatically(texted, urgency, red=red if rose else None, now=now)
    if urgency in URGENT and (rose or received.is_reopened):
        page_unaccepted(contact_id=received.contact_id, now=now)


def _answer_automatically(
    texted: _Texted, urgency: RiskLevel, *, red: str | None, now: datetime
) -> None:
    """Answer once per contact, and once more when it turns red while nobody has it yet.

    `red` is what is said then: somebody who worries about another is not spoken to as the
    endangered one. None when the urgency did not rise.
    """
    received = texted.received
    is_red = urgency is RiskLevel.IMMINENT
    if red is not None and is_red and received.state is ContactState.WAITING:
        _say(texted, red, urgency, now)
    elif received.is_new_contact:
        _say(texted, "auto_reply", urgency, now)


def _is_check_in_answer(texted: _Texted, urgency: RiskLevel, now: datetime) -> bool:
    """Take a text as the answer to a check-in; a digit is answered and needs nobody at the desk."""
    if texted.number is None or texted.received.is_new_caller:
        return False
    answered = followups.record_answer(
        number=texted.number, line_number=texted.line_number, text=texted.body, now=now
    )
    if answered is None or answered.answer not in CHECK_IN_REPLIES:
        return False
    _say(texted, CHECK_IN_REPLIES[answered.answer], urgency, now)
    _needs_nobody(texted.received, Disposition.CHECK_IN_ANSWERED, now)
    return True


def _honour(keyword: Keyword, texted: _Texted, now: datetime) -> None:
    if keyword is Keyword.HELP:
        # "help" may be all that a child can write: it is answered, and still waits for a human.
        _say(texted, "help_reply", texted.received.urgency, now)
    elif keyword is Keyword.START:
        _start(texted, now)
    else:
        _stop(texted, now)


def _start(texted: _Texted, now: datetime) -> None:
    if texted.number is not None:
        messaging.opt_in(number=texted.number, line_number=texted.line_number, now=now)
    _say(texted, "start_confirmed", texted.received.urgency, now)
    _needs_nobody(texted.received, Disposition.NON_DATA, now)


def _stop(texted: _Texted, now: datetime) -> None:
    """Send no more texts; but somebody in danger who falls silent goes to a human (product 2.5)."""
    received = texted.received
    # Said twice, it is confirmed once: two automata must not answer each other for ever.
    if texted.number is not None and not outbox.opted_out(
        number=texted.number, line_number=texted.line_number
    ):
        _say(texted, "stop_confirmed", received.urgency, now)
        messaging.opt_out(number=texted.number, line_number=texted.line_number, now=now)
    if received.urgency in URGENT or _has_open_case(received.contact_id):
        contact = conversations.contact_by_id(contact_id=received.contact_id)
        step = rules.PageStep(desk=rules.SUPERVISOR_DESK, tier=Tier.MUNICIPAL, after=timedelta())
        _page(contact.contact_id, contact.organization_id, step, contact.urgency, now)
    else:
        _needs_nobody(received, Disposition.OPTED_OUT, now)


def _needs_nobody(received: Received, disposition: Disposition, now: datetime) -> None:
    """Close a contact that holds nothing but this; one in which somebody waits stays open."""
    if received.is_new_contact or received.is_reopened:
        arrivals.settle(contact_id=received.contact_id, disposition=disposition, now=now)


def _has_open_case(contact_id: int) -> bool:
    caller_id = conversations.contact_by_id(contact_id=contact_id).caller_id
    earlier = conversations.previous_of(caller_id=caller_id, before=contact_id)
    found = (
        cases.case_of_contact(contact_id=one)
        for one in (contact_id, *(row.contact_id for row in earlier))
    )
    return any(case is not None and case.closed_at is None for case in found)


def _say(texted: _Texted, key: str, urgency: RiskLevel, now: datetime) -> None:
    """Queue an automatic text and show it in the thread; who opted out gets only confirmations."""
    if texted.number is None:
        return
    received = texted.received
    is_confirmation = key in {"stop_confirmed", "help_reply"}
    if not (is_confirmation or received.is_new_caller) and outbox.opted_out(
        number=texted.number, line_number=texted.line_number
    ):
        return
    current = policy.current()
    body = current.prompts.text(
        key=key, language=received.language, minutes=current.line.text.expected_wait_minutes
    )
    order = NewText(
        to=texted.number,
        from_number=texted.line_number,
        body=body,
        purpose=Purpose.AUTO_REPLY,
        purpose_id=received.contact_id,
        data_key_id=received.data_key_id,
        urgency=urgency,
        ordering_key=f"contact:{received.contact_id}",
        despite_opt_out=is_confirmation,
    )
    outbound_id = messaging.queue_text(order=order, now=now)
    contacts.note_automatic(
        contact_id=received.contact_id,
        data_key_id=received.data_key_id,
        body=body,
        outbound_id=outbound_id,
        now=now,
    )


def _page(
    contact_id: int, organization_id: int, step: rules.PageStep, urgency: RiskLevel, now: datetime
) -> None:
    """Call a desk of the organization's own chain; a tier that it does not have is skipped."""
    own = organizations.get(organization_id=organization_id)
    chain = (own, *organizations.chain_above(organization_id=organization_id))
    chosen = (one for one in chain if step.tier in {None, one.tier})
    found = next(chosen, None)
    if found is not None:
        pages.page_desk(
            subject=PageSubject(kind=PageSubjectKind.CONTACT, id=contact_id),
            organization_id=found.id,
            desk=step.desk,
            urgency=urgency,
            now=now,
        )
