"""The webhook for a text that came in, and what the product's messaging document answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urljoin

from wellbeing.simulator import params, twiml
from wellbeing.simulator.orders import TextOrder
from wellbeing.simulator.records import Hook, Message
from wellbeing.simulator.switchboard import Switchboard
from wellbeing.simulator.twiml import Element, TwimlError
from wellbeing.simulator.webhooks import Delivery

_MOST_REDIRECTS = 10


class Replies:
    """Asks the product about one text: URL, then fallback; `send` takes the replies."""

    def __init__(self, *, board: Switchboard, send: Callable[[TextOrder], None]) -> None:
        self._board = board
        self._send = send

    def ask(self, *, message: Message) -> None:
        """Plan the webhook; without a text URL nobody is asked."""
        hook = self._board.lines[message.to].hooks["SmsUrl"]
        if hook is not None:
            self._plan(message, hook, {}, _MOST_REDIRECTS)

    def _plan(self, message: Message, hook: Hook, extra: Mapping[str, str], redirects: int) -> None:
        fetch = partial(self._fetch, message, hook, extra, redirects)
        lane = f"{message.sid}/documents"
        self._board.agenda.after(seconds=0.0, action=fetch, lane=lane)

    def _fetch(
        self, message: Message, hook: Hook, extra: Mapping[str, str], redirects: int
    ) -> None:
        fields = params.inbound_text_params(board=self._board, message=message)
        delivery = self._board.webhooks.send(
            url=hook.url, method=hook.method, params=fields | dict(extra)
        )
        try:
            verbs = _verbs_of(delivery)
            with self._board.lock:
                self._obey(message, delivery.url, verbs, redirects)
        except TwimlError as error:
            with self._board.lock:
                self._fail(message, delivery.url, error, is_fallback="ErrorCode" in extra)

    def _obey(self, message: Message, url: str, verbs: list[Element], redirects: int) -> None:
        for verb in verbs:
            if verb.name == "Redirect":
                if redirects == 0:
                    raise TwimlError(code=11215, detail="too many redirects")
                method = verb.attributes.get("method", "POST")
                self._plan(message, Hook(urljoin(url, verb.text), method), {}, redirects - 1)
                return
            self._send(_order_of(verb, message, url))

    def _fail(self, message: Message, url: str, error: TwimlError, *, is_fallback: bool) -> None:
        self._board.alert(code=error.code, sid=message.sid, url=url, detail=error.detail)
        fallback = self._board.lines[message.to].hooks["SmsFallbackUrl"]
        if fallback is not None and not is_fallback:
            extra = {"ErrorCode": str(error.code), "ErrorUrl": url}
            self._plan(message, fallback, extra, _MOST_REDIRECTS)


def _verbs_of(delivery: Delivery) -> list[Element]:
    if delivery.answer is None:
        raise TwimlError(code=delivery.error_code or 11200, detail="no usable answer")
    answer = delivery.answer
    return twiml.parse_text(body=answer.body, content_type=answer.content_type)


def _order_of(verb: Element, message: Message, url: str) -> TextOrder:
    bodies = [child.text for child in verb.children if child.name == "Body"]
    media = sum(child.name == "Media" for child in verb.children)
    callback = verb.attributes.get("statusCallback") or verb.attributes.get("action")
    hook = None
    if callback is not None:
        hook = Hook(urljoin(url, callback), verb.attributes.get("method", "POST"))
    return TextOrder(
        to=verb.attributes.get("to", message.from_),
        from_=verb.attributes.get("from", message.to),
        body=verb.text + "".join(bodies),
        media=media,
        status_callback=hook,
        direction="outbound-reply",
    )
