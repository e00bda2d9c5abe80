"""The form fields of Twilio's webhooks, key by key as documented."""

from __future__ import annotations

from wellbeing.simulator.catalogue import rfc2822
from wellbeing.simulator.pictures import webhook_fields
from wellbeing.simulator.records import Call, CallStatus, Message, MessageStatus
from wellbeing.simulator.switchboard import Switchboard

API_VERSION = "2010-04-01"
_PREFIXES = {
    "+1": "US",
    "+44": "GB",
    "+49": "DE",
    "+33": "FR",
    "+61": "AU",
    "+65": "SG",
    "+81": "JP",
    "+82": "KR",
    "+86": "CN",
    "+852": "HK",
    "+853": "MO",
    "+886": "TW",
}
_SIP_CODES = {
    CallStatus.BUSY: "486",
    CallStatus.NO_ANSWER: "480",
    CallStatus.FAILED: "404",
    CallStatus.CANCELED: "487",
    CallStatus.COMPLETED: "200",
}


def country_of(*, number: str, default: str) -> str:
    """Give the country of a number by its longest known prefix; `default` if it has none."""
    for length in (4, 3, 2):
        country = _PREFIXES.get(number[:length])
        if country is not None:
            return country
    return default


def _places(board: Switchboard, prefixes: tuple[str, ...], number: str) -> dict[str, str]:
    country = country_of(number=number, default=board.settings.country_default)
    fields: dict[str, str] = {}
    for prefix in prefixes:
        fields |= {
            f"{prefix}City": "",
            f"{prefix}State": "",
            f"{prefix}Zip": "",
            f"{prefix}Country": country,
        }
    return fields


def voice_params(*, board: Switchboard, call: Call) -> dict[str, str]:
    """Give what every voice webhook carries."""
    fields = {
        "CallSid": call.sid,
        "AccountSid": board.settings.account_sid,
        "From": call.from_,
        "To": call.to,
        "Caller": call.from_,
        "Called": call.to,
        "CallStatus": call.status.value,
        "ApiVersion": API_VERSION,
        "Direction": call.direction,
    }
    if call.parent_sid is not None:
        fields["ParentCallSid"] = call.parent_sid
    if call.answered_by is not None and call.detects_machine:
        fields["AnsweredBy"] = call.answered_by
    fields |= _places(board, ("From", "Caller"), call.from_)
    return fields | _places(board, ("To", "Called"), call.to)


def call_status_params(*, board: Switchboard, call: Call) -> dict[str, str]:
    """Give the fields of a call's status callback and count it in the call's sequence.

    The event `initiated` has no status of its own: the call is still `queued` then.
    """
    fields = voice_params(board=board, call=call) | {
        "Timestamp": rfc2822(at=board.agenda.time()) or "",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(call.sequence),
    }
    call.sequence += 1
    if call.is_over:
        fields |= {
            "CallDuration": str(call.seconds),
            "Duration": str(-(-call.seconds // 60)),
            "SipResponseCode": _SIP_CODES[call.status],
        }
    return fields


def inbound_text_params(*, board: Switchboard, message: Message) -> dict[str, str]:
    """Give the fields of the webhook for a text that a phone sent."""
    fields = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": board.settings.account_sid,
        "From": message.from_,
        "To": message.to,
        "Body": message.body,
        "NumMedia": str(message.media),
        "NumSegments": str(message.segments),
        "SmsStatus": "received",
        "ApiVersion": API_VERSION,
    }
    came_with_it = [one for one in board.media.values() if one.message_sid == message.sid]
    fields |= webhook_fields(media=came_with_it, account_sid=board.settings.account_sid)
    fields |= _places(board, ("From",), message.from_)
    return fields | _places(board, ("To",), message.to)


def text_status_params(*, board: Switchboard, message: Message) -> dict[str, str]:
    """Give the fields of a text's status callback."""
    fields = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "AccountSid": board.settings.account_sid,
        "From": message.from_,
        "To": message.to,
        "MessageStatus": message.status.value,
        "SmsStatus": message.status.value,
        "ApiVersion": API_VERSION,
    }
    if message.service_sid is not None:
        fields["MessagingServiceSid"] = message.service_sid
    if message.error_code is not None:
        fields["ErrorCode"] = str(message.error_code)
    if message.status in {MessageStatus.DELIVERED, MessageStatus.UNDELIVERED}:
        fields["RawDlrDoneDate"] = board.agenda.time().strftime("%y%m%d%H%M")
    return fields
