"""The ground floor's policy: what a municipality decides in TOML, as frozen dataclasses."""
