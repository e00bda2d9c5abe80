"""Every route of access, so that the application needs to know one name."""

from __future__ import annotations

from wellbeing.portal.grants import asking, deciding
from wellbeing.portal.grants.blueprint import blueprint

__all__ = ["asking", "blueprint", "deciding"]
