"""The real service: everything as in default.py, secrets from the environment."""
