"""Questions to the room of accounts, by subject."""
