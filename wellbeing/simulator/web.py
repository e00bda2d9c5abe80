"""The core behind the present request."""

from __future__ import annotations

from typing import cast

from flask import current_app

from wellbeing.simulator.core import Core

EXTENSION = "simulator_core"


def core() -> Core:
    """Give the core of the application that answers this request."""
    return cast("Core", current_app.extensions[EXTENSION])
