"""What every page shares: who reads it, who may, in which language, and how an error is shown.

Routes live in the blueprints, headers in `headers`, forms in `forms`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, NoReturn, TypeVar, cast

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import Babel, gettext
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.operations import sessions as accounts_operations
from wellbeing.accounts.queries import sessions as accounts
from wellbeing.accounts.rules.roles import Permission
from wellbeing.accounts.rules.sessions import SignedIn
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import Actor, AuditAction, Subject
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy.model import Language
from wellbeing.portal import addresses, languages, navigation, pulse, typed

logger = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])

TOUCH_EVERY = timedelta(minutes=1)
"""A page may touch its session at most this often; a poll never does."""
LANGUAGE_COOKIE = "language"
THEME_COOKIE = "theme"
THEMES = ("auto", "light", "dark")
SHOWN_STATUSES = (400, 403, 404, 405, 409, 413, 429, 500, 503)

csrf = CSRFProtect()
babel = Babel()
login = LoginManager()


class Reader(UserMixin):
    """The signed-in person of this request, as Flask-Login wants it."""

    def __init__(self, *, signed_in: SignedIn) -> None:
        self.signed_in = signed_in

    def get_id(self) -> str:
        """Name the person by id; the session itself lives in the database, not in a cookie."""
        return str(self.signed_in.user_id)


def init_app(app: Flask) -> None:
    """Give the application its reader, languages, form protection and error pages."""
    languages.prepare(app)
    addresses.init_app(app)
    # First of all: a form's token is checked only where somebody could act on the form.
    pulse.init_app(app)
    csrf.init_app(app)
    babel.init_app(
        app,
        default_translation_directories=f"{app.root_path}/portal/translations",
        locale_selector=lambda: str(language()),
    )
    languages.init_app(app, babel=babel)
    login.init_app(app)
    login.request_loader(_load_reader)
    app.register_error_handler(DomainError, _show_domain_error)
    app.register_error_handler(CSRFError, _show_http_error)
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(Exception, _show_crash)
    app.context_processor(_context)


def visitor() -> SignedIn | None:
    """Give whoever has shown at least a password, on any page; None for a stranger."""
    known = cast("Any", current_user)
    return cast("Reader", known).signed_in if known.is_authenticated else None


def reader() -> SignedIn:
    """Give the person who reads this page; only inside a view marked `@allowed`."""
    return cast("Reader", cast("Any", current_user)).signed_in


def actor() -> Actor:
    """Give the reader as the audit log names people."""
    return Actor(kind="user", user_id=reader().user_id)


def language() -> Language:
    """Tell the language of this request: the cookie's, else Chinese."""
    wanted = request.cookies.get(LANGUAGE_COOKIE) if request else None
    return Language.EN if wanted == Language.EN else Language.ZH


def theme() -> str:
    """Tell the theme of this request: the cookie's, else the device's."""
    wanted = request.cookies.get(THEME_COOKIE, "auto")
    return wanted if wanted in THEMES else "auto"


def public(view: View) -> View:
    """Open a view to everybody; every other view must be `@allowed`."""
    cast("Any", view).allowed = "public"
    return view


def allowed(permission: Permission | None, *, poll: bool = False) -> Callable[[View], View]:
    """Open a view to signed-in people with `permission` (None: any of them).

    A poll never prolongs a session and answers 401 instead of sending to the sign-in page.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if visitor() is None:
                return abort(401) if poll else _to_sign_in()
            if not reader().second_factor_done:
                return abort(401) if poll else redirect(url_for("access.second_factor"))
            if permission is not None and permission not in reader().permissions:
                raise NotFound
            if not poll:
                _touch(reader())
            return view(*args, **kwargs)

        cast("Any", guarded).allowed = permission or "signed in"
        return cast("View", guarded)

    return mark


def note_read(
    *, action: AuditAction, subject: Subject | None = None, details: dict[str, Any] | None = None
) -> None:
    """Write down that the reader saw a record, before the answer leaves.

    If that cannot be written the page is not shown: 503.
    """
    try:
        with transaction():
            audit.record(
                action=action, subject=subject, actor=actor(), details=details or {},
                now=clock.now(),
            )  # fmt: skip
    except Exception:
        logger.exception("a read could not be audited")
        abort(503)


def now() -> datetime:
    """Tell the service's time, the same moment for a whole request."""
    if "now" not in g:
        g.now = clock.now()
    return cast("datetime", g.now)


def _load_reader(incoming: Any) -> Reader | None:
    token = incoming.cookies.get(current_app.config["SIGN_IN_COOKIE_NAME"])
    # The page that says that the database is away must not ask it who reads.
    if not token or not g.get("has_database", True):
        return None
    found = accounts.by_session_token(token=token, real_now=clock.real_now())
    return Reader(signed_in=found) if found else None


def _touch(signed_in: SignedIn) -> None:
    if clock.real_now() - signed_in.seen_at >= TOUCH_EVERY:
        with transaction():
            accounts_operations.touch_session(
                session_id=signed_in.session_id, real_now=clock.real_now()
            )


def _to_sign_in() -> AnyResponse:
    if written := typed.words():
        return Response(typed.page(written=written), status=401)
    back = request.full_path.rstrip("?") if request.method != "POST" else "/"
    return redirect(url_for("access.sign_in", next=back))


def _show_domain_error(error: DomainError) -> tuple[str, int] | Response:
    if visitor() is not None and isinstance(error, NotFound):
        note_refusal(arguments=request.view_args or {})
    return _error_page(error.status, message=str(error))


def note_refusal(*, arguments: Mapping[str, Any]) -> None:
    """Write down that the reader named a record that they may not know of."""
    named = {key: str(value) for key, value in arguments.items()}
    with transaction():
        audit.record(
            action=AuditAction.REFUSED,
            subject=None,
            actor=actor(),
            details={"endpoint": request.endpoint, "arguments": named},
            now=clock.now(),
        )


def _show_http_error(error: HTTPException) -> tuple[str, int] | Response | HTTPException:
    if error.code is None or error.code < 400:  # noqa: PLR2004 - redirects are exceptions too
        return error
    # A page from before the last sign-in has an older token: its form is refused, not its words.
    if isinstance(error, CSRFError) and (written := typed.words()):
        return typed.page(written=written), error.code
    return _error_page(error.code, message="")


def _show_crash(error: Exception) -> tuple[str, int] | Response:
    logger.error("a page failed", exc_info=error, extra={"endpoint": request.endpoint})
    session().rollback()
    if current_app.testing:
        raise error
    return _error_page(500, message="")


def _error_page(status: int, *, message: str) -> tuple[str, int] | Response:
    shown = status if status in SHOWN_STATUSES else 400
    if status == 401:  # noqa: PLR2004 - a poll whose session ended; the page says so itself
        return Response("", status=401)
    page = f"errors/{404 if shown == 405 else shown}.html"  # noqa: PLR2004 - wrong method
    return render_template(page, message=gettext(message) if message else ""), status


def _context() -> dict[str, Any]:
    person = visitor()
    known = person is not None and person.second_factor_done
    return {
        "language": str(language()),
        "theme": theme(),
        "preferences_url": url_for("access.preferences"),
        "home_url": navigation.start_url(permissions=reader().permissions) if known else "/",
        "signed_in": _signed_in_card() if known else None,
        "navigation": navigation.entries(permissions=reader().permissions) if known else [],
        "sign_out_url": url_for("access.sign_out"),
        "account_url": url_for("account.show"),
        "banner": {"kind": "demo", "text": gettext("Demonstration: invented people only.")}
        if current_app.config["DEMO"]
        else None,
    }


def _signed_in_card() -> dict[str, str]:
    person, chinese = reader(), language() == Language.ZH
    return {
        "name": person.display_name_zh if chinese else person.display_name_en,
        "place": person.organization_name_zh if chinese else person.organization_name_en,
    }


def never() -> NoReturn:
    """Answer 404 as for a record that is not there."""
    raise NotFound
