"""Headers of every answer: what a browser may load, keep and tell others. No page lives here."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, current_app, request

DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
CARRIER_ORIGINS = "wss://*.twilio.com https://*.twilio.com"
"""Twilio's signalling by WebSocket, at any edge, and its figures on the quality of a call."""


def _policy(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


CONTENT_SECURITY_POLICY = _policy(DIRECTIVES)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), payment=(), usb=(), microphone=(self)",
}
STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"


def init_app(app: Flask) -> None:
    """Set the headers on every answer of the application."""
    app.after_request(_protect)


def softphone_policy(*, simulator: str) -> str:
    """Word the policy of the softphone's page alone: it may reach the carrier and play a voice.

    `simulator` is the origin of the pretend carrier; empty means Twilio.
    """
    return _policy(
        DIRECTIVES
        | {
            "connect-src": f"'self' {simulator or CARRIER_ORIGINS}",
            "media-src": "'self' blob: mediastream:",
        }
    )


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["PRODUCTION"]:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    if request.endpoint != "static":
        # A shared computer must not keep a child's record in its cache or its history.
        response.headers["Cache-Control"] = "no-store"
    return response
