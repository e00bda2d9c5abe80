"""Files that people send: as large as their page allows, and never written to a disk in the clear.

What a file is, and whether it is kept, the rooms decide.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import IO, Any, TypeVar, cast

from flask import Flask, Request, current_app, request

from wellbeing.portal import pages

View = TypeVar("View", bound=Callable[..., Any])

FORM_BYTES = 64 * 1024
"""What else stands in a form beside its file."""


class InMemoryRequest(Request):
    """A request whose files stay in memory: a temporary file would outlive a child's secret."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        del total_content_length, content_type, filename, content_length
        return BytesIO()


def init_app(app: Flask) -> None:
    """Let the pages that take files take larger requests, from people who are signed in."""
    app.request_class = InMemoryRequest
    app.before_request(_widen)


def takes_file(largest: Callable[[], int]) -> Callable[[View], View]:
    """Mark a view as taking one file of at most so many bytes."""

    def mark(view: View) -> View:
        cast("Any", view).largest_file = largest
        return view

    return mark


def _widen() -> None:
    if request.method != "POST" or request.endpoint is None:
        return
    view = current_app.view_functions[request.endpoint]
    largest = getattr(view, "largest_file", None)
    if largest is None:
        return
    visitor = pages.visitor()
    # A stranger's megabytes are not read at all.
    if visitor is not None and visitor.second_factor_done:
        request.max_content_length = largest() + FORM_BYTES
