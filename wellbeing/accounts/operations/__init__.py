"""What the room of accounts does, by subject."""
