"""Calls and texts as Twilio's API writes them in JSON."""

from __future__ import annotations

from collections.abc import Collection

from wellbeing.simulator.catalogue import MESSAGES, rfc2822
from wellbeing.simulator.params import API_VERSION
from wellbeing.simulator.places import number_sid
from wellbeing.simulator.records import Call, Message

Json = dict[str, object]


def call_json(*, call: Call, account_sid: str, ours: Collection[str]) -> Json:
    """Write a call with every key of `api.v2010.account.call`."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Calls/{call.sid}"
    own_number = call.to if call.direction == "inbound" else call.from_
    return {
        "sid": call.sid,
        "date_created": rfc2822(at=call.created_at),
        "date_updated": rfc2822(at=call.updated_at),
        "parent_call_sid": call.parent_sid,
        "account_sid": account_sid,
        "to": call.to,
        "to_formatted": call.to,
        "from": call.from_,
        "from_formatted": call.from_,
        "phone_number_sid": number_sid(number=own_number) if own_number in ours else None,
        "status": call.status.value,
        "start_time": rfc2822(at=call.started_at),
        "end_time": rfc2822(at=call.ended_at),
        "duration": str(call.seconds) if call.is_over else None,
        "price": None,
        "price_unit": "USD",
        "direction": call.direction,
        "answered_by": call.answered_by,
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(call.queue_ms),
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {
            "notifications": f"{uri}/Notifications.json",
            "recordings": f"{uri}/Recordings.json",
        },
    }


def message_json(*, message: Message, account_sid: str) -> Json:
    """Write a text with every key of `api.v2010.account.message`."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}"
    code = message.error_code
    return {
        "body": message.body,
        "num_segments": str(message.segments),
        "direction": message.direction,
        "from": message.from_,
        "to": message.to,
        "date_updated": rfc2822(at=message.updated_at),
        "price": None,
        "error_message": None if code is None else MESSAGES.get(code, "Unknown error"),
        "uri": f"{uri}.json",
        "account_sid": account_sid,
        "num_media": str(message.media),
        "status": message.status.value,
        "messaging_service_sid": message.service_sid,
        "sid": message.sid,
        "date_sent": rfc2822(at=message.sent_at),
        "date_created": rfc2822(at=message.created_at),
        "error_code": code,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }
