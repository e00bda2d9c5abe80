"""Steps of a call written as TwiML. What is said and in which order is decided by the rooms."""

from __future__ import annotations

import re
from typing import Any

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

from wellbeing.carrier.gateway import OVERRIDES
from wellbeing.policy.model import Language, Prompts
from wellbeing.telephony.steps import Ask, Document, Go, HangUp, Pause, Reject, Say, Step

LANGUAGES = {Language.ZH.value: "cmn-CN", Language.EN.value: "en-US"}
"""Language tags of `Say`; the voice is the account's default for the language."""
MOST_BYTES = 64 * 1024
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
        _append(response, step)
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
    response = VoiceResponse()
    for language in Language.ZH, Language.EN:
        _say(response, prompts.text(key="staff_duty", language=language), language)
    response.hangup()
    return str(response)


def _append(response: VoiceResponse, step: Step) -> None:
    match step:
        case Say():
            _say(response, step.text, step.language)
        case Ask():
            _ask(response, step)
        case Pause():
            response.pause(length=step.seconds)
        case Go():
            response.redirect(step.to + OVERRIDES)
        case HangUp():
            response.hangup()
        case Reject():
            response.reject()


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


def _say(verb: Any, text: str, language: str) -> None:
    # An empty Say is invalid; a pause of nothing is not heard.
    clean = NOT_IN_XML.sub("", text).strip()
    if clean:
        verb.say(clean, language=LANGUAGES[language])
