"""How sentences of the policy become steps of a call. What is said when is told beside this."""

from __future__ import annotations

from wellbeing.contacts.rules.calls import CallRow
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language
from wellbeing.telephony.steps import Document, HangUp, Hold, Say


def prompt(key: str, language: Language, **values: str) -> Say:
    """Speak one sentence of the policy."""
    text = policy.current().prompts.text(key=key, language=language, **values)
    return Say(text, language.value)


def path(call: CallRow, step: str) -> str:
    """Name a document of a caller's own call."""
    return f"/twilio/call/{call.public_id}/{step}"


def hold(call: CallRow, *before: Say) -> Document:
    """Let the caller wait in a queue of their own: nobody else can be taken in their place."""
    return (
        *before,
        Hold(queue=call.room, wait=path(call, "wait"), action=path(call, "left")),
    )


def farewell(call: CallRow, *keys: str) -> Document:
    """Say the last words of a call."""
    return (*(prompt(key, call.language) for key in keys), HangUp())
