"""The sound of a recording: a quiet tone as WAV, silence as MP3, as long as what was said."""

from __future__ import annotations

import io
import math
import wave

_RATE = 8000
_PITCH = 440
_LOUDNESS = 24
_MIDDLE = 128
_MP3_FRAME = bytes([0xFF, 0xE3, 0x18, 0xC4]) + bytes(68)
"""One frame of MPEG 2.5 layer III, 8 kbit/s, 8 kHz, mono: 576 samples of silence."""
_MP3_SAMPLES = 576


def tone(*, seconds: int) -> bytes:
    """Make a WAV file: 8 kHz, 8 bits, mono."""
    period = _RATE // math.gcd(_RATE, _PITCH)
    cycle = bytes(
        _MIDDLE + round(_LOUDNESS * math.sin(2 * math.pi * _PITCH * place / _RATE))
        for place in range(period)
    )
    frames = _RATE * seconds
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(1)
        written.setframerate(_RATE)
        written.writeframes((cycle * (frames // period + 1))[:frames])
    return file.getvalue()


def silence(*, seconds: int) -> bytes:
    """Make an MP3 file of silent frames."""
    return _MP3_FRAME * math.ceil(_RATE * seconds / _MP3_SAMPLES)
