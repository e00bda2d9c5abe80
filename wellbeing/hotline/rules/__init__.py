"""Decisions of the line: texts and keywords, ringing. Pure."""
