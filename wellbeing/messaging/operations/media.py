"""Errands for what came with a text: it is fetched once, kept by its contact, deleted there."""

from __future__ import annotations

import uuid
from datetime import datetime

from wellbeing.foundation.crypto import sealed
from wellbeing.messaging.operations import storing
from wellbeing.messaging.rules import OrderKind, Purpose
from wellbeing.policy.model import RiskLevel


def queue_medium_fetch(
    *, message_sid: str, sid: str, medium_id: int, data_key_id: uuid.UUID, now: datetime
) -> int:
    """Queue that a picture is fetched; `MediumFetched` hands it over, `MediumLost` ends it."""
    values = storing.errand(
        purpose=Purpose.MEDIUM,
        purpose_id=medium_id,
        data_key_id=data_key_id,
        urgency=RiskLevel.MODERATE,
    )
    # Sealed, so that nothing is fetched any more once its contact was erased.
    values["to_sealed"] = sealed.seal(sid, key_id=data_key_id, place="outbound.to")
    return storing.store(
        values=values, now=now, kind=OrderKind.FETCH_MEDIUM, target_sid=sid, target_in=message_sid
    )


def queue_medium_deletion(
    *, message_sid: str, sid: str, medium_id: int, data_key_id: uuid.UUID, now: datetime
) -> int:
    """Queue that the carrier forgets a picture, whether or not its contact still exists."""
    values = storing.errand(
        purpose=Purpose.MEDIUM,
        purpose_id=medium_id,
        data_key_id=data_key_id,
        urgency=RiskLevel.LOW,
    )
    return storing.store(
        values=values, now=now, kind=OrderKind.DELETE_MEDIUM, target_sid=sid, target_in=message_sid
    )
