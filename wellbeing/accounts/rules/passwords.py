"""Which passwords are fit, and how they are hashed and compared."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wellbeing.accounts.rules.people import normalised_username
from wellbeing.foundation.errors import DomainError


class UnfitPassword(DomainError):
    """This password cannot be used."""


class PasswordTooShort(UnfitPassword):
    """A password has at least 12 characters; a short sentence is fine."""


class PasswordTooLong(UnfitPassword):
    """A password has at most 256 characters."""


class PasswordTooCommon(UnfitPassword):
    """Many people use this password, so it is tried first; choose another."""


class PasswordHoldsName(UnfitPassword):
    """A password must not contain the user name."""


SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
SHORTEST_NAME = 4
"""Shorter names are contained in many words by chance."""
_COMMON = r"""
123456789012 1234567890123 12345678901234 123456789123 123456123456 012345678910 987654321098
0987654321098 111222333444 112233445566 123123123123 123321123321 147258369147 159753159753
password1234 password12345 password123456 password2024 password2025 password2026 passw0rd1234
p@ssw0rd1234 p@ssword1234 passwordpassword mypassword123 newpassword1 newpassword123 changeme1234
changemeplease letmein12345 letmeinletmein welcome12345 welcome123456 welcome@1234 administrator
administrator1 admin1234567 admin12345678 admin123456789 adminadmin123 admin@123456 root12345678
rootroot1234 test12345678 testtest1234 guest1234567 default12345 secret123456 qwerty123456
qwerty12345678 qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiop[] qwertyuiop[]\ 1qaz2wsx3edc
1qaz2wsx3edc4rfv 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i zaq12wsxcde3 qazwsxedcrfv
qazwsxedc123 asdfghjkl123 asdfghjkl1234 zxcvbnm12345 zxcvbnmasdfgh qweasdzxc123 q1w2e3r4t5y6
abcd12345678 abc123456789 a123456789012 aa1234567890 a1b2c3d4e5f6 abcdefghijkl abcdefghijklmnop
iloveyou1234 iloveyou12345 iloveyouforever iloveyou5201314 woaini1314520 woaini5201314
woaini520520 woaini123456 5201314woaini 520131452013 131452013145 wojiushiwo123 woshishui123
zhongguo1234 zhongguo12345 chongqing123 chongqing1234 chongqing2024 chongqing2025 chongqing2026
xinlijiankang xinlijiankang1 zhuguangchengzhang sunshine1234 princess1234 football1234
baseball1234 superman1234 dragon123456 monkey123456 master123456 shadow123456 michael12345
trustno1trustno1 correcthorsebatterystaple teacher12345 teacher123456 student12345 school123456
counselor123 counselor1234 helpline12356 hotline12356 wellbeing1234 summer202412 spring202512
1234567890qwerty qwerty1234567890 1234qwerasdf 1234qwerasdfzxcv q1w2e3r4t5y6u7i8
"""
COMMON_PASSWORDS = frozenset(_COMMON.split())
"""Of the passwords that breaches and local habit bring up most, those that are long enough."""
_hasher = PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)
HASHES_AT_ONCE = 4
"""Each takes 46 MiB for its time; a flood of attempts must not take the machine's memory."""
_places = BoundedSemaphore(HASHES_AT_ONCE)
NOBODYS_HASH = (
    "$argon2id$v=19$m=47104,t=2,p=1$AAECAwQFBgcICQoLDA0ODw"
    "$qvV2xd7Jd9hrx1kHqDqW0mLwz8Tm3u5sJqkXbW5mQ0E"
)
"""Verified for unknown names, so that they take as long; no password gives it."""


def normalised_password(*, password: str) -> str:
    """Write a password the same on every keyboard; nothing is cut off."""
    return unicodedata.normalize("NFKC", password)


def check_new_password(*, password: str, username: str) -> None:
    """Refuse a password that is guessed first; there are no rules of composition (ASVS 6.2).

    Raises:
        UnfitPassword: too short, too long, common, a plain pattern, or it holds the user name.

    """
    text = normalised_password(password=password).casefold()
    if len(text) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    if len(text) > LONGEST_PASSWORD:
        raise PasswordTooLong
    name = normalised_username(username=username)
    if len(name) >= SHORTEST_NAME and name in text:
        raise PasswordHoldsName
    if text in COMMON_PASSWORDS or _is_repeated(text) or _is_counted(text):
        raise PasswordTooCommon


def hash_password(*, password: str) -> str:
    """Hash a password with Argon2id; waits for a place among the concurrent hashes."""
    with _places:
        return _hasher.hash(normalised_password(password=password))


def is_password(*, password: str, hashed: str | None) -> bool:
    """Tell whether a password gives a hash; without a hash it takes as long and is never so."""
    with _places:
        try:
            _hasher.verify(hashed or NOBODYS_HASH, normalised_password(password=password))
        except (VerificationError, InvalidHashError):
            return False
    return hashed is not None


def _is_repeated(text: str) -> bool:
    """`aaaaaaaaaaaa` and `abcabcabcabc`: a short piece, again and again."""
    return any(
        text == (text[:length] * len(text))[: len(text)] for length in range(1, len(text) // 3 + 1)
    )


def _is_counted(text: str) -> bool:
    """`123456789abc…`: each character follows the one before it."""
    steps = {ord(right) - ord(left) for left, right in pairwise(text)}
    return steps in ({1}, {-1})
