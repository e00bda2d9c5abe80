"""The people of a case: who is who, how they may be reached, who may read their names. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.policy.model import RiskLevel

PEOPLE_LIMIT = 40
"""People of one case; a child has a family, a class teacher and friends, not a town."""
NUMBERS_LIMIT = 10


class Relation(StrEnum):
    """Who somebody is to the student; one person of a case is the student."""

    STUDENT = "student"
    MOTHER = "mother"
    FATHER = "father"
    GUARDIAN = "guardian"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    FRIEND = "friend"
    PARTNER = "partner"
    TEACHER = "teacher"
    DOCTOR = "doctor"
    OTHER = "other"


class NumberKind(StrEnum):
    """What kind of telephone a number rings."""

    MOBILE = "mobile"
    HOME = "home"
    WATCH = "watch"
    SCHOOL = "school"
    OTHER = "other"


class Wish(StrEnum):
    """What somebody allowed; not asked yet is not a yes."""

    UNKNOWN = "unknown"
    YES = "yes"
    NO = "no"


class Safety(StrEnum):
    """Whether contact with a person may endanger the student."""

    UNKNOWN = "unknown"
    SAFE = "safe"
    UNSAFE = "unsafe"


class CodeWordCheck(StrEnum):
    """How it went to ask for the code word; whatever it was, nobody is turned away for it."""

    MATCHED = "matched"
    DIFFERENT = "different"
    NOT_GIVEN = "not_given"


class RevealReason(StrEnum):
    """Why somebody had to be shown in the clear."""

    CALL = "call"
    VERIFY = "verify"
    RESCUE = "rescue"
    REFERRAL = "referral"
    REPORT = "report"
    CORRECT = "correct"
    OTHER = "other"


class Verdict(StrEnum):
    """What a counselor decided about two records."""

    SAME = "same"
    DIFFERENT = "different"


class PeopleEntry(StrEnum):
    """What the timeline says of people; no name stands in it.

    Facts: person_id, relation, and by kind number_kind, safety, check, why; details: reason.
    """

    ADDED = "person_added"
    CHANGED = "person_changed"
    REMOVED = "person_removed"
    REVEALED = "person_revealed"
    NUMBER_ADDED = "number_added"
    NUMBER_REMOVED = "number_removed"
    PERMISSION_SET = "permission_set"
    CODE_WORD_CHECKED = "code_word_checked"
    MERGED = "persons_merged"
    TOLD_APART = "persons_told_apart"
    UNMERGED = "persons_unmerged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What else is known of a person, each as it was said; empty where nobody asked."""

    called: str = ""
    school: str = ""
    grade: str = ""
    born: str = ""
    address: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A person as a counselor writes them down."""

    relation: Relation
    name: str = ""
    is_guardian: bool = False
    is_caller: bool = False
    details: Details = field(default_factory=Details)

    def texts(self) -> Mapping[str, str]:
        """Give the words of the record by field, as a page compares two versions."""
        return {"name": self.name, **asdict(self.details)}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whom an entry of the timeline is about, without naming them."""

    case_id: int
    person_id: int
    relation: Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person in the clear; only a reveal, an edit or a match may ask for it."""

    person_id: int
    case_id: int
    relation: Relation
    is_guardian: bool
    is_caller: bool
    data_key_id: uuid.UUID
    name: str
    details: Details
    by_user_id: int
    at: datetime
    edited_by: int | None
    edited_at: datetime | None
    version: int

    @property
    def about(self) -> About:
        """Say whom an entry is about."""
        return About(case_id=self.case_id, person_id=self.person_id, relation=self.relation)

    def as_written(self) -> NewPerson:
        """Give the record as a form shows it."""
        return NewPerson(
            relation=self.relation,
            name=self.name,
            is_guardian=self.is_guardian,
            is_caller=self.is_caller,
            details=self.details,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """Why somebody is shown in the clear; another reason needs words."""

    why: RevealReason
    words: str = ""

    def reason(self) -> str:
        """Give the words for the timeline.

        Raises:
            ReasonMissing: another reason has none.

        """
        words = self.words.strip()
        if self.why is RevealReason.OTHER and not words:
            raise ReasonMissing
        return words


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    """A number as lists show it."""

    number_id: int
    person_id: int
    masked: str
    kind: NumberKind
    is_shared: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """How a person may be reached: ways, safe times, what to take care of, the code word."""

    safety: Safety = Safety.UNKNOWN
    may_text: Wish = Wish.UNKNOWN
    may_call: Wish = Wish.UNKNOWN
    may_leave_message: Wish = Wish.UNKNOWN
    safe_times: str = ""
    care: str = ""
    code_word: str = ""

    @property
    def forbids_texts(self) -> bool:
        """Tell whether nothing may be texted to this person."""
        return self.safety is Safety.UNSAFE or self.may_text is Wish.NO


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionRow:
    """A permission as it stands; version 0 means that nobody asked yet."""

    person_id: int
    wish: Permission
    by_user_id: int | None
    at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """A person as every page shows them: masked; `hidden` means not even that."""

    person_id: int
    relation: Relation
    is_guardian: bool
    is_caller: bool
    hidden: bool
    masked_name: str
    school: str
    grade: str
    numbers: tuple[NumberRow, ...]
    permission: PermissionRow
    by_user_id: int
    at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What decides whether a reader of a case may read the names in it."""

    is_school_reader: bool
    level: RiskLevel
    has_consent: bool
    came_from_school: bool


class NoSuchPerson(NotFound):
    """There is no such person in this case."""


class NoSuchNumber(NotFound):
    """There is no such number in this case."""


class StudentKnown(Conflict):
    """This case names its student already; change that record, or write down somebody else."""


class AlreadyRecorded(Conflict):
    """This person stands in the case already."""


class NumberKnown(Conflict):
    """This number stands with this person already."""


class TooMany(DomainError):
    """That is more than a case can hold; remove what is not needed first."""


class NameTooLong(DomainError):
    """A name has at most 100 characters."""


class StalePerson(Conflict):
    """Somebody else changed this person's record in the meantime."""

    def __init__(self, *, saved: PersonRow, yours: NewPerson) -> None:
        super().__init__(person_id=saved.person_id, version=saved.version)
        self.saved = saved
        self.yours = yours


class StalePermission(Conflict):
    """Somebody else changed how this person may be reached in the meantime."""

    def __init__(self, *, saved: PermissionRow, yours: Permission) -> None:
        super().__init__(person_id=saved.person_id, version=saved.version)
        self.saved = saved
        self.yours = yours


class ReasonMissing(DomainError):
    """Please say why."""


class NotNamedToSchool(NotFound):
    """The student has not agreed to be named to the school."""


def may_read_names(*, found: Circumstances, school_knows_from: RiskLevel) -> bool:
    """Tell whether a reader may read the names of a case (product.md 5.2).

    Above the school everybody who may open the case may. At the school nobody, unless the student
    agreed, the danger is at least `school_knows_from`, or the school itself sent the student.
    """
    if not found.is_school_reader:
        return True
    return found.has_consent or found.came_from_school or found.level >= school_knows_from


def check_reason(*, reason: str) -> str:
    """Give a reason without blanks around it.

    Raises:
        ReasonMissing: nothing is left.

    """
    words = reason.strip()
    if not words:
        raise ReasonMissing
    return words
