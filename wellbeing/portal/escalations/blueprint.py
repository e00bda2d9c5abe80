"""The blueprint of escalations. Its routes live beside it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("escalations", __name__)
