"""Facts told upward: a lower room publishes, the table in `reactions` says who moves.

Handlers run at once, in the publisher's transaction; nothing is swallowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wellbeing.foundation.errors import ConfigurationError

Handler = Callable[[Any], None]
Reactions = Mapping[type, Sequence[Handler]]


class _Table:
    reactions: Reactions | None = None


def install(*, reactions: Reactions) -> None:
    """Hand over the one table of reactions; `app.py` calls this and nobody else."""
    _Table.reactions = reactions


def publish(event: object) -> None:
    """Run every reaction to a fact that has just been written.

    Raises:
        ConfigurationError: no table is installed, or it does not list this kind of event.

    """
    if _Table.reactions is None:
        raise ConfigurationError("no table of reactions is installed")
    if type(event) not in _Table.reactions:
        raise ConfigurationError(f"{type(event).__name__} is missing in reactions/table.py")
    for handle in _Table.reactions[type(event)]:
        handle(event)
