"""Questions across rooms: what waits on whom, and which promises nobody keeps. Nothing changes."""

from __future__ import annotations

from wellbeing.worklists.queries.lists import my_work, wall, wall_version

__all__ = ["my_work", "wall", "wall_version"]
