"""Media of the REST API: what came with a text, its bytes, and how it is forgotten."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from wellbeing.simulator import paging, pictures
from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.pictures import Medium
from wellbeing.simulator.web import core

_MESSAGE = "/Accounts/<account_sid>/Messages/<message_sid>"
_NO_CONTENT = 204


def register(*, blueprint: Blueprint) -> None:
    """Add the routes of Media."""
    add = blueprint.add_url_rule
    add(f"{_MESSAGE}/Media.json", "list_media", _list, methods=["GET"])
    add(f"{_MESSAGE}/Media/<sid>.json", "fetch_medium", _fetch, methods=["GET"])
    add(f"{_MESSAGE}/Media/<sid>.json", "delete_medium", _delete, methods=["DELETE"])
    add(f"{_MESSAGE}/Media/<sid>", "show_medium", _show, methods=["GET"])


def _list(*, account_sid: str, message_sid: str) -> Response:
    query = request.args.to_dict()
    with core().board.lock:
        rows = [
            pictures.medium_json(medium=medium, account_sid=account_sid)
            for medium in core().board.media.values()
            if medium.message_sid == message_sid
            and paging.is_in_window(at=medium.created_at, name="DateCreated", query=query)
        ]
    return jsonify(paging.page_of(rows=rows, key="media_list", path=request.path, query=query))


def _fetch(*, account_sid: str, message_sid: str, sid: str) -> Response:
    medium = _find(message_sid, sid)
    return jsonify(pictures.medium_json(medium=medium, account_sid=account_sid))


def _delete(*, account_sid: str, message_sid: str, sid: str) -> tuple[str, int]:  # noqa: ARG001 - part of the URL
    with core().board.lock:
        _find(message_sid, sid)
        del core().board.media[sid]
    return "", _NO_CONTENT


def _show(*, account_sid: str, message_sid: str, sid: str) -> Response:  # noqa: ARG001 - part of the URL
    medium = _find(message_sid, sid)
    return Response(medium.content, content_type=medium.content_type)


def _find(message_sid: str, sid: str) -> Medium:
    with core().board.lock:
        medium = core().board.media.get(sid)
    if medium is None or medium.message_sid != message_sid:
        raise RestError(code=20404, what=f"/Messages/{message_sid}/Media/{sid}")
    return medium
