"""Lists of the REST API: date filters and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.resources import Json

_USUAL_SIZE = 50
_LARGEST_SIZE = 1000
_DAY_LENGTH = len("2026-01-01")


def is_in_window(*, at: datetime | None, name: str, query: Mapping[str, str]) -> bool:
    """Tell whether `at` fits the filters `name`, `name<` and `name>`, which include their bound.

    Raises:
        RestError: 20001, a date cannot be read.

    """
    for suffix in ("", "<", ">"):
        value = query.get(name + suffix)
        if not value:
            continue
        start, end = _span(value, name)
        if at is None or (suffix != "<" and at < start) or (suffix != ">" and at >= end):
            return False
    return True


def page_of(*, rows: Sequence[Json], key: str, path: str, query: Mapping[str, str]) -> Json:
    """Cut the asked page out of `rows` and give it with Twilio's paging keys."""
    size = max(1, min(_number(query, "PageSize", _USUAL_SIZE), _LARGEST_SIZE))
    page = max(0, _number(query, "Page", 0))
    start = page * size
    chosen = list(rows[start : start + size])
    has_more = start + size < len(rows)
    return {
        key: chosen,
        "page": page,
        "page_size": size,
        "start": start,
        "end": start + max(0, len(chosen) - 1),
        "uri": _uri(path, query, page, size),
        "first_page_uri": _uri(path, query, 0, size),
        "next_page_uri": _uri(path, query, page + 1, size) if has_more else None,
        "previous_page_uri": _uri(path, query, page - 1, size) if page else None,
    }


def _span(value: str, name: str) -> tuple[datetime, datetime]:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise RestError(code=20001, what=name) from error
    start = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    is_day = len(value) == _DAY_LENGTH
    return start, start + (timedelta(days=1) if is_day else timedelta(seconds=1))


def _number(query: Mapping[str, str], name: str, usual: int) -> int:
    value = query.get(name, "")
    if not value:
        return usual
    if not (value.isascii() and value.isdigit()):
        raise RestError(code=20001, what=name)
    return int(value)


def _uri(path: str, query: Mapping[str, str], page: int, size: int) -> str:
    kept = {k: v for k, v in query.items() if k not in {"Page", "PageSize", "PageToken"}}
    return f"{path}?{urlencode(kept | {'PageSize': str(size), 'Page': str(page)})}"
