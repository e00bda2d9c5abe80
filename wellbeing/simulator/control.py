"""The control API for tests and demonstrations: settle, next, reset, journal, faults, alerts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from flask import Blueprint, Response, jsonify, request

from wellbeing.simulator.faults import Fault, FaultKind
from wellbeing.simulator.web import core

_BAD_REQUEST = 400
_CREATED = 201


def blueprint() -> Blueprint:
    """Make the blueprint that answers below /control."""
    made = Blueprint("control", __name__, url_prefix="/control")
    add = made.add_url_rule
    add("/settle", "settle", _settle, methods=["POST"])
    add("/next", "next", _next, methods=["GET"])
    add("/reset", "reset", _reset, methods=["POST"])
    add("/journal", "journal", _journal, methods=["GET"])
    add("/alerts", "alerts", _alerts, methods=["GET"])
    add("/faults", "list_faults", _list_faults, methods=["GET"])
    add("/faults", "add_fault", _add_fault, methods=["POST"])
    add("/faults", "clear_faults", _clear_faults, methods=["DELETE"])
    return made


def _settle() -> Response:
    """Run all that is due; answers how many events ran and when the next one is due."""
    ran = core().process_due()
    return jsonify(ran=ran, **_times())


def _next() -> Response:
    return jsonify(**_times())


def _reset() -> Response:
    core().reset()
    return jsonify(**_times())


def _journal() -> Response:
    return jsonify(entries=[asdict(entry) for entry in core().journal.entries()])


def _alerts() -> Response:
    alerts = [asdict(alert) | {"at": alert.at.isoformat()} for alert in core().alerts]
    return jsonify(alerts=alerts)


def _list_faults() -> Response:
    orders = core().faults.open_orders().items()
    return jsonify(faults=[{"id": number, **asdict(fault)} for number, fault in orders])


def _add_fault() -> tuple[Response, int]:
    """Order a fault: {"kind", "number"?, "sid"?, "count"? (null: until cleared), "value"?}."""
    try:
        fault = _fault_of(request.get_json())
    except (KeyError, TypeError, ValueError) as error:
        return jsonify(error=f"not a fault: {error}"), _BAD_REQUEST
    return jsonify(id=core().add_fault(fault=fault)), _CREATED


def _clear_faults() -> Response:
    core().faults.clear()
    return jsonify(faults=[])


def _fault_of(order: object) -> Fault:
    if not isinstance(order, dict):
        raise TypeError("it must be an object")
    unknown = set(order) - {"kind", "number", "sid", "count", "value"}
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    number, sid = order.get("number"), order.get("sid")
    count, value = order.get("count", 1), order.get("value")
    return Fault(
        kind=FaultKind(str(order["kind"])),
        number=None if number is None else str(number),
        sid=None if sid is None else str(sid),
        count=None if count is None else int(str(count)),
        value=None if value is None else float(str(value)),
    )


def _times() -> dict[str, str | None]:
    due_at: datetime | None = core().next_due_at()
    return {
        "now": core().now().isoformat(),
        "next_due_at": None if due_at is None else due_at.isoformat(),
    }
