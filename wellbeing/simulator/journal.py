"""Everything said between carrier and product, both ways, in memory and as JSON lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

Direction = Literal["in", "out"]
_SECRET_HEADERS = frozenset({"authorization"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its answer; status None means that no answer came."""

    time: str
    direction: Direction
    method: str
    url: str
    headers: dict[str, str]
    body: str
    status: int | None
    answer: str


class Journal:
    """Keeps entries in the order they were completed; direction "in" is product to carrier."""

    def __init__(self, *, path: Path | None) -> None:
        self._path = path
        self._entries: list[Entry] = []
        self._guard = threading.Lock()

    def record(
        self,
        *,
        at: datetime,
        direction: Direction,
        request: tuple[str, str, Mapping[str, str], str],
        status: int | None,
        answer: str,
    ) -> None:
        """Keep one exchange, without credentials; `request` is method, URL, headers, body."""
        method, url, headers, body = request
        kept = {k: "(kept out)" if k.lower() in _SECRET_HEADERS else v for k, v in headers.items()}
        entry = Entry(at.isoformat(), direction, method, url, kept, body, status, answer)
        with self._guard:
            self._entries.append(entry)
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")

    def entries(self) -> list[Entry]:
        """Give a copy of all that was kept since the last reset."""
        with self._guard:
            return list(self._entries)

    def clear(self) -> None:
        """Forget what is in memory; the file keeps its lines."""
        with self._guard:
            self._entries.clear()
