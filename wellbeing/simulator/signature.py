"""Twilio's request signature, computed by hand so that the product's own check meets a stranger."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping


def sign(*, token: str, url: str, params: Mapping[str, str]) -> str:
    """Sign as Twilio documents: base64 HMAC-SHA1 over the URL and the sorted POST parameters.

    For a GET the parameters are in the query of `url`, so `params` is empty. The fragment that
    carries connection overrides is never part of what is signed.
    """
    text = url.partition("#")[0] + "".join(key + params[key] for key in sorted(params))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")
