"""Conferences of the REST API and their participants; a participant is not created here."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from wellbeing.simulator import conferences, paging
from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.forms import Form, refuse_others, truth
from wellbeing.simulator.place_resources import conference_json, participant_json
from wellbeing.simulator.places import Conference, Participant
from wellbeing.simulator.resources import Json
from wellbeing.simulator.web import core

_LIST = "/Accounts/<account_sid>/Conferences.json"
_ITEM = "/Accounts/<account_sid>/Conferences/<sid>.json"
_PARTICIPANTS = "/Accounts/<account_sid>/Conferences/<sid>/Participants.json"
_PARTICIPANT = "/Accounts/<account_sid>/Conferences/<sid>/Participants/<call_sid>.json"
_NO_CONTENT = 204
_CHANGEABLE = frozenset({"Muted", "Hold", "EndConferenceOnExit"})


def register(*, blueprint: Blueprint) -> None:
    """Add the routes of Conferences and Participants."""
    add = blueprint.add_url_rule
    add(_LIST, "list_conferences", _list, methods=["GET"])
    add(_ITEM, "fetch_conference", _fetch, methods=["GET"])
    add(_ITEM, "update_conference", _update, methods=["POST"])
    add(_PARTICIPANTS, "list_participants", _participants, methods=["GET"])
    add(_PARTICIPANT, "fetch_participant", _participant, methods=["GET"])
    add(_PARTICIPANT, "update_participant", _change, methods=["POST"])
    add(_PARTICIPANT, "delete_participant", _put_out, methods=["DELETE"])


def _list(*, account_sid: str) -> Response:
    query = request.args.to_dict()
    with core().board.lock:
        rows = [
            conference_json(conference=conference, account_sid=account_sid)
            for conference in reversed(core().board.conferences.values())
            if query.get("FriendlyName", conference.name) == conference.name
            and query.get("Status", conference.status) == conference.status
            and paging.is_in_window(at=conference.created_at, name="DateCreated", query=query)
            and paging.is_in_window(at=conference.updated_at, name="DateUpdated", query=query)
        ]
    return jsonify(paging.page_of(rows=rows, key="conferences", path=request.path, query=query))


def _fetch(*, account_sid: str, sid: str) -> Response:
    with core().board.lock:
        return jsonify(conference_json(conference=_find(sid), account_sid=account_sid))


def _update(*, account_sid: str, sid: str) -> Response:
    refuse_others(form=request.form, known={"Status"})
    if request.form.get("Status") != "completed":
        raise RestError(code=20001, what="Status")
    with core().board.lock:
        conference = _find(sid)
        conferences.end(stage=core().calls.stage, conference=conference, reason=conferences.BY_REST)
        return jsonify(conference_json(conference=conference, account_sid=account_sid))


def _participants(*, account_sid: str, sid: str) -> Response:
    query = request.args.to_dict()
    muted, held = truth(form=request.args, name="Muted"), truth(form=request.args, name="Hold")
    with core().board.lock:
        conference = _find(sid)
        rows = [
            _json(conference, who, account_sid)
            for who in conference.participants
            if muted in {None, who.is_muted} and held in {None, who.is_held}
        ]
    return jsonify(paging.page_of(rows=rows, key="participants", path=request.path, query=query))


def _participant(*, account_sid: str, sid: str, call_sid: str) -> Response:
    with core().board.lock:
        conference = _find(sid)
        return jsonify(_json(conference, _find_participant(conference, call_sid), account_sid))


def _change(*, account_sid: str, sid: str, call_sid: str) -> Response:
    refuse_others(form=request.form, known=_CHANGEABLE)
    with core().board.lock:
        conference = _find(sid)
        who = _find_participant(conference, call_sid)
        _obey(conference, who, request.form)
        return jsonify(_json(conference, who, account_sid))


def _obey(conference: Conference, who: Participant, form: Form) -> None:
    stage = core().calls.stage
    muted, held = truth(form=form, name="Muted"), truth(form=form, name="Hold")
    ends_it = truth(form=form, name="EndConferenceOnExit")
    if muted is not None:
        conferences.mute(stage=stage, conference=conference, participant=who, muted=muted)
    if held is not None:
        conferences.hold(stage=stage, conference=conference, participant=who, held=held)
    if ends_it is not None:
        who.ends_it = ends_it


def _put_out(*, account_sid: str, sid: str, call_sid: str) -> tuple[str, int]:  # noqa: ARG001
    with core().board.lock:
        conference = _find(sid)
        who = _find_participant(conference, call_sid)
        conferences.put_out(stage=core().calls.stage, conference=conference, participant=who)
    return "", _NO_CONTENT


def _find(sid: str) -> Conference:
    conference = core().board.conferences.get(sid)
    if conference is None:
        raise RestError(code=20404, what=f"/Conferences/{sid}.json")
    return conference


def _find_participant(conference: Conference, name: str) -> Participant:
    """Find by call SID or label, as Twilio allows."""
    for who in conference.participants:
        if name in {who.call.sid, who.label}:
            return who
    raise RestError(code=20404, what=f"/Conferences/{conference.sid}/Participants/{name}.json")


def _json(conference: Conference, who: Participant, account_sid: str) -> Json:
    return participant_json(conference=conference, who=who, account_sid=account_sid)
