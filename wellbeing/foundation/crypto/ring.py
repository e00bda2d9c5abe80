"""The key ring: master keys that wrap data keys, and the key of the blind index. No table here."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wellbeing.foundation.errors import ConfigurationError

KEY_BYTES = 32
NONCE_BYTES = 12


class Unreadable(RuntimeError):
    """A ciphertext does not open: wrong place, wrong key, erased key or damaged bytes."""


class Erased(Unreadable):
    """The data key was destroyed on purpose: what it sealed is gone for good."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Master keys by name, the first one current, and the key of the blind index."""

    masters: dict[str, bytes]
    index_key: bytes

    @property
    def current_name(self) -> str:
        """Name the master key that wraps new data keys."""
        return next(iter(self.masters))

    def wrap(self, *, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        """Wrap a data key under the current master; `context` is bound to it."""
        nonce = os.urandom(NONCE_BYTES)
        name = self.current_name
        return name, nonce + AESGCM(self.masters[name]).encrypt(nonce, data_key, context)

    def unwrap(self, *, name: str, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap a data key.

        Raises:
            Unreadable: the master is not on the ring, or the bytes were changed.

        """
        if name not in self.masters:
            raise Unreadable("a master key is missing on the ring")
        try:
            return AESGCM(self.masters[name]).decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context
            )
        except InvalidTag as error:
            raise Unreadable("a wrapped key does not open") from error

    def blind_index(self, *, purpose: str, value: str) -> bytes:
        """Give 32 bytes by which an encrypted value is found again, never read."""
        return hmac.new(self.index_key, f"{purpose}\0{value}".encode(), hashlib.sha256).digest()


def parse(*, masters: str, index_key: str) -> KeyRing:
    """Read `name=base64,name=base64` (32 bytes each, current first) and the index key.

    Raises:
        ConfigurationError: a key is missing, not base64, or not 32 bytes.

    """
    ring: dict[str, bytes] = {}
    for entry in filter(None, (part.strip() for part in masters.split(","))):
        name, separator, encoded = entry.partition("=")
        if not separator:
            raise ConfigurationError("KEY_RING entries look like name=base64")
        ring[name] = _decoded(encoded, what=f"KEY_RING key {name}")
    if not ring:
        raise ConfigurationError("KEY_RING holds no key")
    return KeyRing(masters=ring, index_key=_decoded(index_key, what="INDEX_KEY"))


def _decoded(encoded: str, *, what: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ConfigurationError(f"{what} is not base64") from error
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"{what} must have {KEY_BYTES} bytes")
    return key


class _Installed:
    ring: KeyRing | None = None


def install(*, ring: KeyRing) -> None:
    """Make a ring the current one of this process."""
    _Installed.ring = ring


def current() -> KeyRing:
    """Give the current ring.

    Raises:
        ConfigurationError: none is installed.

    """
    if _Installed.ring is None:
        raise ConfigurationError("no key ring is installed")
    return _Installed.ring


def blind_index(*, purpose: str, value: str) -> bytes:
    """Give the blind index of a value under the current ring."""
    return current().blind_index(purpose=purpose, value=value)
