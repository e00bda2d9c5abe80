"""The door of the REST API: who may enter, ordered faults, errors, the journal.

The resources themselves are in the modules `rest_…`.
"""

from __future__ import annotations

import hmac
import socket

from flask import Blueprint, Response, g, jsonify, request

from wellbeing.simulator import (
    rest_calls,
    rest_conferences,
    rest_lines,
    rest_media,
    rest_messages,
    rest_queues,
    rest_recordings,
)
from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.faults import REST_FAULTS, Fault, FaultKind
from wellbeing.simulator.params import API_VERSION
from wellbeing.simulator.web import core

_REFUSALS = {
    FaultKind.REST_429: 20429,
    FaultKind.REST_500: 20500,
    FaultKind.REST_503: 20503,
}
_NO_ANSWER = 504
_RESOURCES = (
    rest_messages,
    rest_media,
    rest_calls,
    rest_queues,
    rest_conferences,
    rest_recordings,
    rest_lines,
)


def blueprint() -> Blueprint:
    """Make the blueprint that answers below /2010-04-01."""
    made = Blueprint("rest", __name__, url_prefix=f"/{API_VERSION}")
    made.before_request(_enter)
    made.after_request(_leave)
    made.register_error_handler(RestError, _refuse)
    for resource in _RESOURCES:
        resource.register(blueprint=made)
    made.add_url_rule("/<path:rest>", "unknown", _unknown, methods=["GET", "POST", "PUT", "DELETE"])
    return made


def _enter() -> Response | None:
    # Read before the form is parsed: afterwards the raw body is gone.
    g.body = request.get_data(cache=True, as_text=True)
    g.hangs = False
    g.retry_after = None
    _authenticate()
    fault = _take_fault()
    if fault is None:
        return None
    if fault.kind in _REFUSALS:
        if fault.kind is FaultKind.REST_429:
            g.retry_after = int(fault.amount)
        raise RestError(code=_REFUSALS[fault.kind])
    g.hangs = True
    accepts = fault.kind is FaultKind.REST_ACCEPT_TIMEOUT
    return None if accepts else Response(status=_NO_ANSWER)


def _authenticate() -> None:
    settings = core().settings
    given = request.authorization
    account = (request.view_args or {}).get("account_sid", settings.account_sid)
    is_known = (
        given is not None
        and given.username == settings.account_sid == account
        and hmac.compare_digest((given.password or "").encode(), settings.auth_token.encode())
    )
    if not is_known:
        raise RestError(code=20003)


def _take_fault() -> Fault | None:
    kinds = REST_FAULTS
    if request.method == "GET":
        kinds -= {FaultKind.REST_ACCEPT_TIMEOUT}
    named = (
        request.form.get("To", ""),
        request.form.get("From", ""),
        request.args.get("To", ""),
        (request.view_args or {}).get("sid", ""),
    )
    return core().faults.take(kinds=kinds, names=[name for name in named if name])


def _leave(response: Response) -> Response:
    hangs: bool = g.get("hangs", False)
    core().journal.record(
        at=core().now(),
        direction="in",
        request=(request.method, request.url, dict(request.headers), g.get("body", "")),
        status=None if hangs else response.status_code,
        answer="" if hangs else _answer_of(response),
    )
    if hangs:
        core().hang()
        _break_off()
        return Response(status=_NO_ANSWER)
    return response


def _break_off() -> None:
    """End the connection without a word: whoever asked cannot know what became of it."""
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)


def _answer_of(response: Response) -> str:
    """Give what the journal keeps of an answer; of a sound or picture, only how long it is."""
    if (response.mimetype or "").startswith(("audio/", "image/", "video/")):
        return f"({response.content_length} bytes of {response.mimetype})"
    return response.get_data(as_text=True)


def _refuse(error: RestError) -> Response:
    response = jsonify(error.as_json())
    response.status_code = error.status
    if g.get("retry_after") is not None:
        response.headers["Retry-After"] = str(g.retry_after)
    return response


def _unknown(*, rest: str) -> Response:
    raise RestError(code=20404, what=f"/{API_VERSION}/{rest}")
