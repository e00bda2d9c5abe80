"""Encryption of single fields: the key ring, data keys, sealed text and the blind index."""
