"""Decisions of escalation and paging: words, the chain of receivers, who is rung next. Pure."""
