"""What a student does not wish any more is not sent: texts that have not left are taken back."""

from __future__ import annotations

from datetime import datetime

from wellbeing.followups import queries
from wellbeing.followups.operations import moves
from wellbeing.followups.rules import FollowUpState


def stop_texts(*, case_id: int, now: datetime) -> int:
    """Take back the texts of a case that have not left; a person calls instead. Give how many.

    What is planned for later is looked at again when it is due: a new wish may have come by then.
    """
    stopped = 0
    for row in queries.open_of_case(case_id=case_id):
        if row.state is FollowUpState.SENT and moves.take_back(row=row, now=now):
            stopped += moves.turn_into_call(row=row, cause="not_wished", now=now)
    return stopped
