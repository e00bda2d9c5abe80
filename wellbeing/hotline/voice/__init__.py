"""What a call hears and does, from the greeting to its end."""
