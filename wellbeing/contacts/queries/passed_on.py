"""What somebody may still ask about a contact that was theirs a moment ago. Nothing is changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from wellbeing.accounts.queries import grants
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.contacts.models import CONTACT
from wellbeing.contacts.queries import conversations
from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.foundation.database import session
from wellbeing.foundation.errors import NotFound


def once_held(*, public_id: str, user_id: int, since: datetime) -> ContactRow:
    """Give a contact to whoever answered it and lost it after `since`: to be told who has it now.

    None of its words may be shown to them.

    Raises:
        NotFound: there is none, or they did not hold it.

    """
    statement = select(CONTACT.c.id).where(CONTACT.c.public_id == public_id)
    contact_id = session().execute(statement).scalar_one_or_none()
    if contact_id is None or not grants.had_grant(
        user_id=user_id,
        subject_kind=conversations.GRANT_SUBJECT,
        subject_id=contact_id,
        kind=GrantKind.ASSIGNMENT,
        since=since,
    ):
        raise NotFound
    return conversations.contact_by_id(contact_id=contact_id)
