"""Numbers in an address: ids as the database can have them. Anybody can type any other."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.routing import IntegerConverter, Map, ValidationError

LARGEST_ID = 2**63 - 1
"""Ids have 64 bits; a database refuses larger numbers with an error instead of finding nothing."""


class IdConverter(IntegerConverter):
    """The `<int:…>` of a route: a number that cannot be an id is no address."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - the router names it so
        super().__init__(map, max=LARGEST_ID)

    def to_python(self, value: str) -> int:
        """Read the digits, but not thousands of them.

        Raises:
            ValidationError: no id is so large.

        """
        if len(value) > len(str(LARGEST_ID)):
            raise ValidationError
        return int(super().to_python(value))


def init_app(app: Flask) -> None:
    """Let every route that is registered from now on read its numbers so."""
    app.url_map.converters["int"] = IdConverter


def asked_id(name: str) -> int | None:
    """Give the id that stands in the query of the address; anything odd is None."""
    given = request.args.get(name, "")
    is_number = given.isascii() and given.isdigit() and len(given) <= len(str(LARGEST_ID))
    return int(given) if is_number and int(given) <= LARGEST_ID else None
