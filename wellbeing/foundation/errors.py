"""The root of the errors that a door may show to a person; their kinds live in the rooms."""

from __future__ import annotations


class DomainError(Exception):
    """Something that the domain does not allow; a door shows it and nothing is lost."""

    status: int = 400
    """HTTP status that a door answers with: 400, 404, 409 or 410."""

    def __init__(self, message: str = "", **fields: object) -> None:
        super().__init__(message or (self.__doc__ or "").strip().split("\n")[0])
        self.fields = fields
        """What a page may say besides the message; ids and times, never a child's words."""


class NotFound(DomainError):
    """There is nothing here that you may open."""

    status = 404


class Conflict(DomainError):
    """Somebody else changed this in the meantime."""

    status = 409


class ConfigurationError(Exception):
    """The service is not set up well enough to start; the message names every gap."""
