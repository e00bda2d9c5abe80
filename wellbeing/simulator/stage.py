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
from wellbeing.simulator.records import After, Call, CallStatus, Hook, Parting, Scene
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
        self.interrupt(call=call)
        call.run.fetches += 1
        if call.run.fetches > _MOST_FETCHES:
            error = TwimlError(code=11215, detail="documents follow each other without end")
            self.fail(call=call, url=hook.url, error=error, final=True)
            return
        action = partial(self._fetch, call, call.run.epoch, hook, dict(extra or {}))
        self.board.agenda.after(seconds=0.0, action=action, lane=_lane(call))

    def play_inline(self, *, call: Call, document: str) -> None:
        """Run a document that came with a REST request instead of a URL."""
        self.interrupt(call=call)
        try:
            verbs = twiml.parse_voice(body=document.encode(), content_type="text/xml")
        except TwimlError as error:
            self.fail(call=call, url="", error=error)
        else:
            self._load(call, None, verbs)

    def lead_away(self, *, call: Call) -> None:
        """Take the call out of whatever it is in, because REST gives it another document."""
        self.interrupt(call=call)
        call.run.scene = None
        self.lifecycle.part(call=call, how=Parting.REDIRECTED)
        desks.changed(board=self.board, call=call)

    def interrupt(self, *, call: Call) -> None:
        """Stop what the call is saying or waiting for; what was planned for it is stale."""
        call.run.epoch += 1
        call.run.listening = None
        call.run.verbs = []

    def after(self, *, call: Call, element: Element) -> After:
        """Note where the call will go on when this verb is done with it.

        Raises:
            TwimlError: 11100, the verb's action is relative and the document came without a URL.

        """
        run = call.run
        return After(
            self.hook(call=call, element=element), run.document_url, run.method, tuple(run.verbs)
        )

    def hook(
        self, *, call: Call, element: Element, url: str = "action", method: str = "method"
    ) -> Hook | None:
        """Read a URL and its method from two attributes; None if there is no URL.

        Raises:
            TwimlError: 11100, it is relative and the document came without a URL.

        """
        given = element.attributes.get(url)
        if not given:
            return None
        target = self.resolve(call=call, url=given)
        return Hook(target, element.attributes.get(method, "POST"))

    def go_on(self, *, call: Call, after: After, fields: Mapping[str, str]) -> None:
        """Leave what took the call over: ask the verb's action, or go to the next verb."""
        self.interrupt(call=call)
        call.run.scene = None
        call.run.engagement = None
        if after.action is not None:
            self.fetch(call=call, hook=after.action, extra=fields)
            return
        call.run.document_url, call.run.method = after.document_url, after.method
        call.run.verbs = list(after.verbs)
        self.later(call=call, seconds=0.0, action=self._go_on)

    def tell(self, *, call: Call, after: After, fields: Mapping[str, str]) -> None:
        """Tell the verb's action how it ended although the call no longer runs its answer."""
        if after.action is None:
            return
        known = params.voice_params(board=self.board, call=call) | dict(fields)
        send = partial(self._tell, call.sid, after.action, known)
        self.board.agenda.after(seconds=0.0, action=send, lane=_lane(call))

    def advance(self, *, call: Call) -> None:
        """Go on with the next verbs until one takes time or takes over; the end hangs up."""
        while not call.is_over:
            if not call.run.verbs:
                self._end(call)
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
        scene = call.run.scene
        if scene is not None and scene.on_error is not None:
            scene.on_error(call)
            return
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

    def _end(self, call: Call) -> None:
        if call.run.scene is not None:
            call.run.scene.at_end(call)
        else:
            self.lifecycle.ended(call=call, status=CallStatus.COMPLETED)

    def _tell(self, sid: str, hook: Hook, fields: Mapping[str, str]) -> None:
        delivery = self.board.webhooks.send(url=hook.url, method=hook.method, params=fields)
        if delivery.error_code is not None:
            with self.board.lock:
                self.board.alert(code=delivery.error_code, sid=sid, url=delivery.url)

    def _is_fresh(self, call: Call, epoch: int) -> bool:
        return call.run.epoch == epoch and not call.is_over

    def _fetch(self, call: Call, epoch: int, hook: Hook, extra: Mapping[str, str]) -> None:
        with self.board.lock:
            if not self._is_fresh(call, epoch):
                return
            scene = call.run.scene
            inside = scene.fields(call) if scene is not None and scene.fields is not None else {}
            known = params.voice_params(board=self.board, call=call)
            fields = known | dict(inside) | dict(extra)
        delivery = self.board.webhooks.send(url=hook.url, method=hook.method, params=fields)
        with self.board.lock:
            if not self._is_fresh(call, epoch):
                return
            try:
                verbs = _verbs_of(delivery, scene)
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


def _lane(call: Call) -> str:
    """Name the lane of a call's documents; its status callbacks have one of their own."""
    return f"{call.sid}/documents"


def _verbs_of(delivery: Delivery, scene: Scene | None) -> list[Element]:
    if delivery.answer is None:
        raise TwimlError(code=delivery.error_code or 11200, detail="no usable answer")
    answer = delivery.answer
    if scene is None:
        return twiml.parse_voice(body=answer.body, content_type=answer.content_type)
    return twiml.parse_voice(
        body=answer.body,
        content_type=answer.content_type,
        allowed=scene.allowed,
        refusal=scene.refusal,
    )
