"""Twilio's words on the wire: error codes, SIDs and dates; no behavior."""

from __future__ import annotations

import secrets
from datetime import datetime
from email.utils import format_datetime

_BAD_REQUEST = 400

MESSAGES: dict[int, str] = {
    11100: "Invalid URL format",
    11200: "HTTP retrieval failure",
    11205: "HTTP connection failure",
    11215: "Too many HTTP redirects",
    11750: "TwiML response body too large",
    12100: "Document parse failure",
    12200: "Schema validation warning",
    12300: "Invalid Content-Type",
    13201: "Dial: Cannot Dial out from a Dial Call Segment",
    13214: "Dial: Invalid callerId value",
    13223: "Dial: Invalid phone number format",
    20001: "Invalid parameter {what}",
    20003: "Authenticate",
    20009: "Cannot change this resource before it has completed",
    20404: "The requested resource {what} was not found",
    20409: "The queue still has members",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21201: "No 'To' number is specified",
    21205: "Url is not a valid URL",
    21210: "'From' phone number not verified",
    21211: "The 'To' number {what} is not a valid phone number.",
    21212: "The 'From' number {what} is not a valid phone number.",
    21213: "'From' phone number is required",
    21214: "'To' phone number cannot be reached",
    21215: "Geo Permission configuration is not permitting call",
    21216: "Account not allowed to call {what}",
    21217: "Phone number does not appear to be valid",
    21220: "Call is not in-progress. Cannot redirect.",
    21408: "Permission to send an SMS has not been enabled for the region of the 'To' number",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' number {what} is not a message-capable number of this account",
    21609: "The 'StatusCallback' URL {what} is not a valid URL",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "The 'To' number is not currently reachable using the 'From' number",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30409: "Message cannot be canceled",
}
_STATUS = {
    20003: 401,
    20009: 409,
    20404: 404,
    20409: 409,
    20429: 429,
    20500: 500,
    20503: 503,
    21610: 400,
}


class RestError(Exception):
    """A refusal in Twilio's own words; `what` fills the blank of the message."""

    def __init__(self, *, code: int, what: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.what = what

    @property
    def status(self) -> int:
        """Give the HTTP status of the answer."""
        return _STATUS.get(self.code, _BAD_REQUEST)

    def as_json(self) -> dict[str, object]:
        """Give the four keys that Twilio answers with."""
        return {
            "code": self.code,
            "message": MESSAGES[self.code].format(what=self.what),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def new_sid(*, prefix: str) -> str:
    """Make a SID: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def rfc2822(*, at: datetime | None) -> str | None:
    """Write an instant as Twilio's API does, to the second."""
    return None if at is None else format_datetime(at)
