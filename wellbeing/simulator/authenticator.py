"""The authenticator on a phone: its six digits now. It runs on real time, as sign-in does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyotp

_PERIOD_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Authenticator:
    """A secret in base32; a broken one is found when the phone is put on the desk."""

    secret: str

    def __post_init__(self) -> None:
        pyotp.TOTP(self.secret).at(0)

    def code(self, *, at: datetime) -> str:
        """Give the six digits that are shown at this real time."""
        return pyotp.TOTP(self.secret, interval=_PERIOD_SECONDS).at(at)

    def seconds_left(self, *, at: datetime) -> int:
        """Tell for how many more seconds they are shown, 30 to 1."""
        return _PERIOD_SECONDS - int(at.timestamp()) % _PERIOD_SECONDS
