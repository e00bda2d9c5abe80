"""A small city whose desks are to be staffed."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.organizations import City, make_city


@pytest.fixture
def city(database: Flask) -> City:
    return make_city()
