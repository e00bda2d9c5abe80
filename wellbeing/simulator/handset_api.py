"""The phones as a JSON API below /handsets: for the page and for tests in another process."""

from __future__ import annotations

import base64
from dataclasses import asdict
from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from wellbeing.simulator.calls import DeskError, Problem
from wellbeing.simulator.handsets import Handset
from wellbeing.simulator.pictures import Attachment
from wellbeing.simulator.web import core

_CREATED = 201
_NO_CONTENT = 204
_CONFLICT = 409
_BAD_REQUEST = 400
_NOT_FOUND = 404
_KEYS = frozenset("0123456789*#")
_LARGEST_TEXT = 16 * 1024 * 1024
_MOST_ATTACHMENTS = 10


class _MissingField(Exception):
    """A key of the JSON body is missing or not a filled string."""


def blueprint() -> Blueprint:
    """Make the blueprint; `<number>` is a phone's number, URL-encoded."""
    made = Blueprint("handsets", __name__, url_prefix="/handsets")
    add = made.add_url_rule
    add("", "list", _list, methods=["GET"])
    add("", "create", _create, methods=["POST"])
    add("/<number>", "show", _show, methods=["GET"])
    add("/<number>/text", "text", _text, methods=["POST"])
    add("/<number>/call", "call", _call, methods=["POST"])
    add("/<number>/answer", "answer", _answer, methods=["POST"])
    add("/<number>/decline", "decline", _decline, methods=["POST"])
    add("/<number>/hang-up", "hang_up", _hang_up, methods=["POST"])
    add("/<number>/press", "press", _press, methods=["POST"])
    add("/<number>/speak", "speak", _speak, methods=["POST"])
    add("/<number>/inbox", "inbox", _inbox, methods=["GET"])
    made.after_request(_share)
    made.register_error_handler(DeskError, _refuse)
    made.register_error_handler(_MissingField, _ask_again)
    return made


def handset_json(*, handset: Handset) -> dict[str, object]:
    """Write a phone with all that its owner can see and hear."""
    call = handset.current_call
    return {
        "number": handset.number,
        "label": handset.label,
        "state": handset.state,
        "version": handset.version,
        "listened_to": handset.is_listened_to,
        "call": None
        if call is None
        else {"sid": call.sid, "peer": call.to if call.direction == "inbound" else call.from_},
        "connected_to": [
            {"number": number, "label": _label_of(number)} for number in handset.connected_to
        ],
        **_code_of(handset),
        "thread": [_row(text) for text in handset.thread],
        "heard": [_row(heard) | {"by_label": _label_of(heard.by)} for heard in handset.heard],
        "said": [_row(said) for said in handset.said],
        "history": [_row(note) for note in handset.history],
    }


def _label_of(number: str) -> str:
    desk = core().board.desks.get(number)
    return number if desk is None else desk.label


def _code_of(handset: Handset) -> dict[str, object]:
    authenticator = handset.authenticator
    if authenticator is None:
        return {"code": None, "code_seconds_left": None}
    at = core().real_now()
    return {
        "code": authenticator.code(at=at),
        "code_seconds_left": authenticator.seconds_left(at=at),
    }


def _list() -> Response:
    return jsonify(
        numbers=list(core().settings.numbers),
        handsets=[handset_json(handset=handset) for handset in core().handsets()],
    )


def _create() -> tuple[Response, int]:
    number = _field("number")
    handset = core().add_handset(number=number, label=_field("label"))
    return jsonify(handset_json(handset=handset)), _CREATED


def _show(*, number: str) -> Response:
    return jsonify(handset_json(handset=core().handset(number=number)))


def _text(*, number: str) -> tuple[Response, int]:
    request.max_content_length = _LARGEST_TEXT
    attachments = _attachments()
    body = _field("body") if not attachments else _maybe("body")
    message = (
        core().handset(number=number).text(to=_field("to"), body=body, attachments=attachments)
    )
    return jsonify(sid=message.sid), _CREATED


def _call(*, number: str) -> tuple[Response, int]:
    call = core().handset(number=number).call(to=_field("to"))
    return jsonify(sid=call.sid), _CREATED


def _answer(*, number: str) -> Response:
    core().handset(number=number).answer()
    return _show(number=number)


def _decline(*, number: str) -> Response:
    core().handset(number=number).decline()
    return _show(number=number)


def _hang_up(*, number: str) -> Response:
    core().handset(number=number).hang_up()
    return _show(number=number)


def _press(*, number: str) -> Response:
    digits = _field("digits")
    if not set(digits) <= _KEYS:
        raise _MissingField("digits")
    core().handset(number=number).press(digits=digits)
    return _show(number=number)


def _speak(*, number: str) -> Response:
    core().handset(number=number).speak(_field("text"))
    return _show(number=number)


def _inbox(*, number: str) -> Response | tuple[str, int]:
    """Answer 204 while nothing has changed since `?version=`; a code that ages is no change."""
    handset = core().handset(number=number)
    if request.args.get("version") == str(handset.version):
        return "", _NO_CONTENT
    return jsonify(handset_json(handset=handset))


def _field(name: str) -> str:
    body = request.get_json(silent=True)
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not value:
        raise _MissingField(name)
    return value


def _maybe(name: str) -> str:
    body = request.get_json(silent=True)
    value = body.get(name, "") if isinstance(body, dict) else ""
    if not isinstance(value, str):
        raise _MissingField(name)
    return value


def _attachments() -> tuple[Attachment, ...]:
    """Read `attachments`: a list of {"type": …, "base64": …}, at most ten."""
    body = request.get_json(silent=True)
    listed = body.get("attachments", []) if isinstance(body, dict) else []
    if not isinstance(listed, list) or len(listed) > _MOST_ATTACHMENTS:
        raise _MissingField("attachments")
    try:
        return tuple(
            Attachment(str(one["type"]), base64.b64decode(one["base64"], validate=True))
            for one in listed
        )
    except (TypeError, KeyError, ValueError) as error:
        raise _MissingField("attachments") from error


def _share(response: Response) -> Response:
    """Let pages of the product, and nobody else's, use a phone: its softphone is one."""
    product = urlsplit(core().settings.public_base_url)
    response.headers["Access-Control-Allow-Origin"] = f"{product.scheme}://{product.netloc}"
    response.headers["Access-Control-Allow-Methods"] = "GET, POST"
    response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    response.headers["Vary"] = "Origin"
    return response


def _row(record: object) -> dict[str, object]:
    fields: dict[str, object] = asdict(record)  # type: ignore[call-overload]
    at = fields["at"]
    return fields | {"at": at.isoformat() if isinstance(at, datetime) else at}


def _refuse(error: DeskError) -> tuple[Response, int]:
    is_missing = error.problem is Problem.NO_SUCH_PHONE
    status = _NOT_FOUND if is_missing else _CONFLICT
    return jsonify(error=str(error), problem=error.problem.value), status


def _ask_again(error: _MissingField) -> tuple[Response, int]:
    return jsonify(error=f"{error} is missing or not valid", problem="not_valid"), _BAD_REQUEST
