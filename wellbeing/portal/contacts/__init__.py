"""The contact workspace: one conversation, its triage, its record and its ending."""
