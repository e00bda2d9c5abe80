"""Queues of the REST API and the calls that wait in them."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from wellbeing.simulator import paging, queues
from wellbeing.simulator.calls import CallChange
from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.forms import Form, hook_of, refuse_others, whole_number
from wellbeing.simulator.place_resources import member_json, queue_json
from wellbeing.simulator.places import QUEUE_SIZE, Member, Queue
from wellbeing.simulator.resources import Json
from wellbeing.simulator.web import core

_LIST = "/Accounts/<account_sid>/Queues.json"
_ITEM = "/Accounts/<account_sid>/Queues/<sid>.json"
_MEMBERS = "/Accounts/<account_sid>/Queues/<sid>/Members.json"
_MEMBER = "/Accounts/<account_sid>/Queues/<sid>/Members/<call_sid>.json"
_CREATED = 201
_NO_CONTENT = 204
_LARGEST = 5000
_LONGEST_NAME = 64
_CHANGEABLE = frozenset({"FriendlyName", "MaxSize"})


def register(*, blueprint: Blueprint) -> None:
    """Add the routes of Queues and Members."""
    add = blueprint.add_url_rule
    add(_LIST, "create_queue", _create, methods=["POST"])
    add(_LIST, "list_queues", _list, methods=["GET"])
    add(_ITEM, "fetch_queue", _fetch, methods=["GET"])
    add(_ITEM, "update_queue", _update, methods=["POST"])
    add(_ITEM, "delete_queue", _delete, methods=["DELETE"])
    add(_MEMBERS, "list_members", _members, methods=["GET"])
    add(_MEMBER, "fetch_member", _member, methods=["GET"])
    add(_MEMBER, "update_member", _dequeue, methods=["POST"])


def _create(*, account_sid: str) -> tuple[Response, int]:
    refuse_others(form=request.form, known=_CHANGEABLE)
    board = core().board
    with board.lock:
        name = _free_name(request.form)
        queue = queues.make(board=board, name=name)
        queue.max_size = _size(request.form, QUEUE_SIZE)
        return jsonify(_json(queue, account_sid)), _CREATED


def _list(*, account_sid: str) -> Response:
    with core().board.lock:
        rows = [_json(queue, account_sid) for queue in core().board.queues.values()]
    query = request.args.to_dict()
    return jsonify(paging.page_of(rows=rows, key="queues", path=request.path, query=query))


def _fetch(*, account_sid: str, sid: str) -> Response:
    with core().board.lock:
        return jsonify(_json(_find(sid), account_sid))


def _update(*, account_sid: str, sid: str) -> Response:
    refuse_others(form=request.form, known=_CHANGEABLE)
    with core().board.lock:
        queue = _find(sid)
        if request.form.get("FriendlyName", queue.name) != queue.name:
            queue.name = _free_name(request.form)
        queue.max_size = _size(request.form, queue.max_size)
        queue.updated_at = core().now()
        return jsonify(_json(queue, account_sid))


def _delete(*, account_sid: str, sid: str) -> tuple[str, int]:  # noqa: ARG001 - part of the URL
    with core().board.lock:
        if _find(sid).members:
            raise RestError(code=20409)
        del core().board.queues[sid]
    return "", _NO_CONTENT


def _members(*, account_sid: str, sid: str) -> Response:
    with core().board.lock:
        queue = _find(sid)
        rows = [_member_json(queue, member, account_sid) for member in queue.members]
    query = request.args.to_dict()
    return jsonify(paging.page_of(rows=rows, key="queue_members", path=request.path, query=query))


def _member(*, account_sid: str, sid: str, call_sid: str) -> Response:
    with core().board.lock:
        queue = _find(sid)
        return jsonify(_member_json(queue, _find_member(queue, call_sid), account_sid))


def _dequeue(*, account_sid: str, sid: str, call_sid: str) -> Response:
    refuse_others(form=request.form, known={"Url", "Method"})
    document = hook_of(form=request.form, name="Url", error_code=21205)
    if document is None:
        raise RestError(code=21205)
    with core().board.lock:
        queue = _find(sid)
        member = _find_member(queue, call_sid)
        written = _member_json(queue, member, account_sid)
        core().calls.update(sid=member.call.sid, change=CallChange(document=document))
        return jsonify(written)


def _find(sid: str) -> Queue:
    queue = core().board.queues.get(sid)
    if queue is None:
        raise RestError(code=20404, what=f"/Queues/{sid}.json")
    return queue


def _find_member(queue: Queue, call_sid: str) -> Member:
    if call_sid == "Front" and queue.members:
        return queue.members[0]
    for member in queue.members:
        if member.call.sid == call_sid:
            return member
    raise RestError(code=20404, what=f"/Queues/{queue.sid}/Members/{call_sid}.json")


def _free_name(form: Form) -> str:
    name = form.get("FriendlyName", "")
    taken = queues.named(board=core().board, name=name) is not None
    if not name or len(name) > _LONGEST_NAME or taken:
        raise RestError(code=20001, what="FriendlyName")
    return name


def _size(form: Form, usual: int) -> int:
    return whole_number(form=form, name="MaxSize", usual=usual, bounds=(1, _LARGEST))


def _json(queue: Queue, account_sid: str) -> Json:
    return queue_json(queue=queue, account_sid=account_sid, now=core().now())


def _member_json(queue: Queue, member: Member, account_sid: str) -> Json:
    return member_json(queue=queue, member=member, account_sid=account_sid, now=core().now())
