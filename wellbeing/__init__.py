"""Growing Toward the Light: the software of a city's student well-being line."""
