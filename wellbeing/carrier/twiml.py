"""Steps of a call written as TwiML. What is said and in which order is decided by the rooms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial as DialVerb
from twilio.twiml.voice_response import Gather, VoiceResponse

from wellbeing.carrier.gateway import OVERRIDES
from wellbeing.policy.model import Language, Prompts
from wellbeing.telephony.steps import (
    Ask,
    ConnectWaiting,
    Dial,
    Document,
    Go,
    HangUp,
    Hold,
    JoinConference,
    Leave,
    Pause,
    Record,
    Reject,
    Say,
    Stay,
)

LANGUAGES = {Language.ZH.value: "cmn-CN", Language.EN.value: "en-US"}
"""Language tags of `Say`; the voice is the account's default for the language."""
MOST_BYTES = 64 * 1024
CLIENT = "client:"
SILENCE_S = 10
"""How long a message may pause: who cries is not cut off after the carrier's five seconds."""
CONFERENCE_EVENTS = "start end join leave hold mute"
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""One of these makes the document invalid and drops the call."""
EMPTY_TEXT_REPLY = str(MessagingResponse())


class DocumentTooLarge(ValueError):
    """A document is larger than the carrier reads (11750)."""


def render(document: Document) -> str:
    """Write a document as TwiML.

    Raises:
        DocumentTooLarge: it has more than 64 kB.

    """
    response = VoiceResponse()
    for step in document:
        VERBS[type(step)](response, step)
    written = str(response)
    if len(written.encode()) > MOST_BYTES:
        raise DocumentTooLarge
    return written


def caller_fallback(*, prompts: Prompts, lifeline: str, line_number: str) -> str:
    """Write what a caller hears when we cannot work: words in both languages, then the lifeline."""
    response = VoiceResponse()
    for language in Language.ZH, Language.EN:
        _say(response, prompts.text(key="closed_fallback", language=language), language)
    response.dial(lifeline, caller_id=line_number, timeout=30)
    response.hangup()
    return str(response)


def waiting_fallback(*, prompts: Prompts) -> str:
    """Write what lets a caller out of the queue when we cannot work: there nobody can be dialled.

    The document that follows on their leaving connects them with the lifeline.
    """
    response = VoiceResponse()
    for language in Language.ZH, Language.EN:
        _say(response, prompts.text(key="one_moment", language=language), language)
    response.leave()
    return str(response)


def text_fallback(*, prompts: Prompts) -> str:
    """Write what a student reads when we cannot take a text: one message in each language.

    Two messages are shorter than one: English beside Chinese would be counted as Chinese.
    """
    response = MessagingResponse()
    for language in Language.ZH, Language.EN:
        response.message(prompts.text(key="text_trouble", language=language))
    return str(response)


def staff_fallback(*, prompts: Prompts) -> str:
    """Write what a paged colleague hears when we cannot work: look at the portal."""
    return _last_words(prompts, "staff_duty")


def code_fallback(*, prompts: Prompts) -> str:
    """Write what is heard instead of a code when we cannot work: ask for a new one."""
    return _last_words(prompts, "page_code_over")


PLACED_CALLS: Mapping[str, Callable[..., str]] = {
    "/twilio/fallback/page": staff_fallback,
    "/twilio/fallback/code": code_fallback,
}
"""What is heard at each address to which a call that we place falls back (`gateway.FALLBACKS`)."""


def _last_words(prompts: Prompts, key: str) -> str:
    response = VoiceResponse()
    for language in Language.ZH, Language.EN:
        _say(response, prompts.text(key=key, language=language), language)
    response.hangup()
    return str(response)


def _ask(response: VoiceResponse, step: Ask) -> None:
    gather = Gather(
        num_digits=step.digits,
        timeout=step.timeout_s,
        action=step.action + OVERRIDES,
        action_on_empty_result=True,
        finish_on_key="",
    )
    for prompt in step.prompts:
        _say(gather, prompt.text, prompt.language)
    response.append(gather)


def _hold(response: VoiceResponse, step: Hold) -> None:
    response.enqueue(step.queue, wait_url=step.wait + OVERRIDES, action=step.action + OVERRIDES)


def _connect_waiting(response: VoiceResponse, step: ConnectWaiting) -> None:
    dial = DialVerb(action=step.action + OVERRIDES, timeout=step.timeout_s, time_limit=step.limit_s)
    dial.queue(step.queue)
    response.append(dial)


def _dial(response: VoiceResponse, step: Dial) -> None:
    # Where it comes first, the caller's own phone goes on ringing until somebody is there.
    rings_through = {} if response.verbs else {"answer_on_bridge": True}
    dial = DialVerb(
        action=step.action + OVERRIDES,
        caller_id=step.caller_id,
        timeout=step.timeout_s,
        time_limit=step.limit_s,
        **rings_through,
    )
    screened = {} if step.screen is None else {"url": step.screen + OVERRIDES}
    if step.number.startswith(CLIENT):
        dial.client(step.number.removeprefix(CLIENT), **screened)
    else:
        dial.number(step.number, **screened)
    response.append(dial)


def _join(response: VoiceResponse, step: JoinConference) -> None:
    told = {}
    if step.status is not None:
        told = {
            "status_callback": step.status + OVERRIDES,
            "status_callback_event": CONFERENCE_EVENTS,
        }
    dial = DialVerb(action=step.action + OVERRIDES)
    dial.conference(
        step.name,
        start_conference_on_enter=True,
        end_conference_on_exit=step.ends_it,
        muted=step.muted,
        beep="false",
        wait_url="",
        **told,
    )
    response.append(dial)


def _record(response: VoiceResponse, step: Record) -> None:
    response.record(
        action=step.action + OVERRIDES,
        max_length=step.limit_s,
        timeout=SILENCE_S,
        finish_on_key="#",
        play_beep=True,
        trim="trim-silence",
        recording_status_callback=step.stored + OVERRIDES,
        recording_status_callback_event="completed absent",
    )


def _say(verb: Any, text: str, language: str) -> None:
    # An empty Say is invalid; a pause of nothing is not heard.
    clean = NOT_IN_XML.sub("", text).strip()
    if clean:
        verb.say(clean, language=LANGUAGES[language])


VERBS: Mapping[type, Callable[[VoiceResponse, Any], object]] = {
    Say: lambda response, step: _say(response, step.text, step.language),
    Ask: _ask,
    Pause: lambda response, step: response.pause(length=step.seconds),
    Go: lambda response, step: response.redirect(step.to + OVERRIDES),
    HangUp: lambda response, _: response.hangup(),
    Reject: lambda response, _: response.reject(),
    Hold: _hold,
    Leave: lambda response, _: response.leave(),
    ConnectWaiting: _connect_waiting,
    Dial: _dial,
    JoinConference: _join,
    Record: _record,
    Stay: lambda *_: None,
}
"""How each step is written."""
