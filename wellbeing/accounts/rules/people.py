"""What a member of staff is, and what can be wrong with one."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from wellbeing.accounts.rules.roles import Role
from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.policy.model import Language


class NoSuchUser(NotFound):
    """There is no such person."""


class UsernameTaken(Conflict):
    """Somebody has this user name already."""


class PhoneTaken(Conflict):
    """Somebody has this phone number already."""


class NoLanguage(DomainError):
    """Please choose at least one language."""


class StaleUser(Conflict):
    """Somebody else changed this person in the meantime."""


class OwnRole(Conflict):
    """Nobody changes their own role or place, or takes their own access away; ask a colleague."""


class LastAdministrator(Conflict):
    """This is the last administrator; give the role to somebody else first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChange:
    """What somebody will be, and where; `version` is the one that was seen."""

    user_id: int
    role: Role
    organization_id: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A person to be added; `totp_secret` only where the second factor is known beforehand."""

    username: str
    display_name_zh: str
    display_name_en: str
    role: Role
    organization_id: int
    password: str
    phone: str | None = None
    languages: tuple[Language, ...] = (Language.ZH,)
    totp_secret: str | None = None


def normalised_username(*, username: str) -> str:
    """Write a user name the one way it is stored and looked up."""
    return unicodedata.normalize("NFKC", username).strip().casefold()
