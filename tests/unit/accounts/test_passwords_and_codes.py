"""Fit passwords, their hashes, one-time codes, and when an attempt must wait."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from tests.conftest import HASHER
from tests.factories.moments import NOW
from wellbeing.accounts.rules.passwords import (
    COMMON_PASSWORDS,
    NOBODYS_HASH,
    PasswordHoldsName,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
    check_new_password,
    hash_password,
    is_password,
)
from wellbeing.accounts.rules.people import normalised_username
from wellbeing.accounts.rules.signing_in import (
    Failures,
    is_slowed,
    matching_step,
    new_recovery_code,
    normalised_code,
)
from wellbeing.policy.model import SignInPolicy

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LIMITS = SignInPolicy(
    failures_per_account=5,
    failures_per_address=20,
    within=timedelta(minutes=15),
    slowed_for=timedelta(seconds=30),
)
STEP = int(NOW.timestamp()) // 30


@pytest.fixture(autouse=True)
def _the_products_own_hasher(monkeypatch: pytest.MonkeyPatch, real_hasher: PasswordHasher) -> None:
    monkeypatch.setattr(HASHER, real_hasher)


@pytest.mark.parametrize(
    "password",
    [
        "lantern by the river",
        "江边的灯笼照亮回家的路啊",
        "aB3$" * 2 + "xyzw",
        "q" * 6 + "wertyu",
    ],
)
def test_length_is_enough_and_composition_is_not_asked_for(password: str):
    check_new_password(password=password, username="invented")


@pytest.mark.parametrize("password", ["", "elevenchars", "灯笼灯笼灯笼灯笼灯笼灯"])
def test_eleven_characters_are_too_few(password: str):
    with pytest.raises(PasswordTooShort):
        check_new_password(password=password, username="invented")


def test_a_password_has_an_end():
    with pytest.raises(PasswordTooLong):
        check_new_password(password="lantern " * 33, username="invented")


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Password1234", "qwertyuiop123", "woaini1314520", "chongqing2026",
        "aaaaaaaaaaaa", "abcabcabcabc", "abcdefghijklm", "zyxwvutsrqponm",
        "１２３４５６７８９０１２",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_refused(password: str):
    with pytest.raises(PasswordTooCommon):
        check_new_password(password=password, username="invented")


def test_the_list_of_common_passwords_holds_only_what_is_long_enough():
    assert len(COMMON_PASSWORDS) > 100
    assert min(map(len, COMMON_PASSWORDS)) >= 12


def test_a_password_does_not_hold_the_user_name():
    with pytest.raises(PasswordHoldsName):
        check_new_password(password="River.Lantern.2026", username="lantern")


def test_a_short_name_may_be_part_of_a_password_by_chance():
    check_new_password(password="lantern by the river", username="the")


def test_a_hash_is_argon2id_and_differs_each_time():
    first, second = (hash_password(password="lantern by the river") for _ in range(2))

    assert first.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert first != second


def test_a_password_gives_its_hash_and_no_other_does():
    hashed = hash_password(password="lantern by the river")

    assert is_password(password="lantern by the river", hashed=hashed)
    assert not is_password(password="lantern by the rivers", hashed=hashed)


def test_a_password_is_the_same_in_full_width():
    hashed = hash_password(password="lantern2026river")

    assert is_password(password="lantern２０２６river", hashed=hashed)


def test_a_damaged_hash_opens_for_nobody():
    assert not is_password(password="lantern by the river", hashed="not a hash")


def test_without_a_hash_no_password_is_right():
    assert not is_password(password="lantern by the river", hashed=None)


def test_an_unknown_name_costs_the_same_work_as_a_known_one():
    hashed = hash_password(password="lantern by the river")

    assert extract_parameters(NOBODYS_HASH) == extract_parameters(hashed)
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(NOBODYS_HASH, "lantern by the river")


@pytest.mark.parametrize("step", [STEP - 1, STEP, STEP + 1])
def test_a_code_of_now_or_one_step_beside_it_fits(step: int):
    code = pyotp.TOTP(SECRET).generate_otp(step)

    assert matching_step(secret=SECRET, code=code, at=NOW, last_step=None) == step


@pytest.mark.parametrize("step", [STEP - 2, STEP + 2])
def test_a_code_two_steps_away_does_not_fit(step: int):
    code = pyotp.TOTP(SECRET).generate_otp(step)

    assert matching_step(secret=SECRET, code=code, at=NOW, last_step=None) is None


@pytest.mark.parametrize("last_step", [STEP, STEP + 1])
def test_a_step_that_was_used_or_passed_does_not_fit_again(last_step: int):
    code = pyotp.TOTP(SECRET).generate_otp(STEP)

    assert matching_step(secret=SECRET, code=code, at=NOW, last_step=last_step) is None


def test_a_code_may_be_typed_with_spaces_and_in_full_width():
    code = pyotp.TOTP(SECRET).generate_otp(STEP)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)

    assert matching_step(secret=SECRET, code=f" {wide[:3]} {wide[3:]} ", at=NOW, last_step=None)


@pytest.mark.parametrize("code", ["", "abcdef", "000000000", "١٢٣٤٥٦"])
def test_what_is_no_code_does_not_fit(code: str):
    assert matching_step(secret=SECRET, code=code, at=NOW, last_step=None) is None


def test_recovery_codes_are_long_and_hold_no_look_alikes():
    codes = {new_recovery_code() for _ in range(200)}

    assert len(codes) == 200
    assert all(len(code) == 19 and not set(code) & set("01OILSAEUY") for code in codes)


def test_a_recovery_code_is_read_however_it_was_typed():
    assert normalised_code(code=" 7kpm–23 bc:dfgh-jkmn") == "7KPM23BCDFGHJKMN"


def test_a_user_name_is_the_same_in_capitals_and_full_width():
    assert normalised_username(username=" Ｃｉｔｙ.Supervisor ") == "city.supervisor"


def test_four_failures_slow_nobody():
    assert not slowed(count=4, seconds_ago=0)


def test_after_five_failures_the_next_attempt_waits_half_a_minute():
    assert slowed(count=5, seconds_ago=29)
    assert not slowed(count=5, seconds_ago=30)


def test_a_thousand_failures_slow_down_no_longer_than_five():
    assert not slowed(count=1_000, seconds_ago=30)


def slowed(*, count: int, seconds_ago: int) -> bool:
    failures = Failures(count=count, latest=NOW - timedelta(seconds=seconds_ago))
    return is_slowed(failures=failures, allowed=5, limits=LIMITS, now=NOW)
