"""Carries the outbox to the carrier; the only place of the rooms that opens transactions."""
