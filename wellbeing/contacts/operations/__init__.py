"""What is done with contacts: conversations, calls."""
