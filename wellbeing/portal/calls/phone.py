"""The phone in the browser: its page, the token it signs in with, and its heartbeat.

It rings as long as its tab is open; the page alone has a policy that lets it reach the carrier.
"""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import (
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.contacts.rules.calls import LegState
from wellbeing.foundation.database import transaction
from wellbeing.portal import headers, pages
from wellbeing.portal.calls import board
from wellbeing.portal.calls.blueprint import blueprint
from wellbeing.roster import operations as roster
from wellbeing.telephony.gateway import Gateway, TelephonyError

TOKEN_SECONDS = 3600
BEAT_EVERY_MS = 30_000


@blueprint.get("/calls/phone")
@pages.allowed(Permission.ANSWER_LINE)
def phone() -> Response:
    """Show the phone; the server chooses whom it speaks to."""
    simulator = _simulator()
    page = render_template(
        "calls/phone.html",
        adapter="simulator" if simulator else "twilio",
        simulator_url=simulator,
        address=f"client:{_identity()}",
        beat_every=BEAT_EVERY_MS,
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = headers.softphone_policy(simulator=simulator)
    return answer


@blueprint.post("/calls/phone/token")
@pages.allowed(Permission.ANSWER_LINE, poll=True)
def token() -> Response | tuple[Response, int]:
    """Give the carrier's token for this person's phone; it is good for an hour."""
    gateway = cast("Gateway", current_app.extensions["telephony"])
    try:
        made = gateway.client_token(identity=_identity(), seconds=TOKEN_SECONDS)
    except TelephonyError:
        return jsonify(error="no token"), 503
    return jsonify(token=made)


@blueprint.post("/calls/phone/beat")
@pages.allowed(Permission.ANSWER_LINE, poll=True)
def beat() -> tuple[str, int]:
    """Note that this person's phone in the browser can ring; it never prolongs a session."""
    with transaction():
        roster.beat(user_id=pages.reader().user_id, now=pages.now())
    return "", 204


@blueprint.get("/calls/phone/caller")
@pages.allowed(Permission.ANSWER_LINE)
def caller() -> AnyResponse | str:
    """Go to the page of the caller that the reader talks with, as soon as the call is theirs."""
    mine, is_connecting = pages.reader().user_id, False
    for call in board.live_calls():
        legs = [leg for leg in call.legs if leg.user_id == mine and leg.is_active]
        if call.winner_user_id == mine or any(leg.state is LegState.TALKING for leg in legs):
            return redirect(url_for("contacts.show", public_id=call.public_id))
        is_connecting = is_connecting or bool(legs)
    answer = make_response(render_template("calls/caller.html", is_connecting=is_connecting))
    if is_connecting:
        answer.headers["Refresh"] = "1"
    return answer


def _identity() -> str:
    return f"counselor_{pages.reader().user_id}"


def _simulator() -> str:
    """Give the origin of the pretend carrier where one is set; empty means Twilio."""
    base = urlsplit(current_app.config["TELEPHONY_BASE_URL"] or "")
    return f"{base.scheme}://{base.netloc}" if base.netloc else ""
