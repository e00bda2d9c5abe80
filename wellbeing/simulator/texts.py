"""Texts in both directions: the status walk out, the signed webhook and its answer in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from wellbeing.simulator import desks, params, pictures
from wellbeing.simulator.callbacks import Callbacks, Notice
from wellbeing.simulator.catalogue import RestError, new_sid
from wellbeing.simulator.faults import TEXT_FAULTS, FaultKind
from wellbeing.simulator.keywords import Keyword, keyword_of, reply_to
from wellbeing.simulator.orders import TextOrder
from wellbeing.simulator.pictures import Attachment
from wellbeing.simulator.records import MESSAGE_MOVES, Hook, Message, MessageStatus
from wellbeing.simulator.replies import Replies
from wellbeing.simulator.segments import count_segments
from wellbeing.simulator.switchboard import Switchboard

MAX_BODY = 1600
_TO_SENDING = 0.2
_TO_SENT = 0.3
_TO_DELIVERED = 0.5
_IN_FLIGHT = frozenset({MessageStatus.QUEUED, MessageStatus.SENDING})


class Texts:
    """The text half of the carrier."""

    def __init__(self, *, board: Switchboard, callbacks: Callbacks) -> None:
        self._board = board
        self._callbacks = callbacks
        self._replies = Replies(board=board, send=self._reply)

    def submit(self, *, order: TextOrder) -> Message:
        """Accept a text and start its walk queued, sending, sent, delivered.

        Raises:
            RestError: 21617 too long, 21610 the recipient opted out, 21211 by an ordered fault.

        """
        board = self._board
        if len(order.body) > MAX_BODY:
            raise RestError(code=21617)
        with board.lock:
            self._check_recipient(order)
            scheduled = order.send_at is not None
            status = MessageStatus.SCHEDULED if scheduled else MessageStatus.QUEUED
            message = self._file(order, status)
            if order.send_at is not None:
                board.agenda.at(when=order.send_at, action=partial(self._release, message))
            else:
                board.agenda.after(seconds=_TO_SENDING, action=partial(self._sending, message))
            return message

    def receive(
        self, *, from_: str, to: str, body: str, attachments: Sequence[Attachment] = ()
    ) -> Message:
        """Take a text from a phone: keywords first as Twilio does, and the webhook in any case."""
        board = self._board
        with board.lock:
            order = TextOrder(
                to=to, from_=from_, body=body, media=len(attachments), direction="inbound"
            )
            message = self._file(order, MessageStatus.RECEIVED)
            board.media |= pictures.filed(
                attachments=attachments, message_sid=message.sid, at=message.created_at
            )
            message.sent_at = message.created_at
            desks.shows(board=board, message=message)
            if to in board.settings.numbers:
                self._replies.ask(message=message)
                self._obey_keyword(message)
            return message

    def update(self, *, sid: str, body: str | None, status: str | None) -> Message:
        """Redact a finished text (`body` empty) or cancel one that has not left.

        Raises:
            RestError: 20404 unknown, 20009 not finished, 30409 not cancelable, 20001 otherwise.

        """
        with self._board.lock:
            message = self.find(sid=sid)
            if status is not None:
                if status != "canceled":
                    raise RestError(code=20001, what="Status")
                if MessageStatus.CANCELED not in MESSAGE_MOVES[message.status]:
                    raise RestError(code=30409)
                self._move(message, MessageStatus.CANCELED)
            if body is not None:
                self._redact(message, body)
            return message

    def delete(self, *, sid: str) -> None:
        """Forget a finished text.

        Raises:
            RestError: 20404 unknown, 20009 still under way.

        """
        with self._board.lock:
            message = self.find(sid=sid)
            if message.status in _IN_FLIGHT:
                raise RestError(code=20009)
            del self._board.messages[sid]

    def find(self, *, sid: str) -> Message:
        """Give a text by SID.

        Raises:
            RestError: 20404 there is none.

        """
        message = self._board.messages.get(sid)
        if message is None:
            raise RestError(code=20404, what=f"/Messages/{sid}.json")
        return message

    def _redact(self, message: Message, body: str) -> None:
        if body:
            raise RestError(code=20001, what="Body")
        if message.status in _IN_FLIGHT:
            raise RestError(code=20009)
        message.body = ""
        message.updated_at = self._board.agenda.time()

    def _check_recipient(self, order: TextOrder) -> None:
        names = (order.to,)
        faults = self._board.faults
        if faults.take(kinds={FaultKind.INVALID}, names=names) is not None:
            raise RestError(code=21211, what=order.to)
        opted_out = faults.take(kinds={FaultKind.OPTED_OUT}, names=names) is not None
        if opted_out or (order.to, order.from_) in self._board.blocked:
            raise RestError(code=21610)

    def _file(self, order: TextOrder, status: MessageStatus) -> Message:
        now = self._board.agenda.time()
        message = Message(
            sid=new_sid(prefix="MM" if order.media else "SM"),
            direction=order.direction,
            to=order.to,
            from_=order.from_,
            body=order.body,
            created_at=now,
            updated_at=now,
            segments=count_segments(body=order.body),
            status=status,
            media=order.media,
            service_sid=order.service_sid,
            status_callback=order.status_callback,
        )
        self._board.messages[message.sid] = message
        return message

    def _release(self, message: Message) -> None:
        with self._board.lock:
            if message.status is MessageStatus.SCHEDULED:
                self._move(message, MessageStatus.QUEUED)
                self._sending(message)

    def _sending(self, message: Message) -> None:
        if self._move(message, MessageStatus.SENDING):
            self._board.agenda.after(seconds=_TO_SENT, action=partial(self._sent, message))

    def _sent(self, message: Message) -> None:
        with self._board.lock:
            names = (message.sid, message.to)
            fault = self._board.faults.take(kinds=TEXT_FAULTS, names=names)
            if fault is not None and fault.kind is FaultKind.TEXT_FAILED:
                message.error_code = int(fault.amount)
                self._move(message, MessageStatus.FAILED)
                return
            message.sent_at = self._board.agenda.time()
            self._move(message, MessageStatus.SENT)
            code = int(fault.amount) if fault is not None else None
            arrive = partial(self._arrive, message, code)
            self._board.agenda.after(seconds=_TO_DELIVERED, action=arrive)

    def _arrive(self, message: Message, error_code: int | None) -> None:
        with self._board.lock:
            message.error_code = error_code
            if error_code is not None:
                self._move(message, MessageStatus.UNDELIVERED)
                return
            desks.shows(board=self._board, message=message)
            self._move(message, MessageStatus.DELIVERED)

    def _move(self, message: Message, status: MessageStatus) -> bool:
        with self._board.lock:
            if status not in MESSAGE_MOVES[message.status]:
                return False
            message.status = status
            message.updated_at = self._board.agenda.time()
            if message.status_callback is not None:
                fields = params.text_status_params(board=self._board, message=message)
                self._notify(message, message.status_callback, fields)
            return True

    def _notify(self, message: Message, hook: Hook, fields: Mapping[str, str]) -> None:
        numbers = (message.to, message.from_)
        self._callbacks.send(notice=Notice(message.sid, numbers, hook, fields))

    def _obey_keyword(self, message: Message) -> None:
        keyword = keyword_of(body=message.body)
        if keyword is None:
            return
        pair = (message.from_, message.to)
        if keyword is Keyword.STOP:
            self._board.blocked.add(pair)
        elif keyword is Keyword.START:
            self._board.blocked.discard(pair)
        order = TextOrder(
            to=message.from_,
            from_=message.to,
            body=reply_to(keyword=keyword),
            direction="outbound-reply",
        )
        self._start(order)

    def _reply(self, order: TextOrder) -> None:
        blocked = (order.to, order.from_) in self._board.blocked
        code = 21610 if blocked else 21617 if len(order.body) > MAX_BODY else None
        if code is None:
            self._start(order)
            return
        message = self._file(order, MessageStatus.FAILED)
        message.error_code = code
        self._board.alert(code=code, sid=message.sid, url="")

    def _start(self, order: TextOrder) -> None:
        message = self._file(order, MessageStatus.QUEUED)
        sending = partial(self._sending, message)
        self._board.agenda.after(seconds=_TO_SENDING, action=sending)
