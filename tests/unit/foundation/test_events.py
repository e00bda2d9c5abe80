from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from wellbeing.foundation import events
from wellbeing.foundation.errors import ConfigurationError
from wellbeing.reactions.table import REACTIONS


@dataclass(frozen=True)
class Rang:
    bell: int


@pytest.fixture(autouse=True)
def _table_of_the_house() -> Iterator[None]:
    yield
    events.install(reactions=REACTIONS)


def test_handlers_run_at_once_and_in_order():
    heard: list[str] = []
    events.install(
        reactions={Rang: (lambda e: heard.append(f"a{e.bell}"), lambda e: heard.append("b"))}
    )

    events.publish(Rang(bell=1))

    assert heard == ["a1", "b"]


def test_what_a_handler_raises_reaches_the_publisher():
    def fails(event: Rang) -> None:
        raise ValueError(event.bell)

    events.install(reactions={Rang: (fails,)})

    with pytest.raises(ValueError, match="7"):
        events.publish(Rang(bell=7))


def test_an_event_that_nobody_listed_is_a_mistake():
    events.install(reactions={})

    with pytest.raises(ConfigurationError, match="Rang"):
        events.publish(Rang(bell=1))
