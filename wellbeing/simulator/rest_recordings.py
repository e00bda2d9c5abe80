"""Recordings of the REST API and their sound."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from wellbeing.simulator import media, paging, recordings
from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.place_resources import recording_json
from wellbeing.simulator.places import Recording
from wellbeing.simulator.resources import Json
from wellbeing.simulator.web import core

_LIST = "/Accounts/<account_sid>/Recordings.json"
_ITEM = "/Accounts/<account_sid>/Recordings/<sid>.json"
_MEDIA = "/Accounts/<account_sid>/Recordings/<sid>"
_NO_CONTENT = 204


def register(*, blueprint: Blueprint) -> None:
    """Add the routes of Recordings."""
    add = blueprint.add_url_rule
    add(_LIST, "list_recordings", _list, methods=["GET"])
    add(_ITEM, "fetch_recording", _fetch, methods=["GET"])
    add(_ITEM, "delete_recording", _delete, methods=["DELETE"])
    add(_MEDIA, "play_recording", _wav, methods=["GET"])
    add(f"{_MEDIA}.wav", "play_wav", _wav, methods=["GET"])
    add(f"{_MEDIA}.mp3", "play_mp3", _mp3, methods=["GET"])


def _list(*, account_sid: str) -> Response:
    query = request.args.to_dict()
    with core().board.lock:
        rows = [
            _json(recording, account_sid)
            for recording in reversed(core().board.recordings.values())
            if query.get("CallSid", recording.call_sid) == recording.call_sid
            and not query.get("ConferenceSid")
            and paging.is_in_window(at=recording.started_at, name="DateCreated", query=query)
        ]
    return jsonify(paging.page_of(rows=rows, key="recordings", path=request.path, query=query))


def _fetch(*, account_sid: str, sid: str) -> Response:
    with core().board.lock:
        return jsonify(_json(_find(sid), account_sid))


def _delete(*, account_sid: str, sid: str) -> tuple[str, int]:  # noqa: ARG001 - part of the URL
    with core().board.lock:
        _find(sid)
        del core().board.recordings[sid]
    return "", _NO_CONTENT


def _wav(*, account_sid: str, sid: str) -> Response:  # noqa: ARG001 - part of the URL
    seconds = _ready(sid).seconds
    return Response(media.tone(seconds=seconds), content_type="audio/x-wav")


def _mp3(*, account_sid: str, sid: str) -> Response:  # noqa: ARG001 - part of the URL
    seconds = _ready(sid).seconds
    return Response(media.silence(seconds=seconds), content_type="audio/mpeg")


def _ready(sid: str) -> Recording:
    with core().board.lock:
        recording = _find(sid)
        if recording.status != "completed":
            raise RestError(code=20404, what=f"/Recordings/{sid}")
        return recording


def _find(sid: str) -> Recording:
    recording = core().board.recordings.get(sid)
    if recording is None:
        raise RestError(code=20404, what=f"/Recordings/{sid}.json")
    return recording


def _json(recording: Recording, account_sid: str) -> Json:
    address = recordings.address_of(board=core().board, recording=recording)
    return recording_json(recording=recording, account_sid=account_sid, address=address)
