"""The concern being followed: case, notes, level, owner, holds, duties, timeline."""
