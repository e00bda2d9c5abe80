"""Words and decisions of contacts: conversations, calls. Pure."""
