"""Keys pressed in a call: a Gather takes them, or whatever else the call is taken up with."""

from __future__ import annotations

from wellbeing.simulator import gather
from wellbeing.simulator.records import Call
from wellbeing.simulator.stage import Stage


def press(*, stage: Stage, call: Call, digits: str) -> None:
    """Press keys one after the other; keys that nobody waits for are lost, as at Twilio."""
    for key in digits:
        listening, engagement = call.run.listening, call.run.engagement
        if listening is not None:
            gather.take(stage=stage, call=call, listening=listening, key=key)
        elif engagement is not None and engagement.press is not None:
            engagement.press(call, key)
