"""IncomingPhoneNumbers of the REST API: the account's numbers and where they lead."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from wellbeing.simulator import paging
from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.forms import hook_of, refuse_others
from wellbeing.simulator.place_resources import line_json
from wellbeing.simulator.places import LineNumber
from wellbeing.simulator.web import core

_LIST = "/Accounts/<account_sid>/IncomingPhoneNumbers.json"
_ITEM = "/Accounts/<account_sid>/IncomingPhoneNumbers/<sid>.json"
_HOOKS = ("VoiceUrl", "VoiceFallbackUrl", "SmsUrl", "SmsFallbackUrl", "StatusCallback")
_KNOWN = frozenset({*_HOOKS, *(f"{name.removesuffix('Url')}Method" for name in _HOOKS)})


def register(*, blueprint: Blueprint) -> None:
    """Add the routes of IncomingPhoneNumbers; numbers are neither bought nor given back."""
    add = blueprint.add_url_rule
    add(_LIST, "list_lines", _list, methods=["GET"])
    add(_ITEM, "fetch_line", _fetch, methods=["GET"])
    add(_ITEM, "update_line", _update, methods=["POST"])


def _list(*, account_sid: str) -> Response:
    query = request.args.to_dict()
    with core().board.lock:
        rows = [
            line_json(line=line, account_sid=account_sid)
            for line in core().board.lines.values()
            if query.get("PhoneNumber", "") in line.number
            and query.get("FriendlyName", line.number) == line.number
        ]
    key = "incoming_phone_numbers"
    return jsonify(paging.page_of(rows=rows, key=key, path=request.path, query=query))


def _fetch(*, account_sid: str, sid: str) -> Response:
    return jsonify(line_json(line=_find(sid), account_sid=account_sid))


def _update(*, account_sid: str, sid: str) -> Response:
    refuse_others(form=request.form, known=_KNOWN)
    with core().board.lock:
        line = _find(sid)
        for name in _HOOKS:
            if name in request.form:
                line.hooks[name] = hook_of(form=request.form, name=name, error_code=21205)
        line.updated_at = core().now()
        return jsonify(line_json(line=line, account_sid=account_sid))


def _find(sid: str) -> LineNumber:
    for line in core().board.lines.values():
        if line.sid == sid:
            return line
    raise RestError(code=20404, what=f"/IncomingPhoneNumbers/{sid}.json")
