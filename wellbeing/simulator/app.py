"""The simulator's Flask application, and how to use it from a test.

In the same process, without sockets or waiting::

    app = create_simulator(Settings(...), now=clock.now, transport=my_transport)
    core = app.extensions["simulator_core"]
    student = core.add_handset(number="+8613900000001", label="学生小明")
    student.text(to="+8602388880000", body="...")
    core.process_due()              # until nothing more is due now
    core.next_due_at()              # the instant to move the clock to; then process_due() again
    student.texts[-1].body, student.heard[-1].text, student.state
    student.connected_to            # numbers of the phones it talks with
    student.speak("...")            # they hear it: heard[-1].kind == "voice"; or Record takes it
    core.add_fault(fault=Fault(kind=FaultKind.VOICEMAIL, number="+86..."))
    core.alerts, core.journal.entries(), core.messages, core.placed_calls

`transport` is an object with `send(*, request, connect_seconds, read_seconds) -> Answer` (see
`webhooks.Transport`), for example around the product's test client; without it real HTTP is used.
`real_now` is the time of authenticators, which never follow the virtual clock.
In another process the same is reached as JSON: POST /control/settle, GET /control/next,
POST /control/reset, GET /control/journal, GET /control/alerts, GET|POST|DELETE /control/faults,
GET|POST /handsets, POST /handsets/<number>/text|call|answer|decline|press|speak|hang-up
and
GET /handsets/<number>/inbox?version=<n>.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response

from wellbeing.simulator import control, handset_api, page, rest
from wellbeing.simulator.core import Core
from wellbeing.simulator.settings import Settings
from wellbeing.simulator.web import EXTENSION
from wellbeing.simulator.webhooks import Transport

_LARGEST_REQUEST = 256 * 1024
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_simulator(
    settings: Settings,
    *,
    now: Callable[[], datetime] | None = None,
    real_now: Callable[[], datetime] | None = None,
    transport: Transport | None = None,
) -> Flask:
    """Make the application; its core is `app.extensions["simulator_core"]`, and nothing ticks."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_REQUEST
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions[EXTENSION] = Core(
        settings=settings, now=now, real_now=real_now, transport=transport
    )
    for made in (rest, control, handset_api, page):
        app.register_blueprint(made.blueprint())
    app.after_request(_protect)
    return app


def _protect(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
