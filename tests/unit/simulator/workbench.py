"""A carrier on the workbench: frozen clock, scripted product, no socket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from wellbeing.simulator.core import Core
from wellbeing.simulator.handsets import Handset
from wellbeing.simulator.settings import Hooks, Settings
from wellbeing.simulator.webhooks import Answer, ConnectionFailed, Outgoing, ReadTimedOut

LINE = "+8602388880000"
STUDENT = "+8613900000001"
Scripted = Answer | Exception | Callable[[], Answer]


@dataclass
class Product:
    """Answers by path from a script; a list is used up one by one, its last entry stays."""

    script: dict[str, list[Scripted]] = field(default_factory=dict)
    seen: list[Outgoing] = field(default_factory=list)

    def send(self, *, request: Outgoing, connect_seconds: float, read_seconds: float) -> Answer:
        assert connect_seconds > 0
        assert read_seconds > 0
        self.seen.append(request)
        answers = self.script.get(urlsplit(request.url).path, [document("<Response/>")])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, ConnectionFailed | ReadTimedOut):
            raise answer
        assert not isinstance(answer, Exception)
        return answer if isinstance(answer, Answer) else answer()

    def answers(self, path: str, *scripted: Scripted | str) -> None:
        self.script[path] = [
            document(answer) if isinstance(answer, str) else answer for answer in scripted
        ]

    def fields(self, path: str) -> list[dict[str, str]]:
        return [
            dict(parse_qsl(request.body or urlsplit(request.url).query, keep_blank_values=True))
            for request in self.seen
            if urlsplit(request.url).path == path
        ]

    def paths(self) -> list[str]:
        return [urlsplit(request.url).path for request in self.seen]


def document(body: str, *, status: int = 200, content_type: str = "text/xml") -> Answer:
    return Answer(status, content_type, body.encode())


@dataclass
class Bench:
    """The carrier, the product it talks to, and time that moves only by `forward`."""

    settings: Settings = field(default_factory=lambda: Settings(numbers=(LINE,)))
    product: Product = field(default_factory=Product)
    moment: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.core = Core(settings=self.settings, now=lambda: self.moment, transport=self.product)

    def with_hooks(self, **changes: str) -> Bench:
        hooks: Hooks = replace(self.settings.hooks, **changes)
        return Bench(settings=replace(self.settings, hooks=hooks))

    def phone(self, number: str = STUDENT) -> Handset:
        return self.core.add_handset(number=number, label="学生小明")

    def forward(self, seconds: float) -> None:
        end = self.moment + timedelta(seconds=seconds)
        self.core.process_due()
        while (due_at := self.core.next_due_at()) is not None and due_at <= end:
            self.moment = due_at
            self.core.process_due()
        self.moment = end
