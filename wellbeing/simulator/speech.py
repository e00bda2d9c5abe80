"""Say, Play and Pause: what the phone hears, and how long it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin

from wellbeing.simulator import desks
from wellbeing.simulator.records import Call
from wellbeing.simulator.switchboard import Switchboard
from wellbeing.simulator.twiml import Element

DEFAULT_LANGUAGE = "en-US"
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z0-9']+")
_HAN_PER_SECOND = 4.0
_WORDS_PER_SECOND = 2.5
_SOUND_SECONDS = 5.0
_TONE_SECONDS = 0.3
_ENDLESS = 1000


def seconds_to_say(*, text: str) -> float:
    """Estimate how long a voice takes: four Chinese characters or two and a half words a second."""
    han = len(_HAN.findall(text)) / _HAN_PER_SECOND
    words = len(_WORD.findall(text)) / _WORDS_PER_SECOND
    return round(max(0.5, han + words), 2)


def utter(*, board: Switchboard, call: Call, element: Element) -> float:
    """Let the phone hear a Say, Play or Pause and give its length in seconds."""
    return _SPEAKERS[element.name](board, call, element)


def _loops(element: Element) -> int:
    return int(element.attributes.get("loop", "1")) or _ENDLESS


def _say(board: Switchboard, call: Call, element: Element) -> float:
    language = element.attributes.get("language", DEFAULT_LANGUAGE)
    desks.hears(board=board, call=call, text=element.text, language=language, kind="say")
    return seconds_to_say(text=element.text) * _loops(element)


def _play(board: Switchboard, call: Call, element: Element) -> float:
    digits = element.attributes.get("digits")
    if digits is not None:
        desks.hears(board=board, call=call, text=digits, language="", kind="tone")
        return len(digits) * _TONE_SECONDS
    url = urljoin(call.run.document_url or "", element.text)
    desks.hears(board=board, call=call, text=url, language="", kind="play")
    return _SOUND_SECONDS * _loops(element)


def _pause(_board: Switchboard, _call: Call, element: Element) -> float:
    return float(element.attributes.get("length", "1"))


_SPEAKERS: dict[str, Callable[[Switchboard, Call, Element], float]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
}
