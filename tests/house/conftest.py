"""One served gallery for the house's browser tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.house import gallery


@pytest.fixture(scope="module")
def gallery_url() -> Iterator[str]:
    """Give the address of the served gallery."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with gallery.serve(gallery.make_gallery()) as url:
        yield url
