"""What the simulator is told at start: account, numbers, where the product listens."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

TEST_ACCOUNT = "AC" + "0" * 31 + "1"


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone that lies on the desk from the start, perhaps with an authenticator's secret."""

    number: str
    label: str
    authenticator: str | None = None


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where the carrier calls the product: paths below the public base URL; "" means not set."""

    voice: str = "/twilio/voice/in"
    text: str = "/twilio/text/in"
    call_status: str = "/twilio/voice/status"
    voice_fallback: str = ""
    text_fallback: str = ""
    overrides: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the simulator needs to know; all of it can be given on the command line."""

    account_sid: str = TEST_ACCOUNT
    auth_token: str = "simulated-token"  # noqa: S105 - a pretend carrier's pretend secret
    public_base_url: str = "http://127.0.0.1:5000"
    numbers: tuple[str, ...] = ("+8602388880000",)
    hooks: Hooks = field(default_factory=Hooks)
    phones: tuple[Phone, ...] = ()
    journal_file: Path | None = None
    clock_file: Path | None = None
    country_default: str = "CN"
    calls_per_second: float = 1.0
    hang_seconds: float = 30.0

    def webhook(self, *, path: str) -> str | None:
        """Give the full URL of a webhook with its connection overrides, or None if not set."""
        if not path:
            return None
        url = urljoin(self.public_base_url.rstrip("/") + "/", path.lstrip("/"))
        return url if "#" in url else url + self.hooks.overrides
