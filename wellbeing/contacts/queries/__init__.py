"""Questions to the contacts: conversations, calls. Nothing is changed here."""
