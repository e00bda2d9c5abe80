"""Sealed text: AES-256-GCM under a data key of its contact or case, bound to table and column.

Erasing one data key erases everything that was sealed under it; nothing is erased row by row.
"""

from __future__ import annotations

import os
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from threading import Lock
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, String, Table, Uuid, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.crypto import ring
from wellbeing.foundation.crypto.ring import KEY_BYTES, NONCE_BYTES, Erased, Unreadable
from wellbeing.foundation.database import Model, session

VERSION = b"\x01"
HEADER_BYTES = 1 + 16 + NONCE_BYTES
CACHE_KEYS = 10_000
CACHE_SECONDS = 60.0
"""How long another process may still read under a key that was erased here."""


class DataKey(Model):
    """One wrapped key; its contact, case or person names it by id."""

    __tablename__ = "data_key"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    master: Mapped[str] = mapped_column(String(40))
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


_TABLE = cast("Table", DataKey.__table__)


class _Cache:
    """Unwrapped keys of this process, oldest out first, each for a minute."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._keys: OrderedDict[uuid.UUID, tuple[float, bytes]] = OrderedDict()

    def get(self, key_id: uuid.UUID) -> bytes | None:
        with self._lock:
            found = self._keys.get(key_id)
            if found is None or found[0] < time.monotonic():
                return None
            return found[1]

    def put(self, key_id: uuid.UUID, key: bytes) -> None:
        with self._lock:
            self._keys[key_id] = (time.monotonic() + CACHE_SECONDS, key)
            while len(self._keys) > CACHE_KEYS:
                self._keys.popitem(last=False)

    def drop(self, key_id: uuid.UUID) -> None:
        with self._lock:
            self._keys.pop(key_id, None)


_cache = _Cache()


def create_data_key(*, now: datetime) -> uuid.UUID:
    """Make and store a fresh data key; give its id."""
    return create_data_keys(count=1, now=now)[0]


def create_data_keys(*, count: int, now: datetime) -> tuple[uuid.UUID, ...]:
    """Make and store fresh data keys in one trip to the database; give their ids."""
    made = {uuid.uuid4(): os.urandom(KEY_BYTES) for _ in range(count)}
    rows = []
    for key_id, key in made.items():
        master, wrapped = ring.current().wrap(data_key=key, context=key_id.bytes)
        rows.append({"id": key_id, "master": master, "wrapped": wrapped, "created_at": now})
    # Values beside the statement, not in it: this runs for each new conversation.
    session().execute(insert(_TABLE), rows)
    for key_id, key in made.items():
        _cache.put(key_id, key)
    return tuple(made)


def erase_data_key(*, key_id: uuid.UUID, now: datetime) -> None:
    """Destroy a data key: whatever was sealed under it can never be read again."""
    row = session().get_one(DataKey, key_id)
    row.wrapped, row.erased_at = None, now
    session().flush()
    _cache.drop(key_id)


def seal(text: str, *, key_id: uuid.UUID, place: str) -> bytes:
    """Encrypt text for one place, written `table.column`.

    Raises:
        Unreadable: the data key is unknown or erased.

    """
    return seal_bytes(text.encode(), key_id=key_id, place=place)


def seal_bytes(clear: bytes, *, key_id: uuid.UUID, place: str) -> bytes:
    """Encrypt a recording or a document for one place, as `seal` does with text.

    Raises:
        Unreadable: the data key is unknown or erased.

    """
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = AESGCM(_key(key_id)).encrypt(nonce, clear, _context(place, key_id))
    return VERSION + key_id.bytes + nonce + ciphertext


def open_sealed(sealed: bytes, *, place: str) -> str:
    """Decrypt what `seal` made for the same place.

    Raises:
        Unreadable: it was made for another place, was changed, or its key is erased.

    """
    return open_bytes(sealed, place=place).decode()


def open_bytes(sealed: bytes, *, place: str) -> bytes:
    """Decrypt what `seal_bytes` made for the same place.

    Raises:
        Unreadable: as for text.

    """
    if sealed[:1] != VERSION or len(sealed) < HEADER_BYTES:
        raise Unreadable("these bytes are not sealed text")
    key_id = uuid.UUID(bytes=sealed[1:17])
    try:
        return AESGCM(_key(key_id)).decrypt(
            sealed[17:HEADER_BYTES], sealed[HEADER_BYTES:], _context(place, key_id)
        )
    except InvalidTag as error:
        raise Unreadable("a sealed text does not open at this place") from error


def open_what_is_kept(sealed: bytes | None, *, place: str) -> str:
    """Decrypt words of a record that may have been erased since; those are empty then.

    Raises:
        Unreadable: it was made for another place, was changed, or its key is unknown.

    """
    try:
        return open_sealed(sealed, place=place) if sealed else ""
    except Erased:
        return ""


def prefetch(*, key_ids: Iterable[uuid.UUID]) -> None:
    """Unwrap many data keys with one query, before a list is opened row by row."""
    wanted = {key_id for key_id in key_ids if _cache.get(key_id) is None}
    if wanted:
        for row in session().scalars(select(DataKey).where(DataKey.id.in_(wanted))):
            if row.wrapped is not None:
                _unwrapped(row)


def _context(place: str, key_id: uuid.UUID) -> bytes:
    return place.encode() + b"\0" + key_id.bytes


def _key(key_id: uuid.UUID) -> bytes:
    found = _cache.get(key_id)
    if found is not None:
        return found
    row = session().get(DataKey, key_id)
    if row is None:
        raise Unreadable("the data key is unknown")
    return _unwrapped(row)


def _unwrapped(row: DataKey) -> bytes:
    if row.wrapped is None:
        raise Erased("the data key is erased")
    key = ring.current().unwrap(name=row.master, wrapped=row.wrapped, context=row.id.bytes)
    _cache.put(row.id, key)
    return key
