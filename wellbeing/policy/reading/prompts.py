"""Reads `prompts/zh.toml` and `prompts/en.toml`, and holds them to each other and to the line.

`KEYS` is the list of prompts the software speaks, with the values it gives each of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from wellbeing.policy.model import (
    FollowUpPolicy,
    Language,
    LinePolicy,
    Prompts,
    leaks,
    placeholders,
)
from wellbeing.policy.reading.table import UNREADABLE, Table

_NOTHING: frozenset[str] = frozenset()
_CODE_WORD = frozenset({"code_word"})

KEYS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "auto_reply": frozenset({"minutes"}),
        "auto_reply_red": _NOTHING,
        "auto_reply_red_other": _NOTHING,
        "stop_confirmed": _NOTHING,
        "start_confirmed": _NOTHING,
        "help_reply": _NOTHING,
        "text_trouble": _NOTHING,
        "page_text": _CODE_WORD,
        "page_test_text": _CODE_WORD,
        "page_test_greeting": _CODE_WORD,
        "page_text_acknowledged": _CODE_WORD,
        "page_text_already_taken": _CODE_WORD,
        "page_call_greeting": _CODE_WORD,
        "page_call_acknowledged": _CODE_WORD,
        "page_call_read_back": _CODE_WORD,
        "page_call_accepted": _CODE_WORD,
        "page_call_already_taken": _CODE_WORD,
        "page_call_no_input": _CODE_WORD,
        "check_in": _NOTHING,
        "check_in_good_time": _NOTHING,
        "check_in_not_now": _NOTHING,
        "caring_contact": _NOTHING,
        "greeting": _NOTHING,
        "danger": _NOTHING,
        "hold": _NOTHING,
        "closed_fallback": _NOTHING,
        "confidentiality": _NOTHING,
        "goodbye": _NOTHING,
        "one_moment": _NOTHING,
        "menu_language": _NOTHING,
        "own_school": _NOTHING,
        "calling_now": _NOTHING,
        "still_waiting": _NOTHING,
        "wait_choices": _NOTHING,
        "danger_noted": _NOTHING,
        "hold_moment": _NOTHING,
        "transfer_moment": _NOTHING,
        "reconnecting": _NOTHING,
        "lifeline_connecting": _NOTHING,
        "lifeline_no_answer": _NOTHING,
        "voicemail_offer": _NOTHING,
        "voicemail_leave": _NOTHING,
        "voicemail_thanks": _NOTHING,
        "call_back_safe_time": _NOTHING,
        "call_back_promised": _NOTHING,
        "call_back_not_possible": _NOTHING,
        "fallback_desk": _NOTHING,
        "leg_screen": _CODE_WORD,
        "leg_screen_danger": _CODE_WORD,
        "leg_screen_transfer": _CODE_WORD,
        "leg_screen_outgoing": _CODE_WORD,
        "leg_connected_in": _NOTHING,
        "leg_already_taken": _NOTHING,
        "leg_caller_gone": _NOTHING,
        "leg_declined": _NOTHING,
        "leg_no_key": _NOTHING,
        "leg_student_no_answer": _NOTHING,
        "staff_invitation": frozenset({"hours", "link"}),
        "staff_duty": _NOTHING,
        "page_code": frozenset({"code"}),
        "page_code_call": frozenset({"code"}),
        "page_code_over": _NOTHING,
        "staff_follow_up_missed": _NOTHING,
        "staff_record_opened": _NOTHING,
    }
)

_NAME_HELP = (
    "auto_reply",
    "auto_reply_red",
    "auto_reply_red_other",
    "stop_confirmed",
    "start_confirmed",
    "help_reply",
    "text_trouble",
)
"""Automatic texts to a student always say whom to call."""
_NAME_STOP = ("auto_reply", "help_reply")
"""The first automatic reply, and the help reply, say how to stop."""
_UNASKED = ("check_in", "caring_contact")
"""Prompts whose key begins so may be read by anybody who holds the phone."""
_LONGEST = 1600
"""The carrier takes no longer text in one message (its error 21617)."""


def read_prompts(
    *, tables: Mapping[Language, Table], line: LinePolicy, followups: FollowUpPolicy
) -> Prompts:
    """Read both languages; each must say everything, with the same placeholders."""
    texts = {}
    for language, table in tables.items():
        texts[language] = MappingProxyType({key: table.text(key=key) for key in KEYS})
        for key, text in texts[language].items():
            if text != UNREADABLE:
                _check_text(table=table, key=key, text=text)
                _check_unasked(table=table, key=key, text=text, followups=followups)
                _check_help(table=table, key=key, text=text, line=line)
        table.close()
    _check_same(tables=tables, texts=texts)
    return Prompts(texts=MappingProxyType(texts))


def _check_text(*, table: Table, key: str, text: str) -> None:
    if len(text) > _LONGEST:
        table.wrong(key=key, says=f"is longer than {_LONGEST} characters")
    try:
        named = placeholders(text=text)
    except ValueError as error:
        table.wrong(key=key, says=f"has a placeholder that cannot be read: {error}")
        return
    for name in sorted(named - KEYS[key]):
        given = ", ".join(f"{{{one}}}" for one in sorted(KEYS[key])) or "none"
        table.wrong(key=key, says=f"placeholder {{{name}}} is not given here (given: {given})")


def _check_unasked(*, table: Table, key: str, text: str, followups: FollowUpPolicy) -> None:
    if not key.startswith(_UNASKED):
        return
    told = leaks(text=text, words=followups.forbidden_words, patterns=followups.forbidden_patterns)
    for word in told:
        table.wrong(key=key, says=f"contains “{word}” (followups.toml: forbidden_words)")


def _check_help(*, table: Table, key: str, text: str, line: LinePolicy) -> None:
    if key in _NAME_HELP:
        for number in (*line.emergency_numbers, line.lifeline.spoken):
            if number not in text and number != UNREADABLE:
                table.wrong(key=key, says=f"must name {number} (line.toml)")
    words = line.text.stop_words
    if key in _NAME_STOP and words and not any(_says(text=text, word=word) for word in words):
        table.wrong(key=key, says="must say how to stop (line.toml: text.stop_words)")


def _says(*, text: str, word: str) -> bool:
    """Look for a whole word: “t” is a stop word, and a letter of nearly every other."""
    return bool(re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text.casefold()))


def _check_same(
    *, tables: Mapping[Language, Table], texts: Mapping[Language, Mapping[str, str]]
) -> None:
    for key in KEYS:
        pair = {language: texts[language][key] for language in Language}
        if UNREADABLE in pair.values():
            continue
        try:
            zh, en = (placeholders(text=pair[one]) for one in (Language.ZH, Language.EN))
        except ValueError:
            continue
        for name in sorted(zh - en):
            tables[Language.EN].wrong(key=key, says=f"lacks the placeholder {{{name}}} of zh.toml")
        for name in sorted(en - zh):
            tables[Language.ZH].wrong(key=key, says=f"lacks the placeholder {{{name}}} of en.toml")
