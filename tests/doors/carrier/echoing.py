"""A small application behind the guard of bodies, for a real gunicorn to serve."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wellbeing.carrier.bodies import PromptBodies


def _echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


application = PromptBodies(_echo, small_within_s=0.5, large_within_s=0.5)
