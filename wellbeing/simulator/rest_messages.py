"""Messages of the REST API: create, list, read, redact or cancel, delete."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request

from wellbeing.simulator import numbers, paging
from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.forms import Form, hook_of, refuse_others
from wellbeing.simulator.orders import TextOrder
from wellbeing.simulator.records import Message
from wellbeing.simulator.resources import Json, message_json
from wellbeing.simulator.web import core

_LIST = "/Accounts/<account_sid>/Messages.json"
_ITEM = "/Accounts/<account_sid>/Messages/<sid>.json"
_CREATED = 201
_NO_CONTENT = 204
# The second row changes nothing that a test could see; all else is refused.
_KNOWN = frozenset({
    "To", "From", "Body", "MediaUrl", "MessagingServiceSid", "StatusCallback",
    "ScheduleType", "SendAt",
    "ValidityPeriod", "ProvideFeedback", "SmartEncoded", "MaxPrice", "Attempt", "ForceDelivery",
})  # fmt: skip


def register(*, blueprint: Blueprint) -> None:
    """Add the routes of Messages."""
    add = blueprint.add_url_rule
    add(_LIST, "create_message", _create, methods=["POST"])
    add(_LIST, "list_messages", _list, methods=["GET"])
    add(_ITEM, "fetch_message", _fetch, methods=["GET"])
    add(_ITEM, "update_message", _update, methods=["POST"])
    add(_ITEM, "delete_message", _delete, methods=["DELETE"])


def _create(*, account_sid: str) -> tuple[Response, int]:
    refuse_others(form=request.form, known=_KNOWN)
    order = _order_of(request.form)
    message = core().texts.submit(order=order)
    return jsonify(_json(message, account_sid)), _CREATED


def _list(*, account_sid: str) -> Response:
    query = request.args.to_dict()
    rows = [
        _json(message, account_sid)
        for message in reversed(core().messages)
        if query.get("To", message.to) == message.to
        and query.get("From", message.from_) == message.from_
        and paging.is_in_window(at=message.sent_at, name="DateSent", query=query)
    ]
    return jsonify(paging.page_of(rows=rows, key="messages", path=request.path, query=query))


def _fetch(*, account_sid: str, sid: str) -> Response:
    return jsonify(_json(core().texts.find(sid=sid), account_sid))


def _update(*, account_sid: str, sid: str) -> Response:
    refuse_others(form=request.form, known={"Body", "Status"})
    body, status = request.form.get("Body"), request.form.get("Status")
    message = core().texts.update(sid=sid, body=body, status=status)
    return jsonify(_json(message, account_sid))


def _delete(*, account_sid: str, sid: str) -> tuple[str, int]:  # noqa: ARG001 - part of the URL
    core().texts.delete(sid=sid)
    return "", _NO_CONTENT


def _json(message: Message, account_sid: str) -> Json:
    return message_json(message=message, account_sid=account_sid)


def _order_of(form: Form) -> TextOrder:
    ours = core().settings.numbers
    service = form.get("MessagingServiceSid") or None
    sender = form.get("From") or (ours[0] if service is not None else "")
    numbers.check_text_recipient(number=form.get("To", ""))
    numbers.check_text_sender(number=sender, ours=ours)
    body, media = form.get("Body", ""), form.getlist("MediaUrl")
    if not body and not media:
        raise RestError(code=21602)
    return TextOrder(
        to=form["To"],
        from_=sender,
        body=body,
        media=len(media),
        service_sid=service,
        status_callback=hook_of(form=form, name="StatusCallback", error_code=21609),
        send_at=_send_at(form, service),
    )


def _send_at(form: Form, service: str | None) -> datetime | None:
    value = form.get("SendAt", "")
    if not value:
        return None
    if service is None or form.get("ScheduleType") != "fixed":
        raise RestError(code=20001, what="SendAt without MessagingServiceSid and ScheduleType")
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise RestError(code=20001, what="SendAt") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
