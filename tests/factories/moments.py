"""Moments that tests agree on."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
"""A Monday, 22:00 in Chongqing."""
