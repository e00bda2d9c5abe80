"""Pages of promises to get back: what is due, one attempt, another time."""
