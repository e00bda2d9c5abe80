"""The real way to the product: HTTP by urllib3, no retries of its own, no redirects."""

from __future__ import annotations

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
)

from wellbeing.simulator.webhooks import Answer, ConnectionFailed, Outgoing, ReadTimedOut


class HttpTransport:
    """Sends over sockets; one pool for all webhooks."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(maxsize=16)

    def send(self, *, request: Outgoing, connect_seconds: float, read_seconds: float) -> Answer:
        """Send once; see `webhooks.Transport`."""
        try:
            response = self._pool.request(
                request.method,
                request.url,
                body=request.body.encode() or None,
                headers=dict(request.headers),
                timeout=urllib3.Timeout(connect=connect_seconds, read=read_seconds),
                retries=False,
                redirect=False,
            )
        except (ConnectTimeoutError, NewConnectionError, MaxRetryError) as error:
            raise ConnectionFailed(type(error).__name__) from error
        except HTTPError as error:
            raise ReadTimedOut(type(error).__name__) from error
        content_type = response.headers.get("Content-Type") or ""
        return Answer(response.status, content_type, response.data)
