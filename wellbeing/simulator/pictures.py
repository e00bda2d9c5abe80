"""What comes with a text from a phone, as Twilio keeps it until it is told to forget it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wellbeing.simulator.catalogue import new_sid, rfc2822

_API = "https://api.twilio.com"
_VERSION = "2010-04-01"


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something a phone sends along: what it says it is, and its bytes."""

    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Medium:
    """One Media resource."""

    message_sid: str
    content_type: str
    content: bytes
    created_at: datetime
    sid: str = field(default_factory=lambda: new_sid(prefix="ME"))


def filed(
    *, attachments: Sequence[Attachment], message_sid: str, at: datetime
) -> dict[str, Medium]:
    """Make a Media resource of each attachment, by its SID."""
    made = (Medium(message_sid, one.content_type, one.content, at) for one in attachments)
    return {medium.sid: medium for medium in made}


def path_of(*, medium: Medium, account_sid: str) -> str:
    """Give the path of the bytes; with `.json` behind it, that of the description."""
    message = f"/{_VERSION}/Accounts/{account_sid}/Messages/{medium.message_sid}"
    return f"{message}/Media/{medium.sid}"


def webhook_fields(*, media: Sequence[Medium], account_sid: str) -> dict[str, str]:
    """Give the fields that tell the product of what came with a text."""
    fields: dict[str, str] = {}
    for place, medium in enumerate(media):
        fields[f"MediaUrl{place}"] = _API + path_of(medium=medium, account_sid=account_sid)
        fields[f"MediaContentType{place}"] = medium.content_type
    return fields


def medium_json(*, medium: Medium, account_sid: str) -> dict[str, object]:
    """Write one with every key of `api.v2010.account.message.media`."""
    at = rfc2822(at=medium.created_at)
    return {
        "sid": medium.sid,
        "account_sid": account_sid,
        "parent_sid": medium.message_sid,
        "content_type": medium.content_type,
        "date_created": at,
        "date_updated": at,
        "uri": f"{path_of(medium=medium, account_sid=account_sid)}.json",
    }
