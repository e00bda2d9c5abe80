"""The append-only chain of who saw or changed what."""
