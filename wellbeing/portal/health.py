"""Is this process alive, and can it do its work? For whoever watches the service from outside."""

from __future__ import annotations

import logging

from flask import Blueprint, jsonify
from flask.wrappers import Response

from wellbeing.foundation import clock
from wellbeing.messaging import queries as outbox
from wellbeing.portal import pages

logger = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)


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
