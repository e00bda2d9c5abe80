"""Questions about cases, by what is asked about. Nothing is changed."""
