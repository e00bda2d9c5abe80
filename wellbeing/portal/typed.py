"""Words that were typed into a form which came too late: given back, for the browser forgets them.

A session that ended while somebody wrote must not cost them the words: the page says that nothing
was changed and shows what they had written, to be copied. Nothing of it is kept.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import render_template, request, url_for

SECRETS = ("csrf_token", "password", "code", "answer", "next", "version", "token")
"""A field whose name ends so is never shown again."""
LONG = 20
"""Characters; what is shorter and without a Chinese word is a choice, a number or an id."""


def words() -> tuple[str, ...]:
    """List what was written in this request's form, if a page of ours sent it.

    Another site's form must not put its words on a page of ours, so a browser that does not vouch
    for the sender gets none.
    """
    if request.method != "POST" or request.headers.get("Sec-Fetch-Site") != "same-origin":
        return ()
    found = request.form.items(multi=True)
    return tuple(value for name, value in found if _is_writing(name=name, value=value))


def page(*, written: tuple[str, ...]) -> str:
    """Render the words, and the way back to where they were written."""
    return render_template(
        "errors/typed.html",
        written=written,
        rows=max(4, *(value.count("\n") + len(value) // 40 + 1 for value in written)),
        sign_in_url=url_for("access.sign_in", next=_where() or "/"),
    )


def _is_writing(*, name: str, value: str) -> bool:
    if name.rsplit("-", 1)[-1] in SECRETS:
        return False
    return len(value) >= LONG or not value.isascii()


def _where() -> str:
    """Tell the path of the page that the form stood on; the sign-in page checks it once more."""
    came_from = urlsplit(request.referrer or "")
    return came_from.path if came_from.netloc == request.host else ""
