"""Reads the form fields of a REST request; refuses what the simulator does not simulate."""

from __future__ import annotations

from collections.abc import Collection

from werkzeug.datastructures import MultiDict

from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.records import Hook

Form = MultiDict[str, str]


def refuse_others(*, form: Form, known: Collection[str]) -> None:
    """Refuse a field that would silently have no effect here.

    Raises:
        RestError: 20001 with the names.

    """
    others = sorted(set(form) - set(known))
    if others:
        raise RestError(code=20001, what=", ".join(others) + " (unknown or not simulated)")


def hook_of(*, form: Form, name: str, error_code: int) -> Hook | None:
    """Read a URL and its method (`XMethod` beside `X`; plain `Method` beside `Url`).

    Raises:
        RestError: `error_code` if it is no http(s) URL, 20001 if the method is neither.

    """
    url = form.get(name, "")
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        raise RestError(code=error_code, what=url)
    method_name = "Method" if name == "Url" else name.removesuffix("Url") + "Method"
    method = form.get(method_name, "POST")
    if method not in {"GET", "POST"}:
        raise RestError(code=20001, what=method_name)
    return Hook(url, method)


def truth(*, form: Form, name: str) -> bool | None:
    """Read true or false; None if it is not given.

    Raises:
        RestError: 20001, it is neither.

    """
    value = form.get(name, "").lower()
    if value not in {"", "true", "false"}:
        raise RestError(code=20001, what=name)
    return None if not value else value == "true"


def whole_number(*, form: Form, name: str, usual: int, bounds: tuple[int, int]) -> int:
    """Read a whole number and hold it to its bounds.

    Raises:
        RestError: 20001, it is not a number.

    """
    value = form.get(name, "")
    if not value:
        return usual
    if not (value.isascii() and value.isdigit()):
        raise RestError(code=20001, what=name)
    return max(bounds[0], min(int(value), bounds[1]))
