"""Two or more calls that hear each other: who hears whom, and what is said.

How they come together is in `dials`, `dequeuing` and `conferences`.
"""

from __future__ import annotations

from datetime import datetime

from wellbeing.simulator import desks
from wellbeing.simulator.records import Call
from wellbeing.simulator.switchboard import Switchboard


def peers_of(*, call: Call) -> list[Call]:
    """Give the calls that are joined to this one now."""
    engagement = call.run.engagement
    return [] if engagement is None else engagement.peers()


def speak(*, board: Switchboard, call: Call, text: str) -> None:
    """Let words be recorded or heard; where nobody listens they are lost, as in a real call."""
    engagement = call.run.engagement
    if engagement is None:
        return
    if engagement.speak is not None:
        engagement.speak(call, text)
        return
    for peer in engagement.peers():
        desks.hears_voice(board=board, call=peer, text=text, by=call)


def dial_fields(
    *, status: str, sid: str | None, since: datetime | None, now: datetime
) -> dict[str, str]:
    """Give what the action of Dial is told; `since` is when the two were joined, if they were."""
    fields = {"DialCallStatus": status, "DialBridged": "false" if since is None else "true"}
    if sid is not None:
        fields["DialCallSid"] = sid
    if since is not None:
        fields["DialCallDuration"] = str(round((now - since).total_seconds()))
    return fields
