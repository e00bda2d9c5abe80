"""The blueprint of follow-ups. Its routes live beside it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("followups", __name__)
