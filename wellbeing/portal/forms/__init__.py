"""Forms of the portal: what people type, checked and turned into the rooms' frozen dataclasses."""
