"""A client that sends its body a byte at a time holds no worker: what is late is cut off.

gunicorn's threads read a body without any time-out; a proxy in front takes requests in whole, but
nobody's safety may hang on a proxy. What is read is not looked at here.
"""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

SMALL_BYTES = 256 * 1024
"""Read in whole before the application begins; larger ones are uploads, read by their page."""
SMALL_WITHIN_S = 5.0
LARGE_WITHIN_S = 60.0
LOOKS_EVERY_S = 0.25

TOO_LATE = (("Content-Length", "0"), ("Connection", "close"))

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class PromptBodies:
    """Wraps an application: bodies that take too long are cut off, and answered as torn."""

    def __init__(
        self,
        application: Application,
        *,
        small_within_s: float = SMALL_WITHIN_S,
        large_within_s: float = LARGE_WITHIN_S,
    ) -> None:
        self._application = application
        self._small, self._large = small_within_s, large_within_s
        self._late: dict[int, tuple[float, socket.socket]] = {}
        self._guard = threading.Lock()
        self._watch: threading.Thread | None = None
        self._stays = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request, whose body must come in time."""
        line = environ.get("gunicorn.socket")
        length = environ.get("CONTENT_LENGTH") or ""
        if line is None or (length in {"", "0"} and not environ.get("HTTP_TRANSFER_ENCODING")):
            return self._application(environ, start_response)
        if not length.isdigit() or int(length) > SMALL_BYTES:
            with self._watched(line, self._large):
                return self._application(environ, start_response)
        with self._watched(line, self._small):
            body = environ["wsgi.input"].read(int(length))
        if len(body) < int(length):
            start_response("408 Request Timeout", list(TOO_LATE))
            return []
        environ["wsgi.input"] = io.BytesIO(body)
        return self._application(environ, start_response)

    def _watched(self, line: socket.socket, within_s: float) -> _Watched:
        return _Watched(self, line, within_s)

    def begin(self, *, line: socket.socket, within_s: float) -> int:
        """Note until when a body must be here; give the key under which it is noted."""
        key = threading.get_ident()
        with self._guard:
            self._late[key] = (monotonic() + within_s, line)
            if self._watch is None:
                # Begun with the first body, so that it lives in the worker and not in its parent.
                self._watch = threading.Thread(target=self._cut_off, daemon=True)
                self._watch.start()
        return key

    def end(self, *, key: int) -> None:
        """Note that a body is here, or its request over."""
        with self._guard:
            self._late.pop(key, None)

    def _cut_off(self) -> None:
        while not self._stays.wait(LOOKS_EVERY_S):
            now = monotonic()
            with self._guard:
                late = [line for until, line in self._late.values() if until <= now]
            for line in late:
                _shut(line)


class _Watched:
    """The time in which a body must come."""

    def __init__(self, bodies: PromptBodies, line: socket.socket, within_s: float) -> None:
        self._bodies, self._line, self._within_s = bodies, line, within_s

    def __enter__(self) -> None:
        self._key = self._bodies.begin(line=self._line, within_s=self._within_s)

    def __exit__(self, *_: object) -> None:
        self._bodies.end(key=self._key)


def _shut(line: socket.socket) -> None:
    """Let the reader meet the end of what came; the answer can still be written."""
    try:
        line.shutdown(socket.SHUT_RD)
    except OSError:
        # It is gone already: nobody waits for it any more.
        return
