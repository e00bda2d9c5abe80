"""Is this process alive, can it do its work, and what does it count? For who watches from outside.

No figure names a person or a place; what supervisors count is in `reports`.
"""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast

from flask import Blueprint, current_app, jsonify, request
from flask.wrappers import Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    generate_latest,
    multiprocess,
)

from wellbeing.foundation import clock
from wellbeing.foundation.errors import NotFound
from wellbeing.messaging import queries as outbox
from wellbeing.portal import pages

logger = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Where several web workers put their counts together; prometheus_client names it so."""


def for_watcher(view: Callable[[], Response]) -> Callable[[], Response]:
    """Open a view to whoever shows METRICS_TOKEN; to others, and without one, it is not there."""

    @wraps(view)
    def guarded() -> Response:
        token = current_app.config["METRICS_TOKEN"]
        shown = request.headers.get("Authorization", "")
        if not token or not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
            raise NotFound
        return view()

    cast("Any", guarded).allowed = "watcher"
    return guarded


@blueprint.get("/health")
@pages.public
def alive() -> Response:
    """Answer without touching anything: the process serves requests."""
    return jsonify(alive=True)


@blueprint.get("/ready")
@pages.public
def ready() -> tuple[Response, int]:
    """Answer 200 when the database answers and every sweep comes through, else 503 and what not.

    `watch` says what the watch found last: false when a promise is in danger or a clock leapt.
    """
    now = clock.now()
    try:
        delivers = outbox.is_delivery_alive(now=now)
        silent = list(outbox.silent_sweeps(now=now))
        found = outbox.watched()
    except Exception:
        # The edge of a door: whatever is wrong with the database, the watcher gets an answer.
        logger.exception("the database does not answer")
        return jsonify(database=False, delivery=False), 503
    is_well = found is None or not (found.broken or found.leap)
    answer = jsonify(database=True, delivery=delivers, silent=silent, watch=is_well)
    return answer, 200 if delivers and not silent else 503


@blueprint.get("/metrics")
@for_watcher
def metrics() -> Response:
    """Give the counters in Prometheus' words: of this process, or of all where they are shared."""
    registry = REGISTRY
    if os.environ.get(SHARED):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped
    counted = generate_latest(registry) + generate_latest(_watched(clock.now()))
    return Response(counted, content_type=CONTENT_TYPE_LATEST)


def _watched(now: datetime) -> CollectorRegistry:
    """Read what the job processes wrote down: it is the same whichever web process is asked."""
    registry = CollectorRegistry()
    age = Gauge(
        "wellbeing_sweep_age_seconds",
        "Seconds since a sweep of the scheduled work last came through.",
        ["sweep"],
        registry=registry,
    )
    for beat in outbox.sweeps():
        age.labels(beat.name).set((now - beat.at).total_seconds())
    found = outbox.watched()
    if found is not None:
        broken = Gauge(
            "wellbeing_promises_broken", "Promises that nobody keeps.", registry=registry
        )
        broken.set(found.broken)
        leap = Gauge(
            "wellbeing_clock_leap_seconds", "How far the machine's clock leapt.", registry=registry
        )
        leap.set(found.leap.total_seconds())
    return registry
