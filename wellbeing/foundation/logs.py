"""Structured logs: one JSON line per fact, constant message, ids in fields, no child's words."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog

STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
PERSONAL = frozenset({"body", "text", "name", "number", "to", "from", "phone", "password", "token"})
"""Field names that are dropped, whoever tries to log them."""


def configure(*, level: str) -> None:
    """Send every log of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _with_extra,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_personal_data,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Werkzeug and twilio log whole URLs and bodies; ours say the same without words.
    for name in ("werkzeug", "twilio", "twilio.http_client", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _with_extra(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    del logger, method
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event.update({k: v for k, v in record.__dict__.items() if k not in STANDARD})
    return event


def _without_personal_data(
    logger: object, method: str, event: structlog.typing.EventDict
) -> Mapping[str, Any]:
    del logger, method
    return {key: value for key, value in event.items() if key not in PERSONAL}
