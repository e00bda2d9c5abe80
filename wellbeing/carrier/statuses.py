"""The one table from Twilio's codes and statuses to our own words. Nothing is decided elsewhere."""

from __future__ import annotations

from enum import Enum, auto

from wellbeing.messaging.rules import DeliveryStatus, is_final
from wellbeing.telephony.gateway import TelephonyError


class Treatment(Enum):
    """What a refusal means for the order and for the account."""

    PERMANENT = auto()
    """This number or body will never do."""
    CONFIGURATION = auto()
    """Our own set-up or a compliance rule is in the way of this order; operators must act."""
    ACCOUNT = auto()
    """No order can go out until operators act; all of them wait."""
    TEMPORARY = auto()
    """Only this order waits."""
    PACE = auto()
    """We are too fast; all orders wait."""


CODES: dict[int, Treatment] = {
    10001: Treatment.ACCOUNT,  # account is not active
    10004: Treatment.PACE,  # call concurrency limit
    11100: Treatment.CONFIGURATION,  # invalid URL
    14107: Treatment.TEMPORARY,  # loop guard: too many texts to one number
    16021: Treatment.PACE,  # concurrency limit
    20003: Treatment.ACCOUNT,  # authentication
    20404: Treatment.CONFIGURATION,  # no such resource
    20429: Treatment.PACE,  # too many requests
    21205: Treatment.CONFIGURATION,  # invalid URL
    21210: Treatment.CONFIGURATION,  # From not verified
    21211: Treatment.PERMANENT,  # invalid To
    21212: Treatment.CONFIGURATION,  # invalid From
    21213: Treatment.CONFIGURATION,  # From missing
    21214: Treatment.PERMANENT,  # To cannot be reached
    21215: Treatment.CONFIGURATION,  # geographic permission
    21216: Treatment.CONFIGURATION,  # blocked by the carrier
    21217: Treatment.PERMANENT,  # To is no valid number
    21220: Treatment.PERMANENT,  # the call is over
    21408: Treatment.CONFIGURATION,  # geographic permission for texts
    21601: Treatment.CONFIGURATION,  # From cannot text
    21603: Treatment.CONFIGURATION,  # From missing
    21606: Treatment.CONFIGURATION,  # From cannot text
    21608: Treatment.CONFIGURATION,  # trial account: To not verified
    21609: Treatment.CONFIGURATION,  # invalid StatusCallback
    21610: Treatment.PERMANENT,  # recipient opted out
    21611: Treatment.TEMPORARY,  # queue of the number is full
    21612: Treatment.PERMANENT,  # To cannot be reached from this From
    21614: Treatment.PERMANENT,  # not a mobile number
    21617: Treatment.PERMANENT,  # body too long
    30001: Treatment.TEMPORARY,  # queue overflow
    30002: Treatment.ACCOUNT,  # account suspended
    30004: Treatment.CONFIGURATION,  # message blocked
    30007: Treatment.CONFIGURATION,  # message filtered
    30022: Treatment.TEMPORARY,  # rate limit of the recipient's network
    30032: Treatment.CONFIGURATION,  # unverified sender
    30034: Treatment.CONFIGURATION,  # unregistered sender
}
CALL_IS_OVER = frozenset({21220, 20404})
"""What a change of a call meets when there is nothing left to change: no error."""

TEXT_STATUSES: dict[str, DeliveryStatus] = {
    "accepted": DeliveryStatus.QUEUED,
    "scheduled": DeliveryStatus.QUEUED,
    "queued": DeliveryStatus.QUEUED,
    "sending": DeliveryStatus.SENDING,
    "sent": DeliveryStatus.SENT,
    "partially_delivered": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.DELIVERED,
    "undelivered": DeliveryStatus.UNDELIVERED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.FAILED,
}
CALL_STATUSES: dict[str, DeliveryStatus] = {
    "queued": DeliveryStatus.QUEUED,
    "initiated": DeliveryStatus.QUEUED,
    "ringing": DeliveryStatus.RINGING,
    "in-progress": DeliveryStatus.IN_PROGRESS,
    "answered": DeliveryStatus.IN_PROGRESS,
    "completed": DeliveryStatus.COMPLETED,
    "busy": DeliveryStatus.BUSY,
    "no-answer": DeliveryStatus.NO_ANSWER,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.CANCELED,
}

CONNECTED = frozenset({"completed", "answered"})

TOO_MANY_REQUESTS = 429
TOO_FAST = 20429
UNAVAILABLE = 503
SERVER_ERROR = 500
CONFLICT = 409
"""Not now: a queue with somebody in it, a recording that is still being written."""
UNAUTHORIZED = (401, 403)


def refusal(*, http_status: int, code: int | None, retry_after: float | None) -> TelephonyError:
    """Turn an answer of 400 or above into our error; a code of the table goes before the status.

    A server error may come after the order was taken, except 503, which says that it was not.
    """
    if http_status >= SERVER_ERROR:
        return TelephonyError(
            code=code,
            retry_after=retry_after,
            in_doubt=http_status != UNAVAILABLE,
            whole_account=True,
        )
    if http_status == TOO_MANY_REQUESTS and code is None:
        code = TOO_FAST
    treatment = CODES.get(code or 0) or _by_status(http_status)
    return TelephonyError(
        permanent=treatment in {Treatment.PERMANENT, Treatment.CONFIGURATION},
        code=code,
        retry_after=retry_after,
        whole_account=treatment in {Treatment.ACCOUNT, Treatment.PACE},
        alarm=treatment in {Treatment.ACCOUNT, Treatment.CONFIGURATION},
    )


def is_call_over(status: str) -> bool:
    """Tell whether a call with this status of the carrier is over; an unknown one is not."""
    known = CALL_STATUSES.get(status)
    return known is not None and is_final(status=known)


def was_bridged(*, status: str, bridged: str) -> bool:
    """Tell whether whoever was dialled and the caller heard each other.

    Where the carrier says it in so many words, that counts: somebody who picked up and declined
    ends as completed, too.
    """
    return bridged == "true" if bridged else status in CONNECTED


def _by_status(http_status: int) -> Treatment:
    if http_status == TOO_MANY_REQUESTS:
        return Treatment.PACE
    if http_status == CONFLICT:
        return Treatment.TEMPORARY
    return Treatment.ACCOUNT if http_status in UNAUTHORIZED else Treatment.PERMANENT
