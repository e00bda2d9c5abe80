"""Twilio's default English opt-out words and the sentences it answers with."""

from __future__ import annotations

from enum import Enum


class Keyword(Enum):
    """What a one-word text asks of the carrier."""

    STOP = "stop"
    START = "start"
    HELP = "help"


_WORDS: dict[str, Keyword] = {
    **dict.fromkeys(
        ("stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"),
        Keyword.STOP,
    ),
    **dict.fromkeys(("start", "yes", "unstop"), Keyword.START),
    **dict.fromkeys(("help", "info"), Keyword.HELP),
}
_REPLIES = {
    Keyword.STOP: "You have successfully been unsubscribed. You will not receive any more messages "
    "from this number. Reply START to resubscribe.",
    Keyword.START: "You have successfully been re-subscribed to messages from this number. "
    "Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    Keyword.HELP: "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


def keyword_of(*, body: str) -> Keyword | None:
    """Recognize a keyword: the whole text is that one word, in any case."""
    return _WORDS.get(body.strip().lower())


def reply_to(*, keyword: Keyword) -> str:
    """Give the carrier's own answer to a keyword."""
    return _REPLIES[keyword]
