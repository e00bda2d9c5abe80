"""Pages of a desk that is asked for help: what waits, one escalation, the answers to it."""
