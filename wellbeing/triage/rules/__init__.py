"""Decisions of triage: reading words, screeners, levels; pure."""
