"""Calls of the REST API: create, list, read, end or redirect, delete."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from wellbeing.simulator import numbers, paging
from wellbeing.simulator.calls import CallChange
from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.forms import Form, hook_of, refuse_others, whole_number
from wellbeing.simulator.orders import CallOrder
from wellbeing.simulator.records import Call
from wellbeing.simulator.resources import Json, call_json
from wellbeing.simulator.web import core

_LIST = "/Accounts/<account_sid>/Calls.json"
_ITEM = "/Accounts/<account_sid>/Calls/<sid>.json"
_CREATED = 201
_NO_CONTENT = 204
_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
# The last rows change nothing that a test could see; all else is refused.
_KNOWN = frozenset({
    "To", "From", "Url", "Method", "Twiml", "FallbackUrl", "FallbackMethod", "StatusCallback",
    "StatusCallbackMethod", "StatusCallbackEvent", "Timeout", "TimeLimit", "MachineDetection",
    "MachineDetectionTimeout", "MachineDetectionSpeechThreshold", "CallReason",
    "MachineDetectionSpeechEndThreshold", "MachineDetectionSilenceTimeout",
})  # fmt: skip
_CHANGEABLE = frozenset({"Status", "Url", "Method", "Twiml"})


def register(*, blueprint: Blueprint) -> None:
    """Add the routes of Calls."""
    add = blueprint.add_url_rule
    add(_LIST, "create_call", _create, methods=["POST"])
    add(_LIST, "list_calls", _list, methods=["GET"])
    add(_ITEM, "fetch_call", _fetch, methods=["GET"])
    add(_ITEM, "update_call", _update, methods=["POST"])
    add(_ITEM, "delete_call", _delete, methods=["DELETE"])


def _create(*, account_sid: str) -> tuple[Response, int]:
    refuse_others(form=request.form, known=_KNOWN)
    call = core().calls.place(order=_order_of(request.form))
    return jsonify(_json(call, account_sid)), _CREATED


def _list(*, account_sid: str) -> Response:
    query = request.args.to_dict()
    rows = [
        _json(call, account_sid)
        for call in reversed(core().placed_calls)
        if query.get("To", call.to) == call.to
        and query.get("From", call.from_) == call.from_
        and query.get("Status", call.status.value) == call.status.value
        and query.get("ParentCallSid", call.parent_sid) == call.parent_sid
        and paging.is_in_window(at=call.started_at, name="StartTime", query=query)
        and paging.is_in_window(at=call.ended_at, name="EndTime", query=query)
    ]
    return jsonify(paging.page_of(rows=rows, key="calls", path=request.path, query=query))


def _fetch(*, account_sid: str, sid: str) -> Response:
    return jsonify(_json(core().calls.find(sid=sid), account_sid))


def _update(*, account_sid: str, sid: str) -> Response:
    refuse_others(form=request.form, known=_CHANGEABLE)
    change = CallChange(
        status=request.form.get("Status"),
        document=hook_of(form=request.form, name="Url", error_code=21205),
        twiml=request.form.get("Twiml"),
    )
    return jsonify(_json(core().calls.update(sid=sid, change=change), account_sid))


def _delete(*, account_sid: str, sid: str) -> tuple[str, int]:  # noqa: ARG001 - part of the URL
    core().calls.delete(sid=sid)
    return "", _NO_CONTENT


def _json(call: Call, account_sid: str) -> Json:
    return call_json(call=call, account_sid=account_sid, ours=core().settings.numbers)


def _order_of(form: Form) -> CallOrder:
    numbers.check_callee(number=form.get("To", ""))
    numbers.check_caller(number=form.get("From", ""), ours=core().settings.numbers)
    document = hook_of(form=form, name="Url", error_code=21205)
    twiml = form.get("Twiml") or None
    if (document is None) == (twiml is None):
        raise RestError(code=21205)
    events = frozenset(" ".join(form.getlist("StatusCallbackEvent")).split())
    if not events <= _EVENTS:
        raise RestError(code=20001, what="StatusCallbackEvent")
    return CallOrder(
        to=form["To"],
        from_=form["From"],
        document=document,
        twiml=twiml,
        fallback=hook_of(form=form, name="FallbackUrl", error_code=21205),
        status_callback=hook_of(form=form, name="StatusCallback", error_code=21609),
        events=events or frozenset({"completed"}),
        ring_seconds=whole_number(form=form, name="Timeout", usual=60, bounds=(1, 600)),
        time_limit=whole_number(form=form, name="TimeLimit", usual=14400, bounds=(1, 86400)),
        detects_machine=form.get("MachineDetection", "none") in {"Enable", "DetectMessageEnd"},
    )
