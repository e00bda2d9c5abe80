"""Who may be given a case, and what a case may be tagged with. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from wellbeing.foundation.errors import Conflict, DomainError

OWN = "own:"
"""Before the id of a tag that the site made itself; the others are the policy's keys."""
LONGEST_ID = 18
LONGEST_TAG = 20
"""Characters of a tag's name: a word, no sentence, so that it holds nothing of a student."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignee:
    """Somebody a case may be given to."""

    user_id: int
    organization_id: int
    organization_path: str
    is_active: bool
    may_edit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTag:
    """A tag that a supervisor made for the units below."""

    key: str
    name: str
    organization_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How many living cases somebody holds, and the highest levels among them."""

    user_id: int
    cases: int
    high: int
    imminent: int
    overdue: int


def own_id(*, key: str) -> str | None:
    """Give the digits that name a tag of a site; None for a tag of the policy, or anything odd."""
    digits = key.removeprefix(OWN)
    is_own = key.startswith(OWN) and digits.isascii() and digits.isdigit()
    return digits if is_own and len(digits) <= LONGEST_ID else None


class NotAnAssignee(DomainError):
    """A case is given only to somebody who follows cases, in the units that you supervise."""


class SameOwner(DomainError):
    """This person owns the case already."""


class ReasonMissing(DomainError):
    """Say why the case goes to somebody else."""


class NoSuchTag(DomainError):
    """There is no such tag."""


class TagExists(Conflict):
    """There is a tag of this name already."""


class TagUnfit(DomainError):
    """A tag is a short word without figures: never a name, a number or a sentence."""


def check_assignee(*, found: Assignee, owner_id: int, is_covered: bool, reason: str) -> None:
    """Refuse to give a case to somebody who cannot follow it, or without a reason.

    Raises:
        NotAnAssignee: they left, may not edit cases, or belong to units of others.
        SameOwner: it is theirs.
        ReasonMissing: nothing says why.

    """
    if not (found.is_active and found.may_edit and is_covered):
        raise NotAnAssignee
    if found.user_id == owner_id:
        raise SameOwner
    if not reason.strip():
        raise ReasonMissing


def tag_name(*, typed: str, existing: Collection[str]) -> str:
    """Take the name of a new tag, short and without figures.

    Raises:
        TagUnfit: it is empty, too long, or holds a figure: that might be a number of somebody.
        TagExists: there is one of this name.

    """
    name = " ".join(typed.split())
    if not name or len(name) > LONGEST_TAG or any(letter.isdigit() for letter in name):
        raise TagUnfit
    if name.casefold() in {one.casefold() for one in existing}:
        raise TagExists
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFilter:
    """Whose entries of a timeline are wanted, and from when to before when; nothing means any."""

    actor_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
