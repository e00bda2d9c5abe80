"""What `flask doctor` looks at on the carrier's side: account, numbers, and where they lead."""

from __future__ import annotations

from collections.abc import Iterator

from wellbeing.carrier.gateway import OVERRIDES
from wellbeing.cli.checks import Finding, Patient
from wellbeing.policy import current as policy
from wellbeing.telephony.gateway import CarrierNumber, TelephonyError

VOICE, TEXT, STATUS = "/twilio/voice/in", "/twilio/text/in", "/twilio/voice/status"


def account(patient: Patient) -> Iterator[Finding]:
    """Sign in to the carrier, and look at each number of the line."""
    try:
        found = {one.number: one for one in patient.gateway.numbers()}
    except TelephonyError as error:
        yield Finding(
            check="carrier",
            ok=False,
            says=f"does not take our request: {error}",
            do="check TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKENS, the account and the network",
        )
        return
    yield Finding(check="carrier", ok=True, says=f"signed in; {len(found)} numbers")
    for number in policy.current().line.own_numbers():
        if number in found:
            yield from _number(found[number], patient)
        else:
            yield Finding(
                check=f"number {number}",
                ok=False,
                says="is not in the carrier's account",
                do="buy it there, or correct numbers in config/line.toml",
            )


def _number(number: CarrierNumber, patient: Patient) -> Iterator[Finding]:
    base = patient.config["PUBLIC_BASE_URL"].rstrip("/")
    wrong = [
        *_misled("voice URL", number.voice_url, base + VOICE + OVERRIDES),
        *_misled("messaging URL", number.text_url, base + TEXT + OVERRIDES),
        *_misled("status callback", number.status_callback, base + STATUS + OVERRIDES),
        *_unsafe("voice fallback", number.voice_fallback_url, base, patient),
        *_unsafe("messaging fallback", number.text_fallback_url, base, patient),
    ]
    check = f"number {number.number}"
    for says, do in wrong:
        yield Finding(check=check, ok=False, says=says, do=do)
    if not wrong:
        yield Finding(
            check=check, ok=True, says="leads here, and to its fallbacks when we are down"
        )


def _misled(what: str, there: str, wanted: str) -> Iterator[tuple[str, str]]:
    if there != wanted:
        yield f"its {what} is {there or 'not set'}", f"set it at the carrier to {wanted}"


def _unsafe(what: str, there: str, base: str, patient: Patient) -> Iterator[tuple[str, str]]:
    """A fallback on our own server is down when we are; only a demonstration has nothing else."""
    do = "keep the document of `flask carrier-fallback` at the carrier and name it there"
    if not there:
        yield f"its {what} is not set", do
    elif patient.is_real and there.startswith(base):
        yield f"its {what} is on this service, which is down when it is needed", do
