"""What reading a text for danger costs inside of the webhook: microseconds of CPU a message.

Run `python -m benchmarks.signals`; it needs no database and no server.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, quantiles

from wellbeing.policy import loader
from wellbeing.triage.rules import score, tables

ROOT = Path(__file__).resolve().parents[1]
MESSAGES = ROOT / "tests" / "triage_messages" / "invented.tsv"
ROUNDS = 5
HOSTILE = {
    "one refrain": "我想死了算了，",
    "a single letter": "死",
    "denials": "不没别莫",
    "spelled out": "自 杀 s u i c i d e ",
    "disguises": "紫砂4了zs",
    "pinyin": "wo xiang si ",
    "medicine, blades": "他说吃药片刀割手",
    "letters a": "a",
}
"""What somebody would send who wants reading to take long, repeated to the longest text."""
LONG = 1_600
"""Characters of the longest text that the carrier delivers."""


def main() -> None:
    """Read every invented message a few times, and print mean, p50 and p99."""
    lexicon = loader.load(directory=ROOT / "config").triage.lexicon
    labelled = tables.read_labelled(content=MESSAGES.read_text(encoding="utf-8"))
    short = [one.text.text for one in labelled]
    joined = "，".join(short)
    long = [joined[start : start + LONG] for start in range(0, len(joined) - LONG, LONG)]

    def read(text: str) -> None:
        score.scan(text=text, lexicon=lexicon)

    print(f"{'':20}{'mean':>10}{'p50':>10}{'p99':>10}  microseconds")
    _print(name="first reading", micros=_timed(texts=short[:1], read=read))
    for name, texts in (("short texts", short), (f"{LONG} characters", long)):
        _timed(texts=texts, read=read)
        _print(name=name, micros=_timed(texts=texts * ROUNDS, read=read))
    for name, refrain in HOSTILE.items():
        texts = [(refrain * LONG)[:LONG]]
        _print(name=name, micros=_timed(texts=texts * ROUNDS, read=read))


def _timed(*, texts: list[str], read: Callable[[str], None]) -> list[float]:
    micros = []
    for text in texts:
        # CPU and not the clock on the wall: others may be at work on the machine.
        began = time.process_time_ns()
        read(text)
        micros.append((time.process_time_ns() - began) / 1000)
    return micros


def _print(*, name: str, micros: list[float]) -> None:
    cuts = quantiles(micros, n=100) if len(micros) > 1 else [micros[0]] * 99
    print(f"{name:20}{fmean(micros):>10.0f}{cuts[49]:>10.0f}{cuts[98]:>10.0f}")


if __name__ == "__main__":
    main()
