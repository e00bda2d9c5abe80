"""Who reached us and what was said: callers, contacts, messages, drafts."""
