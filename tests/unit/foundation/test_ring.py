from __future__ import annotations

import base64

import pytest

from wellbeing.foundation.crypto import ring
from wellbeing.foundation.errors import ConfigurationError

ONE = base64.b64encode(b"1" * 32).decode()
TWO = base64.b64encode(b"2" * 32).decode()


def test_a_new_master_still_opens_what_the_old_one_wrapped():
    name, wrapped = ring.parse(masters=f"old={ONE}", index_key=ONE).wrap(
        data_key=b"k" * 32, context=b"c"
    )
    rotated = ring.parse(masters=f"new={TWO},old={ONE}", index_key=ONE)

    assert rotated.unwrap(name=name, wrapped=wrapped, context=b"c") == b"k" * 32
    assert rotated.current_name == "new"


def test_a_wrapped_key_does_not_open_in_another_context():
    keys = ring.parse(masters=f"a={ONE}", index_key=ONE)
    name, wrapped = keys.wrap(data_key=b"k" * 32, context=b"mine")

    with pytest.raises(ring.Unreadable):
        keys.unwrap(name=name, wrapped=wrapped, context=b"yours")


def test_a_missing_master_is_named_as_such():
    name, wrapped = ring.parse(masters=f"a={ONE}", index_key=ONE).wrap(
        data_key=b"k" * 32, context=b""
    )

    with pytest.raises(ring.Unreadable, match="missing"):
        ring.parse(masters=f"b={TWO}", index_key=ONE).unwrap(
            name=name, wrapped=wrapped, context=b""
        )


@pytest.mark.parametrize("masters", ["", "a", "a=%%%", "a=c2hvcnQ="])
def test_a_bad_ring_is_refused_at_the_start(masters: str):
    with pytest.raises(ConfigurationError):
        ring.parse(masters=masters, index_key=ONE)


def test_a_blind_index_differs_by_purpose_and_value():
    keys = ring.parse(masters=f"a={ONE}", index_key=TWO)

    found = {
        keys.blind_index(purpose=purpose, value=value)
        for purpose in ("phone", "name")
        for value in ("+8613900000001", "+8613900000002")
    }

    assert len(found) == 4
