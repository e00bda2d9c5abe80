"""Write down the contact record: who, about whom, why, how it went. Nothing else changes here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from wellbeing.contacts.events import FactsRecorded
from wellbeing.contacts.models import CONTACT
from wellbeing.contacts.queries import conversations as queries
from wellbeing.contacts.rules.conversations import (
    ContactFacts,
    NotAnAnswer,
    StaleContact,
    wrong_answers,
)
from wellbeing.foundation import events
from wellbeing.foundation.database import changed
from wellbeing.policy import current as policy


def record_facts(*, contact_id: int, facts: ContactFacts, version: int, now: datetime) -> int:
    """Save the contact record; give its new version.

    Raises:
        NotAnAnswer: a value is not among the choices; `fields` names which.
        StaleContact: somebody else saved in between.

    """
    wrong = wrong_answers(facts=facts, choices=policy.current().triage)
    if wrong:
        raise NotAnAnswer(wrong=wrong)
    values: dict[str, Any] = {name: getattr(facts, name) for name in queries.FACTS}
    values["reasons"] = list(facts.reasons)
    statement = (
        update(CONTACT)
        .where(CONTACT.c.id == contact_id, CONTACT.c.version == version)
        .values(version=version + 1, **values)
    )
    if changed(statement) != 1:
        raise StaleContact
    events.publish(FactsRecorded(contact_id=contact_id, at=now))
    return version + 1
