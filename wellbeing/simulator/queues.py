"""Enqueue and Leave: a call waits, hears the wait document again and again, and comes out.

Taking it out to join it with another call is in `dequeuing`.
"""

from __future__ import annotations

from functools import partial

from wellbeing.simulator.places import Member, Queue
from wellbeing.simulator.records import Call, Engagement, Parting, Scene
from wellbeing.simulator.stage import Stage
from wellbeing.simulator.switchboard import Switchboard
from wellbeing.simulator.twiml import UNKNOWN_WORD, Element, TwimlError
from wellbeing.simulator.vocabulary import WAIT_VERBS

_LONGEST_NAME = 64


def begin(stage: Stage, call: Call, element: Element) -> None:
    """Put the call at the end of the queue, which is made if there is none of that name."""
    if len(element.text) > _LONGEST_NAME:
        raise TwimlError(code=UNKNOWN_WORD, detail="a queue's name has at most 64 characters")
    board = stage.board
    now = board.agenda.time()
    wait = stage.hook(call=call, element=element, url="waitUrl", method="waitUrlMethod")
    member = Member(call, now, stage.after(call=call, element=element), wait)
    queue = named(board=board, name=element.text) or make(board=board, name=element.text)
    most = min(queue.max_size, int(element.attributes.get("maxQueueSize", queue.max_size)))
    if len(queue.members) >= most:
        fields = result_fields(queue=queue, result="queue-full", seconds=0)
        stage.go_on(call=call, after=member.after, fields=fields)
        return
    queue.members.append(member)
    call.run.engagement = Engagement(part=partial(_part, stage, queue, member))
    call.run.scene = Scene(
        allowed=WAIT_VERBS,
        at_end=lambda _call: _wait(stage, member),
        refusal=UNKNOWN_WORD,
        on_error=lambda _call: come_out(stage=stage, queue=queue, member=member, result="error"),
        fields=lambda _call: _wait_fields(board, queue, member),
    )
    _wait(stage, member)
    if board.dialers.get(queue.name):
        board.dialers[queue.name].pop(0)()


def leave(stage: Stage, call: Call, _element: Element) -> None:
    """Take the call out of the queue it waits in, from inside the wait document."""
    for queue in stage.board.queues.values():
        for member in queue.members:
            if member.call is call:
                come_out(stage=stage, queue=queue, member=member, result="leave")
                return


def come_out(*, stage: Stage, queue: Queue, member: Member, result: str) -> None:
    """Let a call go on after its queue, with the reason why."""
    seconds = take_out(board=stage.board, queue=queue, member=member)
    fields = result_fields(queue=queue, result=result, seconds=seconds)
    stage.go_on(call=member.call, after=member.after, fields=fields)


def take_out(*, board: Switchboard, queue: Queue, member: Member) -> int:
    """Give up the call's place; the seconds it has waited are returned."""
    queue.members.remove(member)
    now = board.agenda.time()
    queue.updated_at = now
    return round((now - member.entered_at).total_seconds())


def named(*, board: Switchboard, name: str) -> Queue | None:
    """Find a queue by its name."""
    return next((queue for queue in board.queues.values() if queue.name == name), None)


def make(*, board: Switchboard, name: str) -> Queue:
    """Make an empty queue."""
    now = board.agenda.time()
    queue = Queue(name, now, now)
    board.queues[queue.sid] = queue
    return queue


def result_fields(*, queue: Queue, result: str, seconds: int) -> dict[str, str]:
    """Give what the action of Enqueue is told."""
    return {"QueueResult": result, "QueueSid": queue.sid, "QueueTime": str(seconds)}


def _part(stage: Stage, queue: Queue, member: Member, call: Call, how: Parting) -> None:
    seconds = take_out(board=stage.board, queue=queue, member=member)
    fields = result_fields(queue=queue, result=how.value, seconds=seconds)
    stage.tell(call=call, after=member.after, fields=fields)


def _wait(stage: Stage, member: Member) -> None:
    if member.wait is not None:
        stage.fetch(call=member.call, hook=member.wait)


def _wait_fields(board: Switchboard, queue: Queue, member: Member) -> dict[str, str]:
    now = board.agenda.time()
    return {
        "QueueSid": queue.sid,
        "QueuePosition": str(queue.position(call=member.call)),
        "QueueTime": str(round((now - member.entered_at).total_seconds())),
        "AvgQueueTime": str(queue.average_wait(at=now)),
        "CurrentQueueSize": str(len(queue.members)),
        "MaxQueueSize": str(queue.max_size),
    }
