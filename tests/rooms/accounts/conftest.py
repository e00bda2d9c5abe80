"""One invented counselor of an invented municipality."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.organizations import City, make_city


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """The small city and its counselor, user name `lantern.keeper`."""

    city: City
    counselor: int


@pytest.fixture
def staff(database: Flask) -> Staff:
    city = make_city()
    return Staff(city=city, counselor=make_counselor(username="lantern.keeper"))
