"""All routes of calls on one blueprint; importing this module completes it."""

from __future__ import annotations

from wellbeing.portal.calls import phone, talking, voicemail
from wellbeing.portal.calls.blueprint import blueprint

__all__ = ["blueprint", "phone", "talking", "voicemail"]
