"""The sweep that carries due orders to the carrier; no transaction is open while it sends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from wellbeing.foundation.database import session, transaction
from wellbeing.messaging import queries
from wellbeing.messaging.delivery import claims, questions, results
from wellbeing.messaging.delivery.carrying import carry
from wellbeing.messaging.delivery.claims import Batch, Claim
from wellbeing.telephony.gateway import Accepted, Gateway, TelephonyError

logger = logging.getLogger(__name__)

BATCH = 16
CLAIM_IS_GOOD_FOR = timedelta(seconds=3)
"""Later than this an opt-out, a quiet hour or a redder text may have come in between."""

Now = Callable[[], datetime]


def deliver_due(*, gateway: Gateway, now: Now, limit: int) -> int:
    """Send what is due, most urgent first, at most `limit` orders; tell how many were tried.

    Orders in doubt are asked about first. Any number of processes may do this at once.
    """
    if not _is_anything_due(now):
        return 0
    reconcile_due(gateway=gateway, now=now, limit=limit)
    tried = 0
    while tried < limit:
        size = min(BATCH, limit - tried)
        with transaction():
            batch = claims.claim(now=now(), limit=size)
        if not batch.claims and not batch.aside:
            break
        _put_aside(batch, now)
        tried += len(batch.aside) + _send_all(gateway, batch, now)
    return tried


def reconcile_due(*, gateway: Gateway, now: Now, limit: int) -> int:
    """Ask the carrier about orders in doubt or never reported on; tell how many were asked."""
    with transaction():
        questions.mark_lapsed(now=now())
        taken = questions.take(now=now(), limit=limit)
    for question in taken:
        try:
            found = questions.ask(gateway=gateway, question=question)
        except TelephonyError as error:
            logger.warning(
                "the carrier could not be asked",
                extra={"outbound_id": question.outbound_id, "code": error.code},
            )
            with transaction():
                questions.unanswered(question=question, now=now())
            continue
        try:
            with transaction():
                questions.answered(question=question, found=found, now=now())
        except Exception:
            # The edge of a job loop: one bad row must not stop the others; it is asked again.
            logger.exception(
                "an answer could not be recorded", extra={"outbound_id": question.outbound_id}
            )
    return len(taken)


def _is_anything_due(now: Now) -> bool:
    """Look without taking the write lock, so that an idle sweep is in nobody's way."""
    due = queries.next_due_at()
    session().rollback()
    return due is not None and due <= now()


def _put_aside(batch: Batch, now: Now) -> None:
    for outbound_id, obstacle in batch.aside:
        try:
            with transaction():
                claims.put_aside(outbound_id=outbound_id, obstacle=obstacle, now=now())
        except Exception:
            # The edge of a job loop: one bad row must not stop the others.
            logger.exception("an order could not be put aside", extra={"outbound_id": outbound_id})
            with transaction():
                claims.push_back(outbound_id=outbound_id, now=now())


def _send_all(gateway: Gateway, batch: Batch, now: Now) -> int:
    taken_at = now()
    for position, claim in enumerate(batch.claims):
        if position and now() - taken_at > CLAIM_IS_GOOD_FOR:
            with transaction():
                claims.give_back(claims=batch.claims[position:])
            return position
        if _send(gateway, claim, now):
            with transaction():
                claims.give_back(claims=batch.claims[position + 1 :])
            return position + 1
    return len(batch.claims)


def _send(gateway: Gateway, claim: Claim, now: Now) -> bool:
    """Send one order and record the result; tell whether the whole account must wait."""
    try:
        answer = carry(gateway=gateway, claim=claim)
    except TelephonyError as error:
        refused: TelephonyError | None = error
        answer = None
    else:
        refused = None
    try:
        with transaction():
            if refused is not None:
                results.failed(claim=claim, error=refused, now=now())
            elif isinstance(answer, Accepted):
                results.accepted(claim=claim, answer=answer, now=now())
            else:
                results.errand_done(claim=claim, media=answer, now=now())
    except Exception:
        # The edge of a job loop. The row stays claimed; when its lease lapses the carrier is asked.
        logger.exception("a result was not recorded", extra={"outbound_id": claim.outbound_id})
    return refused is not None and refused.whole_account
