"""Queues, conferences, recordings and numbers as Twilio's API writes them in JSON."""

from __future__ import annotations

from datetime import datetime

from wellbeing.simulator.catalogue import rfc2822
from wellbeing.simulator.params import API_VERSION
from wellbeing.simulator.places import (
    Conference,
    LineNumber,
    Member,
    Participant,
    Queue,
    Recording,
)
from wellbeing.simulator.resources import Json


def queue_json(*, queue: Queue, account_sid: str, now: datetime) -> Json:
    """Write a queue with every key of `api.v2010.account.queue`."""
    return {
        "sid": queue.sid,
        "account_sid": account_sid,
        "friendly_name": queue.name,
        "current_size": len(queue.members),
        "max_size": queue.max_size,
        "average_wait_time": queue.average_wait(at=now),
        "date_created": rfc2822(at=queue.created_at),
        "date_updated": rfc2822(at=queue.updated_at),
        "uri": f"{_base(account_sid)}/Queues/{queue.sid}.json",
    }


def member_json(*, queue: Queue, member: Member, account_sid: str, now: datetime) -> Json:
    """Write a waiting call with every key of `api.v2010.account.queue.member`."""
    sid = member.call.sid
    return {
        "call_sid": sid,
        "queue_sid": queue.sid,
        "date_enqueued": rfc2822(at=member.entered_at),
        "position": queue.position(call=member.call),
        "wait_time": round((now - member.entered_at).total_seconds()),
        "uri": f"{_base(account_sid)}/Queues/{queue.sid}/Members/{sid}.json",
    }


def conference_json(*, conference: Conference, account_sid: str) -> Json:
    """Write a conference with every key of `api.v2010.account.conference`."""
    uri = f"{_base(account_sid)}/Conferences/{conference.sid}"
    written: Json = {
        "sid": conference.sid,
        "account_sid": account_sid,
        "friendly_name": conference.name,
        "status": conference.status,
        "region": "us1",
        "api_version": API_VERSION,
        "date_created": rfc2822(at=conference.created_at),
        "date_updated": rfc2822(at=conference.updated_at),
        "call_sid_ending_conference": conference.ended_by,
        "uri": f"{uri}.json",
        "subresource_uris": {
            "participants": f"{uri}/Participants.json",
            "recordings": f"{uri}/Recordings.json",
        },
    }
    # The description has no null among the reasons.
    if conference.reason_ended is not None:
        written["reason_conference_ended"] = conference.reason_ended
    return written


def participant_json(*, conference: Conference, who: Participant, account_sid: str) -> Json:
    """Write a participant with every key of `api.v2010.account.conference.participant`."""
    uri = f"{_base(account_sid)}/Conferences/{conference.sid}/Participants/{who.call.sid}.json"
    return {
        "account_sid": account_sid,
        "conference_sid": conference.sid,
        "call_sid": who.call.sid,
        "label": who.label,
        "muted": who.is_muted,
        "hold": who.is_held,
        "coaching": False,
        "call_sid_to_coach": None,
        "start_conference_on_enter": who.starts_it,
        "end_conference_on_exit": who.ends_it,
        "status": "connected",
        "queue_time": None,
        "date_created": rfc2822(at=who.created_at),
        "date_updated": rfc2822(at=who.updated_at),
        "uri": uri,
    }


def recording_json(*, recording: Recording, account_sid: str, address: str) -> Json:
    """Write a recording with every key of `api.v2010.account.recording`."""
    return {
        "sid": recording.sid,
        "account_sid": account_sid,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "api_version": API_VERSION,
        "status": recording.status,
        "duration": str(recording.seconds),
        "channels": 1,
        "source": "RecordVerb",
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "encryption_details": None,
        "start_time": rfc2822(at=recording.started_at),
        "date_created": rfc2822(at=recording.started_at),
        "date_updated": rfc2822(at=recording.updated_at),
        "media_url": address,
        "subresource_uris": {},
        "uri": f"{_base(account_sid)}/Recordings/{recording.sid}.json",
    }


def line_json(*, line: LineNumber, account_sid: str) -> Json:
    """Write a number of the account as `api.v2010.account.incoming_phone_number`."""
    hooks: Json = {}
    for name, hook in line.hooks.items():
        url = _snake(name)
        method = url if url == "status_callback" else url.removesuffix("_url")
        hooks[url] = None if hook is None else hook.url
        hooks[f"{method}_method"] = "POST" if hook is None else hook.method
    return {
        "sid": line.sid,
        "account_sid": account_sid,
        "phone_number": line.number,
        "friendly_name": line.number,
        "api_version": API_VERSION,
        "beta": False,
        "origin": "twilio",
        "status": "in-use",
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "date_created": rfc2822(at=line.created_at),
        "date_updated": rfc2822(at=line.updated_at),
        "uri": f"{_base(account_sid)}/IncomingPhoneNumbers/{line.sid}.json",
        **hooks,
    }


def _base(account_sid: str) -> str:
    return f"/{API_VERSION}/Accounts/{account_sid}"


def _snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")
