"""Runs TwiML in a call: fetch a document, go through its verbs, fall back when it is no good.

What a single verb does is in `verbs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urljoin

from wellbeing.simulator import desks, params, twiml
from wellbeing.simulator.lifecycle import Lifecycle
from wellbeing.simulator.records import Call, CallStatus, Hook
from wellbeing.simulator.switchboard import Switchboard
from wellbeing.simulator.twiml import Element, TwimlError
from wellbeing.simulator.webhooks import Delivery

APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."
_MOST_FETCHES = 100


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb does; it returns the seconds until the next verb, or None if it took over."""

    run: Callable[[Stage, Call, Element], float | None]
    answers: bool = True


class Stage:
    """The player of documents; all methods but the fetch itself are called under the lock."""

    def __init__(
        self, *, board: Switchboard, lifecycle: Lifecycle, verbs: Mapping[str, Verb]
    ) -> None:
        self.board = board
        self.lifecycle = lifecycle
        self._verbs = verbs

    def fetch(self, *, call: Call, hook: Hook, extra: Mapping[str, str] | None = None) -> None:
        """Leave the present document and ask for another one."""
        self._interrupt(call)
        call.run.fetches += 1
        if call.run.fetches > _MOST_FETCHES:
            error = TwimlError(code=11215, detail="documents follow each other without end")
            self.fail(call=call, url=hook.url, error=error, final=True)
            return
        action = partial(self._fetch, call, call.run.epoch, hook, dict(extra or {}))
        self.board.agenda.after(seconds=0.0, action=action)

    def play_inline(self, *, call: Call, document: str) -> None:
        """Run a document that came with a REST request instead of a URL."""
        self._interrupt(call)
        try:
            verbs = twiml.parse_voice(body=document.encode(), content_type="text/xml")
        except TwimlError as error:
            self.fail(call=call, url="", error=error)
        else:
            self._load(call, None, verbs)

    def advance(self, *, call: Call) -> None:
        """Go on with the next verbs until one takes time or takes over; the end hangs up."""
        while not call.is_over:
            if not call.run.verbs:
                self.lifecycle.ended(call=call, status=CallStatus.COMPLETED)
                return
            element = call.run.verbs.pop(0)
            verb = self._verbs[element.name]
            if verb.answers:
                self.lifecycle.answered(call=call)
            try:
                seconds = verb.run(self, call, element)
            except TwimlError as error:
                self.fail(call=call, url=call.run.document_url or "", error=error)
                return
            if seconds is None:
                return
            if seconds > 0:
                self.later(call=call, seconds=seconds, action=self._go_on)
                return

    def later(self, *, call: Call, seconds: float, action: Callable[[Call], None]) -> None:
        """Plan something in this call that is dropped if the call moves on before."""
        epoch = call.run.epoch
        if seconds > 0:
            call.run.fetches = 0

        def run() -> None:
            with self.board.lock:
                if self._is_fresh(call, epoch):
                    action(call)

        self.board.agenda.after(seconds=seconds, action=run)

    def resolve(self, *, call: Call, url: str) -> str:
        """Make a URL of the document absolute.

        Raises:
            TwimlError: 11100, it is relative and the document came without a URL.

        """
        target = urljoin(call.run.document_url or "", url)
        if not target.startswith(("http://", "https://")):
            raise TwimlError(code=11100, detail="relative URL in a document without a URL")
        return target

    def fail(self, *, call: Call, url: str, error: TwimlError, final: bool = False) -> None:
        """Write the error down; call the fallback URL, or let the caller hear of it and end."""
        self.board.alert(code=error.code, sid=call.sid, url=url, detail=error.detail)
        if call.fallback is not None and not final:
            extra = {"ErrorCode": str(error.code), "ErrorUrl": url}
            self.fetch(call=call, hook=call.fallback, extra=extra)
            return
        self.lifecycle.answered(call=call)
        desks.hears(
            board=self.board, call=call, text=APPLICATION_ERROR, language="en-US", kind="say"
        )
        self.lifecycle.ended(call=call, status=CallStatus.COMPLETED)

    def _go_on(self, call: Call) -> None:
        self.advance(call=call)

    def _interrupt(self, call: Call) -> None:
        call.run.epoch += 1
        call.run.listening = None
        call.run.verbs = []

    def _is_fresh(self, call: Call, epoch: int) -> bool:
        return call.run.epoch == epoch and not call.is_over

    def _fetch(self, call: Call, epoch: int, hook: Hook, extra: Mapping[str, str]) -> None:
        with self.board.lock:
            if not self._is_fresh(call, epoch):
                return
            fields = params.voice_params(board=self.board, call=call) | dict(extra)
        delivery = self.board.webhooks.send(url=hook.url, method=hook.method, params=fields)
        with self.board.lock:
            if not self._is_fresh(call, epoch):
                return
            try:
                verbs = _verbs_of(delivery)
            except TwimlError as error:
                final = "ErrorCode" in extra
                self.fail(call=call, url=delivery.url, error=error, final=final)
            else:
                self._load(call, Hook(delivery.url, hook.method), verbs)

    def _load(self, call: Call, hook: Hook | None, verbs: list[Element]) -> None:
        call.run.document_url = hook.url if hook is not None else None
        call.run.method = hook.method if hook is not None else "POST"
        call.run.verbs = verbs
        self.advance(call=call)


def _verbs_of(delivery: Delivery) -> list[Element]:
    if delivery.answer is None:
        raise TwimlError(code=delivery.error_code or 11200, detail="no usable answer")
    answer = delivery.answer
    return twiml.parse_voice(body=answer.body, content_type=answer.content_type)
