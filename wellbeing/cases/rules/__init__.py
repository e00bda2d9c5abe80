"""What is decided about cases, by subject. Pure."""
