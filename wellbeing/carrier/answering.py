"""How a webhook is answered: in time, or with words that need no database. No route lives here.

A call is never left without an answer (promise P7): when the work is too slow the other end hears
"one moment", and the same step is asked for again, at most three times; then the fixed document.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from flask import Response, request

from wellbeing.carrier import twiml
from wellbeing.carrier.deadline import Desk, TooSlow
from wellbeing.foundation.database import WEBHOOK_PATIENCE_MS, transaction
from wellbeing.foundation.errors import NotFound
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language
from wellbeing.telephony.steps import Document, Go, Pause, Say

logger = logging.getLogger(__name__)

desk = Desk()

LONGEST_NUMBER, SHORT_COUNT = 9, 4
MOST_TIMES_AGAIN = 3
MOMENT_S = 2
AGAIN = "again"
CARRIED = ("Digits", "QueueResult", "DialCallStatus", "DialBridged", "RecordingSid")
"""What the carrier tells once: a redirect of ours would lose it (a child's 9, for example)."""

Answer = TypeVar("Answer")


def in_time(work: Callable[[], Answer], look: Callable[[], Answer | None] | None = None) -> Answer:
    """Do the work in a transaction, within the deadline; not at all if a mere look was enough.

    Raises:
        TooSlow: the caller's carrier would give up sooner.

    """

    def unit() -> Answer:
        seen = None if look is None else look()
        if seen is not None:
            return seen
        with transaction(patience_ms=WEBHOOK_PATIENCE_MS):
            return work()

    return desk.run(unit)


def speak(
    step: Callable[[], Document],
    *,
    fallback: Callable[[], str],
    look: Callable[[], Document | None] | None = None,
) -> Response:
    """Answer with what the step says; whatever happens, with something valid.

    `look` reads, without a transaction that could write; what it says spares the step.
    """
    try:
        return xml(twiml.render(in_time(step, look)))
    except TooSlow:
        times = times_again()
        logger.warning("an answer was too slow", extra={"endpoint": request.endpoint, "n": times})
        return xml(twiml.render(_one_moment(times + 1)) if times < MOST_TIMES_AGAIN else fallback())
    except Exception:
        # The edge of a door: a caller must hear something whatever happened (promise P7).
        logger.exception("a call could not be answered", extra={"endpoint": request.endpoint})
        return xml(fallback())


def note(fact: Callable[[], object]) -> Response:
    """Take note of what the carrier reports; 503 makes it tell us again.

    What it tells of a call that we do not know is logged and taken: told again it stays unknown.
    """
    try:
        in_time(fact)
    except NotFound:
        logger.warning("a report is of an unknown call", extra={"endpoint": request.endpoint})
    except Exception:
        # The edge of a door: whatever happened, the carrier must not take it for noted.
        logger.exception("a report was not recorded", extra={"endpoint": request.endpoint})
        return Response(status=503)
    return done()


def times_again() -> int:
    """Tell how often this step was put off already; the address carries it, signed."""
    given = request.args.get(AGAIN, "")
    return int(given) if given in {"1", "2", "3"} else 0


def counted(name: str) -> int | None:
    """Read a small count that the address carries; None for anything else."""
    given = request.args.get(name, "")
    is_count = given.isascii() and given.isdigit() and len(given) <= SHORT_COUNT
    return int(given) if is_count else None


def caller_fallback() -> str:
    """Write the document for a caller that needs nothing but the policy."""
    rules = policy.current()
    return twiml.caller_fallback(
        prompts=rules.prompts,
        lifeline=rules.line.lifeline.dialled,
        line_number=rules.line.numbers[0].number,
    )


def waiting_fallback() -> str:
    """Write the document for a caller in the queue that needs nothing but the policy."""
    return twiml.waiting_fallback(prompts=policy.current().prompts)


def staff_fallback() -> str:
    """Write the document for a colleague that needs nothing but the policy."""
    return twiml.staff_fallback(prompts=policy.current().prompts)


def code_fallback() -> str:
    """Write the document for whoever waits for a code, as `staff_fallback` does."""
    return twiml.code_fallback(prompts=policy.current().prompts)


def field(name: str) -> str:
    """Read what the carrier sent, or what our own redirect carried along."""
    given = request.form.get(name)
    if given is None and name in CARRIED:
        given = request.args.get(name)
    return (given or "").strip()


def number(name: str) -> int | None:
    """Read a whole number that the carrier sent; None for anything else."""
    given = field(name)
    is_number = given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER
    return int(given) if is_number else None


def xml(document: str) -> Response:
    """Answer with a document of the carrier's language."""
    return Response(document, mimetype="text/xml")


def done() -> Response:
    """Answer that nothing more is needed."""
    return Response(status=204)


def _one_moment(times: int) -> Document:
    carried = {name: field(name) for name in CARRIED if field(name)}
    here = f"{request.path}?{urlencode({AGAIN: times} | carried)}"
    prompts = policy.current().prompts
    words = [Say(prompts.text(key="one_moment", language=one), one.value) for one in Language]
    return (*words, Pause(MOMENT_S), Go(here))
