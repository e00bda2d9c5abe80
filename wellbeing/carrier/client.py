"""Twilio's HTTP client with our time-outs, our errors and, where set, another host. No orders."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from wellbeing.carrier import statuses
from wellbeing.telephony.gateway import TelephonyError

TIME_OUTS = (3.0, 10.0)
"""Seconds to connect and to wait for an answer; Twilio's own default is to wait for ever."""
FIRST_REDIRECT_STATUS = 300
FIRST_ERROR_STATUS = 400
NOT_FOUND = 404
PIECE_BYTES = 64 * 1024


class CarrierClient(TwilioHttpClient):
    """Sends what Twilio's library builds; anything but success becomes a TelephonyError."""

    def __init__(self, *, base_url: str | None) -> None:
        super().__init__()
        self.base = urlsplit(base_url) if base_url else None
        # The library checks a single number at construction; requests takes the pair.
        self.timeout: Any = TIME_OUTS

    def request(  # type: ignore[override]  # whatever the library passes goes through unread
        self, method: str, url: str, *arguments: Any, **options: Any
    ) -> Response:
        """Send one request, to the set host if there is one.

        Raises:
            TelephonyError: refused, unreachable, or nobody knows whether it was taken.

        """
        try:
            answer = super().request(method, self._addressed(url), *arguments, **options)
        except requests.exceptions.RequestException as error:
            raise _unanswered(error) from error
        if answer.status_code >= FIRST_ERROR_STATUS:
            raise statuses.refusal(
                http_status=answer.status_code,
                code=_code(answer.text),
                retry_after=_seconds(answer.headers),
            )
        return answer

    def fetch(
        self,
        url: str,
        *,
        auth: tuple[str, str],
        most_bytes: int,
        stores: Collection[str] = (),
    ) -> bytes:
        """Fetch a medium, which lies where we look for it or, one step on, in one of the `stores`.

        No other redirect is followed, and no store gets our credentials.

        Raises:
            TelephonyError: it is not there (yet), is too large, or could not be read to its end.

        """
        try:
            with _asked(self._addressed(url), auth=auth) as answer:
                store = _store_of(answer, stores)
                if store is None:
                    _refuse_medium(answer)
                    return _read(answer, most_bytes)
            with _asked(self._addressed(store), auth=_nobody) as answer:
                _refuse_medium(answer)
                return _read(answer, most_bytes)
        except requests.exceptions.RequestException as error:
            raise _unanswered(error) from error

    def log_request(self, kwargs: Any) -> None:
        """Log nothing: the library would write numbers and what was said."""

    def log_response(self, status_code: int, response: Any) -> None:
        """Log nothing, as for the request."""

    def _addressed(self, url: str) -> str:
        if self.base is None:
            return url
        return urlsplit(url)._replace(scheme=self.base.scheme, netloc=self.base.netloc).geturl()


def _asked(url: str, *, auth: Any) -> requests.Response:
    return requests.get(url, auth=auth, timeout=TIME_OUTS, allow_redirects=False, stream=True)


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Sign in as nobody: given nothing, `requests` would look for credentials in a .netrc."""
    return request


def _store_of(answer: requests.Response, stores: Collection[str]) -> str | None:
    """Give the address that an answer leads to, if it is one of the carrier's own stores."""
    address = answer.headers.get("Location", "")
    if not answer.is_redirect or not address:
        return None
    found = urlsplit(address)
    is_store = found.scheme == "https" and found.netloc in stores
    return address if is_store else None


def _refuse_medium(answer: requests.Response) -> None:
    status = answer.status_code
    if status == NOT_FOUND:
        # A medium is announced a little before it can be fetched.
        raise TelephonyError(code=20404)
    if status >= FIRST_ERROR_STATUS:
        raise statuses.refusal(http_status=status, code=None, retry_after=_seconds(answer.headers))
    if status >= FIRST_REDIRECT_STATUS:
        raise TelephonyError(permanent=True, alarm=True)


def _read(answer: requests.Response, most_bytes: int) -> bytes:
    found = bytearray()
    for piece in answer.iter_content(PIECE_BYTES):
        found += piece
        if len(found) > most_bytes:
            raise TelephonyError(permanent=True)
    return bytes(found)


def _unanswered(error: requests.exceptions.RequestException) -> TelephonyError:
    """Tell apart what never left us from what may have arrived."""
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return TelephonyError(whole_account=True, alarm=True)
    return TelephonyError(in_doubt=not _never_left(error), whole_account=True)


def _never_left(error: requests.exceptions.RequestException) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | NameResolutionError)


def _code(body: str) -> int | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    code = found.get("code") if isinstance(found, dict) else None
    return code if isinstance(code, int) else None


def _seconds(headers: Any) -> float | None:
    given = (headers or {}).get("Retry-After", "")
    return float(given) if given.isdigit() else None
