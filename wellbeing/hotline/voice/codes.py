"""What is heard on a number that is being proved for pages: a code, and nothing else."""

from __future__ import annotations

from datetime import datetime

from wellbeing.escalation.queries import reach
from wellbeing.hotline.voice.saying import prompt
from wellbeing.policy.model import Language
from wellbeing.telephony.steps import Document, HangUp, Pause

BETWEEN_DIGITS = {Language.ZH: "，", Language.EN: ", "}
SECONDS_BETWEEN = 1


def read_out(*, public_id: str, now: datetime) -> Document:
    """Read a code out twice, digit by digit; one that is over is not read.

    Nobody is named: whoever answers may be a colleague in the same office, or a stranger.
    """
    spoken = reach.code_to_read(public_id=public_id, now=now)
    if spoken is None:
        return (*(prompt("page_code_over", language) for language in Language), HangUp())
    digits = BETWEEN_DIGITS[spoken.language].join(spoken.code)
    said = prompt("page_code_call", spoken.language, code=digits)
    return (said, Pause(SECONDS_BETWEEN), said, HangUp())
