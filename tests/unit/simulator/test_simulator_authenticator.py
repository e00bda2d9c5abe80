"""The codes on the phones are those of RFC 6238, by real time."""

from __future__ import annotations

from binascii import Error as NotBase32
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.simulator.workbench import STUDENT, Bench
from wellbeing.simulator.app import create_simulator
from wellbeing.simulator.authenticator import Authenticator
from wellbeing.simulator.settings import Phone, Settings

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The key of RFC 6238, appendix B, "12345678901234567890", in base32."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STAFF = "+8613900000103"


@pytest.mark.parametrize(
    ("seconds", "code", "left"),
    [(59, "287082", 1), (1111111109, "081804", 1), (1111111111, "050471", 29), (30, "287082", 30)],
)
def test_the_code_is_that_of_the_standard(seconds: int, code: str, left: int):
    authenticator = Authenticator(SECRET)
    at = EPOCH + timedelta(seconds=seconds)

    assert (authenticator.code(at=at), authenticator.seconds_left(at=at)) == (code, left)


def test_a_phone_shows_its_code_by_real_time_whatever_the_clock_of_the_demonstration_says():
    phones = (Phone(STUDENT, "小树"), Phone(STAFF, "丙咨询员", SECRET))
    app = create_simulator(
        Settings(phones=phones),
        now=lambda: EPOCH + timedelta(days=20_000),
        real_now=lambda: EPOCH + timedelta(seconds=59),
    )

    inbox = app.test_client().get(f"/handsets/{STAFF}/inbox").json
    listed = app.test_client().get("/handsets").json["handsets"]

    assert (inbox["code"], inbox["code_seconds_left"]) == ("287082", 1)
    assert [phone["code"] for phone in listed] == [None, "287082"]


def test_a_secret_that_is_no_base32_is_refused_when_the_phone_is_put_down(bench: Bench):
    with pytest.raises(NotBase32):
        bench.core.add_handset(number=STAFF, label="丙咨询员", authenticator="not base 32!")


def test_a_new_label_does_not_take_the_authenticator_off_a_phone(bench: Bench):
    bench.core.add_handset(number=STAFF, label="丙咨询员", authenticator=SECRET)

    phone = bench.core.add_handset(number=STAFF, label="丁咨询员")

    assert phone.authenticator == Authenticator(SECRET)
