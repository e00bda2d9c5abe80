"""Is this process alive, can it do its work, and what does it count? For who watches from outside.

No figure names a person or a place; what supervisors count is in `reports`.
"""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Blueprint, current_app, jsonify, request
from flask.wrappers import Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
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
    """Answer 200 when the database answers and somebody delivers, else 503 and which is missing."""
    try:
        delivers = outbox.is_delivery_alive(now=clock.now())
    except Exception:
        # The edge of a door: whatever is wrong with the database, the watcher gets an answer.
        logger.exception("the database does not answer")
        return jsonify(database=False, delivery=False), 503
    return jsonify(database=True, delivery=delivers), 200 if delivers else 503


@blueprint.get("/metrics")
@for_watcher
def metrics() -> Response:
    """Give the counters in Prometheus' words: of this process, or of all where they are shared."""
    registry = REGISTRY
    if os.environ.get(SHARED):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
